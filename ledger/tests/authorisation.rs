//! Nothing applies without every signature that it needs: for each operation, alone and as a leg of a
//! batch, each signer is left out in turn, and each is replaced by a stranger.

mod support;

use bytes::Bytes;
use support::{World, network};
use talea_types::{Outcome, SignedTransaction, crypto::KeyCache, transaction::verify_all};

/// Steps that make the state, then the step in question.
const SCENARIOS: &[&[&str]] = &[
    &["alice: rotate next overlap 1h"],
    &["operator: rotate next"],
    &["alpha: propose validators add fifth agency 3 in 9"],
    &["operator: propose register newcomer agency newcomer+newcomer-2 in 9"],
    &["regulator: propose pack us-reg-f 1 rules in 9"],
    &[
        "alpha as p: propose status agency suspended in 9",
        "operator: approve p",
    ],
    &[
        "alpha as p: propose pack us-reg-f 1 rules in 9",
        "regulator: veto p",
    ],
    &[
        "operator as p: propose tier 1 CZK 1 2 3 in 9",
        "operator: withdraw p",
    ],
    &["operator: clock 1h"],
    &["alpha: open carol keys c1+c2+c3 of 2"],
    &["alpha: restrict alice all until 1d"],
    &["alpha: open empty", "empty: close empty"],
    &["alpha: open empty", "alpha: close empty"],
    &["alpha: issue alice 5 CZK"],
    &["alpha: debtor alice CZ Europe/Prague cs"],
    &[
        "alpha: debtor alice CZ Europe/Prague cs",
        "alpha: residence alice US-CA America/Los_Angeles en",
    ],
    &[
        "alpha: debtor joint CZ Europe/Prague cs",
        "joint: residence joint US-CA America/Los_Angeles en",
    ],
    &["alpha: redeem alice 5 CZK"],
    &["alice: transfer alice shop 5 CZK"],
    &["joint: transfer joint shop 5 CZK"],
    &["alice: hold alice shop 5 CZK until 1h"],
    &[
        "alice as h: hold alice shop 5 CZK until 1h",
        "shop: capture h 5",
    ],
    &["alice as h: hold alice shop 5 CZK until 1h", "shop: void h"],
    &[
        "alice as h: hold alice shop 5 CZK until 1h",
        "alpha: void h",
    ],
    &[
        "alice as p: transfer alice shop 5 CZK refundable 1h",
        "shop: refund p 5",
    ],
    &["notary: attest alice i until 1d"],
    &["notary: attest alice i until 1d", "notary: unattest alice"],
    &["alice: grant agency 7 until 1d"],
    &["alice: grant agency 7 until 1d", "alice: ungrant agency"],
    &["alpha: read alice by agency 1 ago 1h"],
    &["alice: envelope alice e"],
    &["alpha: envelope alice e", "alice: erase alice envelope e"],
    &["alpha: erase alice commitment c"],
    &["court: legal-hold alice"],
    &["court: legal-hold alice", "regulator: lift alice court"],
    &["operator: batch [ transfer alice shop 1 CZK ; transfer joint shop 1 CZK ]"],
    &["alice: batch [ issue alice 5 CZK ; transfer alice shop 5 CZK ; issue shop 1 CZK ]"],
    &["alpha: batch [ redeem alice 5 CZK ; redeem joint 5 CZK ]"],
    &[
        "alice as h: hold alice shop 5 CZK until 1h",
        "alice as p: transfer alice shop 5 CZK refundable 1h",
        "joint: batch [ transfer joint alice 1 CZK ; capture h 2 ; refund p 3 ; hold alice joint 1 CZK until 1h ]",
    ],
    &[
        "alice as h: hold alice shop 5 CZK until 1h",
        "joint: batch [ transfer joint alice 1 CZK ; void h ]",
    ],
];

/// What every operation on loans starts from.
const LENDING: &[&str] = &[
    "alpha: debtor joint CZ Europe/Prague cs",
    "alpha: open fund kind own",
    "beta: open guard kind own",
    "alpha: issue fund 500 CZK",
    "beta: issue shop 500 CZK",
    "beta: issue guard 100 CZK",
    "alpha as P: product annuity CZK fee LATE late 1 9 fee PAPER service 1 9",
    "alpha as A: agreement CZK fund=700000+shop=300000 fund guarantor guard 50",
    "alpha as L: originate P A joint 100 rate 0 in 3 first 30",
    "alpha: disburse L",
];

/// Steps after these, then the step in question.
const LOANS: &[&[&str]] = &[
    &["alpha: product bullet CZK"],
    &["alpha: agreement CZK fund=700000+shop=300000 joint guarantor guard 50"],
    &["alpha: originate P A joint 100 rate 0 in 3 first 30"],
    &[
        "alpha as M: originate P A joint 100 rate 0 in 3 first 30",
        "alpha: disburse M",
    ],
    &["joint: repay L joint 5"],
    &["joint: inquiry alpha 5"],
    &["alpha: fee L PAPER service"],
    &["operator: date 1"],
    &["wait 40d", "operator: date 39", "alpha: fee L LATE late"],
    &["alpha: modify L forbear 9"],
    &["alpha: modify L interest-pause 9"],
    &["alpha: modify L re-age 40"],
    &["alpha: modify L re-amortise 0 4 40"],
    &["alpha: modify L settlement 50 9 waived"],
    &["wait 200d", "operator: date 199", "alpha: charge-off L"],
    &[
        "wait 200d",
        "operator: date 199",
        "alpha: charge-off L",
        "alpha: share-loss L",
    ],
    &["alpha: assign L beta guard 20"],
    &["alpha: furnish L bureau positive 0"],
];

