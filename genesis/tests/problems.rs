//! Every rule of a document, each broken once: the problem names the field and says what to do.

use talea_genesis::{
    GenesisDocument, GenesisError, Problem,
    localnet::{Localnet, LocalnetOptions},
};
use talea_types::{Timestamp, limits};

fn valid() -> GenesisDocument {
    Localnet::new(&LocalnetOptions {
        network: "trial".to_owned(),
        validators: 4,
        seed: [1; 32],
        time: Timestamp::from_millis(1_795_305_600_000),
    })
    .unwrap()
    .document
}

fn problems(document: &GenesisDocument) -> Vec<Problem> {
    match document.record() {
        Ok(_) => Vec::new(),
        Err(GenesisError::Invalid { problems }) => problems.iter().cloned().collect(),
        Err(other) => panic!("{other}"),
    }
}

/// Breaks a valid document and expects a problem of this field, saying this, and no other problem.
#[track_caller]
fn breaks(field: &str, what: &str, change: impl FnOnce(&mut GenesisDocument)) {
    let mut document = valid();
    change(&mut document);
    let found = problems(&document);
    let [problem] = found.as_slice() else {
        panic!("expected one problem of {field}, found {found:#?}");
    };
    assert_eq!(problem.field, field, "{problem}");
    assert!(problem.what.contains(what), "{problem}");
    assert!(!problem.fix.is_empty(), "{problem}");
}

/// An organisation in the document, by what its name ends with.
fn position(document: &GenesisDocument, name: &str) -> usize {
    document
        .participants
        .iter()
        .position(|participant| participant.name.ends_with(name))
        .unwrap()
}

const OPERATOR: usize = 0;
const BANK: usize = 1;
const REGULATOR: usize = 4;

#[test]
fn the_valid_document_has_no_problem_and_stands_as_expected() {
    let document = valid();
    assert_eq!(problems(&document), []);
    assert_eq!(position(&document, "operator"), OPERATOR);
    assert_eq!(position(&document, "bank-1"), BANK);
    assert_eq!(position(&document, "regulator"), REGULATOR);
}

#[test]
fn network() {
    breaks("format", "2", |d| d.format = 2);
    for name in ["", "Talea", "talea cz", "ěšč", &"a".repeat(33)] {
        breaks("network.name", "not a name", |d| {
            d.network.name = name.to_owned();
        });
    }
    breaks("network.time", "not a time", |d| {
        d.network.time = "today".to_owned();
    });
    breaks("network.business_date", "not a date", |d| {
        d.network.business_date = "22.11.2026".to_owned();
    });
}

#[test]
fn assets() {
    breaks("assets", "there are 65", |d| {
        for number in 4..=limits::GENESIS_ASSETS_MAX {
            let mut asset = d.assets[3].clone();
            asset.code = format!("PTS{number}");
            for tier in &mut d.tiers {
                let mut limit = tier.limits[3].clone();
                limit.asset.clone_from(&asset.code);
                tier.limits.push(limit);
            }
            d.assets.push(asset);
        }
    });
    breaks("assets[4].code", "listed twice", |d| {
        d.assets.push(d.assets[0].clone());
    });
    breaks("assets[3].decimals", "too many", |d| {
        d.assets[3].decimals = 9;
    });
    breaks("assets[0].decimals", "2 decimals by ISO 4217", |d| {
        d.assets[0].decimals = 3;
    });
    breaks("assets[3].kind", "not a kind", |d| {
        d.assets[3].kind = "money".to_owned();
    });
    breaks("assets[3].code", "not a currency", |d| {
        d.assets[3].kind = "currency".to_owned();
    });
    breaks("assets[0].code", "code of ISO 4217", |d| {
        d.assets[0].kind = "points".to_owned();
    });
    let mut document = valid();
    document.assets[0].code = "czk".to_owned();
    let found = problems(&document);
    assert_eq!(found[0].field, "assets[0].code");
    assert!(
        found
            .iter()
            .any(|problem| problem.field == "tiers[0].limits[0].asset")
    );
}

