//! The objects of one kind that a block has touched, over those that are committed.
//!
//! Reads fall through to the committed objects; the first write copies. While a batch runs, the object
//! as it was before is remembered at its first write, so that the batch can be undone as a whole.
//!
//! A transaction asks for the same few objects over and over: where the last four were found is
//! remembered.

use std::{cell::Cell, collections::BTreeMap};

use super::{Table, table::place};

/// What a block has touched of one kind.
pub(crate) struct Touched<'a, K, V> {
    base: &'a Table<K, V>,
    changes: ObjectChanges<K, V>,
    /// Only while a batch runs.
    batch: Option<Batch<V>>,
    /// Number of the batch that runs or ran last; from 1.
    batch_number: u32,
    recent: [Cell<Option<(K, Found)>>; RECENT],
}

/// A contact is counted by four counters.
const RECENT: usize = 4;

/// Copies of objects, some of them changed; `None` is a removal.
pub(crate) struct ObjectChanges<K, V> {
    index: BTreeMap<K, u32>,
    copies: Vec<Copied<K, V>>,
}

struct Copied<K, V> {
    key: K,
    /// The row that it was copied from; `None` when it is new.
    row: Option<u32>,
    value: Option<V>,
    /// The last batch in which it was written.
    batch_number: u32,
}

/// How to undo a batch.
struct Batch<V> {
    /// Copies from here on were made in the batch.
    copies: usize,
    /// Older copies, as they were before the batch.
    before: Vec<(u32, Option<V>)>,
}

#[derive(Clone, Copy)]
enum Found {
    Copy(u32),
    Row(u32),
}

impl<'a, K: Ord + Copy, V: Clone> Touched<'a, K, V> {
    pub(crate) fn over(base: &'a Table<K, V>) -> Self {
        Self {
            base,
            changes: ObjectChanges {
                index: BTreeMap::new(),
                copies: Vec::new(),
            },
            batch: None,
            batch_number: 0,
            recent: std::array::from_fn(|_| Cell::new(None)),
        }
    }

    /// Makes room for copies.
    pub(crate) fn reserve(&mut self, copies: usize) {
        self.changes.copies.reserve(copies);
    }

    /// The object as it is now.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        match self.find(key)? {
            Found::Copy(copy) => self.changes.copies.get(place(copy))?.value.as_ref(),
            Found::Row(row) => self.base.row(row),
        }
    }

    /// All objects as they are now: the untouched ones ascending, then the others ascending. For kinds
    /// of which there are few.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let index = &self.changes.index;
        let untouched = self.base.iter().filter(|(key, _)| !index.contains_key(key));
        let touched = index.iter().filter_map(|(key, copy)| {
            let copied = self.changes.copies.get(place(*copy))?;
            Some((key, copied.value.as_ref()?))
        });
        untouched.chain(touched)
    }

    fn find(&self, key: &K) -> Option<Found> {
        for recent in &self.recent {
            if let Some((known, found)) = recent.get()
                && known == *key
            {
                return Some(found);
            }
        }
        let found = match self.changes.index.get(key) {
            Some(copy) => Found::Copy(*copy),
            None => Found::Row(self.base.find(key)?),
        };
        self.remember(*key, found);
        Some(found)
    }

    /// In the place of what was remembered of it, else of what was remembered first.
    fn remember(&self, key: K, found: Found) {
        let is_known = |one: &&Cell<Option<(K, Found)>>| one.get().is_some_and(|one| one.0 == key);
        if let Some(known) = self.recent.iter().find(is_known) {
            known.set(Some((key, found)));
            return;
        }
        let mut newest = Some((key, found));
        for recent in &self.recent {
            newest = recent.replace(newest);
        }
    }

    /// The object, to be changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let copy = match self.find(key)? {
            Found::Copy(copy) => copy,
            Found::Row(row) => {
                let value = self.base.row(row)?.clone();
                return self.copy(*key, Some(row), Some(value)).as_mut();
            }
        };
        self.write(copy).as_mut()
    }

    /// Sets an object that may be there already.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.set(key, Some(value));
    }

    pub(crate) fn remove(&mut self, key: K) {
        self.set(key, None);
    }

    fn set(&mut self, key: K, value: Option<V>) {
        match self.find(&key) {
            Some(Found::Copy(copy)) => *self.write(copy) = value,
            Some(Found::Row(row)) => {
                self.copy(key, Some(row), value);
            }
            None => {
                self.copy(key, None, value);
            }
        }
    }

    fn copy(&mut self, key: K, row: Option<u32>, value: Option<V>) -> &mut Option<V> {
        let Ok(copy) = u32::try_from(self.changes.copies.len()) else {
            unreachable!("a block touches fewer objects")
        };
        self.changes.index.insert(key, copy);
        self.remember(key, Found::Copy(copy));
        self.changes.copies.push(Copied {
            key,
            row,
            value,
            batch_number: self.batch_number,
        });
        self.written(copy)
    }

    /// A copy that is about to be changed.
    fn write(&mut self, copy: u32) -> &mut Option<V> {
        if let Some(batch) = &mut self.batch
            && let Some(copied) = self.changes.copies.get_mut(place(copy))
            && copied.batch_number != self.batch_number
        {
            copied.batch_number = self.batch_number;
            batch.before.push((copy, copied.value.clone()));
        }
        self.written(copy)
    }

    fn written(&mut self, copy: u32) -> &mut Option<V> {
        match self.changes.copies.get_mut(place(copy)) {
            Some(copied) => &mut copied.value,
            None => unreachable!("the index points at copies"),
        }
    }

    /// From here on writes are kept or discarded together.
    pub(crate) fn begin_batch(&mut self) {
        assert!(self.batch.is_none(), "batches do not nest");
        self.batch_number = self.batch_number.saturating_add(1);
        self.batch = Some(Batch {
            copies: self.changes.copies.len(),
            before: Vec::new(),
        });
    }

    pub(crate) fn keep_batch(&mut self) {
        self.batch = None;
    }

    pub(crate) fn discard_batch(&mut self) {
        let Some(batch) = self.batch.take() else {
            return;
        };
        for copied in self.changes.copies.drain(batch.copies..) {
            self.changes.index.remove(&copied.key);
        }
        for (copy, value) in batch.before {
            if let Some(copied) = self.changes.copies.get_mut(place(copy)) {
                copied.value = value;
            }
        }
        self.recent = std::array::from_fn(|_| Cell::new(None));
    }

    /// What was touched, for good.
    pub(crate) fn into_changes(self) -> ObjectChanges<K, V> {
        assert!(self.batch.is_none(), "a batch was left open");
        self.changes
    }
}

