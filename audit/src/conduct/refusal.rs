//! Contacts that rules refused, and what was done wrong.

use talea_ledger::Ledger;
use talea_types::{
    AccountId, CaseId, Operation, Outcome, ParticipantId, TransactionResult, VerifiedTransaction,
    conduct::Channel, event::Breach, operation::CollectionsOperation,
};

/// A permit that rules refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitRefused {
    /// Place of the transaction in its block.
    pub position: u32,
    /// Forbidden, or only without the lender's override.
    pub outcome: Outcome,
    /// Who asked for it.
    pub agency: ParticipantId,
    /// For whom.
    pub lender: ParticipantId,
    /// Whom it would have been about.
    pub debtor: AccountId,
    /// In which case.
    pub case: CaseId,
    /// How.
    pub channel: Channel,
    /// Rules that spoke, with their versions, in order.
    pub rules: Vec<String>,
}

/// Something that was done wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreachFound {
    /// Place of the debtor's event in its block.
    pub position: u32,
    /// What, by whom, to whom.
    pub breach: Breach,
    /// For whom the case was worked, if it is known.
    pub lender: Option<ParticipantId>,
}

impl PermitRefused {
    /// `None` for everything else, also for a permit that was refused for another reason than a rule.
    pub(super) fn of(
        position: u32,
        transaction: &VerifiedTransaction,
        result: &TransactionResult,
        after: &Ledger,
    ) -> Option<Self> {
        let Operation::Collections(CollectionsOperation::ContactPermit(request)) =
            &transaction.body().operation
        else {
            return None;
        };
        if !matches!(
            result.outcome,
            Outcome::ContactRefused | Outcome::OverrideNeeded
        ) {
            return None;
        }
        let case = after.case(&request.case)?;
        Some(Self {
            position,
            outcome: result.outcome,
            agency: case.collector,
            lender: case.lender,
            debtor: case.debtor,
            case: request.case,
            channel: request.channel,
            rules: result.rules.clone(),
        })
    }
}

impl BreachFound {
    pub(super) fn of(position: u32, breach: &Breach, after: &Ledger) -> Self {
        let case = breach.case.and_then(|id| after.case(&id));
        Self {
            position,
            breach: breach.clone(),
            lender: case.map(|case| case.lender),
        }
    }
}
