//! What can happen to a subject.

use super::{
    assurance::AssuranceEvent,
    collections::CollectionsEvent,
    credit::CreditEvent,
    governance::{ParticipantRegistered, ParticipantStatusSet, ProposalStepped, RulePackSet},
    hash,
};
use crate::{
    amount::Amount,
    asset::Asset,
    decode::{DecodeError, optional_array, reference},
    encode::{FieldWriter, required},
    hash::Hash,
    ids::{AccountId, HoldId, ParticipantId, TransactionId},
    key_policy::KeyPolicy,
    operation::{AccountKind, Purpose, Restriction},
    time::Timestamp,
    wire,
};
use wire::event::Detail;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "the largest is by far the most common"
)]
pub enum EventDetail {
    /// The account was opened.
    Opened(AccountOpened),
    /// The account was restricted, or a restriction was lifted.
    Restricted(AccountRestricted),
    /// The account was closed.
    Closed,
    /// The subject's keys were replaced.
    KeysRotated(KeysRotated),
    /// A change of the validator set that the subject had proposed was scheduled.
    ValidatorsScheduled(ValidatorsScheduled),
    /// The subject advanced the clock of a sandbox.
    ClockAdvanced(ClockAdvanced),
    /// Money moved on the account.
    Posted(Posted),
    /// A step of a proposal.
    ProposalStepped(ProposalStepped),
    /// The organisation was registered.
    Registered(ParticipantRegistered),
    /// What the organisation may do was set.
    StatusSet(ParticipantStatusSet),
    /// A rule pack that the subject had proposed came into force or was retired.
    RulePackSet(RulePackSet),
    /// Who knows what about the subject, and who looked.
    Assurance(AssuranceEvent),
    /// About a loan.
    Credit(CreditEvent),
    /// About a debtor or a case.
    Collections(CollectionsEvent),
}

/// How an account was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOpened {
    /// What it is for.
    pub kind: AccountKind,
    /// Whose liability its balances are.
    pub sponsor: ParticipantId,
    /// Keys of the holder.
    pub policy: KeyPolicy,
    /// Index into the network's tiers.
    pub tier: u32,
    /// Commitment to the holder's identity record.
    pub holder_commitment: Option<Hash>,
}

/// What an account may not do from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRestricted {
    /// [`Restriction::None`] when a restriction was lifted.
    pub restriction: Restriction,
    /// Code of the published list of reasons.
    pub reason: u32,
    /// Commitment to the notice that the holder was sent.
    pub notice_commitment: Option<Hash>,
    /// When it lapses by itself.
    pub review_by: Timestamp,
    /// By whom.
    pub placed_by: ParticipantId,
}

/// New keys of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysRotated {
    /// The policy in force from now on.
    pub policy: KeyPolicy,
    /// Until when the one before suffices too; zero for not at all.
    pub overlap_until: Timestamp,
}

/// A change of the validator set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorsScheduled {
    /// First height decided by the set.
    pub effective_height: u64,
    /// Hash of the set.
    pub validators_hash: Hash,
}

/// A step of a sandbox clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockAdvanced {
    /// Milliseconds.
    pub by_ms: u64,
}

/// How money moved on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PostingKind {
    /// The sponsor put its liability on the account.
    Issued,
    /// The sponsor took its liability back.
    Redeemed,
    /// A transfer to another account.
    Sent,
    /// A transfer from another account.
    Received,
    /// From available to held.
    HoldPlaced,
    /// From held to the payee, the rest back to available.
    HoldCaptured,
    /// The payee's side of a capture.
    CaptureReceived,
    /// Back to available: the hold was voided.
    HoldReleased,
    /// Back to available: the hold's time had passed.
    HoldExpired,
    /// Back to the payer of an earlier transfer.
    RefundSent,
    /// Back from the payee of an earlier transfer.
    RefundReceived,
}

