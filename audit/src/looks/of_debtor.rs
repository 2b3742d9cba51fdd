//! The looks at one debtor's file: counted, and shown newest first a part at a time.
//!
//! The file holds all of them. Where the newest stand in it is in memory, bounded over all debtors, so that what is
//! asked for is read line by line, however long the log is. Only what is older is found by reading all of it.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use talea_types::{AccountId, Subject};

use super::{
    Look, Looks, LooksError,
    line::{self, Place},
};

/// Where a look stands among those at a file: its height, then its number. An index that was made again has lower
/// heights for a while, so that numbers alone would not be in the order of what is shown.
pub type LookPlace = (u64, u64);

/// A part of the looks at a debtor's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LooksOfDebtor {
    /// How many there are in all.
    pub count: u64,
    /// Newest first.
    pub looks: Vec<Look>,
}

impl Looks {
    /// The newest looks at a debtor's file before a place, at most `limit`; `None` where some of them are so old that
    /// [the whole log has to be read](Self::read_of_debtor). What a debtor looked at of its own file is not among them.
    ///
    /// # Errors
    /// [`LooksError`] when a line cannot be read, or is not what was written.
    pub fn of_debtor(
        looks: &Mutex<Self>,
        debtor: &AccountId,
        before: LookPlace,
        limit: usize,
    ) -> Result<Option<LooksOfDebtor>, LooksError> {
        let (path, count, places) = {
            let looks = looks.lock();
            let Some((count, places)) = looks.places.part(debtor, before, limit) else {
                return Ok(None);
            };
            (looks.path.clone(), count, places)
        };
        // Without the lock: others go on writing.
        let looks = line::read_at(&path, &places)?;
        Ok(Some(LooksOfDebtor { count, looks }))
    }

    /// The same, whatever their age: reads and verifies the log from its beginning to its end, which takes as long as it
    /// is. For one at a time.
    ///
    /// # Errors
    /// [`LooksError`].
    pub fn read_of_debtor(
        looks: &Mutex<Self>,
        debtor: &AccountId,
        before: LookPlace,
        limit: usize,
    ) -> Result<LooksOfDebtor, LooksError> {
        let path = looks.lock().path.clone();
        let mut count = 0;
        let mut newest = BTreeMap::new();
        line::read(&path, |look, _, _| {
            if look.debtor != *debtor || is_own(&look) {
                return;
            }
            count += 1;
            let place = (look.height, look.number);
            if place < before {
                newest.insert(place, look);
            }
            if newest.len() > limit {
                newest.pop_first();
            }
        })?;
        let looks = newest.into_values().rev().collect();
        Ok(LooksOfDebtor { count, looks })
    }
}

/// Whether a debtor looked at its own file.
fn is_own(look: &Look) -> bool {
    look.reader == Subject::Account(look.debtor)
}

/// Where looks stand in the file: the newest, over all debtors; and how many there are at the file of each debtor, which
/// are as many numbers as debtors whose files were looked at.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    by_debtor: BTreeMap<(AccountId, LookPlace), Place>,
    /// In the order in which they were written.
    written: VecDeque<(AccountId, LookPlace)>,
    debtors: BTreeMap<AccountId, Counted>,
}

/// The looks at one file.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    all: u64,
    /// The greatest place of those of which is no longer known where they stand.
    forgotten: Option<LookPlace>,
}

impl Places {
    pub(super) const fn at_most(most: usize) -> Self {
        Self {
            most,
            by_debtor: BTreeMap::new(),
            written: VecDeque::new(),
            debtors: BTreeMap::new(),
        }
    }

    /// Adds the look that was written after all others.
    pub(super) fn add(&mut self, look: &Look, place: Place) {
        if is_own(look) {
            return;
        }
        self.debtors.entry(look.debtor).or_default().all += 1;
        let name = (look.debtor, (look.height, look.number));
        self.by_debtor.insert(name, place);
        self.written.push_back(name);
        if self.written.len() > self.most
            && let Some((debtor, place)) = self.written.pop_front()
        {
            self.by_debtor.remove(&(debtor, place));
            let of = self.debtors.entry(debtor).or_default();
            of.forgotten = of.forgotten.max(Some(place));
        }
    }

    /// How many looks there are at a file, and the numbers and places of the newest before one of them; `None` where some
    /// of these may be forgotten.
    fn part(
        &self,
        debtor: &AccountId,
        before: LookPlace,
        limit: usize,
    ) -> Option<(u64, Vec<(u64, Place)>)> {
        let of = self.debtors.get(debtor).copied().unwrap_or_default();
        let range = (*debtor, (0, 0))..(*debtor, before);
        let mut last = before;
        let found = self.by_debtor.range(range).rev().take(limit);
        let found: Vec<(u64, Place)> = found
            .map(|((_, place), line)| {
                last = *place;
                (place.1, *line)
            })
            .collect();
        let is_full = found.len() == limit;
        let is_exact = |forgotten| is_full && (limit == 0 || forgotten < last);
        of.forgotten.is_none_or(is_exact).then_some((of.all, found))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use talea_types::ParticipantId;

    use super::*;

    const ALL: LookPlace = (u64::MAX, 0);

    fn look(debtor: u64, height: u64) -> Look {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&debtor.to_be_bytes());
        let debtor = AccountId::from_bytes(id);
        Look {
            number: 0,
            time_ms: 1_790_000_000_000,
            height,
            reader: Subject::Participant(ParticipantId::from_bytes([7; 16])),
            debtor,
            subject: Subject::Debtor(debtor),
            shown: "case file".to_owned(),
        }
    }

