//! A bundle about a debtor with its loans and cases: whatever is left out, added, reordered or altered
//! is noticed. Blocks and proofs of objects are not altered here; that is tested with receipts.

use proptest::prelude::*;
use talea_types::{
    AccountId, Amount, BlockHash, BlockHeader, CaseId, Certificate, ChainId, Hash, LoanId,
    ParticipantId, ProductId, Residence, ValidatorId,
    event::{
        CasePlaced, ClockAdvanced, CollectionsEvent, CreditEvent, EventDetail, LoanEntry,
        LoanEntryKind,
    },
    merkle::{MapProof, Terminal},
    operation::{CasePlace, CaseRecall},
    receipt::FinalityProof,
    state::{Case, Debtor, Loan, LoanStatus, StateKey},
};

use super::*;

const LOANS: u8 = 3;
const CASES: u8 = 2;
const AS_OF: u64 = 1_000;

fn debtor() -> AccountId {
    AccountId::from_bytes([7; 16])
}

fn loan(number: u8) -> LoanId {
    LoanId::from_bytes([number; 16])
}

fn case(number: u8) -> CaseId {
    CaseId::from_bytes([number; 16])
}

/// A debtor, its loans, its cases.
fn subjects() -> Vec<Subject> {
    let loans = (0..LOANS).map(|number| Subject::Loan(loan(number)));
    let cases = (0..CASES).map(|number| Subject::Case(case(number)));
    [Subject::Debtor(debtor())]
        .into_iter()
        .chain(loans)
        .chain(cases)
        .collect()
}

/// `what` tells events of one time apart.
fn event(subject: Subject, sequence: u64, time: u64, what: u64) -> Event {
    Event {
        subject,
        sequence,
        height: time,
        time: Timestamp::from_millis(time),
        cause: None,
        detail: detail(subject, what).into(),
    }
}

/// A debtor's event names a loan or a case.
fn detail(subject: Subject, what: u64) -> EventDetail {
    let number = |of: u8| u8::try_from(what % u64::from(of)).unwrap();
    match subject {
        Subject::Debtor(_) if what.is_multiple_of(2) => {
            EventDetail::Credit(CreditEvent::LoanEntry(LoanEntry {
                loan: loan(number(LOANS)),
                kind: LoanEntryKind::Repaid,
                date: 1,
                principal: Amount::new(what).unwrap(),
                interest: Amount::ZERO,
                fees: Amount::ZERO,
                principal_owed: Amount::ZERO,
                interest_owed: Amount::ZERO,
                fees_owed: Amount::ZERO,
                code: String::new(),
            }))
        }
        Subject::Debtor(_) => {
            EventDetail::Collections(CollectionsEvent::CaseRecalled(CaseRecall {
                case: case(number(CASES)),
                reason: u32::try_from(what).unwrap(),
            }))
        }
        _ => EventDetail::ClockAdvanced(ClockAdvanced { by_ms: what + 1 }),
    }
}

/// The object of a subject with this history. Half of the loans and cases are open.
fn object(subject: Subject, events: EventChain) -> ObjectProof {
    let organisation = ParticipantId::from_bytes([1; 16]);
    let residence = Residence {
        country: "CZ".to_owned(),
        subdivision: String::new(),
        time_zones: vec!["Europe/Prague".to_owned()],
        language: "cs".to_owned(),
    };
    let (key, value) = match subject {
        Subject::Debtor(id) => {
            let debtor = Debtor {
                loans: vec![loan(0), loan(1)],
                cases: vec![case(0)],
                events,
                ..Debtor::registered(residence)
            };
            (StateKey::Debtor(id), debtor.encode())
        }
        Subject::Loan(id) => {
            let loan = Loan {
                product: ProductId::from_bytes([1; 16]),
                agreement: None,
                lender: organisation,
                borrower: debtor(),
                governing_law: "CZ".to_owned(),
                status: LoanStatus::Active,
                rate_ppm: 0,
                aged_to: 0,
                principal: Amount::ZERO,
                interest: Amount::ZERO,
                interest_fraction: 0,
                fees: Amount::ZERO,
                fee_totals: Vec::new(),
                funders: Vec::new(),
                servicer: debtor(),
                servicing_ppm: 0,
                schedule: Vec::new(),
                paid: Amount::ZERO,
                late_fee_due: 0,
                pauses: Vec::new(),
                settlement: None,
                reports: 0,
                loss_settled: false,
                events,
            };
            (StateKey::Loan(id), loan.encode())
        }
        Subject::Case(id) => {
            let case = Case {
                debtor: debtor(),
                lender: organisation,
                collector: organisation,
                loans: vec![loan(0)],
                placed_at: Timestamp::from_millis(1),
                recalled_at: None,
                notices: Vec::new(),
                forbearance: None,
                first_communication: None,
                permits_open: 0,
                breaches: 0,
                events,
                contacts: Default::default(),
            };
            (StateKey::Case(id), case.encode())
        }
        Subject::Account(_) | Subject::Participant(_) => unreachable!("none is audited here"),
    };
    ObjectProof {
        key,
        value: Some(value.into()),
        map: MapProof {
            siblings: Vec::new(),
            terminal: Terminal::Empty,
        },
        finality: finality(),
    }
}

