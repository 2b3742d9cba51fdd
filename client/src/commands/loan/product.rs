//! `talea loan product`: the terms of a kind of loan.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Deserialize;
use talea_client::{
    describe,
    operations::{IntoOperation, credit},
};
use talea_types::{
    Asset, ParticipantId, ProductId, Subject,
    credit::{
        Component, DayCount, DelinquencyPolicy, FeeGround, FeeTerm, ProductTerms, ScheduleKind,
    },
    state::{Product, StateKey},
};

use crate::commands::{
    context::Context,
    document,
    exit::Code,
    lookup, output,
    signing::Signing,
    values::{self, one_of},
};

/// Publish and show the terms of a kind of loan.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea loan product example > product.toml\n  \
                  talea loan product publish product.toml --lender org1... --key bank.key"
)]
pub(super) struct ProductCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Example(Example),
    Publish(Box<Publish>),
    Show(Show),
}

/// Print a document that can be published, with every field explained.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea loan product example > product.toml")]
struct Example {}

/// Publish the terms of a kind of loan. They never change. Shows the id of the product.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan product publish product.toml --lender org1... --key bank.key"
)]
struct Publish {
    /// The document: TOML, or JSON (*.json).
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who lends on these terms, a bank or an operator: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Show the terms of a product.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea loan product show product1...")]
struct Show {
    /// The product.
    product: ProductId,
}

const EXAMPLE: &str = r#"asset = "CZK"
# annuity, equal-principal, down-payment, bullet or lender-supplied
schedule = "annuity"
# Part of the principal that is due at once; only with the schedule down-payment.
# down_payment = "20%"
# Interest a year.
rate_min = "0%"
rate_max = "19.9%"
# No schedule may cost more a year.
apr_cap = "24%"
# ACT/365, ACT/360 or 30E/360
day_count = "ACT/365"
principal_min = "1000.00"
principal_max = "500000.00"
instalments_max = 60
# A payment goes to the first until nothing of it is owed, then to the next.
waterfall = ["fees", "interest", "principal"]

[delinquency]
# Paid within so many days: not late.
grace_days = 3
# Can be charged off from so many days past due on.
charge_off_days = 120
# Special mention, substandard, doubtful, loss from so many days past due on; leave it out where the
# five categories are not used.
category_days = [1, 91, 271, 361]

# Ground: late-payment (one for each missed instalment), inquiry (as the borrower allowed) or service
# (the borrower signs). There is no fee for collection.
[[fees]]
code = "LATE"
ground = "late-payment"
amount = "250.00"
cap = "1000.00"

[[fees]]
code = "INQUIRY"
ground = "inquiry"
amount = "99.00"
cap = "99.00"
"#;

/// The document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    asset: Asset,
    schedule: String,
    #[serde(default)]
    down_payment: Option<String>,
    rate_min: String,
    rate_max: String,
    apr_cap: String,
    day_count: String,
    principal_min: String,
    principal_max: String,
    instalments_max: u32,
    waterfall: [String; 3],
    delinquency: Delinquency,
    #[serde(default)]
    fees: Vec<Fee>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delinquency {
    grace_days: u32,
    charge_off_days: u32,
    category_days: Option<[u32; 4]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fee {
    code: String,
    ground: String,
    amount: String,
    cap: String,
}

const SCHEDULES: [(&str, ScheduleKind); 5] = [
    ("annuity", ScheduleKind::Annuity),
    ("equal-principal", ScheduleKind::EqualPrincipal),
    ("down-payment", ScheduleKind::DownPayment),
    ("bullet", ScheduleKind::Bullet),
    ("lender-supplied", ScheduleKind::LenderSupplied),
];
const DAY_COUNTS: [(&str, DayCount); 3] = [
    ("ACT/365", DayCount::Act365),
    ("ACT/360", DayCount::Act360),
    ("30E/360", DayCount::Thirty360),
];
const COMPONENTS: [(&str, Component); 3] = [
    ("fees", Component::Fees),
    ("interest", Component::Interest),
    ("principal", Component::Principal),
];
/// Why a fee is charged, as it is written.
pub(super) const GROUNDS: [(&str, FeeGround); 3] = [
    ("late-payment", FeeGround::LatePayment),
    ("inquiry", FeeGround::Inquiry),
    ("service", FeeGround::Service),
];

fn percent(text: &str) -> anyhow::Result<u32> {
    values::percent(text).map_err(anyhow::Error::msg)
}

impl Document {
    fn terms(self, decimals: &describe::Decimals) -> anyhow::Result<ProductTerms> {
        let amount = |text: &str| values::amount(text, self.asset, decimals);
        let mut fees = Vec::with_capacity(self.fees.len());
        for fee in &self.fees {
            fees.push(FeeTerm {
                code: fee.code.clone(),
                ground: one_of(&fee.ground, &GROUNDS)?,
                amount: amount(&fee.amount)?,
                cap: amount(&fee.cap)?,
            });
        }
        fees.sort_by(|one, other| one.code.cmp(&other.code));
        let [first, second, third] = &self.waterfall;
        let down_payment = self.down_payment.as_deref().map(percent).transpose()?;
        Ok(ProductTerms {
            asset: self.asset,
            schedule: one_of(&self.schedule, &SCHEDULES)?,
            down_payment_ppm: down_payment.unwrap_or_default(),
            rate_ppm_min: percent(&self.rate_min)?,
            rate_ppm_max: percent(&self.rate_max)?,
            day_count: one_of(&self.day_count, &DAY_COUNTS)?,
            principal_min: amount(&self.principal_min)?,
            principal_max: amount(&self.principal_max)?,
            instalments_max: self.instalments_max,
            fees,
            waterfall: [
                one_of(first, &COMPONENTS)?,
                one_of(second, &COMPONENTS)?,
                one_of(third, &COMPONENTS)?,
            ],
            apr_cap_ppm: percent(&self.apr_cap)?,
            delinquency: DelinquencyPolicy {
                grace_days: self.delinquency.grace_days,
                charge_off_days: self.delinquency.charge_off_days,
                category_days: self.delinquency.category_days,
            },
        })
    }
}

impl ProductCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Example(Example {}) => {
                output::line(EXAMPLE.trim_end());
                Ok(Code::Done)
            }
            Which::Publish(publish) => publish.run(context).await,
            Which::Show(show) => show.run(context).await,
        }
    }
}

