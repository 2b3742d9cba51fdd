//! A case: loans of one debtor that somebody collects.

use crate::{
    conduct::{ContactTallies, Notice},
    decode::{DecodeError, array, ascending, optional_array},
    encode::FieldWriter,
    event::EventChain,
    hash::Hash,
    ids::{AccountId, LoanId, ParticipantId},
    limits::{LOANS_PER_DEBTOR_MAX, NOTICES_PER_CASE_MAX},
    state::canonical_object,
    time::Timestamp,
    wire,
};

/// A notice that was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseNotice {
    /// What it told.
    pub notice: Notice,
    /// When.
    pub at: Timestamp,
    /// Commitment to its text.
    pub commitment: Hash,
}

/// A case. It stays in the state after it was recalled, so that its history can be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Who owes.
    pub debtor: AccountId,
    /// Who lent.
    pub lender: ParticipantId,
    /// Who collects: an agency, or the lender's own desk.
    pub collector: ParticipantId,
    /// Strictly ascending.
    pub loans: Vec<LoanId>,
    /// Since when.
    pub placed_at: Timestamp,
    /// When it was recalled; `None` while it is open.
    pub recalled_at: Option<Timestamp>,
    /// In the order in which they were served.
    pub notices: Vec<CaseNotice>,
    /// Commitment to the record of how forbearance was considered.
    pub forbearance: Option<Hash>,
    /// When the debtor was first told about the debt by this collector.
    pub first_communication: Option<Timestamp>,
    /// Permits that are not closed.
    pub permits_open: u32,
    /// How often something was done wrong.
    pub breaches: u32,
    /// Its history.
    pub events: EventChain,
    /// Counts its contacts. It stands here rather than in an object of its own because whatever counts a
    /// contact writes the case as well.
    pub contacts: ContactTallies,
}

impl Case {
    /// Whether contacts may still be made.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.recalled_at.is_none()
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.debtor.as_bytes());
        w.bytes(2, self.lender.as_bytes());
        w.bytes(3, self.collector.as_bytes());
        for loan in &self.loans {
            w.element(4, loan.as_bytes());
        }
        w.time(5, self.placed_at);
        w.time(6, self.recalled_at.unwrap_or_default());
        for notice in &self.notices {
            w.message(7, |w| {
                w.enumeration(1, notice.notice.to_wire().into());
                w.time(2, notice.at);
                w.bytes(3, notice.commitment.as_bytes());
            });
        }
        w.hash(8, self.forbearance.as_ref());
        w.time(9, self.first_communication.unwrap_or_default());
        w.number(10, self.permits_open);
        w.number(11, self.breaches);
        self.events.write(12, w);
        self.contacts.write_field(13, w);
    }

    fn from_wire(case: &wire::CollectionCase) -> Result<Self, DecodeError> {
        if case.notices.len() > NOTICES_PER_CASE_MAX {
            return Err(DecodeError::Range {
                field: "case.notices",
                reason: "too many entries",
            });
        }
        let notice = |notice: &wire::CaseNotice| {
            Ok(CaseNotice {
                notice: Notice::from_wire(notice.notice)?,
                at: Timestamp::from_millis(notice.at_ms),
                commitment: Hash(array("notice.commitment", &notice.commitment)?),
            })
        };
        Ok(Self {
            debtor: AccountId::from_wire("case.debtor", &case.debtor)?,
            lender: ParticipantId::from_wire("case.lender", &case.lender)?,
            collector: ParticipantId::from_wire("case.collector", &case.collector)?,
            loans: ascending("case.loans", &case.loans, LOANS_PER_DEBTOR_MAX, |loan| {
                LoanId::from_wire("case.loans", loan)
            })?,
            placed_at: Timestamp::from_millis(case.placed_at_ms),
            recalled_at: Timestamp::optional(case.recalled_at_ms),
            notices: case
                .notices
                .iter()
                .map(notice)
                .collect::<Result<_, DecodeError>>()?,
            forbearance: optional_array("case.forbearance", &case.forbearance)?.map(Hash),
            first_communication: Timestamp::optional(case.first_communication_ms),
            permits_open: case.permits_open,
            breaches: case.breaches,
            events: EventChain::from_wire(case.events.as_ref())?,
            contacts: ContactTallies::from_field(case.contacts.as_ref())?,
        })
    }
}

canonical_object!(Case, "case");