    /// A log of which so many places are kept.
    fn log(directory: &tempfile::TempDir, most: usize) -> Mutex<Looks> {
        let mut looks = Looks::open(&directory.path().join("looks")).unwrap();
        looks.places.most = most;
        Mutex::new(looks)
    }

    fn numbers(found: &LooksOfDebtor) -> (u64, Vec<u64>) {
        let numbers = found.looks.iter().map(|look| look.number);
        (found.count, numbers.collect())
    }

    /// By where they stand; what is found so is found by reading all, too.
    fn placed(
        looks: &Mutex<Looks>,
        debtor: u64,
        before: LookPlace,
        limit: usize,
    ) -> Option<(u64, Vec<u64>)> {
        let debtor = look(debtor, 0).debtor;
        let found = Looks::of_debtor(looks, &debtor, before, limit).unwrap()?;
        let read = Looks::read_of_debtor(looks, &debtor, before, limit).unwrap();
        assert_eq!(found, read);
        Some(numbers(&found))
    }

    #[test]
    fn all_looks_are_counted_and_found_part_by_part() {
        let directory = tempfile::tempdir().unwrap();
        let looks = log(&directory, 1_000);
        for height in 1..=250 {
            looks.lock().append(look(1, height)).unwrap();
        }
        let mut own = look(1, 250);
        own.reader = Subject::Account(own.debtor);
        looks.lock().append(own).unwrap();
        let (mut seen, mut before) = (Vec::new(), ALL);
        loop {
            let (count, part) = placed(&looks, 1, before, 60).unwrap();
            assert_eq!(count, 250);
            let Some(last) = part.last() else {
                break;
            };
            before = (*last, *last);
            seen.extend(part);
        }
        assert!(seen.iter().copied().eq((1..=250).rev()), "{seen:?}");
        let written = looks.lock().append(look(1, 251)).unwrap();
        let newest = Some((251, vec![written.number]));
        assert_eq!(placed(&looks, 1, ALL, 1), newest);
        assert_eq!(placed(&looks, 2, ALL, 1), Some((0, Vec::new())));
        // The desk that comes after knows them too.
        drop(looks);
        let again = log(&directory, 1_000);
        assert_eq!(placed(&again, 1, ALL, 1), newest);
    }

    #[test]
    fn looks_of_an_index_that_was_made_again_are_in_the_order_of_heights() {
        let directory = tempfile::tempdir().unwrap();
        let looks = log(&directory, 1_000);
        for height in [9, 2, 5] {
            looks.lock().append(look(1, height)).unwrap();
        }
        assert_eq!(placed(&looks, 1, ALL, 2), Some((3, vec![1, 3])));
        assert_eq!(placed(&looks, 1, (5, 3), 2), Some((3, vec![2])));
    }

    #[test]
    fn what_is_in_memory_is_bounded_and_what_is_older_is_in_the_log() {
        let directory = tempfile::tempdir().unwrap();
        let looks = log(&directory, 4);
        // The first of the first debtor is the highest, and the first that is forgotten.
        for (debtor, height) in [(1, 9), (2, 2), (1, 3), (2, 4), (1, 5), (2, 6)] {
            looks.lock().append(look(debtor, height)).unwrap();
        }
        let kept = |looks: &Looks| (looks.places.by_debtor.len(), looks.places.written.len());
        assert_eq!(kept(&looks.lock()), (4, 4));
        assert_eq!(placed(&looks, 2, ALL, 2), Some((3, vec![6, 4])));
        assert_eq!(placed(&looks, 2, ALL, 0), Some((3, Vec::new())));
        assert_eq!(placed(&looks, 2, ALL, 3), None);
        assert_eq!(placed(&looks, 2, (4, 4), 1), None);
        assert_eq!(placed(&looks, 1, ALL, 1), None);
        let read = |debtor, before, limit| {
            let debtor = look(debtor, 0).debtor;
            numbers(&Looks::read_of_debtor(&looks, &debtor, before, limit).unwrap())
        };
        assert_eq!(read(2, ALL, 3), (3, vec![6, 4, 2]));
        assert_eq!(read(1, ALL, 2), (3, vec![1, 5]));
        assert_eq!(read(1, (9, 1), 2), (3, vec![5, 3]));
    }

    #[test]
    fn the_lines_that_are_shown_are_read_and_verified_and_no_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("looks");
        let looks = log(&directory, 1_000);
        for debtor in [1, 2, 1] {
            looks.lock().append(look(debtor, 7)).unwrap();
        }
        let whole = fs::read_to_string(&path).unwrap();
        let (debtor, other) = (look(1, 0).debtor, look(2, 0).debtor);
        let shown = || Looks::of_debtor(&looks, &debtor, ALL, 9);
        // A line of somebody else: a log that is read whole is refused.
        fs::write(
            &path,
            whole.replace(&other.to_string(), &debtor.to_string()),
        )
        .unwrap();
        let read = Looks::read_of_debtor(&looks, &debtor, ALL, 9);
        assert!(matches!(read, Err(LooksError::Altered { line: 2, .. })));
        assert_eq!(numbers(&shown().unwrap().unwrap()), (2, vec![3, 1]));
        // Its own.
        fs::write(&path, whole.replacen("case file", "case bile", 1)).unwrap();
        assert!(matches!(shown(), Err(LooksError::Altered { line: 1, .. })));
        // Cut off.
        fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        assert!(matches!(shown(), Err(LooksError::Altered { line: 3, .. })));
    }
}