#[test]
fn tiers() {
    breaks("tiers", "there are 0", |d| d.tiers.clear());
    breaks("tiers", "there are 33", |d| {
        for number in 3..=limits::TIERS_MAX {
            let mut tier = d.tiers[0].clone();
            tier.name = format!("tier-{number}");
            d.tiers.push(tier);
        }
    });
    breaks("tiers[1].name", "not a name", |d| {
        d.tiers[1].name = "Very high".to_owned();
    });
    breaks("tiers[1].name", "listed twice", |d| {
        d.tiers[1].name = d.tiers[0].name.clone();
    });
    breaks("tiers[0].limits", "no limit for CZK", |d| {
        d.tiers[0].limits.remove(0);
    });
    breaks("tiers[0].limits[4].asset", "listed twice", |d| {
        let again = d.tiers[0].limits[0].clone();
        d.tiers[0].limits.push(again);
    });
    breaks(
        "tiers[0].limits[4].asset",
        "not an asset of this network",
        |d| {
            let mut other = d.tiers[0].limits[0].clone();
            other.asset = "GBP".to_owned();
            d.tiers[0].limits.push(other);
        },
    );
    for amount in ["", "0", "1.234", "1,000", "-5", "9223372036854775808"] {
        breaks("tiers[0].limits[0].per_day", "not an amount", |d| {
            d.tiers[0].limits[0].per_day = amount.to_owned();
        });
    }
    breaks("tiers[0].limits[0]", "do not ascend", |d| {
        d.tiers[0].limits[0].per_transaction = "20000.01".to_owned();
    });
    breaks("tiers[0].limits[0]", "do not ascend", |d| {
        d.tiers[0].limits[0].per_month = "19999.99".to_owned();
    });
}

#[test]
fn participants() {
    breaks("participants", "role operator", |d| {
        d.participants[OPERATOR].roles = vec!["monitor".to_owned()];
        let lei = d.participants[OPERATOR].lei.clone();
        d.reserves.retain(|reserve| reserve.participant != lei);
    });
    breaks("participants[5].lei", "belongs to two", |d| {
        let mut again = d.participants[REGULATOR].clone();
        again.policy.keys = vec![fresh_key()];
        d.participants.push(again);
    });
    breaks("participants[2].bic", "belongs to two", |d| {
        d.participants[2].bic = d.participants[BANK].bic.clone();
    });
    breaks("participants[4].lei", "check digits", |d| {
        d.participants[REGULATOR].lei = "TALEASANDBOX00000449".to_owned();
    });
    breaks("participants[1].bic", "has none", |d| {
        d.participants[BANK].bic = None;
    });
    breaks("participants[1].bic", "not a business identifier", |d| {
        d.participants[BANK].bic = Some("T001QQP0".to_owned());
    });
    for name in ["", " Bank", "Ba\nnk", &"x".repeat(141)] {
        breaks("participants[1].name", "not a name", |d| {
            d.participants[BANK].name = name.to_owned();
        });
    }
    breaks("participants[1].jurisdiction", "not a country", |d| {
        d.participants[BANK].jurisdiction = "CZE".to_owned();
    });
    breaks("participants[4].roles", "there are none", |d| {
        d.participants[REGULATOR].roles.clear();
    });
    breaks("participants[4].roles[0]", "not a role", |d| {
        d.participants[REGULATOR].roles[0] = "king".to_owned();
    });
    breaks("participants[4].roles[1]", "listed twice", |d| {
        d.participants[REGULATOR].roles.push("regulator".to_owned());
    });
}

#[test]
fn licences() {
    let agency = |d: &mut GenesisDocument, expires: Option<&str>| {
        d.participants[REGULATOR].roles = vec!["collection_agency".to_owned()];
        d.participants[REGULATOR].licence_expires = expires.map(str::to_owned);
    };
    let field = "participants[4].licence_expires";
    breaks(field, "has none", |d| agency(d, None));
    breaks(field, "not a date", |d| agency(d, Some("2030")));
    breaks(field, "before the network starts", |d| {
        agency(d, Some("2026-11-21"));
    });
    breaks(field, "only a collection agency", |d| {
        d.participants[REGULATOR].licence_expires = Some("2030-12-31".to_owned());
    });
    let mut document = valid();
    agency(&mut document, Some("2026-11-22"));
    assert_eq!(problems(&document), []);
}

#[test]
fn key_policies() {
    breaks("participants[4].policy.keys", "there are 0", |d| {
        d.participants[REGULATOR].policy.keys.clear();
    });
    breaks("participants[4].policy.keys", "there are 17", |d| {
        let keys = (0..17).map(numbered_key).collect();
        d.participants[REGULATOR].policy.keys = keys;
    });
    for threshold in [0, 2, u32::MAX] {
        breaks("participants[4].policy.threshold", "cannot sign", |d| {
            d.participants[REGULATOR].policy.threshold = threshold;
        });
    }
    breaks("participants[4].policy.keys[0]", "not a public key", |d| {
        d.participants[REGULATOR].policy.keys[0] = "secret".to_owned();
    });
    breaks("participants[4].policy.keys[0]", "small order", |d| {
        d.participants[REGULATOR].policy.keys[0] = format!("01{}", "00".repeat(31));
    });
    breaks(
        "participants[4].policy.keys[1]",
        "participants[1].policy.keys[0]",
        |d| {
            let stolen = d.participants[BANK].policy.keys[0].clone();
            d.participants[REGULATOR].policy.keys.push(stolen);
        },
    );
}

