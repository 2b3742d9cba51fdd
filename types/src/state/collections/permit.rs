//! The permission for one contact.

use crate::{
    conduct::{Channel, ContactResult, Party, PermitStatus, Purpose, Slot},
    decode::{DecodeError, array},
    encode::FieldWriter,
    hash::Hash,
    ids::{AccountId, CaseId, LoanId, ParticipantId},
    state::canonical_object,
    time::Timestamp,
    wire,
};

/// A permit. Its id is the token that a dialler demands. It stays in the state for a while after it was
/// closed, so that a debtor's report can be held against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// In which case.
    pub case: CaseId,
    /// About which debt.
    pub loan: LoanId,
    /// Whose debt.
    pub debtor: AccountId,
    /// Who may contact.
    pub collector: ParticipantId,
    /// How.
    pub channel: Channel,
    /// With whom.
    pub party: Party,
    /// What for.
    pub purpose: Purpose,
    /// Commitment to the number, address or place.
    pub contact_point: Hash,
    /// From when on. Counters hold the slot from here ...
    pub from: Timestamp,
    /// ... until here, exclusive.
    pub until: Timestamp,
    /// The contact may happen until here: earlier than the slot's end once the permit was cut short.
    pub valid_until: Timestamp,
    /// Whether the contact is recorded.
    pub recorded: bool,
    /// Whether it is counted as made with fresh consent.
    pub consented: bool,
    /// Where it stands.
    pub status: PermitStatus,
    /// What came of it, once it is closed.
    pub result: Option<ContactResult>,
    /// While it is open: when it must be closed. After that: when it is forgotten.
    pub ends_at: Timestamp,
}

impl Permit {
    /// Whether its result is awaited.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == PermitStatus::Open
    }

    /// The milliseconds that counters hold for it.
    #[must_use]
    pub fn slot(&self) -> Slot {
        let last = Timestamp::from_millis(self.until.millis().saturating_sub(1));
        Slot {
            from: self.from,
            last: last.max(self.from),
        }
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.case.as_bytes());
        w.bytes(2, self.loan.as_bytes());
        w.bytes(3, self.debtor.as_bytes());
        w.bytes(4, self.collector.as_bytes());
        w.enumeration(5, self.channel.to_wire().into());
        w.enumeration(6, self.party.to_wire().into());
        w.enumeration(7, self.purpose.to_wire().into());
        w.bytes(8, self.contact_point.as_bytes());
        w.time(9, self.from);
        w.time(10, self.until);
        w.time(11, self.valid_until);
        w.number(12, self.recorded);
        w.number(13, self.consented);
        w.enumeration(14, self.status.to_wire().into());
        w.enumeration(15, self.result.map_or(0, |one| one.to_wire().into()));
        w.time(16, self.ends_at);
    }

    fn from_wire(permit: &wire::Permit) -> Result<Self, DecodeError> {
        Ok(Self {
            case: CaseId::from_wire("permit.case", &permit.case)?,
            loan: LoanId::from_wire("permit.loan", &permit.loan)?,
            debtor: AccountId::from_wire("permit.debtor", &permit.debtor)?,
            collector: ParticipantId::from_wire("permit.collector", &permit.collector)?,
            channel: Channel::from_wire(permit.channel)?,
            party: Party::from_wire(permit.party)?,
            purpose: Purpose::from_wire(permit.purpose)?,
            contact_point: Hash(array("permit.contact_point", &permit.contact_point)?),
            from: Timestamp::from_millis(permit.from_ms),
            until: Timestamp::from_millis(permit.until_ms),
            valid_until: Timestamp::from_millis(permit.valid_until_ms),
            recorded: permit.recorded,
            consented: permit.consented,
            status: PermitStatus::from_wire(permit.status)?,
            result: match permit.result {
                0 => None,
                result => Some(ContactResult::from_wire(result)?),
            },
            ends_at: Timestamp::from_millis(permit.ends_at_ms),
        })
    }
}

canonical_object!(Permit, "permit");