/// A movement on an account, with the balances after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// How.
    pub kind: PostingKind,
    /// Of which asset.
    pub asset: Asset,
    /// How much; for [`PostingKind::HoldCaptured`] what the payee got.
    pub amount: Amount,
    /// Available after it.
    pub available: Amount,
    /// Held after it.
    pub held: Amount,
    /// The other account; `None` where it is the sponsor.
    pub counterparty: Option<AccountId>,
    /// Of a transfer.
    pub purpose: Option<Purpose>,
    /// Reference of who caused it.
    pub end_to_end_id: String,
    /// Commitment to originator and beneficiary data.
    pub travel_rule_commitment: Option<Hash>,
    /// The hold.
    pub hold: Option<HoldId>,
    /// When the hold is released, or the right to refund ends, by itself.
    pub until: Timestamp,
    /// The transfer that is refunded, and its leg.
    pub original: Option<(TransactionId, u32)>,
}

impl PostingKind {
    /// Its name in logs, tables and documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issued => "Issued",
            Self::Redeemed => "Redeemed",
            Self::Sent => "Sent",
            Self::Received => "Received",
            Self::HoldPlaced => "HoldPlaced",
            Self::HoldCaptured => "HoldCaptured",
            Self::CaptureReceived => "CaptureReceived",
            Self::HoldReleased => "HoldReleased",
            Self::HoldExpired => "HoldExpired",
            Self::RefundSent => "RefundSent",
            Self::RefundReceived => "RefundReceived",
        }
    }

    const fn to_wire(self) -> wire::PostingKind {
        match self {
            Self::Issued => wire::PostingKind::Issued,
            Self::Redeemed => wire::PostingKind::Redeemed,
            Self::Sent => wire::PostingKind::Sent,
            Self::Received => wire::PostingKind::Received,
            Self::HoldPlaced => wire::PostingKind::HoldPlaced,
            Self::HoldCaptured => wire::PostingKind::HoldCaptured,
            Self::CaptureReceived => wire::PostingKind::CaptureReceived,
            Self::HoldReleased => wire::PostingKind::HoldReleased,
            Self::HoldExpired => wire::PostingKind::HoldExpired,
            Self::RefundSent => wire::PostingKind::RefundSent,
            Self::RefundReceived => wire::PostingKind::RefundReceived,
        }
    }

    fn from_wire(kind: i32) -> Result<Self, DecodeError> {
        match wire::PostingKind::try_from(kind) {
            Ok(wire::PostingKind::Issued) => Ok(Self::Issued),
            Ok(wire::PostingKind::Redeemed) => Ok(Self::Redeemed),
            Ok(wire::PostingKind::Sent) => Ok(Self::Sent),
            Ok(wire::PostingKind::Received) => Ok(Self::Received),
            Ok(wire::PostingKind::HoldPlaced) => Ok(Self::HoldPlaced),
            Ok(wire::PostingKind::HoldCaptured) => Ok(Self::HoldCaptured),
            Ok(wire::PostingKind::CaptureReceived) => Ok(Self::CaptureReceived),
            Ok(wire::PostingKind::HoldReleased) => Ok(Self::HoldReleased),
            Ok(wire::PostingKind::HoldExpired) => Ok(Self::HoldExpired),
            Ok(wire::PostingKind::RefundSent) => Ok(Self::RefundSent),
            Ok(wire::PostingKind::RefundReceived) => Ok(Self::RefundReceived),
            _ => Err(DecodeError::Range {
                field: "posted.kind",
                reason: "no posting has this number",
            }),
        }
    }
}

