//! Contacts that debtors report.

use talea_ledger::Ledger;
use talea_types::{
    AccountId, ParticipantId, Timestamp,
    conduct::Initiator,
    event::{CollectionsEvent, ContactReported},
};

use super::contact::{Reach, local_hour};

/// A contact that a collector made, as the debtor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactTold {
    /// Who contacted.
    pub agency: ParticipantId,
    /// For whom; `None` where the debtor names no case.
    pub lender: Option<ParticipantId>,
    /// When.
    pub at: Timestamp,
    /// Hour of the debtor's local day at `at`, 0 to 23; `None` where the time zone is unknown.
    pub local_hour: Option<u8>,
    /// Whether it reached the debtor at that hour.
    pub reach: Reach,
}

impl ContactTold {
    /// `None` for everything else, also for a contact that the debtor began.
    pub(super) fn of(debtor: AccountId, detail: &CollectionsEvent, after: &Ledger) -> Option<Self> {
        let CollectionsEvent::ContactReported(ContactReported { report, .. }) = detail else {
            return None;
        };
        if report.initiator == Initiator::Debtor {
            return None;
        }
        let of_permit = || Some(after.permit(&report.permit?)?.case);
        let case = report.case.or_else(of_permit);
        Some(Self {
            agency: report.collector,
            lender: case.and_then(|case| Some(after.case(&case)?.lender)),
            at: report.at,
            local_hour: local_hour(after, &debtor, report.at),
            reach: Reach::of(report.channel),
        })
    }
}
