//! Networks for trials start, whatever their size.

use talea_genesis::localnet::{Additions, Localnet, LocalnetOptions, Member};
use talea_ledger::Ledger;
use talea_types::{Timestamp, limits, state::Role};

fn localnet(validators: usize, seed: u8) -> Localnet {
    Localnet::new(&options(validators, seed)).unwrap()
}

fn options(validators: usize, seed: u8) -> LocalnetOptions {
    LocalnetOptions {
        network: "trial".to_owned(),
        validators,
        seed: [seed; 32],
        time: Timestamp::from_millis(1_795_305_600_000),
    }
}

#[test]
fn a_ledger_starts_from_every_size() {
    for validators in [1, 2, 4, 7, limits::VALIDATORS_MAX] {
        let localnet = localnet(validators, 1);
        let genesis = localnet.record.to_ledger();
        Ledger::genesis(&genesis).unwrap();
        assert_eq!(genesis.chain, localnet.record.chain_id());
        assert_eq!(localnet.record.validator_set().len(), validators);
        assert_eq!(localnet.validators.len(), validators);
        assert!(localnet.banks().count() >= 2);
        for validator in &localnet.validators {
            let registered = localnet.record.validator_set().get(&validator.id).unwrap();
            assert_eq!(registered.voting_key, validator.voting_key.public_key());
            assert_eq!(registered.network_key, validator.network_key.public_key());
            assert_eq!(registered.participant, validator.participant);
        }
    }
}

#[test]
fn the_seed_decides_every_key() {
    assert_eq!(localnet(4, 1).document, localnet(4, 1).document);
    let (one, other) = (localnet(4, 1), localnet(4, 2));
    assert_ne!(one.record.chain_id(), other.record.chain_id());
    for (a, b) in one.organisations.iter().zip(&other.organisations) {
        assert_ne!(a.key.public_key(), b.key.public_key());
    }
}

#[test]
fn sizes_that_are_not_allowed_are_refused() {
    for validators in [0, limits::VALIDATORS_MAX + 1, usize::MAX] {
        let error = Localnet::new(&options(validators, 1)).unwrap_err();
        assert!(error.to_string().contains("validators"), "{error}");
    }
}

#[test]
fn there_can_be_more_banks_than_validators() {
    let network = Localnet::with_banks(&options(4, 1), 14).unwrap();
    assert_eq!(network.banks().count(), 14);
    assert_eq!(network.validators.len(), 4);
    Ledger::genesis(&network.record.to_ledger()).unwrap();
    let fewer = Localnet::with_banks(&options(4, 1), 0).unwrap();
    assert_eq!(fewer.document, localnet(4, 1).document);
}

#[test]
fn a_network_has_what_is_added_to_it() {
    let agency = Member {
        name: "agency".to_owned(),
        role: Role::CollectionAgency,
        jurisdiction: "US".to_owned(),
        evaluated: true,
    };
    let unevaluated = Member {
        name: "unevaluated".to_owned(),
        evaluated: false,
        ..agency.clone()
    };
    let additions = Additions {
        members: vec![unevaluated, agency],
        currencies: vec!["CNY".to_owned()],
        rule_packs: Vec::new(),
    };
    let network = Localnet::with_additions(&options(4, 1), 3, &additions).unwrap();
    let found = network.organisations.last().unwrap();
    assert_eq!(
        (found.name.as_str(), found.role),
        ("agency", Role::CollectionAgency)
    );
    let codes: Vec<&str> = network
        .document
        .assets
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(codes, ["CZK", "EUR", "USD", "CNY", "PTS"]);
    let terms = |name: &str| {
        let organisation = network.organisations.iter().find(|one| one.name == name);
        let lei = &organisation.unwrap().lei;
        let mut participants = network.document.participants.iter();
        participants.find(|one| one.lei == *lei).unwrap()
    };
    let agency = terms("agency");
    assert_eq!(agency.jurisdiction, "US");
    assert!(agency.licence_expires.is_some() && agency.evaluated.is_some());
    let unevaluated = terms("unevaluated");
    assert!(unevaluated.licence_expires.is_some() && unevaluated.evaluated.is_none());
}
