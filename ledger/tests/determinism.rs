//! Same blocks, same bytes: on another machine, after a restart, and whatever was tried in between.

mod support;

use bytes::Bytes;
use support::World;
use talea_ledger::{BlockContext, ContextError, Ledger};
use talea_types::{StateKey, state::value_hash};

/// A day in the life of the network.
const STORY: &[&str] = &[
    "alpha: open alice tier 1",
    "alpha: open joint keys j1+j2+j3 of 2",
    "beta: open shop kind merchant",
    "lapsing: open own kind own keys lapsing",
    "alpha: issue alice 500 CZK",
    "alpha: issue joint 300 CZK",
    "alpha: issue joint 90 PTS",
    "alice as p: transfer alice shop 70 CZK refundable 2d",
    "alice as h: hold alice shop 60 CZK until 1h",
    "joint as i: hold joint shop 10 PTS until 2s",
    "shop: capture h 45",
    "shop: refund p 20",
    "joint: batch [ transfer joint own 5 CZK ; transfer joint shop 5 PTS ; hold joint own 7 CZK until 1d ]",
    "joint: batch [ transfer joint own 5 CZK ; transfer joint own 500 CZK ]",
    "alice: rotate alice-2 overlap 1h",
    "monitor: restrict shop all until 1d",
    "alice: transfer alice shop 1 CZK",
    "operator: clock 6h",
    "alpha as v: propose validators add fifth agency 3 in 8",
    "beta: approve v",
    "lapsing: approve v",
    "operator: approve v",
    "regulator as s: propose status agency suspended in 5",
    "alpha: approve s",
    "beta: approve s",
    "operator: approve s",
    "alpha as t: propose pack us-reg-f 1 rules in 9 within 2d",
    "alpha: redeem joint 10 CZK",
    "alpha: open empty",
    "alpha: close empty",
    "notary: attest joint i until 1d",
    "joint: grant agency 7 until 1d",
    "agency: envelope joint e",
    "beta: read joint by agency 2 ago 1s",
    "alpha: envelope joint f",
    "joint: erase joint envelope f",
    "joint: erase joint commitment i",
    "court: legal-hold joint",
];

fn told() -> World {
    let mut world = World::new(true);
    for line in STORY {
        world.step(line);
    }
    world
}

#[test]
fn the_story_has_these_roots() {
    let roots: Vec<String> = told().roots.iter().map(ToString::to_string).collect();
    assert_eq!(
        roots,
        told()
            .roots
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    );
    let golden: Vec<&str> = include_str!("golden/state_roots.txt").lines().collect();
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/state_roots.txt");
        std::fs::write(path, roots.join("\n") + "\n").unwrap();
        return;
    }
    assert_eq!(
        roots, golden,
        "the bytes of the state changed; if that is meant, it is a new protocol version: run \
         TALEA_REGENERATE=1 cargo test --release -p talea-ledger --test determinism"
    );
}

#[test]
fn executions_do_not_disturb_each_other() {
    let mut world = told();
    let one = world.parse("alpha: issue alice 5 CZK");
    let two = world.parse("alpha: issue joint 6 CZK");
    let [one, two] = [one, two].map(|step| world.sign(&step.draft));
    let block = world.verified(vec![one, two]);
    let context = BlockContext {
        height: world.ledger.height() + 1,
        time: world.next_time,
    };
    let run = |transactions: &[_]| world.ledger.execute(&context, transactions).unwrap();
    let alone = run(&block);
    let other = run(&block[..1]);
    let empty = run(&[]);
    let again = run(&block);
    assert_eq!(alone.state_root, again.state_root);
    assert_eq!(alone.results_root, again.results_root);
    assert_eq!(alone.delta, again.delta);
    assert_eq!(alone.events, again.events);
    assert_ne!(alone.state_root, other.state_root);
    assert_ne!(alone.state_root, empty.state_root);

    // A copy that is handed the same block, without the executions before, agrees.
    let mut copy = world.restored();
    let there = copy.execute(&context, &block).unwrap();
    assert_eq!(there.state_root, alone.state_root);
    copy.commit(there);
    world.ledger.commit(again);
    assert_eq!(copy.state_root(), world.ledger.state_root());
}