impl<K: Ord + Copy, V> ObjectChanges<K, V> {
    /// How many objects were copied.
    pub(crate) const fn len(&self) -> usize {
        self.copies.len()
    }

    /// Ascending by key. What came and went within the block is not there.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, Option<&V>)> {
        self.index.iter().filter_map(|(key, copy)| {
            let copied = self.copies.get(place(*copy))?;
            let value = copied.value.as_ref();
            (value.is_some() || copied.row.is_some()).then_some((key, value))
        })
    }

    /// Writes what changed to the committed objects.
    pub(crate) fn apply_to(self, table: &mut Table<K, V>) {
        for copied in self.copies {
            match (copied.row, copied.value) {
                (Some(row), Some(value)) => table.set_row(row, value),
                (Some(_), None) => table.remove(&copied.key),
                (None, Some(value)) => {
                    table.insert(copied.key, value);
                }
                (None, None) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_batch_is_kept_or_discarded_as_a_whole() {
        let base: Table<_, _> = [(1, 10), (2, 20), (3, 30)].into_iter().collect();
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
        let changes = touched.into_changes();
        let listed: Vec<_> = changes
            .iter()
            .map(|(key, value)| (*key, value.copied()))
            .collect();
        assert_eq!(listed, [(1, Some(11)), (3, None)]);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Change(u8, u8),
        Set(u8, u8),
        Remove(u8),
        Begin,
        Keep,
        Discard,
    }

    fn step() -> impl Strategy<Value = Step> {
        let key = 0u8..6;
        prop_oneof![
            4 => (key.clone(), 0u8..99).prop_map(|(key, value)| Step::Change(key, value)),
            2 => (key.clone(), 0u8..99).prop_map(|(key, value)| Step::Set(key, value)),
            1 => key.prop_map(Step::Remove),
            1 => Just(Step::Begin),
            1 => Just(Step::Keep),
            1 => Just(Step::Discard),
        ]
    }

    proptest! {
        #[test]
        fn agrees_with_copies_of_a_map(steps in prop::collection::vec(step(), 0..60)) {
            let mut table: Table<u8, u8> = [(0, 0), (1, 1), (2, 2)].into_iter().collect();
            let mut map: BTreeMap<u8, u8> = [(0, 0), (1, 1), (2, 2)].into();
            let mut before: Option<BTreeMap<u8, u8>> = None;
            let mut touched = Touched::over(&table);
            for step in steps {
                match step {
                    Step::Change(key, value) => {
                        if let Some(slot) = touched.get_mut(&key) {
                            *slot = value;
                        }
                        map.entry(key).and_modify(|slot| *slot = value);
                    }
                    Step::Set(key, value) => {
                        touched.insert(key, value);
                        map.insert(key, value);
                    }
                    Step::Remove(key) => {
                        touched.remove(key);
                        map.remove(&key);
                    }
                    Step::Begin if before.is_none() => {
                        touched.begin_batch();
                        before = Some(map.clone());
                    }
                    Step::Keep if before.take().is_some() => touched.keep_batch(),
                    Step::Discard => {
                        touched.discard_batch();
                        map = before.take().unwrap_or(map);
                    }
                    _ => {}
                }
                for key in 0..6 {
                    prop_assert_eq!(touched.get(&key), map.get(&key));
                }
                let all: BTreeMap<u8, u8> = touched.iter().map(|(key, value)| (*key, *value)).collect();
                prop_assert_eq!(&all, &map);
            }
            touched.keep_batch();
            let changes = touched.into_changes();
            changes.apply_to(&mut table);
            prop_assert!(table.iter().eq(map.iter()));
        }
    }
}
