//! `contribute`: what one organisation brings, signed with its own keys on its own machine.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use talea_genesis::{
    ceremony::{ContributedReserve, ContributedValidator, Contribution},
    document::{ParticipantTerms, PolicyTerms},
    key_file,
};
use talea_types::SecretKey;

use super::{Outcome, Report, report, secret::PassphraseSource, sign};

/// Write and sign what an organisation brings to a network.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Contribute {
    /// Name of the network, as in its terms.
    #[arg(long)]
    network: String,
    /// Legal Entity Identifier (ISO 17442).
    #[arg(long)]
    lei: String,
    /// Business identifier code (ISO 9362); required of a bank.
    #[arg(long)]
    bic: Option<String>,
    /// Registered name.
    #[arg(long)]
    name: String,
    /// Country (ISO 3166-1 alpha-2).
    #[arg(long)]
    jurisdiction: String,
    /// What it does: operator, bank, merchant, collection_agency, credit_bureau, kyc_provider, monitor,
    /// adviser, authority, regulator. Repeat for more.
    #[arg(long = "role", required = true)]
    roles: Vec<String>,
    /// Last day of a collection agency's licence, such as 2030-12-31.
    #[arg(long, value_name = "DATE")]
    licence_expires: Option<String>,
    /// Day of a collection agency's last evaluation, such as 2026-05-31.
    #[arg(long, value_name = "DATE")]
    evaluated: Option<String>,
    /// Key file of the organisation that signs now. Repeat for more.
    #[arg(long = "policy-key", value_name = "FILE", required = true)]
    policy_keys: Vec<PathBuf>,
    /// Public key of the organisation whose holder signs later, with 'sign'. Repeat for more.
    #[arg(long = "policy-public-key", value_name = "HEX")]
    policy_public_keys: Vec<String>,
    /// How many of the organisation's keys must sign for it.
    #[arg(long)]
    threshold: u32,
    /// Reserve: asset and decimal amount. Repeat for more.
    #[arg(long = "reserve", value_name = "ASSET=AMOUNT", value_parser = reserve)]
    reserves: Vec<ContributedReserve>,
    /// Validator: name, voting power, voting key file, network key file. Repeat for more.
    #[arg(long = "validator", value_name = "NAME,POWER,FILE,FILE", value_parser = validator)]
    validators: Vec<ValidatorFiles>,
    /// File to write; must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

const EXAMPLE: &str = "\
Example:
  talea-genesis contribute --network talea-cz --lei 506700GE1G29325QX363 --bic BANKCZPP \\
    --name 'First Bank' --jurisdiction CZ --role bank \\
    --policy-key treasurer.key --policy-key auditor.key --threshold 2 \\
    --reserve EUR=1000000.00 --validator first-bank,1,voting.key,network.key --out first-bank.toml";

#[derive(Clone)]
struct ValidatorFiles {
    name: String,
    power: u64,
    voting_key: PathBuf,
    network_key: PathBuf,
}

fn reserve(text: &str) -> Result<ContributedReserve, String> {
    let (asset, amount) = text
        .split_once('=')
        .ok_or("write it such as EUR=1000000.00")?;
    Ok(ContributedReserve {
        asset: asset.to_owned(),
        amount: amount.to_owned(),
    })
}

fn validator(text: &str) -> Result<ValidatorFiles, String> {
    let parts: Vec<&str> = text.split(',').collect();
    let [name, power, voting_key, network_key] = parts.as_slice() else {
        return Err("write it such as first-bank,1,voting.key,network.key".to_owned());
    };
    Ok(ValidatorFiles {
        name: (*name).to_owned(),
        power: power
            .parse()
            .map_err(|_| format!("'{power}' is not a voting power; write a number such as 1"))?,
        voting_key: voting_key.into(),
        network_key: network_key.into(),
    })
}

impl Contribute {
    pub(super) fn run(self) -> Outcome {
        report::refuse_existing(&self.out)?;
        let mut policy_keys = self.policy_public_keys;
        for file in &self.policy_keys {
            policy_keys.push(key_file::public_key(file)?.to_string());
        }
        let participant = ParticipantTerms {
            lei: self.lei,
            bic: self.bic,
            name: self.name,
            jurisdiction: self.jurisdiction,
            roles: self.roles,
            licence_expires: self.licence_expires,
            evaluated: self.evaluated,
            policy: PolicyTerms {
                threshold: self.threshold,
                keys: policy_keys,
            },
        };
        let mut contribution = Contribution::new(self.network, participant);
        contribution.reserves = self.reserves;
        let mut signing_files = self.policy_keys;
        for files in self.validators {
            contribution.validators.push(ContributedValidator {
                name: files.name,
                voting_key: key_file::public_key(&files.voting_key)?.to_string(),
                network_key: key_file::public_key(&files.network_key)?.to_string(),
                power: files.power,
            });
            signing_files.extend([files.voting_key, files.network_key]);
        }
        // All problems first: nobody should type passphrases for a contribution that is refused.
        contribution
            .check()
            .context("the contribution is refused")?;
        let keys = self.passphrase.open_all(&signing_files)?;
        let keys: Vec<&SecretKey> = keys.iter().collect();
        contribution.sign(&keys)?;
        contribution.save(&self.out)?;
        let progress = contribution.check()?;
        let text = format!(
            "{} is written\n{}",
            self.out.display(),
            sign::progress_text(&progress)
        );
        let json = json!({ "file": self.out, "signed": progress });
        Ok(Report::new(text, json))
    }
}