impl Publish {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let document: Document = document::read(&self.file)?;
        let terms = document.terms(context.trust()?.decimals())?;
        let author = Subject::Participant(self.lender);
        let publish = credit::publish_product(terms);
        self.signing.ask(context, author, publish).await
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let key = StateKey::Product(self.product);
        let what = format!("product {}", self.product);
        let found = lookup::object(context, &what, key, Product::decode).await?;
        let decimals = lookup::decimals(context).await?;
        let mut fields = vec![
            output::field("product", self.product),
            output::field("lender", found.object.publisher),
        ];
        let publish = credit::publish_product(found.object.terms.clone());
        fields.extend(describe::operation(&publish.into_operation(), &decimals));
        fields.push(found.verified());
        output::record(context.json(), &fields, Vec::new());
        Ok(Code::Done)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_example_can_be_published() {
        let document: Document = toml::from_str(EXAMPLE).unwrap();
        let decimals = BTreeMap::from([(Asset::new("CZK").unwrap(), 2)]);
        let terms = document.terms(&decimals).unwrap();
        assert_eq!((terms.rate_ppm_max, terms.apr_cap_ppm), (199_000, 240_000));
        // As it goes over the wire, where every field is checked.
        let operation = credit::publish_product(terms).into_operation();
        let read = talea_types::Operation::from_wire(&operation.to_wire());
        assert_eq!(read, Ok(operation));
    }
}
