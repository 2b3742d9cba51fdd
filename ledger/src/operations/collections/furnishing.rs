//! When a debt may be reported to a credit bureau: what the packs ask for before.

use talea_types::{
    LoanId, Outcome, Timestamp,
    conduct::{ContactTallies, Notice, TallyKey, TallyKind, TallyMeasure},
    state::{Debtor, Loan},
};

use crate::{
    conduct::{Circumstances, cases_of, cited},
    operations::Refusal,
    state::WorkingState,
};

/// Checks that the debt was spoken about, or that a notice about it was sent and waited for, as the packs
/// that bind say.
pub(crate) fn check_furnishing(
    state: &WorkingState<'_>,
    id: LoanId,
    loan: &Loan,
) -> Result<(), Refusal> {
    let Some(debtor) = state.debtors.get(&loan.borrower) else {
        unreachable!("a borrower is a debtor")
    };
    let circumstances = Circumstances::of_loan(state, debtor, (id, loan));
    let tallies = state.collections.tallies.get(&TallyKey::Debt(id));
    let spoken = tallies.and_then(spoken_about);
    let sent = notice_sent(state, debtor, id);
    let duties = circumstances.duties(state);
    match duties.furnishing_from(spoken, sent) {
        Some(duty) if duty.figure.is_none_or(|from| state.now < from) => Err(Refusal::by_rules(
            Outcome::FurnishingTooSoon,
            cited(&duty.spoke),
        )),
        _ => Ok(()),
    }
}

/// When the debt was spoken about, by call or in person: the oldest conversation that the counters still hold.
fn spoken_about(tallies: &ContactTallies) -> Option<Timestamp> {
    let kinds = TallyKind::all();
    let spoken = kinds.filter(|kind| {
        matches!(
            kind.measure,
            TallyMeasure::Conversation | TallyMeasure::Meeting
        )
    });
    let slots = spoken.flat_map(|kind| tallies.slots(kind));
    slots.map(|slot| slot.from).min()
}

/// When the debtor was first told in writing what is owed, in the open cases of the loan.
fn notice_sent(state: &WorkingState<'_>, debtor: &Debtor, loan: LoanId) -> Option<Timestamp> {
    let cases = cases_of(state, debtor, Some(loan)).into_iter();
    let notices = cases.flat_map(|(_, case)| &case.notices);
    let telling = notices.filter(|served| served.notice == Notice::Validation);
    telling.map(|served| served.at).min()
}
