//! Debtors, cases, contacts and remedies.

use talea_types::{
    AccountId, CaseId, Hash, LoanId, ParticipantId, PermitId, Residence, Timestamp,
    conduct::{Channel, ContactResult, DisputeResolution, Initiator, Party, Protection, Purpose},
    operation::{
        CasePlace, ContactOutcome, ContactPermit, ContactReport, DebtorRegister, DisputeResolve,
        ProtectionSet, Strategy,
    },
};

use super::group_into_operation;

group_into_operation! {
    Collections CollectionsOperation:
    DebtorRegister ResidenceSet PreferenceSet CasePlace CaseRecall NoticeCommit ContactPermit
    ContactOutcome ContactReport PromiseToPay RepaymentPlan DisputeOpen DisputeResolve
    ProtectionSet ComplaintOpen ComplaintAnswer
}

/// A residence in a country without a subdivision and with one time zone: `residence("CZ",
/// "Europe/Prague", "cs")`.
#[must_use]
pub fn residence(country: &str, time_zone: &str, language: &str) -> Residence {
    Residence {
        country: country.to_owned(),
        subdivision: String::new(),
        time_zones: vec![time_zone.to_owned()],
        language: language.to_owned(),
    }
}

/// The sponsor registers the holder of an account as a debtor. The account signs too.
#[must_use]
pub const fn register_debtor(account: AccountId, residence: Residence) -> DebtorRegister {
    DebtorRegister { account, residence }
}

/// A lender gives loans of one debtor to a collector, or to its own desk.
#[must_use]
pub fn place_case(
    debtor: AccountId,
    collector: ParticipantId,
    loans: impl IntoIterator<Item = LoanId>,
) -> CasePlace {
    let mut loans: Vec<LoanId> = loans.into_iter().collect();
    loans.sort_unstable();
    loans.dedup();
    CasePlace {
        debtor,
        collector,
        loans,
        placement_notice: None,
        forbearance: None,
    }
}

/// A collector asks for one contact with the debtor, to ask for payment. A start that has passed, or
/// none (0), means from now on.
#[must_use]
pub fn permit(
    case: CaseId,
    loan: LoanId,
    channel: Channel,
    contact_point: Hash,
    from: Timestamp,
    until: Timestamp,
) -> ContactPermit {
    ContactPermit {
        case,
        loan,
        channel,
        party: Party::Debtor,
        purpose: Purpose::Payment,
        contact_point,
        from,
        until,
        template: "standard".to_owned(),
        language: "en".to_owned(),
        opt_out_statement: channel.is_message(),
        recorded: channel.is_call(),
        strategy: Strategy {
            grade: 0,
            model: String::new(),
            version: 1,
        },
        override_reason: 0,
    }
}

/// A collector says what came of a permitted contact.
#[must_use]
pub const fn contact_outcome(
    permit: PermitId,
    result: ContactResult,
    at: Timestamp,
) -> ContactOutcome {
    ContactOutcome {
        permit,
        result,
        at,
        duration_seconds: 0,
        recording: None,
        third_party_refused: false,
    }
}

/// A debtor says that a collector made a contact.
#[must_use]
pub const fn contact_report(
    debtor: AccountId,
    collector: ParticipantId,
    channel: Channel,
    result: ContactResult,
    at: Timestamp,
) -> ContactReport {
    ContactReport {
        debtor,
        collector,
        case: None,
        permit: None,
        initiator: Initiator::Collector,
        channel,
        result,
        at,
        evidence: None,
    }
}

/// The debtor no longer disputes a debt.
#[must_use]
pub const fn withdraw_dispute(loan: LoanId) -> DisputeResolve {
    DisputeResolve {
        loan,
        resolution: DisputeResolution::Withdrawn,
        answer: None,
    }
}

/// Protects a debtor as long as the packs say.
#[must_use]
pub const fn protect(debtor: AccountId, protection: Protection, evidence: Hash) -> ProtectionSet {
    ProtectionSet {
        debtor,
        protection,
        loan: None,
        lifted: false,
        until: None,
        commitment: evidence,
    }
}
