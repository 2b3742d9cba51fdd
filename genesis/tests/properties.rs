//! What holds for every document: the hash covers every field, order and layout do not matter, and
//! no text panics.

use std::sync::LazyLock;

use proptest::prelude::*;
use talea_genesis::{
    GenesisDocument,
    ceremony::Contribution,
    localnet::{Localnet, LocalnetOptions},
    standards::date,
};
use talea_types::{ChainId, SecretKey, Timestamp};

static EXAMPLE: LazyLock<GenesisDocument> = LazyLock::new(|| {
    Localnet::new(&LocalnetOptions {
        network: "trial".to_owned(),
        validators: 4,
        seed: [1; 32],
        time: Timestamp::from_millis(1_795_305_600_000),
    })
    .unwrap()
    .document
});
static TEXT: LazyLock<String> = LazyLock::new(|| EXAMPLE.to_toml());

fn chain(document: &GenesisDocument) -> ChainId {
    document.record().unwrap().chain_id()
}

/// What changes are made of.
#[derive(Clone, Debug)]
struct Ingredients {
    organisation: usize,
    validator: usize,
    position: usize,
    number: u32,
    name: String,
    key: String,
}

prop_compose! {
    fn ingredients()(
        organisation in 0..5_usize,
        validator in 0..4_usize,
        position in 0..12_usize,
        number in 2..4_999_u32,
        name in "[a-z]{10,32}",
        seed in any::<[u8; 32]>(),
    ) -> Ingredients {
        let key = SecretKey::from_seed(seed).public_key().to_string();
        Ingredients { organisation, validator, position, number, name, key }
    }
}

type Change = fn(&mut GenesisDocument, &Ingredients);

/// Each changes one field to another valid value.
const CHANGES: [(&str, Change); 23] = [
    ("network", |d, i| d.network.name.clone_from(&i.name)),
    ("time", |d, i| {
        d.network.time = date::time_to_text(Timestamp::from_millis(u64::from(i.number)));
    }),
    ("business date", |d, i| {
        d.network.business_date = date::days_to_text(i.number);
    }),
    ("asset", |d, _| {
        d.assets[2].code = "GBP".to_owned();
        for limit in d.tiers.iter_mut().flat_map(|tier| &mut tier.limits) {
            limit.asset = limit.asset.replace("USD", "GBP");
        }
        d.reserves.retain(|reserve| reserve.asset != "USD");
    }),
    ("decimals", |d, _| d.assets[3].decimals = 1),
    ("kind", |d, _| d.assets[3].kind = "coupon".to_owned()),
    ("tier's name", |d, i| {
        d.tiers[i.position % 3].name.clone_from(&i.name);
    }),
    ("per transaction", |d, i| {
        d.tiers[i.position % 3].limits[i.validator].per_transaction = i.number.to_string();
    }),
    ("per day", |d, i| {
        d.tiers[0].limits[i.validator].per_day = (i.number + 5_000).to_string();
    }),
    ("per month", |d, i| {
        d.tiers[0].limits[i.validator].per_month = (i.number + 20_000).to_string();
    }),
    ("order of tiers", |d, _| d.tiers.swap(0, 1)),
    ("organisation's name", |d, i| {
        d.participants[i.organisation].name.clone_from(&i.name);
    }),
    ("jurisdiction", |d, i| {
        d.participants[i.organisation].jurisdiction = "SK".to_owned();
    }),
    ("role", |d, i| {
        d.participants[i.organisation]
            .roles
            .push("monitor".to_owned());
    }),
    ("bic", |d, i| {
        d.participants[i.organisation].bic = Some("NEWBCZPP".to_owned());
    }),
    ("licence", |d, i| {
        d.participants[4].roles.push("collection_agency".to_owned());
        d.participants[4].licence_expires = Some(date::days_to_text(i.number + 30_000));
    }),
    ("policy key", |d, i| {
        d.participants[i.organisation]
            .policy
            .keys
            .push(i.key.clone());
    }),
    ("threshold", |d, i| {
        d.participants[i.organisation]
            .policy
            .keys
            .push(i.key.clone());
        d.participants[i.organisation].policy.threshold = 2;
    }),
    ("reserve", |d, i| {
        d.reserves[i.position].amount = i.number.to_string();
    }),
    ("power", |d, i| {
        d.validators[i.validator].power = i.number.into();
    }),
    ("voting key", |d, i| {
        d.validators[i.validator].voting_key.clone_from(&i.key);
    }),
    ("network key", |d, i| {
        d.validators[i.validator].network_key.clone_from(&i.key);
    }),
    ("who runs a validator", |d, i| {
        d.validators[i.validator].participant = d.participants[4].lei.clone();
    }),
];

