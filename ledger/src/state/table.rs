//! The committed objects of one kind.

use std::collections::BTreeMap;

/// Objects in rows, found by an ordered index. A block remembers the rows that it read, so that its
/// commit writes them without searching again.
pub(crate) struct Table<K, V> {
    index: BTreeMap<K, u32>,
    rows: Vec<Option<V>>,
    free: Vec<u32>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            index: BTreeMap::new(),
            rows: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<K: Ord + Copy, V> Table<K, V> {
    /// The row of an object.
    pub(crate) fn find(&self, key: &K) -> Option<u32> {
        self.index.get(key).copied()
    }

    /// The object in a row.
    pub(crate) fn row(&self, row: u32) -> Option<&V> {
        self.rows.get(place(row))?.as_ref()
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.row(self.find(key)?)
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.index.contains_key(key)
    }

    /// Puts an object in a row that holds one.
    pub(crate) fn set_row(&mut self, row: u32, value: V) {
        match self.rows.get_mut(place(row)) {
            Some(slot) if slot.is_some() => *slot = Some(value),
            _ => unreachable!("row {row} was read"),
        }
    }

    /// Whether it was not there yet.
    pub(crate) fn insert(&mut self, key: K, value: V) -> bool {
        if let Some(row) = self.find(&key) {
            self.set_row(row, value);
            return false;
        }
        let row = self.free.pop().unwrap_or_else(|| {
            let Ok(row) = u32::try_from(self.rows.len()) else {
                unreachable!("more than four thousand million objects")
            };
            self.rows.push(None);
            row
        });
        if let Some(slot) = self.rows.get_mut(place(row)) {
            *slot = Some(value);
        }
        self.index.insert(key, row);
        true
    }

    pub(crate) fn remove(&mut self, key: &K) {
        if let Some(row) = self.index.remove(key) {
            if let Some(slot) = self.rows.get_mut(place(row)) {
                *slot = None;
            }
            self.free.push(row);
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.index.keys()
    }

    /// Ascending by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let rows = self.index.iter();
        rows.filter_map(|(key, row)| Some((key, self.row(*row)?)))
    }
}

impl<K: Ord + Copy, V> FromIterator<(K, V)> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(objects: I) -> Self {
        let mut table = Self::default();
        for (key, value) in objects {
            table.insert(key, value);
        }
        table
    }
}

pub(super) fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_used_again() {
        let mut table = Table::default();
        assert!(table.insert('a', 1));
        assert!(table.insert('b', 2));
        assert!(!table.insert('a', 3));
        table.remove(&'a');
        table.remove(&'x');
        assert_eq!(table.get(&'a'), None);
        assert!(table.insert('c', 4));
        assert_eq!(table.rows.len(), 2);
        let objects: Vec<_> = table.iter().map(|(key, value)| (*key, *value)).collect();
        assert_eq!(objects, [('b', 2), ('c', 4)]);
    }
}