impl EventDetail {
    /// Its name in logs, tables and documentation; of a movement, that of its kind.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Opened(_) => "Opened",
            Self::Restricted(_) => "Restricted",
            Self::Closed => "Closed",
            Self::KeysRotated(_) => "KeysRotated",
            Self::ValidatorsScheduled(_) => "ValidatorsScheduled",
            Self::ClockAdvanced(_) => "ClockAdvanced",
            Self::Posted(posted) => posted.kind.name(),
            Self::ProposalStepped(_) => "ProposalStepped",
            Self::Registered(_) => "Registered",
            Self::StatusSet(_) => "StatusSet",
            Self::RulePackSet(_) => "RulePackSet",
            Self::Assurance(event) => event.name(),
            Self::Credit(event) => event.name(),
            Self::Collections(event) => event.name(),
        }
    }

    /// Appends the canonical bytes with which an event ends that tells this.
    pub fn encode_into(&self, buffer: &mut Vec<u8>) {
        self.write(&mut FieldWriter::new(buffer));
    }

    pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
        match self {
            Self::Opened(opened) => w.message(10, |w| {
                w.enumeration(1, opened.kind.to_wire().into());
                w.bytes(2, opened.sponsor.as_bytes());
                w.policy(3, &opened.policy);
                w.number(4, opened.tier);
                w.hash(5, opened.holder_commitment.as_ref());
            }),
            Self::Restricted(placed) => w.message(11, |w| {
                w.enumeration(1, placed.restriction.to_wire().into());
                w.number(2, placed.reason);
                w.hash(3, placed.notice_commitment.as_ref());
                w.time(4, placed.review_by);
                w.bytes(5, placed.placed_by.as_bytes());
            }),
            Self::Closed => w.message(12, |_| {}),
            Self::KeysRotated(rotated) => w.message(13, |w| {
                w.policy(1, &rotated.policy);
                w.time(2, rotated.overlap_until);
            }),
            Self::ValidatorsScheduled(scheduled) => w.message(14, |w| {
                w.number(1, scheduled.effective_height);
                w.bytes(2, scheduled.validators_hash.as_bytes());
            }),
            Self::ClockAdvanced(advanced) => w.message(15, |w| w.number(1, advanced.by_ms)),
            Self::Posted(posted) => w.message(16, |w| posted.write(w)),
            Self::ProposalStepped(step) => w.message(17, |w| step.write(w)),
            Self::Registered(registered) => w.message(18, |w| registered.write(w)),
            Self::StatusSet(set) => w.message(19, |w| set.write(w)),
            Self::RulePackSet(set) => w.message(20, |w| set.write(w)),
            Self::Assurance(detail) => detail.write(w),
            Self::Credit(detail) => detail.write(w),
            Self::Collections(detail) => detail.write(w),
        }
    }

    pub(super) fn from_wire(detail: Option<&Detail>) -> Result<Self, DecodeError> {
        Ok(match required("event.detail", detail)? {
            Detail::Opened(opened) => Self::Opened(AccountOpened {
                kind: AccountKind::from_wire(opened.kind)?,
                sponsor: ParticipantId::from_wire("opened.sponsor", &opened.sponsor)?,
                policy: KeyPolicy::from_wire(required("opened.policy", opened.policy.as_ref())?)?,
                tier: opened.tier,
                holder_commitment: optional_hash(
                    "opened.holder_commitment",
                    &opened.holder_commitment,
                )?,
            }),
            Detail::Restricted(placed) => Self::Restricted(AccountRestricted {
                restriction: Restriction::from_wire(placed.restriction)?,
                reason: placed.reason,
                notice_commitment: optional_hash(
                    "restricted.notice_commitment",
                    &placed.notice_commitment,
                )?,
                review_by: Timestamp::from_millis(placed.review_by_ms),
                placed_by: ParticipantId::from_wire("restricted.placed_by", &placed.placed_by)?,
            }),
            Detail::Closed(_) => Self::Closed,
            Detail::KeysRotated(rotated) => Self::KeysRotated(KeysRotated {
                policy: KeyPolicy::from_wire(required("rotated.policy", rotated.policy.as_ref())?)?,
                overlap_until: Timestamp::from_millis(rotated.overlap_until_ms),
            }),
            Detail::ValidatorsScheduled(scheduled) => {
                Self::ValidatorsScheduled(ValidatorsScheduled {
                    effective_height: scheduled.effective_height,
                    validators_hash: hash("scheduled.hash", &scheduled.validators_hash)?,
                })
            }
            Detail::ClockAdvanced(advanced) => Self::ClockAdvanced(ClockAdvanced {
                by_ms: advanced.by_ms,
            }),
            Detail::Posted(posted) => Self::Posted(Posted::from_wire(posted)?),
            Detail::ProposalStepped(step) => {
                Self::ProposalStepped(ProposalStepped::from_wire(step)?)
            }
            Detail::Registered(registered) => {
                Self::Registered(ParticipantRegistered::from_wire(registered)?)
            }
            Detail::StatusSet(set) => Self::StatusSet(ParticipantStatusSet::from_wire(set)?),
            Detail::RulePackSet(set) => Self::RulePackSet(RulePackSet::from_wire(set)?),
            detail => {
                if let Some(event) = CreditEvent::from_wire(detail)? {
                    return Ok(Self::Credit(event));
                }
                if let Some(event) = AssuranceEvent::from_wire(detail)? {
                    return Ok(Self::Assurance(event));
                }
                if let Some(event) = CreditEvent::from_wire(detail)? {
                    return Ok(Self::Credit(event));
                }
                let event = CollectionsEvent::from_wire(detail)?.map(Self::Collections);
                event.ok_or(DecodeError::Missing {
                    field: "event.detail",
                })?
            }
        })
    }
}

