//! The life of a contact: permitted, taken back, closed, found to be wrong.

use talea_ledger::Ledger;
use talea_rules::Zone;
use talea_types::{
    AccountId, CaseId, Event, LoanId, ParticipantId, PermitId, Timestamp,
    conduct::{BreachKind, Channel, ContactResult, Party, Purpose},
    event::CollectionsEvent,
};

const HOUR_MS: i64 = 3_600_000;

/// Who contacts, for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parties {
    /// An agency, or the lender's own desk.
    pub agency: ParticipantId,
    /// `None` when it is not known.
    pub lender: Option<ParticipantId>,
}

/// Whether a contact reaches whom it is for when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Calls, visits, electronic messages.
    AtOnce,
    /// Letters: they are read at an hour that nobody here knows.
    Later,
}

impl Reach {
    /// That of a channel.
    #[must_use]
    pub const fn of(channel: Channel) -> Self {
        match channel {
            Channel::Letter => Self::Later,
            _ => Self::AtOnce,
        }
    }
}

/// A contact that was permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactGranted {
    /// In which case.
    pub case: CaseId,
    /// About which debt.
    pub loan: LoanId,
    /// Whose.
    pub debtor: AccountId,
    /// Who may contact, for whom.
    pub parties: Parties,
    /// How.
    pub channel: Channel,
    /// With whom.
    pub party: Party,
    /// What for.
    pub purpose: Purpose,
    /// Block that permitted it.
    pub height: u64,
    /// Time of that block.
    pub granted_at: Timestamp,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// Hour of the debtor's local day at `from`, 0 to 23, by the first time zone of its residence; `None`
    /// when that is unknown.
    pub local_hour: Option<u8>,
}

/// A step of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactStep {
    /// It was permitted.
    Granted(PermitId, Box<ContactGranted>),
    /// Its permit was taken back, or cut short.
    Revoked {
        /// Which.
        permit: PermitId,
        /// Whose.
        parties: Option<Parties>,
        /// When.
        at: Timestamp,
    },
    /// The collector said what came of it.
    Closed {
        /// Which.
        permit: PermitId,
        /// Whose.
        parties: Option<Parties>,
        /// What.
        result: ContactResult,
        /// When it happened.
        at: Timestamp,
        /// Hour of the debtor's local day at `at`, as in [`ContactGranted::local_hour`].
        local_hour: Option<u8>,
        /// Whether it reaches the debtor at that hour.
        reach: Reach,
        /// Block in which it was said.
        height: u64,
    },
    /// Something was wrong with it.
    Breached {
        /// Which.
        permit: PermitId,
        /// What.
        kind: BreachKind,
    },
}

impl ContactStep {
    /// The permit that it is about.
    #[must_use]
    pub const fn permit(&self) -> PermitId {
        match self {
            Self::Granted(permit, _)
            | Self::Revoked { permit, .. }
            | Self::Closed { permit, .. }
            | Self::Breached { permit, .. } => *permit,
        }
    }

    pub(super) fn of(
        event: &Event,
        debtor: AccountId,
        detail: &CollectionsEvent,
        after: &Ledger,
    ) -> Option<Self> {
        Some(match detail {
            CollectionsEvent::ContactPermitted(permitted) => {
                let request = &permitted.request;
                let granted = ContactGranted {
                    case: request.case,
                    loan: request.loan,
                    debtor,
                    parties: Parties {
                        agency: permitted.collector,
                        lender: after.case(&request.case).map(|case| case.lender),
                    },
                    channel: request.channel,
                    party: request.party,
                    purpose: request.purpose,
                    height: event.height,
                    granted_at: event.time,
                    from: permitted.from,
                    until: permitted.until,
                    local_hour: local_hour(after, &debtor, permitted.from),
                };
                Self::Granted(permitted.permit, Box::new(granted))
            }
            CollectionsEvent::ContactRevoked(revoked) => Self::Revoked {
                permit: revoked.permit,
                parties: parties(after, revoked.case),
                at: revoked.at,
            },
            CollectionsEvent::ContactClosed(closed) => {
                let outcome = &closed.outcome;
                let permit = after.permit(&outcome.permit);
                Self::Closed {
                    permit: outcome.permit,
                    parties: parties(after, closed.case),
                    result: outcome.result,
                    at: outcome.at,
                    local_hour: local_hour(after, &debtor, outcome.at),
                    reach: permit.map_or(Reach::AtOnce, |permit| Reach::of(permit.channel)),
                    height: event.height,
                }
            }
            CollectionsEvent::Breach(breach) => Self::Breached {
                permit: breach.permit?,
                kind: breach.kind,
            },
            _ => return None,
        })
    }
}

fn parties(after: &Ledger, case: CaseId) -> Option<Parties> {
    let case = after.case(&case)?;
    Some(Parties {
        agency: case.collector,
        lender: Some(case.lender),
    })
}

/// Hour of a debtor's local day, 0 to 23; `None` where its first time zone is not known.
pub(super) fn local_hour(after: &Ledger, debtor: &AccountId, time: Timestamp) -> Option<u8> {
    let residence = &after.debtor(debtor)?.residence;
    let zone = Zone::find(residence.time_zones.first()?)?;
    u8::try_from(zone.time_of_day(time) / HOUR_MS).ok()
}
