//! A validator that lost its consensus log, or has an old copy of it, must not vote until it is past every height at which it may
//! have voted.
//!
//! It asks how far the others are. Let it have voted at height `h` before. Then it had committed
//! `h - 1`, so a quorum precommitted at `h - 1`, and each honest one of that quorum had committed
//! `h - 2`. Any quorum's worth of *other* validators shares an honest member with them, so the highest
//! height that such a quorum reports is at least `h - 2`; three above it is past `h`. The report may
//! come from a liar who says too much: that only delays this one validator, and a liar beyond
//! [`AHEAD_MAX`] of the second highest report is not believed.

use std::collections::BTreeMap;

use talea_types::{ValidatorId, ValidatorSet};

/// How far one report may be above the next lower one, heights.
const AHEAD_MAX: u64 = 1_000;

/// Reports heard so far.
#[derive(Debug, Default)]
pub(super) struct Rejoin {
    heights: BTreeMap<ValidatorId, u64>,
}

impl Rejoin {
    /// Records a report. Returns the first height to vote at, once enough others were heard.
    pub(super) fn on_status(
        &mut self,
        set: &ValidatorSet,
        own: ValidatorId,
        from: ValidatorId,
        height: u64,
    ) -> Option<u64> {
        if from == own {
            return None;
        }
        let known = self.heights.entry(from).or_default();
        *known = (*known).max(height);
        let heard = self
            .heights
            .keys()
            .filter_map(|id| set.get(id))
            .map(|validator| validator.power);
        if !set.is_quorum(heard.sum()) {
            return None;
        }
        let mut heights: Vec<u64> = self.heights.values().copied().collect();
        heights.sort_unstable();
        let highest = heights.iter().fold(0u64, |believed, height| {
            if believed == 0 || *height <= believed.saturating_add(AHEAD_MAX) {
                *height
            } else {
                believed
            }
        });
        Some(highest.saturating_add(3))
    }

    pub(super) fn describe(&self, set: &ValidatorSet) -> String {
        format!(
            "this validator lost its consensus log, or has an old copy of it, and does not vote before it has heard \
             how far the others are ({} of {} heard)",
            self.heights.len(),
            set.len().saturating_sub(1)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use talea_types::{SecretKey, Validator, ids::ParticipantId};

    fn set() -> (ValidatorSet, Vec<ValidatorId>) {
        let validators = (1..=4u8).map(|number| Validator {
            participant: ParticipantId::from_bytes([number; 16]),
            voting_key: SecretKey::from_seed([number; 32]).public_key(),
            power: 1,
            network_key: SecretKey::from_seed([number + 10; 32]).public_key(),
            name: format!("v{number}"),
        });
        let set = ValidatorSet::new(validators).unwrap();
        let ids = set.iter().map(|(id, _)| *id).collect();
        (set, ids)
    }

    #[test]
    fn votes_three_above_the_highest_of_a_quorum_of_others() {
        let (set, ids) = set();
        let mut rejoin = Rejoin::default();
        assert_eq!(rejoin.on_status(&set, ids[0], ids[1], 7), None);
        assert_eq!(
            rejoin.on_status(&set, ids[0], ids[0], 900),
            None,
            "its own report does not count"
        );
        assert_eq!(rejoin.on_status(&set, ids[0], ids[2], 9), None);
        assert_eq!(
            rejoin.on_status(&set, ids[0], ids[2], 9),
            None,
            "the same one twice is one"
        );
        assert_eq!(rejoin.on_status(&set, ids[0], ids[3], 8), Some(12));
    }

    #[test]
    fn one_liar_cannot_silence_it_for_ever() {
        let (set, ids) = set();
        let mut rejoin = Rejoin::default();
        rejoin.on_status(&set, ids[0], ids[1], 70);
        rejoin.on_status(&set, ids[0], ids[2], 72);
        assert_eq!(rejoin.on_status(&set, ids[0], ids[3], u64::MAX), Some(75));
    }
}
