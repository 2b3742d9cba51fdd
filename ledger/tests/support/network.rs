//! The network of the tests: who is on it, with which keys, and what genesis gives them.

use std::collections::BTreeMap;

use talea_ledger::Genesis;
use talea_rules::{Pack, packs};
use talea_types::{
    Amount, Asset, ChainId, Hash, KeyPolicy, ParticipantId, PublicKey, RulePackId, SecretKey,
    Timestamp, Validator,
    hash::tagged,
    operation::RulePackActivate,
    state::{AssetDefinition, AssetKind, Registration, Role, Tier, TierLimit},
    time::DAY_MS,
};

/// 2026-11-09T00:00:00Z, a Monday.
pub const START_MS: u64 = 20_766 * DAY_MS;
/// How long after the start the licences of `lapsing` and `fading` end.
pub const LICENCE_MS: u64 = 10 * DAY_MS;

/// Name, role, and the keys of which how many must sign.
const ORGANISATIONS: &[(&str, Role, u32, &[&str])] = &[
    ("alpha", Role::Bank, 1, &["alpha"]),
    ("beta", Role::Bank, 1, &["beta"]),
    ("lapsing", Role::Bank, 1, &["lapsing"]),
    (
        "operator",
        Role::Operator,
        2,
        &["operator", "operator-2", "operator-3"],
    ),
    ("agency", Role::CollectionAgency, 1, &["agency"]),
    ("rival", Role::CollectionAgency, 1, &["rival"]),
    ("fading", Role::CollectionAgency, 1, &["fading"]),
    ("adviser", Role::Adviser, 1, &["adviser"]),
    ("bureau", Role::CreditBureau, 1, &["bureau"]),
    ("monitor", Role::Monitor, 1, &["monitor"]),
    ("court", Role::Authority, 1, &["court"]),
    ("regulator", Role::Regulator, 1, &["regulator"]),
    ("notary", Role::KycProvider, 1, &["notary"]),
];
const VALIDATORS: &[&str] = &["alpha", "beta", "lapsing", "operator"];

/// The key with this name.
pub fn key(name: &str) -> SecretKey {
    SecretKey::from_seed(tagged("test key", &[name.as_bytes()]).0)
}

/// Its public half. `small-order` is the identity: no point of prime order.
pub fn public_key(name: &str) -> PublicKey {
    if name == "small-order" {
        let mut bytes = [0; 32];
        bytes[0] = 1;
        return PublicKey::from_bytes(bytes);
    }
    key(name).public_key()
}

/// So many of the keys with these names.
pub fn policy(threshold: u32, names: &[&str]) -> KeyPolicy {
    let keys = names.iter().map(|name| public_key(name)).collect();
    KeyPolicy::new(threshold, keys).unwrap()
}

pub fn chain() -> ChainId {
    ChainId::new(Hash([42; 32]))
}

pub fn asset(code: &str) -> Asset {
    Asset::new(code).unwrap()
}

pub fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}

pub fn lei(name: &str) -> String {
    let letters: String = name
        .to_uppercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("{letters:0<20}")
}

/// The organisations by name, each with the keys that sign for it.
pub fn organisations() -> BTreeMap<String, (ParticipantId, Vec<String>)> {
    let of = |(name, _, threshold, keys): &(&str, Role, u32, &[&str])| {
        let signers = keys.iter().take(*threshold as usize);
        let signers = signers.map(|key| (*key).to_owned()).collect();
        let id = ParticipantId::from_lei(&lei(name));
        ((*name).to_owned(), (id, signers))
    };
    ORGANISATIONS.iter().map(of).collect()
}

/// A validator of an organisation, with keys that follow from its name.
pub fn validator(name: &str, organisation: &str, power: u64) -> Validator {
    Validator {
        participant: ParticipantId::from_lei(&lei(organisation)),
        voting_key: public_key(&format!("{name} votes")),
        power,
        network_key: public_key(&format!("{name} speaks")),
        name: name.to_owned(),
    }
}

/// Three banks with 1,000 CZK each; `alpha` with 500 points too; one validator of power 3 for each bank
/// and the operator. Tier 0 is not limited; tier 1 has limits in CZK.
pub fn genesis(sandbox: bool) -> Genesis {
    let register = |(name, role, threshold, keys): &(&str, Role, u32, &[&str])| Registration {
        lei: lei(name),
        bic: String::new(),
        name: (*name).to_owned(),
        jurisdiction: "CZ".to_owned(),
        roles: vec![*role],
        policy: policy(*threshold, keys),
        licence_expires_at: matches!(*name, "lapsing" | "fading")
            .then(|| Timestamp::from_millis(START_MS + LICENCE_MS)),
        evaluated_on: None,
    };
    let reserve = |name: &str, minor_units, code| {
        let id = ParticipantId::from_lei(&lei(name));
        (id, asset(code), amount(minor_units))
    };
    let define = |code, decimals, kind| AssetDefinition {
        asset: asset(code),
        decimals,
        kind,
    };
    Genesis {
        chain: chain(),
        sandbox,
        time: Timestamp::from_millis(START_MS),
        business_date: 20_766,
        assets: vec![
            define("CZK", 2, AssetKind::Currency),
            define("PTS", 0, AssetKind::Points),
        ],
        tiers: vec![
            Tier {
                name: "unlimited".to_owned(),
                limits: vec![],
            },
            Tier {
                name: "small".to_owned(),
                limits: vec![TierLimit {
                    asset: asset("CZK"),
                    per_transaction: amount(100),
                    per_day: amount(150),
                    per_month: amount(200),
                }],
            },
        ],
        participants: ORGANISATIONS.iter().map(register).collect(),
        reserves: vec![
            reserve("alpha", 1_000, "CZK"),
            reserve("beta", 1_000, "CZK"),
            reserve("lapsing", 1_000, "CZK"),
            reserve("alpha", 500, "PTS"),
        ],
        validators: VALIDATORS
            .iter()
            .map(|name| validator(name, name, 3))
            .collect(),
        rule_packs: Vec::new(),
    }
}

/// The genesis with these of the packs that come with Talea, or `test-policy`, in force. The policy of a lender is that of `alpha`.
pub fn with_packs(mut genesis: Genesis, packs: &[&str]) -> Genesis {
    let activate = |id: &&str| {
        let text = match *id {
            "test-policy" => include_str!("packs/test-policy.toml"),
            id => packs::text(id).expect("a pack that comes with Talea"),
        };
        let mut pack = Pack::from_toml(text).unwrap();
        let lender = &mut pack.applies_to.lender;
        *lender = lender.map(|_| ParticipantId::from_lei(&lei("alpha")));
        RulePackActivate {
            pack: RulePackId::new(&pack.id).unwrap(),
            version: pack.version,
            document: pack.encode().into(),
        }
    };
    genesis.rule_packs.extend(packs.iter().map(activate));
    genesis.rule_packs.sort_by_key(|activate| activate.pack);
    genesis
}