impl Posted {
    fn write(&self, w: &mut FieldWriter<'_>) {
        w.enumeration(1, self.kind.to_wire().into());
        w.bytes(2, self.asset.as_str());
        w.number(3, self.amount.minor_units());
        w.number(4, self.available.minor_units());
        w.number(5, self.held.minor_units());
        if let Some(account) = &self.counterparty {
            w.bytes(6, account.as_bytes());
        }
        if let Some(purpose) = self.purpose {
            w.enumeration(7, purpose.to_wire().into());
        }
        w.bytes(8, &self.end_to_end_id);
        w.hash(9, self.travel_rule_commitment.as_ref());
        if let Some(hold) = &self.hold {
            w.bytes(10, hold.as_bytes());
        }
        w.time(11, self.until);
        if let Some((original, leg)) = &self.original {
            w.bytes(12, original.as_bytes());
            w.number(13, *leg);
        }
    }

    fn from_wire(posted: &wire::Posted) -> Result<Self, DecodeError> {
        let amount = |field, minor_units| {
            Amount::new(minor_units).ok_or(DecodeError::Range {
                field,
                reason: "at most 2^63 - 1 minor units",
            })
        };
        let original = optional_hash("posted.original", &posted.original)?;
        if original.is_none() && posted.original_leg != 0 {
            return Err(DecodeError::Missing {
                field: "posted.original",
            });
        }
        Ok(Self {
            kind: PostingKind::from_wire(posted.kind)?,
            asset: Asset::new(&posted.asset)?,
            amount: amount("posted.amount", posted.amount)?,
            available: amount("posted.available", posted.available)?,
            held: amount("posted.held", posted.held)?,
            counterparty: optional_array("posted.counterparty", &posted.counterparty)?
                .map(AccountId::from_bytes),
            purpose: match posted.purpose {
                0 => None,
                purpose => Some(Purpose::from_wire(purpose)?),
            },
            end_to_end_id: reference("posted.end_to_end_id", &posted.end_to_end_id)?,
            travel_rule_commitment: optional_hash(
                "posted.travel_rule_commitment",
                &posted.travel_rule_commitment,
            )?,
            hold: optional_array("posted.hold", &posted.hold)?.map(HoldId::from_bytes),
            until: Timestamp::from_millis(posted.until_ms),
            original: original.map(|id| (TransactionId::new(id), posted.original_leg)),
        })
    }
}

fn optional_hash(field: &'static str, bytes: &[u8]) -> Result<Option<Hash>, DecodeError> {
    Ok(optional_array(field, bytes)?.map(Hash))
}
