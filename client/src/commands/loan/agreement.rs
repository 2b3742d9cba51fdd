//! `talea loan agreement`: what those who fund loans together agree on.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Deserialize;
use talea_client::{
    describe,
    operations::{IntoOperation, credit},
};
use talea_types::{
    AccountId, AgreementId, Asset, ParticipantId, Subject,
    credit::{AgreementTerms, FunderShare},
    state::{Agreement, StateKey},
};

use crate::commands::{
    context::Context, document, exit::Code, lookup, output, signing::Signing, values,
};

/// Register and show what those who fund loans together agree on.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea loan agreement example > agreement.toml\n  \
                  talea loan agreement register agreement.toml --lender org1... --key bank.key --key funder.key"
)]
pub(super) struct AgreementCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Example(Example),
    Register(Box<Register>),
    Show(Show),
}

/// Print a document with every field explained.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea loan agreement example > agreement.toml")]
struct Example {}

/// Register an agreement. The lender, every funder, the servicer and the guarantor sign. Shows its id.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea loan agreement register agreement.toml --lender org1... --key bank.key --key funder.key\n  \
                  talea loan agreement register agreement.toml --lender org1... --key bank.key \
                  --signer 5f2e... --out agreement.tx.json"
)]
struct Register {
    /// The document: TOML, or JSON (*.json).
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who lends under it, a bank or an operator: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Show an agreement and where it stands.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea loan agreement show agreement1...")]
struct Show {
    /// The agreement.
    agreement: AgreementId,
}

const EXAMPLE: &str = r#"asset = "CZK"
# Receives fees, and its part of all interest before the funders.
servicer = "acct1qyqszqgpqyqszqgpqyqszqgpqy9hflyc"
servicing = "1%"
# No share may be below.
floor = "5%"
loan_max = "500000.00"
# Most principal that may be owed under the agreement at once.
outstanding_max = "100000000.00"

# Shares sum to 100%.
[[funders]]
account = "acct1qyqszqgpqyqszqgpqyqszqgpqy9hflyc"
share = "70%"

[[funders]]
account = "acct1qgpqyqszqgpqyqszqgpqyqszqgu8vjdq"
share = "30%"

# Who bears the first loss of all loans together, and how much at most. Leave it out for none.
[guarantor]
account = "acct1qvpsxqcrqvpsxqcrqvpsxqcrqvgvrj54"
first_loss_max = "1000000.00"
"#;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    asset: Asset,
    servicer: AccountId,
    #[serde(default = "nothing")]
    servicing: String,
    #[serde(default = "nothing")]
    floor: String,
    loan_max: String,
    outstanding_max: String,
    funders: Vec<Funder>,
    guarantor: Option<Guarantor>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Funder {
    account: AccountId,
    share: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Guarantor {
    account: AccountId,
    first_loss_max: String,
}

fn nothing() -> String {
    "0%".to_owned()
}

impl Document {
    fn terms(self, decimals: &describe::Decimals) -> anyhow::Result<AgreementTerms> {
        let amount = |text: &str| values::amount(text, self.asset, decimals);
        let percent = |text: &str| values::percent(text).map_err(anyhow::Error::msg);
        let mut funders = Vec::with_capacity(self.funders.len());
        for funder in &self.funders {
            funders.push(FunderShare {
                account: funder.account,
                share_ppm: percent(&funder.share)?,
            });
        }
        funders.sort_by_key(|funder| funder.account);
        let guarantor = self.guarantor.as_ref();
        let guarantor = guarantor
            .map(|one| anyhow::Ok((one.account, amount(&one.first_loss_max)?)))
            .transpose()?;
        Ok(AgreementTerms {
            asset: self.asset,
            funders,
            floor_ppm: percent(&self.floor)?,
            servicer: self.servicer,
            servicing_ppm: percent(&self.servicing)?,
            loan_max: amount(&self.loan_max)?,
            outstanding_max: amount(&self.outstanding_max)?,
            guarantor,
        })
    }
}

impl AgreementCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Example(Example {}) => {
                output::line(EXAMPLE.trim_end());
                Ok(Code::Done)
            }
            Which::Register(register) => register.run(context).await,
            Which::Show(show) => show.run(context).await,
        }
    }
}

impl Register {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let document: Document = document::read(&self.file)?;
        let terms = document.terms(context.trust()?.decimals())?;
        let author = Subject::Participant(self.lender);
        let register = credit::register_agreement(terms);
        self.signing.ask(context, author, register).await
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let key = StateKey::Agreement(self.agreement);
        let what = format!("agreement {}", self.agreement);
        let found = lookup::object(context, &what, key, Agreement::decode).await?;
        let decimals = lookup::decimals(context).await?;
        let agreement = &found.object;
        let money = |amount| describe::money(amount, agreement.terms.asset, &decimals);
        let mut fields = vec![
            output::field("agreement", self.agreement),
            output::field("lender", agreement.lender),
        ];
        let register = credit::register_agreement(agreement.terms.clone()).into_operation();
        let terms = describe::operation(&register, &decimals);
        fields.extend(terms.into_iter().filter(|(name, _)| name != "funder"));
        fields.push(output::field("outstanding", money(agreement.outstanding)));
        fields.push(output::field(
            "first loss paid",
            money(agreement.first_loss_paid),
        ));
        fields.push(found.verified());
        let funders = agreement.terms.funders.iter();
        let funders = funders.map(|funder| {
            let share = describe::percent(funder.share_ppm);
            vec![funder.account.to_string(), share]
        });
        let funders = output::List {
            name: "funders",
            header: &["account", "share"],
            rows: funders.collect(),
        };
        output::record(context.json(), &fields, vec![funders]);
        Ok(Code::Done)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_example_can_be_registered() {
        let document: Document = toml::from_str(EXAMPLE).unwrap();
        let decimals = BTreeMap::from([(Asset::new("CZK").unwrap(), 2)]);
        let terms = document.terms(&decimals).unwrap();
        let shares: u32 = terms.funders.iter().map(|funder| funder.share_ppm).sum();
        assert_eq!(shares, 1_000_000);
        // As it goes over the wire, where every field is checked.
        let operation = credit::register_agreement(terms).into_operation();
        let read = talea_types::Operation::from_wire(&operation.to_wire());
        assert_eq!(read, Ok(operation));
    }
}
