//! The document of a change.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use talea_client::describe::Decimals;
use talea_rules::Pack;
use talea_types::{
    Asset, KeyPolicy, PublicKey, Timestamp, Validator, ValidatorId,
    operation::{
        Change, ChangeKind, ChangeTerms, GovernancePolicy, LimitSet, ParticipantStatus,
        RulePackActivate, RulePackRetire, ValidatorSetChange,
    },
    rule_pack::RulePackId,
    state::{Registration, Role, Tier, TierLimit},
};

use crate::commands::{document, rules, values};

const EXAMPLES: [(&str, &str); 7] = [
    (
        "register",
        r#"[register]
lei = "TALEASANDBOX00000187"
# bic = "TALECZPP"
name = "Gentle Collections"
jurisdiction = "CZ"
# operator, bank, merchant, collection_agency, credit_bureau, kyc_provider, monitor, adviser,
# authority, regulator
roles = ["collection_agency"]
# Its public keys, and how many of them must sign.
keys = ["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"]
threshold = 1
licence_expires = "2030-01-01T00:00:00Z"
evaluated = "2026-01-15"
"#,
    ),
    (
        "status",
        r#"# Says all of the status anew.
[status]
organisation = "TALEASANDBOX00000187"
suspended = false
licence_expires = "2031-01-01T00:00:00Z"
evaluated = "2026-11-20"
"#,
    ),
    (
        "validators",
        r#"# At most a third of the voting power may change.
[validators]
remove = []

[[validators.set]]
organisation = "TALEASANDBOX00000187"
name = "validator-5"
power = 1
voting_key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
network_key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
"#,
    ),
    (
        "activate_pack",
        r#"# A pack that comes with this program ('talea rules list'), or a file of your own.
[activate_pack]
pack = "us-reg-f"
"#,
    ),
    (
        "retire_pack",
        r#"[retire_pack]
pack = "us-reg-f"
"#,
    ),
    (
        "policy",
        r#"# One for each kind: participants, validators, rule_packs, policy, limits. More than this part of the
# voting power and so many organisations approve; the effect comes so much later than that.
[[policy.terms]]
kind = "participants"
power = "2/3"
organisations = 2

[[policy.terms]]
kind = "validators"
power = "2/3"
organisations = 3
notice_blocks = 100

[[policy.terms]]
kind = "rule_packs"
power = "2/3"
organisations = 2
notice = "7d"

[[policy.terms]]
kind = "policy"
power = "3/4"
organisations = 3
notice = "7d"

[[policy.terms]]
kind = "limits"
power = "1/2"
organisations = 2
"#,
    ),
    (
        "limits",
        r#"# Number of the tier; the number of tiers adds one.
[limits]
tier = 1
name = "verified"

[[limits.assets]]
asset = "CZK"
per_transaction = "500000"
per_day = "2000000"
per_month = "20000000"
"#,
    ),
];

/// A document that can be proposed.
pub(super) fn example(change: &str) -> anyhow::Result<&'static str> {
    values::one_of(change, &EXAMPLES)
}