fn finality() -> FinalityProof {
    let header = BlockHeader {
        chain: ChainId::new(Hash::ZERO),
        height: 1,
        parent: BlockHash::new(Hash::ZERO),
        time: Timestamp::from_millis(AS_OF),
        proposer: ValidatorId::from_bytes([1; 16]),
        parent_round: 0,
        parent_certificate: None,
        batches_root: Hash::ZERO,
        results_root: Hash::ZERO,
        result_count: 0,
        state_root: Hash::ZERO,
        validators_hash: Hash::ZERO,
        next_validators_hash: Hash::ZERO,
        rule_packs_hash: Hash::ZERO,
        business_date: 1,
    };
    FinalityProof {
        set_changes: Vec::new(),
        certificate: Certificate {
            height: 1,
            round: 0,
            block: header.hash(),
            signatures: Vec::new(),
        },
        header,
    }
}

/// A bundle of histories of so many events, one a time unit, cut to a period.
fn bundle(counts: &[u64], from: u64, to: u64) -> AuditBundle {
    let [from, to] = [from, to].map(Timestamp::from_millis);
    let periods = subjects().into_iter().zip(counts).map(|(subject, count)| {
        let mut chain = EventChain::default();
        let mut events = Vec::new();
        for sequence in 0..*count {
            let event = event(subject, sequence, sequence + 1, sequence);
            chain.append(&Event::hash_of(&event.encode()));
            events.push(event);
        }
        PeriodProof {
            object: object(subject, chain),
            period: Period::of_history(subject, &events, from, to),
        }
    });
    AuditBundle {
        periods: periods.collect(),
    }
}

fn verify(bundle: &AuditBundle) -> Result<(), ProofFailure> {
    bundle
        .periods
        .iter()
        .try_for_each(PeriodProof::verify_events)?;
    bundle.verify_whole()
}

#[test]
fn an_open_loan_or_case_that_is_left_out_is_noticed() {
    let whole = bundle(&[0, 4, 4, 4, 4, 4], 1, 5);
    verify(&whole).unwrap();
    let cases = [(1, true), (2, true), (3, false), (4, true), (5, false)];
    for (place, is_open) in cases {
        let mut cut = whole.clone();
        let left_out = cut.periods.remove(place).period.subject;
        let verified = verify(&cut);
        // Closed ones that no event of the period names are not part of the period.
        assert_eq!(verified.is_err(), is_open, "{left_out}");
        if let Err(error) = verified {
            assert!(
                matches!(error, ProofFailure::Omitted { missing, .. } if missing == left_out),
                "{error}"
            );
        }
    }
}

#[test]
fn what_an_event_of_the_period_names_is_noticed_too() {
    let place = CollectionsEvent::CasePlaced(CasePlaced {
        case: case(1),
        lender: ParticipantId::from_bytes([1; 16]),
        placed: CasePlace {
            debtor: debtor(),
            collector: ParticipantId::from_bytes([2; 16]),
            loans: vec![loan(2)],
            placement_notice: None,
            forbearance: None,
        },
    });
    let mut whole = bundle(&[1, 1, 1, 1, 1, 1], 1, 9);
    let mut placed = event(Subject::Debtor(debtor()), 0, 1, 0);
    placed.detail = EventDetail::Collections(place).into();
    let mut chain = EventChain::default();
    chain.append(&Event::hash_of(&placed.encode()));
    whole.periods[0].object = object(Subject::Debtor(debtor()), chain);
    whole.periods[0].period.events = vec![placed];
    verify(&whole).unwrap();
    for left_out in [3, 5] {
        let mut cut = whole.clone();
        cut.periods.remove(left_out);
        assert!(matches!(verify(&cut), Err(ProofFailure::Omitted { .. })));
    }
}

