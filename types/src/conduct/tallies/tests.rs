use bytes::Bytes;
use proptest::prelude::*;

use super::*;

fn slot(from: u64, length: u64) -> Slot {
    Slot {
        from: Timestamp::from_millis(from),
        last: Timestamp::from_millis(from + length),
    }
}

const CALLS: TallyKind = TallyKind {
    measure: TallyMeasure::CallAttempted,
    automated: false,
    by_debtor: false,
    consented: false,
};

#[test]
fn the_newest_are_kept() {
    let mut tallies = ContactTallies::default();
    for number in (0..100).rev() {
        tallies.reserve(Channel::VoiceCall, false, slot(number * 10, 3));
    }
    let kept = tallies.slots(CALLS);
    assert_eq!(kept.len(), TALLY_ENTRIES_MAX);
    assert_eq!(kept.first(), Some(&slot(680, 3)));
    assert_eq!(kept.last(), Some(&slot(990, 3)));
}

#[test]
fn a_slot_becomes_the_moment_of_the_contact() {
    let mut tallies = ContactTallies::default();
    let at = Timestamp::from_millis;
    tallies.reserve(Channel::VoiceCall, false, slot(100, 50));
    tallies.settle(
        Channel::VoiceCall,
        false,
        slot(100, 50),
        ContactResult::NoAnswer,
        at(120),
    );
    assert_eq!(tallies.slots(CALLS), [slot(120, 0)]);
    assert_eq!(tallies.failures(), [at(120)]);
    tallies.count_inbound(Channel::VoiceCall, ContactResult::Conversation, at(130));
    assert_eq!(tallies.failures(), []);
    assert_eq!(tallies.slots(CALLS), [slot(120, 0)], "inbound is apart");
}

#[test]
fn letters_do_not_count() {
    let mut tallies = ContactTallies::default();
    tallies.reserve(Channel::Letter, false, slot(1, 1));
    assert_eq!(tallies, ContactTallies::default());
    assert!(tallies.encode().is_empty());
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        contacts in prop::collection::vec((0u64..1 << 40, 0u64..1_000, 0usize..7, 0usize..5, any::<bool>()), 0..120)
    ) {
        let mut tallies = ContactTallies::default();
        for (from, length, channel, result, consented) in contacts {
            let channel = Channel::ALL[channel];
            let reserved = slot(from, length);
            tallies.reserve(channel, consented, reserved);
            if length % 3 > 0 {
                let result = ContactResult::ALL[result];
                tallies.settle(channel, consented, reserved, result, reserved.last);
            }
        }
        let bytes = Bytes::from(tallies.encode());
        prop_assert_eq!(ContactTallies::decode(&bytes), Ok(tallies));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = ContactTallies::decode(&Bytes::from(bytes));
    }
}
