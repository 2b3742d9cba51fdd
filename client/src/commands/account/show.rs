//! `talea account show`.

use anyhow::bail;
use clap::Args;
use serde_json::json;
use talea_client::{
    ProofFile,
    describe::{self, Decimals},
};
use talea_types::{
    AccountId, BlockHeader, Subject,
    state::{Account, StateKey},
};

use super::SaveProof;
use crate::commands::{context::Context, exit::Code, output};

/// Show an account: balances, keys, limits, restrictions.
///
/// With a genesis document the answer is verified; without one it is shown as the node tells it. With
/// --proof, also the proof that there is no such account is saved.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea account show acct1...\n  \
                  talea account show acct1... --proof account.proof")]
pub(super) struct Show {
    /// The account.
    account: AccountId,
    #[command(flatten)]
    save: SaveProof,
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let client = context.reading(Some(Subject::Account(self.account)))?;
        let trust = match &self.save.proof {
            Some(_) => Some(context.trust()?),
            None => context.trust_if_named()?,
        };
        let Some(trust) = trust else {
            let decimals = client.network().await?.decimals;
            let account = client.account(&self.account).await?;
            self.print(context, &account, &decimals, None);
            return Ok(Code::Done);
        };
        let key = StateKey::Account(self.account);
        let proof = client.proven_state(&key, &trust).await?;
        let Some(value) = proof.value.clone() else {
            let (id, height) = (self.account, proof.header().height);
            if let Some(path) = &self.save.proof {
                ProofFile::Object(proof).save(path)?;
            }
            bail!("there is no account {id} at height {height}; that is proved");
        };
        let account = Account::decode(&value)?;
        self.print(context, &account, trust.decimals(), Some(proof.header()));
        if let Some(path) = &self.save.proof {
            ProofFile::Object(proof).save(path)?;
        }
        Ok(Code::Done)
    }

    fn print(
        &self,
        context: &Context,
        account: &Account,
        decimals: &Decimals,
        proved: Option<&BlockHeader>,
    ) {
        if context.json() {
            output::line(&self.as_json(account, proved).to_string());
            return;
        }
        let status = if account.closed {
            "closed".to_owned()
        } else if let Some(placed) = &account.restriction {
            format!(
                "{} restricted until {}, reason {}, by {}",
                describe::restriction(placed.restriction),
                describe::time(placed.review_by),
                placed.reason,
                placed.placed_by
            )
        } else {
            "open".to_owned()
        };
        let verified = proved.map_or_else(
            || "no: give --genesis to verify".to_owned(),
            |header| {
                let time = describe::time(header.time);
                format!("against genesis, at height {}, {time}", header.height)
            },
        );
        let policy = &account.keys.current;
        let mut fields = vec![
            ("account", self.account.to_string()),
            ("kind", describe::account_kind(account.kind).to_owned()),
            ("status", status),
            ("sponsor", account.sponsor.to_string()),
            ("tier", account.tier.to_string()),
            (
                "keys",
                format!("{} of {}", policy.threshold(), policy.keys().len()),
            ),
        ];
        let keys = policy.keys().iter();
        fields.extend(keys.map(|key| ("", key.to_string())));
        fields.push(("open holds", account.open_holds.to_string()));
        fields.push(("events", account.events.length().to_string()));
        fields.push(("verified", verified));
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        output::fields(&fields);
        if account.balances.is_empty() {
            output::line("\nno balances");
            return;
        }
        output::line("");
        let places = |asset| decimals.get(asset).copied().unwrap_or_default();
        output::table(
            &["asset", "available", "held"],
            account.balances.iter().map(|balance| {
                let places = places(&balance.asset);
                [
                    balance.asset.to_string(),
                    balance.available.to_decimal(places),
                    balance.held.to_decimal(places),
                ]
            }),
        );
    }

    fn as_json(&self, account: &Account, proved: Option<&BlockHeader>) -> serde_json::Value {
        let balances: Vec<_> = account
            .balances
            .iter()
            .map(|balance| {
                json!({
                    "asset": balance.asset,
                    "available_minor_units": balance.available,
                    "held_minor_units": balance.held,
                })
            })
            .collect();
        json!({
            "account": self.account,
            "kind": account.kind,
            "closed": account.closed,
            "restriction": account.restriction.as_ref().map(|placed| json!({
                "restriction": placed.restriction,
                "reason": placed.reason,
                "until_ms": placed.review_by,
                "placed_by": placed.placed_by,
            })),
            "sponsor": account.sponsor,
            "tier": account.tier,
            "threshold": account.keys.current.threshold(),
            "keys": account.keys.current.keys(),
            "open_holds": account.open_holds,
            "events": account.events.length(),
            "balances": balances,
            "verified_at_height": proved.map(|header| header.height),
        })
    }
}