#[test]
fn a_shorter_period_and_a_second_copy_are_refused() {
    let whole = bundle(&[0, 4, 4, 4, 4, 4], 1, 9);
    let mut shorter = whole.clone();
    shorter.periods[1] = bundle(&[0, 4, 4, 4, 4, 4], 2, 9).periods.remove(1);
    let refused = verify(&shorter);
    assert!(matches!(refused, Err(ProofFailure::Omitted { .. })));
    let mut twice = whole.clone();
    twice.periods.push(whole.periods[2].clone());
    assert!(matches!(verify(&twice), Err(ProofFailure::Doubled { .. })));
}

#[derive(Clone, Debug)]
enum Tampering {
    LeaveOut(usize),
    Add(usize, u64),
    Swap(usize, usize),
    Alter(usize, u64),
    HideFirst,
    HideLast,
    DropChain,
    DoubleChain,
    /// The events of one chain as those of another.
    Exchange(usize),
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let at = 0usize..12;
    prop_oneof![
        at.clone().prop_map(Tampering::LeaveOut),
        (at.clone(), 100u64..999).prop_map(|(at, what)| Tampering::Add(at, what)),
        (at.clone(), at.clone()).prop_map(|(one, other)| Tampering::Swap(one, other)),
        (at, 100u64..999).prop_map(|(at, what)| Tampering::Alter(at, what)),
        Just(Tampering::HideFirst),
        Just(Tampering::HideLast),
        Just(Tampering::DropChain),
        Just(Tampering::DoubleChain),
        (0usize..6).prop_map(Tampering::Exchange),
    ]
}

/// Does it to one chain; `false` when it changes nothing, or nothing that the period is about.
fn tamper(bundle: &mut AuditBundle, chain: usize, how: &Tampering) -> bool {
    let original = bundle.clone();
    let subject = bundle.periods[chain].period.subject;
    let cut = &mut bundle.periods[chain].period;
    let count = cut.events.len();
    match *how {
        Tampering::LeaveOut(at) if at < count => {
            cut.events.remove(at);
        }
        Tampering::Add(at, what) if at <= count => {
            let near = cut.events.get(at.min(count.saturating_sub(1)));
            let time = near.map_or(cut.from.millis(), |near| near.time.millis());
            let sequence = near.map_or(cut.start.length(), |near| near.sequence);
            cut.events.insert(at, event(subject, sequence, time, what));
        }
        Tampering::Swap(one, other) if one < count && other < count => {
            cut.events.swap(one, other);
        }
        Tampering::Alter(at, what) if at < count => {
            let old = &cut.events[at];
            cut.events[at] = event(subject, old.sequence, old.time.millis(), what);
        }
        // The first event of the period is passed off as the last one before it.
        Tampering::HideFirst if count > 0 => {
            if let Some(before) = &cut.before {
                cut.start.append(&Event::hash_of(&before.encode()));
            }
            cut.before = Some(cut.events.remove(0));
        }
        // The last event of the period is passed off as the first one after it.
        Tampering::HideLast if count > 0 => {
            if let Some(after) = &cut.after {
                cut.later.insert(0, Event::hash_of(&after.encode()));
            }
            cut.after = cut.events.pop();
        }
        // A whole loan or case is left out, if the debtor's record of the period names it.
        Tampering::DropChain => {
            let debtor = &original.periods[0];
            let named = named::named_by(&debtor.object, &debtor.period.events).unwrap();
            if !named.contains(&subject) {
                return false;
            }
            bundle.periods.remove(chain);
        }
        Tampering::DoubleChain => bundle.periods.push(original.periods[chain].clone()),
        Tampering::Exchange(other) if other < original.periods.len() => {
            cut.events
                .clone_from(&original.periods[other].period.events);
        }
        _ => {}
    }
    *bundle != original
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn whatever_is_tampered_with_in_any_chain_is_caught(
        counts in prop::collection::vec(0u64..12, 6),
        from in 1u64..10,
        length in 1u64..12,
        chain in 0usize..6,
        how in tampering(),
    ) {
        let mut bundle = bundle(&counts, from, from + length);
        prop_assert!(verify(&bundle).is_ok());
        if tamper(&mut bundle, chain, &how) {
            prop_assert!(verify(&bundle).is_err(), "{:?} in chain {}", how, chain);
        }
    }
}
