//! Transactions and events in words, for people who sign, review and audit them. Nothing is left out: what
//! is shown is all that is signed.

mod assurance;
mod collections;
mod credit;
mod event;
mod governance;
mod made;

pub use credit::percent;
pub use event::event;
pub use made::made;

use std::collections::BTreeMap;

use talea_types::{
    Amount, Asset, Hash, KeyPolicy, Operation, PublicKey, Timestamp, TransactionBody, Validator,
    operation::{AccountKind, HoldPlace, Purpose, Restriction, Transfer},
};

/// A name and its value.
pub type Field = (String, String);

/// Digits after the decimal point of each asset.
pub type Decimals = BTreeMap<Asset, u32>;

/// An amount with its asset: `12.30 CZK`.
#[must_use]
pub fn money(amount: Amount, asset: Asset, decimals: &Decimals) -> String {
    match decimals.get(&asset) {
        Some(places) => format!("{} {asset}", amount.to_decimal(*places)),
        None => format!("{amount} minor units of {asset}"),
    }
}

/// A point in time as UTC text.
#[must_use]
pub fn time(at: Timestamp) -> String {
    i64::try_from(at.millis())
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map_or_else(|| format!("{at} ms"), |time| time.to_string())
}

/// A day counted from 1970-01-01 as text.
#[must_use]
pub fn day(days: u32) -> String {
    let at = time(Timestamp::from_millis(u64::from(days) * 86_400_000));
    at.split('T').next().unwrap_or_default().to_owned()
}

/// A body, field by field.
#[must_use]
pub fn body(body: &TransactionBody, decimals: &Decimals) -> Vec<Field> {
    let mut fields = vec![
        field("operation", body.operation.name()),
        field("author", body.author),
        field("nonce", body.nonce),
        field("expires", time(body.expires_at)),
    ];
    fields.extend(operation(&body.operation, decimals));
    fields.push(field("signers", list(&body.signers)));
    fields
}

/// An operation, field by field.
#[must_use]
pub fn operation(operation: &Operation, decimals: &Decimals) -> Vec<Field> {
    let money = |amount, asset| field("amount", money(amount, asset, decimals));
    let reference = |text: &String| optional("reference", text);
    match operation {
        Operation::KeyRotate(rotate) => {
            let mut fields = policy("new keys", &rotate.policy);
            fields.push(field(
                "old keys suffice until",
                time_or(rotate.overlap_until, "now"),
            ));
            fields
        }
        Operation::Propose(propose) => governance::propose(propose, decimals),
        Operation::Approve(approve) => vec![field("proposal", approve.proposal)],
        Operation::Veto(veto) => vec![
            field("proposal", veto.proposal),
            field("reason", veto.reason),
        ],
        Operation::Withdraw(withdraw) => vec![field("proposal", withdraw.proposal)],
        Operation::ClockAdvance(advance) => vec![field("advance by", milliseconds(advance.by_ms))],
        Operation::AccountOpen(open) => {
            let mut fields = vec![
                field("kind", account_kind(open.kind)),
                field("tier", open.tier),
            ];
            fields.extend(policy("holder's keys", &open.policy));
            fields.extend(commitment(
                "identity commitment",
                open.holder_commitment.as_ref(),
            ));
            fields
        }
        Operation::AccountRestrict(restrict) => {
            let mut fields = vec![
                field("account", restrict.account),
                field("restriction", restriction(restrict.restriction)),
                field("reason", restrict.reason),
            ];
            fields.extend(commitment(
                "notice commitment",
                restrict.notice_commitment.as_ref(),
            ));
            fields.push(field(
                "lapses",
                time_or(restrict.review_by, "does not apply"),
            ));
            fields
        }
        Operation::AccountClose(close) => vec![field("account", close.account)],
        Operation::Issue(issue) => with(
            vec![
                field("account", issue.account),
                money(issue.amount, issue.asset),
            ],
            reference(&issue.end_to_end_id),
        ),
        Operation::Redeem(redeem) => with(
            vec![
                field("account", redeem.account),
                money(redeem.amount, redeem.asset),
            ],
            reference(&redeem.end_to_end_id),
        ),
        Operation::Transfer(transfer) => transfer_fields(transfer, decimals),
        Operation::HoldPlace(hold) => hold_fields(hold, decimals),
        Operation::HoldResolve(resolve) => vec![
            field("hold", resolve.hold),
            // The hold knows its asset, the operation does not.
            field(
                "capture",
                if resolve.capture.is_zero() {
                    "nothing: the hold is voided".to_owned()
                } else {
                    format!("{} minor units", resolve.capture)
                },
            ),
        ],
        Operation::Refund(refund) => with(
            vec![
                field("original transaction", refund.original),
                field("leg", refund.leg),
                field("amount", format!("{} minor units", refund.amount)),
            ],
            reference(&refund.end_to_end_id),
        ),
        Operation::Assurance(operation) => assurance::operation(operation),
        Operation::Credit(operation) => credit::operation(operation, decimals),
        Operation::Collections(operation) => collections::operation(operation),
        Operation::AtomicBatch(batch) => batch
            .legs
            .iter()
            .enumerate()
            .flat_map(|(number, leg)| {
                let name = field(&format!("leg {number}"), leg.name());
                let fields = self::operation(leg, decimals).into_iter();
                std::iter::once(name)
                    .chain(fields.map(move |(name, value)| (format!("leg {number} {name}"), value)))
            })
            .collect(),
    }
}

