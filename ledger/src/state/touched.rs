//! The objects of one kind that a block has touched, over those that are committed.

use std::collections::{BTreeMap, btree_map::Entry};

/// Reads fall through to the committed objects; the first write copies. While a batch runs, its writes
/// stay in a layer of their own until they are kept or discarded together.
pub(crate) struct Touched<'a, K, V> {
    base: &'a BTreeMap<K, V>,
    block: BTreeMap<K, Option<V>>,
    /// Only while a batch runs.
    batch: Option<BTreeMap<K, Option<V>>>,
}

impl<'a, K: Ord + Copy, V: Clone> Touched<'a, K, V> {
    pub(crate) fn over(base: &'a BTreeMap<K, V>) -> Self {
        Self {
            base,
            block: BTreeMap::new(),
            batch: None,
        }
    }

    /// The object as it is now.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        if let Some(touched) = self.batch.as_ref().and_then(|batch| batch.get(key)) {
            return touched.as_ref();
        }
        match self.block.get(key) {
            Some(touched) => touched.as_ref(),
            None => self.base.get(key),
        }
    }

    /// The object, to be changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let Some(batch) = &mut self.batch else {
            return match self.block.entry(*key) {
                Entry::Occupied(entry) => entry.into_mut().as_mut(),
                Entry::Vacant(entry) => {
                    let copy = self.base.get(key)?.clone();
                    entry.insert(Some(copy)).as_mut()
                }
            };
        };
        match batch.entry(*key) {
            Entry::Occupied(entry) => entry.into_mut().as_mut(),
            Entry::Vacant(entry) => {
                let copy = match self.block.get(key) {
                    Some(touched) => touched.clone()?,
                    None => self.base.get(key)?.clone(),
                };
                entry.insert(Some(copy)).as_mut()
            }
        }
    }

    fn top(&mut self) -> &mut BTreeMap<K, Option<V>> {
        self.batch.as_mut().unwrap_or(&mut self.block)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.top().insert(key, Some(value));
    }

    pub(crate) fn remove(&mut self, key: K) {
        self.top().insert(key, None);
    }

    /// From here on writes are kept or discarded together.
    pub(crate) fn begin_batch(&mut self) {
        assert!(self.batch.is_none(), "batches do not nest");
        self.batch = Some(BTreeMap::new());
    }

    pub(crate) fn keep_batch(&mut self) {
        if let Some(batch) = self.batch.take() {
            self.block.extend(batch);
        }
    }

    pub(crate) fn discard_batch(&mut self) {
        self.batch = None;
    }

    /// What was touched, for good.
    pub(crate) fn into_changes(self) -> BTreeMap<K, Option<V>> {
        assert!(self.batch.is_none(), "a batch was left open");
        self.block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_kept_or_discarded_as_a_whole() {
        let base = BTreeMap::from([(1, 10), (2, 20), (3, 30)]);
        let mut touched = Touched::over(&base);
        *touched.get_mut(&1).unwrap() = 11;
        touched.begin_batch();
        *touched.get_mut(&1).unwrap() = 12;
        touched.remove(2);
        touched.insert(4, 40);
        assert_eq!(
            [1, 2, 3, 4].map(|key| touched.get(&key).copied()),
            [Some(12), None, Some(30), Some(40)]
        );
        assert!(touched.get_mut(&2).is_none());
        touched.discard_batch();
        assert_eq!(
            [1, 2, 3, 4].map(|key| touched.get(&key).copied()),
            [Some(11), Some(20), Some(30), None]
        );
        touched.begin_batch();
        touched.remove(3);
        touched.keep_batch();
        assert!(touched.get_mut(&9).is_none());
        assert_eq!(
            touched.into_changes(),
            BTreeMap::from([(1, Some(11)), (3, None)])
        );
    }
}