fn scenarios() -> Vec<Vec<&'static str>> {
    let others = SCENARIOS.iter().map(|scenario| scenario.to_vec());
    let loans = LOANS.iter().map(|scenario| [LENDING, *scenario].concat());
    let collections = COLLECTIONS.iter();
    let collections = collections.map(|scenario| [COLLECTED, *scenario].concat());
    others.chain(loans).chain(collections).collect()
}

/// A debtor with a loan that is paid out, and a case of an agency.
const COLLECTED: &[&str] = &[
    "alpha: debtor alice CZ Europe/Prague cs",
    "alpha: open fund kind own",
    "alpha: issue fund 500 CZK",
    "alpha as P: product annuity CZK",
    "alpha as A: agreement CZK fund=1000000 fund",
    "alpha as L: originate P A alice 300 rate 365000 in 3 first 30",
    "alpha: disburse L",
    "alpha as C: place alice agency L",
];

/// Steps that follow on these, then the step in question.
const COLLECTIONS: &[&[&str]] = &[
    &["alice: prefer alice cease"],
    &["alpha: place alice rival L"],
    &["alpha: recall C"],
    &["agency: notice C validation"],
    &["alpha: notice C assignment"],
    &["agency: contact C L email mail"],
    &["agency: contact C L email mail override"],
    &[
        "agency as p: contact C L email mail",
        "agency: closed p sent",
    ],
    &["alice: report agency email sent case C"],
    &["alice: promise L 300 by 3"],
    &["alpha: plan L 40=300"],
    &["alice: dispute L"],
    &["alice: dispute L", "alpha: settle L upheld"],
    &["alice: dispute L", "alice: settle L withdrawn"],
    &["alice: protect alice hardship"],
    &["court: protect alice death"],
    &[
        "alice: protect alice hardship",
        "court: unprotect alice hardship",
    ],
    &["alice: complain agency"],
    &["alice: complain agency", "agency: answer alice 1 resolved"],
];

fn world(scenario: &[&str]) -> World {
    let mut world = World::new(true);
    let before = [
        "alpha: open alice",
        "alpha: open joint keys j1+j2+j3 of 2",
        "beta: open shop",
        "alpha: issue alice 100 CZK",
        "alpha: issue joint 100 CZK",
    ];
    for step in before.iter().chain(scenario) {
        if let Some(time) = step.strip_prefix("wait ") {
            world.next_time = world.next_time.plus_millis(support::script::duration(time));
            continue;
        }
        assert_eq!(world.step(step).outcome, Outcome::Applied, "{step}");
    }
    world
}

/// Runs the last step with other signers: what came of it. That a refusal changed nothing, the world checks.
fn run_signed_by(scenario: &[&str], signers: &[String]) -> Outcome {
    let (last, before) = scenario.split_last().unwrap();
    let mut world = world(before);
    let mut step = world.parse(last);
    step.draft.signers = signers.to_vec();
    let signed = world.sign(&step.draft);
    world.block(vec![signed]).remove(0).outcome
}

#[test]
fn nothing_applies_without_every_signature() {
    for scenario in &scenarios() {
        let (last, before) = scenario.split_last().unwrap();
        let signers = world(before).parse(last).draft.signers;
        let outcome = run_signed_by(scenario, &signers);
        assert_eq!(outcome, Outcome::Applied, "{last}");
        for left_out in &signers {
            let others: Vec<String> = signers
                .iter()
                .filter(|signer| *signer != left_out)
                .cloned()
                .collect();
            if !others.is_empty() {
                let outcome = run_signed_by(scenario, &others);
                assert!(
                    matches!(outcome, Outcome::Unauthorised | Outcome::SignatureMissing),
                    "{last} without {left_out}: {outcome}"
                );
            }
            let with_stranger = [others, vec!["stranger".to_owned()]].concat();
            let outcome = run_signed_by(scenario, &with_stranger);
            assert!(
                matches!(outcome, Outcome::Unauthorised | Outcome::SignatureMissing),
                "{last} with a stranger for {left_out}: {outcome}"
            );
        }
        let with_more = [signers, vec!["stranger".to_owned()]].concat();
        let outcome = run_signed_by(scenario, &with_more);
        assert_eq!(outcome, Outcome::SignatureNotNeeded, "{last}");
    }
}

/// A transaction with an altered signature never becomes one that the ledger would take.
#[test]
fn an_altered_signature_is_no_proof() {
    for scenario in &scenarios() {
        let (last, before) = scenario.split_last().unwrap();
        let mut world = world(before);
        let step = world.parse(last);
        let signed = world.sign(&step.draft);
        let wire = <talea_types::wire::SignedTransaction as prost::Message>::decode(
            signed.encoded().clone(),
        )
        .unwrap();
        for altered in 0..signed.signatures().len() {
            let mut signatures = signed.signatures().to_vec();
            let mut bytes = *signatures[altered].as_bytes();
            bytes[3] ^= 1;
            signatures[altered] = talea_types::Signature::from_bytes(bytes);
            let body = Bytes::copy_from_slice(&wire.body);
            let forged = SignedTransaction::assemble(&network::chain(), body, &signatures).unwrap();
            let verdict = verify_all(&mut KeyCache::new(), vec![forged]);
            assert!(verdict[0].is_err(), "{last}");
        }
    }
}