fn change() -> impl Strategy<Value = (usize, Ingredients)> {
    (0..CHANGES.len(), ingredients())
}

fn changed((change, ingredients): &(usize, Ingredients)) -> GenesisDocument {
    let mut document = EXAMPLE.clone();
    CHANGES[*change].1(&mut document, ingredients);
    document
}

#[test]
fn every_change_is_a_valid_document() {
    let ingredients = Ingredients {
        organisation: 1,
        validator: 2,
        position: 3,
        number: 1_234,
        name: "another-name".to_owned(),
        key: SecretKey::from_seed([99; 32]).public_key().to_string(),
    };
    for (position, (name, _)) in CHANGES.iter().enumerate() {
        let document = changed(&(position, ingredients.clone()));
        assert_ne!(document, *EXAMPLE, "{name}");
        document
            .record()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_field_is_covered_by_the_hash_and_by_the_approvals(change in change()) {
        let document = changed(&change);
        let (name, _) = CHANGES[change.0];
        prop_assert_ne!(chain(&document), chain(&EXAMPLE), "{}", name);
        prop_assert!(EXAMPLE.complete_record().is_ok());
        prop_assert!(document.complete_record().is_err(), "{}", name);
    }

    #[test]
    fn records_are_equal_exactly_when_their_hashes_are(one in change(), other in change()) {
        let (one, other) = (changed(&one).record().unwrap(), changed(&other).record().unwrap());
        prop_assert_eq!(one == other, one.chain_id() == other.chain_id());
    }

    #[test]
    fn order_does_not_matter(shift in 0..20_usize, reverse in any::<bool>()) {
        fn turn<T>(list: &mut [T], shift: usize, reverse: bool) {
            list.rotate_left(shift % list.len());
            if reverse {
                list.reverse();
            }
        }
        let mut turned = EXAMPLE.clone();
        turn(&mut turned.assets, shift, reverse);
        turn(&mut turned.participants, shift, reverse);
        turn(&mut turned.reserves, shift, reverse);
        turn(&mut turned.validators, shift, reverse);
        for tier in &mut turned.tiers {
            turn(&mut tier.limits, shift, reverse);
        }
        prop_assert_eq!(chain(&turned), chain(&EXAMPLE));
    }

    #[test]
    fn amounts_have_one_meaning(zeros in 0..3_usize) {
        let mut same = EXAMPLE.clone();
        for reserve in same.reserves.iter_mut().filter(|reserve| reserve.asset != "PTS") {
            reserve.amount = format!("{}.{}0", reserve.amount, &"00"[..zeros.min(1)]);
        }
        prop_assert_eq!(chain(&same), chain(&EXAMPLE));
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = GenesisDocument::parse(&text).map(|document| document.progress());
        let _ = Contribution::parse(&text).map(|contribution| contribution.check());
    }

    /// A valid document with a piece replaced: gets deeper than random text.
    #[test]
    fn no_damaged_document_panics(
        start in any::<prop::sample::Index>(),
        length in 0..40_usize,
        piece in "[ -~\n]{0,12}|[0-9a-fA-Z]{1,40}|-?[0-9]{1,25}|\\PC{1,8}",
    ) {
        let text = TEXT.as_str();
        let start = start.index(text.len());
        let end = (start + length).min(text.len());
        let damaged = format!("{}{piece}{}", &text[..start], &text[end..]);
        if let Ok(document) = GenesisDocument::parse(&damaged) {
            let _ = document.progress();
        }
    }
}