#[test]
#[should_panic(expected = "was computed on state")]
fn an_execution_of_another_state_is_not_committed() {
    let mut world = told();
    let context = BlockContext {
        height: world.ledger.height() + 1,
        time: world.next_time,
    };
    let stale = world.ledger.execute(&context, &[]).unwrap();
    world.block(Vec::new());
    world.ledger.commit(stale);
}

#[test]
fn a_header_that_does_not_follow_is_refused() {
    let world = told();
    let (height, time) = (world.ledger.height(), world.ledger.time());
    let refused = |height, time| {
        let context = BlockContext { height, time };
        world.ledger.execute(&context, &[]).err()
    };
    assert!(matches!(
        refused(height, time.plus_millis(1)),
        Some(ContextError::Height { .. })
    ));
    assert!(matches!(
        refused(height + 1, time),
        Some(ContextError::Time { .. })
    ));
    assert!(refused(height + 1, time.plus_millis(1)).is_none());
}

#[test]
fn deltas_add_up_to_the_state() {
    let mut world = World::new(true);
    let mut objects: std::collections::BTreeMap<_, _> = world.ledger.objects().collect();
    for line in STORY {
        let step = world.parse(line);
        let signed = world.sign(&step.draft);
        let block = world.verified(vec![signed.clone()]);
        let context = BlockContext {
            height: world.ledger.height() + 1,
            time: world.next_time,
        };
        let execution = world.ledger.execute(&context, &block).unwrap();
        assert!(execution.delta.entries.is_sorted_by(|a, b| a.key < b.key));
        for entry in execution.delta.entries {
            assert_eq!(entry.path, entry.key.path());
            match entry.value {
                Some(value) => objects.insert(entry.key, value.to_vec()),
                None => objects.remove(&entry.key),
            };
        }
        // The world executes it again, with the names that it needs later.
        world.undo_nonce(&step.draft.author);
        world.run(step);
        assert!(world.ledger.objects().eq(objects.clone()), "{line}");
    }
}

#[test]
fn every_object_and_every_absence_is_provable() {
    let world = told();
    let root = world.ledger.state_root();
    for (key, value) in world.ledger.objects() {
        let (found, proof) = world.ledger.prove(&key);
        assert_eq!(found.as_ref(), Some(&value));
        proof
            .verify_inclusion(&root, &key.path(), &value_hash(&value))
            .unwrap();
    }
    let absent = StateKey::Account(world.account("nobody"));
    let (found, proof) = world.ledger.prove(&absent);
    assert_eq!(found, None);
    proof.verify_absence(&root, &absent.path()).unwrap();
}

#[test]
fn a_state_that_contradicts_itself_is_not_restored() {
    let world = told();
    let without = |left_out: &dyn Fn(&StateKey) -> bool| {
        let objects = world.ledger.objects().filter(|(key, _)| !left_out(key));
        Ledger::restore(objects.map(|(key, value)| (key.to_bytes(), Bytes::from(value)))).is_err()
    };
    assert!(without(&|key| *key == StateKey::Clock));
    assert!(without(&|key| *key == StateKey::Network));
    assert!(without(&|key| *key == StateKey::Validators));
    assert!(without(&|key| *key == StateKey::Governance));
    assert!(without(&|key| matches!(key, StateKey::Hold(_))));
    assert!(without(&|key| matches!(key, StateKey::Position(..))));
    assert!(without(&|key| matches!(key, StateKey::Asset(_))));
    assert!(without(
        &|key| *key == StateKey::Account(world.account("alice"))
    ));
    assert!(without(
        &|key| *key == StateKey::Participant(world.participant("alpha"))
    ));
    assert!(!without(&|_| false));
    let twice = world.ledger.objects().chain(world.ledger.objects());
    let twice = twice.map(|(key, value)| (key.to_bytes(), Bytes::from(value)));
    assert!(Ledger::restore(twice).is_err());
}
