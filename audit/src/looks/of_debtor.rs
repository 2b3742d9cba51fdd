//! The looks at one debtor's file: counted, and shown newest first a part at a time.
//!
//! The file holds all of them. What was asked for lately stays in memory, bounded in debtors and in looks of each;
//! everything else is read from the file again, verified.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use talea_types::{AccountId, Subject};

use super::{Look, Looks, LooksError, line};
use crate::limits::{LOOKS_DEBTORS_KEPT, LOOKS_KEPT};

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
    /// The newest looks at a debtor's file before a place, at most `limit`. What a debtor looked at of its own file is
    /// not among them.
    ///
    /// # Errors
    /// [`LooksError`] when the file has to be read, and is not what was written.
    pub fn of_debtor(
        looks: &Mutex<Self>,
        debtor: &AccountId,
        before: LookPlace,
        limit: usize,
    ) -> Result<LooksOfDebtor, LooksError> {
        let path = {
            let mut looks = looks.lock();
            if let Some(found) = looks.kept.part(debtor, before, limit) {
                return Ok(found);
            }
            looks.path.clone()
        };
        // Without the lock: others go on writing.
        let mut newest = Newest::default();
        let mut wanted = Newest::default();
        let (head, _) = line::read(&path, |look, _| {
            if look.debtor == *debtor {
                if (look.height, look.number) < before {
                    wanted.add(look.clone(), limit);
                }
                newest.add(look, LOOKS_KEPT);
            }
        })?;
        let found = LooksOfDebtor {
            count: newest.count,
            looks: wanted.by_place.into_values().rev().collect(),
        };
        let mut looks = looks.lock();
        if looks.head.number == head.number {
            looks.kept.keep(*debtor, newest);
        }
        Ok(found)
    }
}

/// The newest looks at the files that were asked for lately.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// With when each was asked for last.
    by_debtor: BTreeMap<AccountId, (u64, Newest)>,
    asked: u64,
}

/// All looks at a file counted, the newest kept.
#[derive(Debug, Default)]
struct Newest {
    count: u64,
    by_place: BTreeMap<LookPlace, Look>,
}

impl Newest {
    fn add(&mut self, look: Look, kept: usize) {
        if look.reader == Subject::Account(look.debtor) {
            return;
        }
        self.count += 1;
        self.by_place.insert((look.height, look.number), look);
        if self.by_place.len() > kept {
            self.by_place.pop_first();
        }
    }

    fn is_whole(&self) -> bool {
        self.count == self.by_place.len() as u64
    }
}

impl Kept {
    /// Adds a look that was written just now.
    pub(super) fn add(&mut self, look: Look) {
        if let Some((_, newest)) = self.by_debtor.get_mut(&look.debtor) {
            newest.add(look, LOOKS_KEPT);
        }
    }

    /// A part of the looks at a file; `None` where they are not all here.
    fn part(
        &mut self,
        debtor: &AccountId,
        before: LookPlace,
        limit: usize,
    ) -> Option<LooksOfDebtor> {
        self.asked += 1;
        let (asked, newest) = self.by_debtor.get_mut(debtor)?;
        *asked = self.asked;
        let found = newest.by_place.range(..before).rev().take(limit);
        let looks: Vec<Look> = found.map(|(_, look)| look.clone()).collect();
        (looks.len() == limit || newest.is_whole()).then_some(LooksOfDebtor {
            count: newest.count,
            looks,
        })
    }

    fn keep(&mut self, debtor: AccountId, newest: Newest) {
        self.by_debtor.insert(debtor, (self.asked, newest));
        if self.by_debtor.len() > LOOKS_DEBTORS_KEPT {
            let each = self.by_debtor.iter();
            let oldest = each.min_by_key(|(_, (asked, _))| *asked);
            if let Some(oldest) = oldest.map(|(debtor, _)| *debtor) {
                self.by_debtor.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
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

    fn numbers(
        looks: &Mutex<Looks>,
        debtor: u64,
        before: LookPlace,
        limit: usize,
    ) -> (u64, Vec<u64>) {
        let debtor = look(debtor, 0).debtor;
        let found = Looks::of_debtor(looks, &debtor, before, limit).unwrap();
        (
            found.count,
            found.looks.iter().map(|look| look.number).collect(),
        )
    }

    #[test]
    fn all_looks_are_counted_and_found_part_by_part() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("looks");
        let looks = Mutex::new(Looks::open(&path).unwrap());
        let all = LOOKS_KEPT as u64 + 50;
        for height in 1..=all {
            looks.lock().append(look(1, height)).unwrap();
        }
        let mut own = look(1, all);
        own.reader = Subject::Account(own.debtor);
        looks.lock().append(own).unwrap();
        for _ in 0..2 {
            let (mut seen, mut before) = (Vec::new(), ALL);
            loop {
                let (count, part) = numbers(&looks, 1, before, 60);
                assert_eq!(count, all);
                let Some(last) = part.last() else {
                    break;
                };
                before = (*last, *last);
                seen.extend(part);
            }
            assert!(seen.iter().copied().eq((1..=all).rev()), "{seen:?}");
        }
        // What is kept goes on with what is written.
        let written = looks.lock().append(look(1, all + 1)).unwrap();
        assert_eq!(numbers(&looks, 1, ALL, 1), (all + 1, vec![written.number]));
        assert_eq!(numbers(&looks, 2, ALL, 1), (0, Vec::new()));
    }

    #[test]
    fn looks_of_an_index_that_was_made_again_are_in_the_order_of_heights() {
        let directory = tempfile::tempdir().unwrap();
        let looks = Mutex::new(Looks::open(&directory.path().join("looks")).unwrap());
        for height in [9, 2, 5] {
            looks.lock().append(look(1, height)).unwrap();
        }
        assert_eq!(numbers(&looks, 1, ALL, 2), (3, vec![1, 3]));
        assert_eq!(numbers(&looks, 1, (5, 3), 2), (3, vec![2]));
    }

    #[test]
    fn what_is_in_memory_is_bounded_over_debtors() {
        let directory = tempfile::tempdir().unwrap();
        let looks = Mutex::new(Looks::open(&directory.path().join("looks")).unwrap());
        looks.lock().append(look(0, 1)).unwrap();
        for debtor in 0..LOOKS_DEBTORS_KEPT as u64 + 5 {
            let (count, _) = numbers(&looks, debtor, ALL, 10);
            assert_eq!(count, u64::from(debtor == 0));
        }
        let kept = |looks: &Looks| looks.kept.by_debtor.len();
        assert_eq!(kept(&looks.lock()), LOOKS_DEBTORS_KEPT);
        // The first was forgotten, and is read again.
        assert_eq!(numbers(&looks, 0, ALL, 10), (1, vec![1]));
        assert_eq!(kept(&looks.lock()), LOOKS_DEBTORS_KEPT);
    }
}