/// Reads a change.
pub(super) fn load(path: &Path, decimals: &Decimals) -> anyhow::Result<Change> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let document: Document = document::read(path)?;
    document
        .change(folder, decimals)
        .with_context(|| format!("in {}", path.display()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Document {
    Register(Register),
    Status(Status),
    Validators(Validators),
    ActivatePack(PackName),
    RetirePack(PackName),
    Policy(Policy),
    Limits(Limits),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    lei: String,
    #[serde(default)]
    bic: String,
    name: String,
    jurisdiction: String,
    roles: Vec<Role>,
    keys: Vec<PublicKey>,
    threshold: u32,
    licence_expires: Option<String>,
    evaluated: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    organisation: String,
    suspended: bool,
    licence_expires: Option<String>,
    evaluated: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Validators {
    #[serde(default)]
    remove: Vec<ValidatorId>,
    #[serde(default)]
    set: Vec<ValidatorTerms>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ValidatorTerms {
    organisation: String,
    name: String,
    power: u64,
    voting_key: PublicKey,
    network_key: PublicKey,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackName {
    pack: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    terms: Vec<PolicyTerms>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyTerms {
    kind: ChangeKind,
    power: String,
    organisations: u32,
    #[serde(default)]
    notice_blocks: u64,
    notice: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    tier: u32,
    name: String,
    assets: Vec<AssetLimits>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetLimits {
    asset: Asset,
    per_transaction: String,
    per_day: String,
    per_month: String,
}

/// Hands the errors of parsers for the command line on.
fn read<T>(text: &str, parser: impl Fn(&str) -> Result<T, String>) -> anyhow::Result<T> {
    parser(text).map_err(anyhow::Error::msg)
}

fn maybe<T>(
    text: Option<&String>,
    parser: impl Fn(&str) -> Result<T, String>,
) -> anyhow::Result<Option<T>> {
    text.map(|text| read(text, parser)).transpose()
}

impl Document {
    fn change(self, folder: &Path, decimals: &Decimals) -> anyhow::Result<Change> {
        Ok(match self {
            Self::Register(register) => Change::ParticipantRegister(register.registration()?),
            Self::Status(status) => Change::ParticipantStatus(ParticipantStatus {
                participant: read(&status.organisation, values::organisation)?,
                suspended: status.suspended,
                licence_expires_at: maybe(status.licence_expires.as_ref(), values::time)?,
                evaluated_on: maybe(status.evaluated.as_ref(), values::day)?,
            }),
            Self::Validators(validators) => Change::ValidatorSetChange(validators.change()?),
            Self::ActivatePack(PackName { pack }) => {
                let pack: Pack = rules::find(&pack, folder)?;
                Change::RulePackActivate(RulePackActivate {
                    pack: RulePackId::new(&pack.id)?,
                    version: pack.version,
                    document: pack.encode().into(),
                })
            }
            Self::RetirePack(PackName { pack }) => Change::RulePackRetire(RulePackRetire {
                pack: RulePackId::new(&pack)?,
            }),
            Self::Policy(policy) => Change::GovernancePolicy(policy.policy()?),
            Self::Limits(limits) => Change::LimitSet(limits.change(decimals)?),
        })
    }
}

impl Register {
    fn registration(self) -> anyhow::Result<Registration> {
        let mut roles = self.roles;
        roles.sort_unstable();
        Ok(Registration {
            lei: self.lei,
            bic: self.bic,
            name: self.name,
            jurisdiction: self.jurisdiction,
            roles,
            policy: KeyPolicy::new(self.threshold, self.keys)?,
            licence_expires_at: maybe::<Timestamp>(self.licence_expires.as_ref(), values::time)?,
            evaluated_on: maybe(self.evaluated.as_ref(), values::day)?,
        })
    }
}

impl Validators {
    fn change(self) -> anyhow::Result<ValidatorSetChange> {
        let mut upserts = Vec::with_capacity(self.set.len());
        for validator in self.set {
            upserts.push(Validator {
                participant: read(&validator.organisation, values::organisation)?,
                voting_key: validator.voting_key,
                power: validator.power,
                network_key: validator.network_key,
                name: validator.name,
            });
        }
        upserts.sort_by_key(Validator::id);
        let mut removals = self.remove;
        removals.sort_unstable();
        Ok(ValidatorSetChange { upserts, removals })
    }
}

impl Policy {
    fn policy(self) -> anyhow::Result<GovernancePolicy> {
        let mut terms = Vec::with_capacity(self.terms.len());
        for one in self.terms {
            let notice = maybe(one.notice.as_ref(), values::duration)?.unwrap_or_default();
            let parts = one.power.split_once('/');
            let parts = parts.and_then(|(above, below)| {
                Some((above.trim().parse().ok()?, below.trim().parse().ok()?))
            });
            let Some((power_numerator, power_denominator)) = parts else {
                bail!(
                    "'{}' is not a part of the voting power; write 2/3",
                    one.power
                );
            };
            terms.push(ChangeTerms {
                kind: one.kind,
                power_numerator,
                power_denominator,
                organisations: one.organisations,
                notice_blocks: one.notice_blocks,
                notice_ms: u64::try_from(notice.as_millis())?,
            });
        }
        terms.sort_by_key(|terms| terms.kind);
        Ok(GovernancePolicy::new(terms)?)
    }
}

impl Limits {
    fn change(self, decimals: &Decimals) -> anyhow::Result<LimitSet> {
        let mut limits = Vec::with_capacity(self.assets.len());
        for one in &self.assets {
            let amount = |text: &str| values::amount(text, one.asset, decimals);
            limits.push(TierLimit {
                asset: one.asset,
                per_transaction: amount(&one.per_transaction)?,
                per_day: amount(&one.per_day)?,
                per_month: amount(&one.per_month)?,
            });
        }
        limits.sort_by_key(|limit| limit.asset);
        Ok(LimitSet {
            tier: self.tier,
            figures: Tier {
                name: self.name,
                limits,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use talea_client::operations::{IntoOperation, governance};

    use super::*;

    #[test]
    fn every_example_can_be_proposed() {
        let decimals = Decimals::from([(Asset::new("CZK").unwrap(), 2)]);
        for (name, text) in EXAMPLES {
            let document: Document = toml::from_str(text).unwrap();
            let change = document.change(Path::new("."), &decimals).unwrap();
            // As it goes over the wire, where every field is checked.
            let propose = governance::propose(change, 7, Timestamp::from_millis(1));
            let operation = propose.into_operation();
            let read = talea_types::Operation::from_wire(&operation.to_wire());
            assert_eq!(read, Ok(operation), "{name}");
        }
        assert!(example("nothing").is_err());
    }
}