#[test]
fn reserves() {
    breaks("reserves[0].participant", "not a participant", |d| {
        d.reserves[0].participant = "nobody".to_owned();
    });
    breaks(
        "reserves[0].participant",
        "neither a bank nor an operator",
        |d| {
            d.reserves[0].participant = d.participants[REGULATOR].lei.clone();
        },
    );
    breaks("reserves[0].asset", "not an asset of this network", |d| {
        d.reserves[0].asset = "GBP".to_owned();
    });
    breaks("reserves[0].amount", "not an amount", |d| {
        d.reserves[0].amount = "1.5e9".to_owned();
    });
    breaks("reserves[1]", "two reserves of CZK", |d| {
        d.reserves[1] = d.reserves[0].clone();
    });
    breaks("reserves", "exceed the largest amount", |d| {
        for reserve in d
            .reserves
            .iter_mut()
            .filter(|reserve| reserve.asset == "CZK")
        {
            reserve.amount = "90000000000000000.00".to_owned();
        }
    });
}

#[test]
fn validators() {
    breaks("validators", "there are 0", |d| d.validators.clear());
    breaks("validators[0].participant", "not a participant", |d| {
        d.validators[0].participant = String::new();
    });
    breaks("validators[0].name", "not a name", |d| {
        d.validators[0].name = "V 1".to_owned();
    });
    breaks("validators[1].name", "two validators", |d| {
        d.validators[1].name = d.validators[0].name.clone();
    });
    for power in [0, limits::VOTING_POWER_MAX + 1] {
        breaks("validators[0].power", "not a voting power", |d| {
            d.validators[0].power = power;
        });
    }
    breaks(
        "validators[1].voting_key",
        "validators[0].voting_key",
        |d| {
            d.validators[1].voting_key = d.validators[0].voting_key.clone();
        },
    );
    breaks(
        "validators[0].network_key",
        "validators[0].voting_key",
        |d| {
            d.validators[0].network_key = d.validators[0].voting_key.clone();
        },
    );
    breaks("validators[0].network_key", "not a public key", |d| {
        d.validators[0].network_key.make_ascii_uppercase();
    });
}

/// What is allowed only in a sandbox.
#[test]
fn production() {
    let production = |d: &mut GenesisDocument| {
        d.network.sandbox = false;
        for (position, participant) in d.participants.iter_mut().enumerate() {
            let first = u8::try_from(position).unwrap() * 2;
            participant.policy.keys = vec![numbered_key(first), numbered_key(first + 1)];
            participant.policy.threshold = 2;
        }
    };
    let mut document = valid();
    production(&mut document);
    assert_eq!(problems(&document), []);

    breaks("participants[1].policy.threshold", "one key alone", |d| {
        production(d);
        d.participants[BANK].policy.threshold = 1;
    });
    breaks("network.business_date", "11 days away", |d| {
        production(d);
        d.network.business_date = "2026-11-11".to_owned();
    });
    breaks("validators", "holds 2 of 5", |d| {
        production(d);
        d.validators[0].power = 2;
    });
    let mut document = valid();
    production(&mut document);
    document.validators.truncate(3);
    let found = problems(&document);
    assert!(found[0].what.contains("there are 3"), "{found:?}");
}

#[test]
fn all_problems_are_reported_together() {
    let mut document = valid();
    document.network.time.clear();
    document.assets[2].decimals = 7;
    document.participants[BANK].lei.push('X');
    document.reserves[0].amount.clear();
    document.validators[3].power = 0;
    let error = document.record().unwrap_err().to_string();
    for field in [
        "network.time",
        "assets[2].decimals",
        "participants[1].lei",
        "reserves[0].amount",
        "validators[3].power",
    ] {
        assert!(
            error.contains(&format!("- {field}: ")),
            "{field} in:\n{error}"
        );
    }
}

#[test]
fn text_that_is_no_document_is_refused_with_its_line() {
    let text = valid().to_toml();
    for (from, to, reason) in [
        (
            "sandbox = true",
            "sandbox = true\ncolour = \"red\"",
            "unknown field `colour`",
        ),
        ("sandbox = true", "sandbox = \"yes\"", "invalid type"),
        ("decimals = 2", "decimals = -2", "invalid value"),
        ("format = 1", "format = = 1", "expected"),
        ("format = 1", "format = 1\nformat = 1", "duplicate key"),
        ("[network]", "[networks]", "unknown field `networks`"),
    ] {
        let error = GenesisDocument::parse(&text.replacen(from, to, 1)).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, GenesisError::Syntax { .. }), "{message}");
        assert!(message.contains(reason), "{reason} in:\n{message}");
        assert!(message.contains("line "), "{message}");
    }
    let long = "#".repeat(limits::GENESIS_BYTES_MAX + 1);
    let error = GenesisDocument::parse(&long).unwrap_err();
    assert!(matches!(error, GenesisError::TooLarge { .. }), "{error}");
}

fn fresh_key() -> String {
    numbered_key(200)
}

fn numbered_key(number: u8) -> String {
    talea_types::SecretKey::from_seed([number; 32])
        .public_key()
        .to_string()
}
