//! A file that says what a transaction shall do: who authors it and one or more payments.
//!
//! ```toml
//! author = "acct1..."            # an account, or an organisation (id or LEI)
//!
//! [[payments]]
//! pay = { from = "acct1...", to = "acct1...", amount = "12.50", asset = "CZK", purpose = "bill" }
//!
//! [[payments]]
//! capture = { hold = "hold1...", amount = "280.00", asset = "CZK" }
//! ```

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use talea_client::{Trust, operations};
use talea_types::{
    AccountId, Amount, Asset, HoldId, Operation, Subject, TransactionId,
    operation::{HoldPlace, Issue, Redeem, Refund, Transfer},
};

use super::values;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    author: String,
    payments: Vec<Payment>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Payment {
    Pay(Pay),
    Issue(OnAccount),
    Redeem(OnAccount),
    Hold(Hold),
    Capture(Capture),
    Void(Void),
    Refund(RefundTerms),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    from: AccountId,
    to: AccountId,
    amount: String,
    asset: Asset,
    #[serde(default = "person_to_person")]
    purpose: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    refundable_until: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnAccount {
    account: AccountId,
    amount: String,
    asset: Asset,
    #[serde(default)]
    reference: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    from: AccountId,
    to: AccountId,
    amount: String,
    asset: Asset,
    expires_at: String,
    #[serde(default)]
    reference: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Capture {
    hold: HoldId,
    amount: String,
    asset: Asset,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Void {
    hold: HoldId,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundTerms {
    transaction: TransactionId,
    #[serde(default)]
    leg: u32,
    amount: String,
    asset: Asset,
    #[serde(default)]
    reference: String,
}

fn person_to_person() -> String {
    "person-to-person".to_owned()
}

/// Reads the author and the operation: the one payment, or all of them as an atomic batch.
pub(super) fn load(path: &Path, trust: &Trust) -> anyhow::Result<(Subject, Operation)> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    read(&text, trust.decimals()).with_context(|| format!("in {}", path.display()))
}

fn read(text: &str, decimals: &BTreeMap<Asset, u32>) -> anyhow::Result<(Subject, Operation)> {
    let file: File = toml::from_str(text)?;
    let author = match file.author.parse() {
        Ok(account) => Subject::Account(account),
        Err(_) => {
            Subject::Participant(values::organisation(&file.author).map_err(anyhow::Error::msg)?)
        }
    };
    let mut legs = Vec::with_capacity(file.payments.len());
    for (number, payment) in file.payments.into_iter().enumerate() {
        let leg = operation(payment, decimals);
        legs.push(leg.with_context(|| format!("payment {number}"))?);
    }
    let operation = match legs.len() {
        0 => bail!("there are no payments"),
        1 => legs.remove(0),
        _ => Operation::AtomicBatch(operations::batch(legs)),
    };
    Ok((author, operation))
}

fn operation(payment: Payment, decimals: &BTreeMap<Asset, u32>) -> anyhow::Result<Operation> {
    let amount = |text: &str, asset| values::amount(text, asset, decimals);
    let time = |text: &str| values::time(text).map_err(anyhow::Error::msg);
    Ok(match payment {
        Payment::Pay(pay) => {
            let amount = amount(&pay.amount, pay.asset)?;
            let plain = operations::transfer(pay.from, pay.to, pay.asset, amount);
            Operation::Transfer(Transfer {
                purpose: values::purpose(&pay.purpose).map_err(anyhow::Error::msg)?,
                end_to_end_id: pay.reference,
                refundable_until: match &pay.refundable_until {
                    Some(text) => time(text)?,
                    None => plain.refundable_until,
                },
                ..plain
            })
        }
        Payment::Issue(issue) => Operation::Issue(Issue {
            account: issue.account,
            asset: issue.asset,
            amount: amount(&issue.amount, issue.asset)?,
            end_to_end_id: issue.reference,
        }),
        Payment::Redeem(redeem) => Operation::Redeem(Redeem {
            account: redeem.account,
            asset: redeem.asset,
            amount: amount(&redeem.amount, redeem.asset)?,
            end_to_end_id: redeem.reference,
        }),
        Payment::Hold(hold) => Operation::HoldPlace(HoldPlace {
            from: hold.from,
            to: hold.to,
            asset: hold.asset,
            amount: amount(&hold.amount, hold.asset)?,
            expires_at: time(&hold.expires_at)?,
            end_to_end_id: hold.reference,
        }),
        Payment::Capture(capture) => {
            let amount: Amount = amount(&capture.amount, capture.asset)?;
            Operation::HoldResolve(operations::capture(capture.hold, amount))
        }
        Payment::Void(void) => Operation::HoldResolve(operations::void(void.hold)),
        Payment::Refund(refund) => Operation::Refund(Refund {
            original: refund.transaction,
            leg: refund.leg,
            amount: amount(&refund.amount, refund.asset)?,
            end_to_end_id: refund.reference,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals() -> BTreeMap<Asset, u32> {
        BTreeMap::from([(Asset::new("CZK").unwrap(), 2)])
    }

    fn pay(from: AccountId, to: AccountId, amount: &str) -> String {
        format!(
            "[[payments]]\npay = {{ from = \"{from}\", to = \"{to}\", amount = \"{amount}\", asset = \"CZK\" }}\n"
        )
    }

    #[test]
    fn one_payment_is_itself_and_several_are_a_batch() {
        let (first, second) = (
            AccountId::from_bytes([1; 16]),
            AccountId::from_bytes([2; 16]),
        );
        let head = format!("author = \"{first}\"\n");
        let one = head.clone() + &pay(first, second, "12.50");
        let (author, operation) = read(&one, &decimals()).unwrap();
        assert_eq!(author, Subject::Account(first));
        let Operation::Transfer(transfer) = &operation else {
            panic!("{operation:?}");
        };
        assert_eq!(transfer.amount.minor_units(), 1_250);
        let two = one + &pay(second, first, "1");
        let (_, operation) = read(&two, &decimals()).unwrap();
        assert!(matches!(operation, Operation::AtomicBatch(batch) if batch.legs.len() == 2));
        assert!(read(&head, &decimals()).is_err());
    }

    #[test]
    fn a_mistake_is_named_with_its_payment() {
        let account = AccountId::from_bytes([1; 16]);
        let text = format!("author = \"{account}\"\n") + &pay(account, account, "12.505");
        let error = format!("{:#}", read(&text, &decimals()).unwrap_err());
        assert!(error.contains("payment 0"), "{error}");
        let text = text.replace("amount", "amout");
        assert!(read(&text, &decimals()).is_err());
    }
}
