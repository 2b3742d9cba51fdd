//! Events in words.

use talea_types::{
    event::{Event, EventDetail, Posted, PostingKind},
    operation::Restriction,
};

use super::{Decimals, account_kind, governance, list, milliseconds, money, restriction, time};

/// An event in one line of words, without its time and cause.
#[must_use]
pub fn event(event: &Event, decimals: &Decimals) -> String {
    match &*event.detail {
        EventDetail::Opened(opened) => format!(
            "opened as {}, sponsor {}, tier {}",
            account_kind(opened.kind),
            opened.sponsor,
            opened.tier
        ),
        EventDetail::Restricted(placed) if placed.restriction == Restriction::None => {
            format!("restriction lifted by {}", placed.placed_by)
        }
        EventDetail::Restricted(placed) => format!(
            "{} restricted by {}, reason {}, until {}",
            restriction(placed.restriction),
            placed.placed_by,
            placed.reason,
            time(placed.review_by)
        ),
        EventDetail::Closed => "closed".to_owned(),
        EventDetail::KeysRotated(rotated) => format!(
            "keys replaced: {} of {}",
            rotated.policy.threshold(),
            list(rotated.policy.keys())
        ),
        EventDetail::ValidatorsScheduled(scheduled) => format!(
            "validator set {} from height {}",
            scheduled.validators_hash, scheduled.effective_height
        ),
        EventDetail::ClockAdvanced(advanced) => {
            format!("clock advanced by {}", milliseconds(advanced.by_ms))
        }
        EventDetail::Posted(posted) => posting(posted, decimals),
        EventDetail::ProposalStepped(step) => governance::step(step),
        EventDetail::Registered(registered) => {
            format!("registered by {}", registered.proposal)
        }
        EventDetail::StatusSet(set) => governance::status(set),
        EventDetail::RulePackSet(set) => governance::rule_pack(set),
        EventDetail::Assurance(detail) => super::assurance::event(detail),
        EventDetail::Credit(detail) => super::credit::event(detail),
        EventDetail::Collections(detail) => super::collections::event(detail),
    }
}

fn posting(posted: &Posted, decimals: &Decimals) -> String {
    let amount = money(posted.amount, posted.asset, decimals);
    let other = posted
        .counterparty
        .map_or_else(|| "the sponsor".to_owned(), |account| account.to_string());
    let hold = posted
        .hold
        .map_or_else(String::new, |hold| format!(" ({hold})"));
    let mut words = match posted.kind {
        PostingKind::Issued => format!("{amount} issued"),
        PostingKind::Redeemed => format!("{amount} redeemed"),
        PostingKind::Sent => format!("{amount} sent to {other}"),
        PostingKind::Received => format!("{amount} received from {other}"),
        PostingKind::HoldPlaced => format!("{amount} held for {other}{hold}"),
        PostingKind::HoldCaptured => format!("{amount} captured by {other}{hold}"),
        PostingKind::CaptureReceived => format!("{amount} captured from {other}{hold}"),
        PostingKind::HoldReleased => format!("{amount} released{hold}"),
        PostingKind::HoldExpired => format!("{amount} released, hold expired{hold}"),
        PostingKind::RefundSent => format!("{amount} refunded to {other}"),
        PostingKind::RefundReceived => format!("{amount} refunded by {other}"),
    };
    if !posted.end_to_end_id.is_empty() {
        words.push_str(&format!(", reference {}", posted.end_to_end_id));
    }
    words
}