fn transfer_fields(transfer: &Transfer, decimals: &Decimals) -> Vec<Field> {
    let mut fields = vec![
        field("from", transfer.from),
        field("to", transfer.to),
        field("amount", money(transfer.amount, transfer.asset, decimals)),
        field("purpose", purpose(transfer.purpose)),
    ];
    fields.extend(optional("reference", &transfer.end_to_end_id));
    fields.extend(commitment(
        "travel rule commitment",
        transfer.travel_rule_commitment.as_ref(),
    ));
    fields.push(field(
        "refundable until",
        time_or(transfer.refundable_until, "not refundable"),
    ));
    fields
}

fn hold_fields(hold: &HoldPlace, decimals: &Decimals) -> Vec<Field> {
    with(
        vec![
            field("from", hold.from),
            field("to", hold.to),
            field("amount", money(hold.amount, hold.asset, decimals)),
            field("released by itself", time(hold.expires_at)),
        ],
        optional("reference", &hold.end_to_end_id),
    )
}

/// The word of a purpose.
#[must_use]
pub const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::PersonToPerson => "person to person",
        Purpose::Purchase => "purchase",
        Purpose::Bill => "bill",
        Purpose::Salary => "salary",
        Purpose::LoanPayment => "loan payment",
        Purpose::Tax => "tax",
        Purpose::Other => "other",
    }
}

/// The word of a kind of account.
#[must_use]
pub const fn account_kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Wallet => "wallet",
        AccountKind::Merchant => "merchant",
        AccountKind::Own => "own account of an organisation",
    }
}

/// The word of a restriction.
#[must_use]
pub const fn restriction(restriction: Restriction) -> &'static str {
    match restriction {
        Restriction::None => "none",
        Restriction::Debits => "debits",
        Restriction::All => "debits and credits",
    }
}

fn field(name: &str, value: impl std::fmt::Display) -> Field {
    (name.to_owned(), format!("{value}"))
}

fn with(mut fields: Vec<Field>, more: Option<Field>) -> Vec<Field> {
    fields.extend(more);
    fields
}

fn optional(name: &str, text: &str) -> Option<Field> {
    (!text.is_empty()).then(|| field(name, text))
}

fn commitment(name: &str, hash: Option<&Hash>) -> Option<Field> {
    hash.map(|hash| field(name, hash))
}

fn time_or(at: Timestamp, none: &str) -> String {
    if at.millis() == 0 {
        none.to_owned()
    } else {
        time(at)
    }
}

fn milliseconds(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    format!(
        "{days} d {hours} h {minutes} min {rest}.{:03} s",
        ms % 1_000
    )
}

fn policy(name: &str, policy: &KeyPolicy) -> Vec<Field> {
    vec![
        field(name, list(policy.keys())),
        field("required signatures", policy.threshold()),
    ]
}

fn validator(validator: &Validator) -> Field {
    field(
        "set validator",
        format!(
            "{} of {}: power {}, voting key {}, network key {}",
            validator.name,
            validator.participant,
            validator.power,
            validator.voting_key,
            validator.network_key
        ),
    )
}

fn list(keys: &[PublicKey]) -> String {
    let texts: Vec<String> = keys.iter().map(PublicKey::to_string).collect();
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use talea_types::AccountId;

    use super::*;
    use crate::operations;

    #[test]
    fn a_batch_names_every_field_of_every_leg() {
        let asset = Asset::new("CZK").unwrap();
        let account = |byte| AccountId::from_bytes([byte; 16]);
        let amount = |minor| Amount::new(minor).unwrap();
        let leg = |minor| {
            Operation::Transfer(operations::transfer(
                account(1),
                account(2),
                asset,
                amount(minor),
            ))
        };
        let batch = Operation::AtomicBatch(operations::batch(vec![leg(1_230), leg(5)]));
        let fields = operation(&batch, &Decimals::from([(asset, 2)]));
        let value = |name: &str| {
            let found = fields.iter().find(|(field, _)| field == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("leg 0 amount"), Some("12.30 CZK"));
        assert_eq!(value("leg 1 amount"), Some("0.05 CZK"));
        assert_eq!(value("leg 1 refundable until"), Some("not refundable"));
    }

    #[test]
    fn texts_of_time() {
        assert_eq!(time(Timestamp::from_millis(0)), "1970-01-01T00:00:00Z");
        assert_eq!(
            time(Timestamp::from_millis(u64::MAX)),
            format!("{} ms", u64::MAX)
        );
        assert_eq!(day(20_779), "2026-11-22");
        assert_eq!(milliseconds(90_061_500), "1 d 1 h 1 min 1.500 s");
    }
}
