//! Lies about one subject, one by one: the blocks are good, and what a node answers a wallet or a debtor is not.
//! Each is called by its name.

use std::{cell::Cell, time::Duration};

use bytes::Bytes;
use talea_audit::{
    Index,
    compare::{Answers, Asked, CompareError, Compared, Comparison, Seed, choose},
    follow,
};
use talea_client::{ApiError, ClientError, EventPage, ObjectProof, ToldEvent, Trust, subject_key};
use talea_types::{
    AccountId, Hash, Subject,
    event::{Event, EventChain},
    receipt::FinalityProof,
    state::{Account, StateKey},
};

use crate::support::{Made, Network, Node};

/// Events of the subject that is asked about, at least.
const EVENTS: usize = 6;
/// Events that a node gives at once: so few that every history has several pages.
const PAGE: usize = 3;

/// A node as it stands at one block, with a lie.
struct Answering<'a> {
    height: u64,
    /// The height that it says it has.
    told: u64,
    object: ObjectProof,
    events: Vec<ToldEvent>,
    length: u64,
    made: &'a [Made],
}

impl Answers for Answering<'_> {
    async fn height(&self) -> Result<u64, ClientError> {
        Ok(self.told)
    }

    async fn object(&self, _: &Subject) -> Result<ObjectProof, ClientError> {
        Ok(self.object.clone())
    }

    async fn events(&self, _: &Subject, from: u64) -> Result<EventPage, ClientError> {
        let rest = self.events.iter().skip(usize::try_from(from).unwrap());
        Ok(EventPage {
            events: rest.take(PAGE).cloned().collect(),
            length: self.length,
            height: self.height,
        })
    }

    fn pause(&self) -> Duration {
        Duration::from_micros(1)
    }
}

/// A chain, followed up to its end or to a block before it.
struct Followed {
    network: Network,
    made: Vec<Made>,
    index: Index,
    subject: Subject,
    directory: tempfile::TempDir,
}

async fn followed(left_out: usize) -> Followed {
    let mut network = Network::new();
    let made = network.history(6);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let mut index = Index::open_or_create(path, &network.chain()).unwrap();
    let chain = index.resume(network.record()).unwrap();
    let node = Node::of(&made[..made.len() - left_out]);
    let followed = follow(&node, chain, index, None, |_| {}).await;
    followed.end.unwrap();
    let opened = made[0].block.body.batches[0].transactions();
    let opened = talea_types::SignedTransaction::decode(
        &network.chain(),
        opened.iter().next().unwrap().clone(),
    );
    let subject = Subject::Account(AccountId::opened_by(opened.unwrap().id()));
    Followed {
        network,
        made,
        index: followed.index,
        subject,
        directory,
    }
}

impl Followed {
    /// What an honest node answers about a subject after the newest block.
    fn honest(&self, subject: &Subject) -> Answering<'_> {
        let newest = self.made.last().unwrap();
        let key = subject_key(subject);
        let (value, map) = self.network.ledger().prove(&key);
        let events = self.made.iter().flat_map(|made| &made.events);
        let events: Vec<ToldEvent> = events
            .filter(|event| event.subject == *subject)
            .map(told)
            .collect();
        Answering {
            height: self.made.len() as u64,
            told: self.made.len() as u64,
            object: ObjectProof {
                key,
                value: value.map(Bytes::from),
                map,
                finality: FinalityProof {
                    set_changes: Vec::new(),
                    header: newest.block.body.content.header.clone(),
                    certificate: newest.block.certificate.clone(),
                },
            },
            length: events.len() as u64,
            events,
            made: &self.made,
        }
    }

    async fn compared(&self, node: &Answering<'_>) -> Result<Compared, CompareError> {
        let trust = Trust::from_record(self.network.record());
        let comparison = Comparison::begin(&self.index, &trust, node).await?;
        comparison.of(&self.subject).await
    }

    /// The names of what differs.
    async fn names(&self, node: &Answering<'_>) -> Vec<&'static str> {
        let compared = self.compared(node).await.unwrap();
        let differences = compared.differences.iter();
        differences.map(|difference| difference.name()).collect()
    }
}

fn told(event: &Event) -> ToldEvent {
    ToldEvent {
        sequence: event.sequence,
        height: event.height,
        bytes: event.encode().into(),
    }
}

/// What is found when a node that is honest but for `lie` is asked.
async fn found(lie: impl FnOnce(&mut Answering<'_>)) -> Vec<&'static str> {
    let followed = followed(0).await;
    let mut node = followed.honest(&followed.subject);
    assert!(node.events.len() > EVENTS);
    lie(&mut node);
    followed.names(&node).await
}

/// Alters the event in a place, and tells it as if it were so.
fn altered(node: &mut Answering<'_>, place: usize, alter: impl FnOnce(&mut Event)) {
    let mut event = Event::decode(&node.events[place].bytes).unwrap();
    alter(&mut event);
    node.events[place] = told(&event);
}

/// Counts the events from a place on anew, and commits to what is told then: all that a liar can make fit.
fn made_to_fit(node: &mut Answering<'_>, place: usize) {
    for sequence in place..node.events.len() {
        altered(node, sequence, |event| event.sequence = sequence as u64);
    }
    node.length = node.events.len() as u64;
    let mut chain = EventChain::default();
    for told in &node.events {
        chain.append(&Event::hash_of(&told.bytes));
    }
    let mut account = Account::decode(node.object.value.as_ref().unwrap()).unwrap();
    account.events = chain;
    node.object.value = Some(account.encode().into());
}

/// A node that answers so many questions and then no more.
struct HangsUp<'a> {
    node: Answering<'a>,
    left: Cell<u32>,
}

impl HangsUp<'_> {
    fn answer(&self) -> Result<&Answering<'_>, ClientError> {
        let last = "connection reset".to_owned();
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(&self.node)
            }
            None => Err(ClientError::Unreachable { last }),
        }
    }
}

impl Answers for HangsUp<'_> {
    async fn height(&self) -> Result<u64, ClientError> {
        self.answer()?.height().await
    }

    async fn object(&self, subject: &Subject) -> Result<ObjectProof, ClientError> {
        self.answer()?.object(subject).await
    }

    async fn events(&self, subject: &Subject, from: u64) -> Result<EventPage, ClientError> {
        self.answer()?.events(subject, from).await
    }
}

#[tokio::test]
async fn who_lies_and_hangs_up_has_lied() {
    let followed = followed(0).await;
    let trust = Trust::from_record(followed.network.record());
    let others = [followed.subject, followed.subject];
    // Its height, a proof, and pages of events, and then nothing.
    for answers in 0..8 {
        let mut node = followed.honest(&followed.subject);
        altered(&mut node, 0, |event| event.cause = None);
        // The proof is none either: it comes before the events.
        node.object.finality.certificate.signatures.truncate(2);
        let left = Cell::new(answers);
        let node = HangsUp { node, left };
        let mut done = 0;
        let asked = Asked::about(&followed.index, &trust, &node, &others, || done += 1).await;
        let names: Vec<_> = asked
            .differences
            .iter()
            .map(|(_, one)| one.name())
            .collect();
        let expected: &[&str] = match answers {
            0 | 1 => &[],
            2 => &["PROOF_INVALID"],
            3 => &["ALTERED_EVENT", "PROOF_INVALID"],
            4 => &["ALTERED_EVENT", "PROOF_INVALID", "PROOF_INVALID"],
            _ => &[
                "ALTERED_EVENT",
                "PROOF_INVALID",
                "ALTERED_EVENT",
                "PROOF_INVALID",
            ],
        };
        assert_eq!(names, expected, "{answers}");
        assert_eq!(asked.ended.is_some(), answers < 4, "{answers}");
        // Each that it was asked about is done; all was told only where it gave the events too.
        let (told, asked_about) = match answers {
            0 | 1 => (0, 0),
            2 => (0, 1),
            3 => (1, 1),
            4 => (1, 2),
            _ => (2, 2),
        };
        assert_eq!((asked.subjects, done), (told, asked_about), "{answers}");
    }
}

/// A node that lets nobody read.
struct Refuses<'a>(Answering<'a>);

impl Answers for Refuses<'_> {
    async fn height(&self) -> Result<u64, ClientError> {
        self.0.height().await
    }

    async fn object(&self, _: &Subject) -> Result<ObjectProof, ClientError> {
        let refusal = ApiError::invalid("subject", "it may not be read");
        Err(ClientError::Refused(refusal))
    }

    async fn events(&self, subject: &Subject, from: u64) -> Result<EventPage, ClientError> {
        self.0.events(subject, from).await
    }
}

#[tokio::test]
async fn a_subject_about_which_it_does_not_answer_is_not_one_of_which_it_told() {
    let followed = followed(0).await;
    let trust = Trust::from_record(followed.network.record());
    let node = Refuses(followed.honest(&followed.subject));
    let asked = Asked::about(&followed.index, &trust, &node, &[followed.subject], || {}).await;
    assert_eq!((asked.subjects, asked.refused.len()), (0, 1));
    let node = &node.0;
    let asked = Asked::about(&followed.index, &trust, node, &[followed.subject], || {}).await;
    assert_eq!((asked.subjects, asked.refused.len()), (1, 0));
}

#[tokio::test]
async fn an_index_that_cannot_be_read_says_so_whatever_the_node_proves() {
    let followed = followed(0).await;
    let mut node = followed.honest(&followed.subject);
    node.object.finality.certificate.signatures.truncate(2);
    let path = followed.directory.path().join("index.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("DROP TABLE event").unwrap();
    let error = followed.compared(&node).await.unwrap_err();
    assert!(matches!(error, CompareError::Index(_)), "{error}");
}

#[tokio::test]
async fn an_honest_node_is_found_to_be_so() {
    for left_out in [0, 2] {
        let followed = followed(left_out).await;
        let node = followed.honest(&followed.subject);
        let compared = followed.compared(&node).await.unwrap();
        assert!(compared.differences.is_empty(), "{compared:?}");
        assert_eq!(compared.events, node.events.len() as u64);
        let verified = (node.made.len() - left_out) as u64;
        let newer = node.events.iter().filter(|told| told.height > verified);
        assert_eq!(compared.newer, newer.count() as u64);
        assert_eq!(compared.newer > 0, left_out > 0);
    }
}

#[tokio::test]
async fn a_subject_that_is_not_there_has_no_events_and_a_proof_of_that() {
    let mut followed = followed(0).await;
    let some = followed.subject;
    followed.subject = Subject::Account(AccountId::from_bytes([9; 16]));
    let mut node = followed.honest(&followed.subject);
    assert_eq!(followed.names(&node).await, Vec::<&str>::new());
    node.events = vec![followed.honest(&some).events[0].clone()];
    node.length = 1;
    assert_eq!(followed.names(&node).await, ["OTHER_SUBJECT"]);
}

#[tokio::test]
async fn an_event_left_out() {
    for place in 0..=EVENTS {
        let left_out = |node: &mut Answering<'_>| {
            node.events.remove(place);
        };
        assert_eq!(found(left_out).await, ["HIDDEN_EVENT"], "{place}");
    }
    // With a gap nowhere, neither in what it says nor in what it claims that the state commits to.
    for place in 0..=EVENTS {
        let fitting = |node: &mut Answering<'_>| {
            node.events.remove(place);
            made_to_fit(node, place);
        };
        let expected = ["HIDDEN_EVENT", "PROOF_INVALID"];
        assert_eq!(found(fitting).await, expected, "{place}");
    }
}

#[tokio::test]
async fn the_newest_events_left_out() {
    let cut = |node: &mut Answering<'_>| node.events.truncate(2);
    assert_eq!(found(cut).await, ["HIDDEN_EVENT"]);
    let all = |node: &mut Answering<'_>| {
        node.events.clear();
        node.length = 0;
    };
    assert_eq!(found(all).await, ["HIDDEN_EVENT"]);
    // Also of blocks that are newer than the index: the node's own proof counts them.
    let followed = followed(2).await;
    let mut node = followed.honest(&followed.subject);
    node.events.pop();
    assert_eq!(followed.names(&node).await, ["HIDDEN_EVENT"]);
    let newest = node.events.len() - 1;
    altered(&mut node, newest, |event| event.cause = None);
    assert_eq!(followed.names(&node).await, ["HIDDEN_EVENT"]);
    let mut node = followed.honest(&followed.subject);
    let newest = node.events.len() - 1;
    altered(&mut node, newest, |event| event.cause = None);
    assert_eq!(followed.names(&node).await, ["PROOF_INVALID"]);
}

#[tokio::test]
async fn an_event_altered() {
    for place in 0..=EVENTS {
        let alter = |node: &mut Answering<'_>| altered(node, place, |event| event.cause = None);
        assert_eq!(found(alter).await, ["ALTERED_EVENT"], "{place}");
        let fitting = |node: &mut Answering<'_>| {
            altered(node, place, |event| event.cause = None);
            made_to_fit(node, place);
        };
        let expected = ["ALTERED_EVENT", "PROOF_INVALID"];
        assert_eq!(found(fitting).await, expected, "{place}");
    }
}

#[tokio::test]
async fn an_event_invented() {
    for place in 1..=EVENTS {
        let invent = |node: &mut Answering<'_>| {
            let copy = node.events[place - 1].clone();
            node.events.insert(place, copy);
            altered(node, place, |event| {
                event.sequence = place as u64;
                event.cause = None;
            });
        };
        let names = found(invent).await;
        // At the end of a page nobody knows yet whether what is due follows.
        let expected = if place % PAGE == PAGE - 1 {
            "ALTERED_EVENT"
        } else {
            "INVENTED_EVENT"
        };
        assert_eq!(names, [expected], "{place}");
    }
    let after_all = |node: &mut Answering<'_>| {
        let copy = node.events.last().unwrap().clone();
        node.events.push(copy);
        let last = node.events.len() - 1;
        altered(node, last, |event| event.sequence = last as u64);
        node.length += 1;
    };
    assert_ne!(found(after_all).await, Vec::<&str>::new());
}

#[tokio::test]
async fn an_event_told_twice() {
    for place in 0..EVENTS {
        let repeat = |node: &mut Answering<'_>| {
            let copy = node.events[place].clone();
            node.events.insert(place + 1, copy);
        };
        assert_eq!(found(repeat).await, ["REPEATED_EVENT"], "{place}");
    }
}

#[tokio::test]
async fn events_in_another_order() {
    let swap = |node: &mut Answering<'_>| node.events.swap(0, 1);
    assert_eq!(found(swap).await, ["REORDERED_EVENTS"]);
    let later = |node: &mut Answering<'_>| node.events.swap(4, 5);
    assert_eq!(found(later).await, ["REORDERED_EVENTS"]);
}

#[tokio::test]
async fn an_answer_about_another_subject() {
    let followed = followed(0).await;
    let other = followed.made[0].events.iter().map(|event| event.subject);
    let accounts =
        other.filter(|one| matches!(one, Subject::Account(_)) && *one != followed.subject);
    let other = followed.honest(&accounts.into_iter().next().unwrap());
    // Its key says that it is of the one that was asked about.
    let mut object = other.object.clone();
    object.key = subject_key(&followed.subject);
    let answer = Answering { object, ..other };
    assert_eq!(
        followed.names(&answer).await,
        ["OTHER_SUBJECT", "PROOF_INVALID"]
    );
    let mut absent = followed.honest(&followed.subject);
    let nobody = StateKey::Account(AccountId::from_bytes([9; 16]));
    (absent.object.value, absent.object.map) = (None, followed.network.ledger().prove(&nobody).1);
    assert_eq!(followed.names(&absent).await, ["PROOF_INVALID"]);
}

#[tokio::test]
async fn an_older_height_than_it_says_it_has() {
    // The events of a moment ago, with the length and the proof of that moment.
    let mut network = Network::new();
    let made = network.history(4);
    let before = made.len() as u64;
    let directory = tempfile::tempdir().unwrap();
    let opened = made[0].events.iter().map(|event| event.subject);
    let subject = opened
        .into_iter()
        .find(|one| matches!(one, Subject::Account(_)))
        .unwrap();
    let mut followed = Followed {
        index: Index::open_or_create(directory.path().join("index.db"), &network.chain()).unwrap(),
        made,
        network,
        subject,
        directory,
    };
    let (height, object, events, length) = {
        let old = followed.honest(&subject);
        (old.height, old.object, old.events, old.length)
    };
    for number in 0..2 {
        let paid = followed.network.pay(100 + number * 2, 5);
        let made = followed.network.block(&paid);
        followed.made.push(made);
    }
    let mut index = followed.index;
    let chain = index.resume(followed.network.record()).unwrap();
    let done = follow(&Node::of(&followed.made), chain, index, None, |_| {}).await;
    done.end.unwrap();
    followed.index = done.index;
    let told = followed.made.len() as u64;
    assert_eq!(told, before + 2);
    let mut stale = Answering {
        height,
        told,
        object,
        events,
        length,
        made: &followed.made,
    };
    assert_eq!(followed.names(&stale).await, ["REWOUND", "REWOUND"]);
    // One that says itself that it is there alone is waited for, and then called by its name.
    stale.told = before;
    let ended = followed.compared(&stale).await;
    let Err(CompareError::Difference(difference)) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(difference.name(), "REWOUND");
}

#[tokio::test]
async fn what_stands_beside_the_events() {
    let sequence = |node: &mut Answering<'_>| node.events[3].sequence += 1;
    assert_eq!(found(sequence).await, ["TOLD_OTHERWISE"]);
    let height = |node: &mut Answering<'_>| node.events[3].height += 1;
    assert_eq!(found(height).await, ["TOLD_OTHERWISE"]);
    let fewer = |node: &mut Answering<'_>| node.length -= 1;
    assert_eq!(found(fewer).await, ["TOLD_OTHERWISE"]);
    let more = |node: &mut Answering<'_>| node.length += 1;
    assert_eq!(found(more).await, ["TOLD_OTHERWISE"]);
}

#[tokio::test]
async fn bytes_that_are_no_event_and_a_proof_that_is_none() {
    let nothing = |node: &mut Answering<'_>| node.events[2].bytes = Bytes::from_static(b"nothing");
    assert_eq!(found(nothing).await, ["UNREADABLE"]);
    let value = |node: &mut Answering<'_>| {
        let mut account = Account::decode(node.object.value.as_ref().unwrap()).unwrap();
        account.tier += 1;
        node.object.value = Some(account.encode().into());
    };
    assert_eq!(found(value).await, ["PROOF_INVALID"]);
    let unsigned = |node: &mut Answering<'_>| {
        node.object.finality.certificate.signatures.truncate(2);
    };
    assert_eq!(found(unsigned).await, ["PROOF_INVALID"]);
}

#[tokio::test]
async fn a_block_that_a_quorum_signed_beside_the_executed_one() {
    let mut followed = followed(0).await;
    let node = followed.honest(&followed.subject);
    let (object, mut header) = (node.object.clone(), node.object.finality.header.clone());
    header.time = header.time.plus_millis(1);
    let certificate = followed.network.certify(&header);
    let finality = FinalityProof {
        set_changes: Vec::new(),
        header,
        certificate,
    };
    let answer = Answering {
        object: ObjectProof { finality, ..object },
        ..node
    };
    assert_eq!(followed.names(&answer).await, ["OTHER_BLOCK"]);
    drop(answer);
    followed.made.clear();
}

#[tokio::test]
async fn a_sample_is_drawn_by_its_seed() {
    let followed = followed(0).await;
    let all = choose(&followed.index, None).unwrap();
    assert!(all.contains(&followed.subject) && all.is_sorted());
    let seed: Seed = Hash([3; 32]).to_string().parse().unwrap();
    let some = choose(&followed.index, Some((3, seed))).unwrap();
    assert_eq!(some.len(), 3);
    assert!(some.iter().all(|one| all.contains(one)));
    assert_eq!(choose(&followed.index, Some((3, seed))).unwrap(), some);
    let drawn = |seed| choose(&followed.index, Some((3, seed))).unwrap();
    assert!((0..50).any(|_| drawn(Seed::random()) != some));
    let more = choose(&followed.index, Some((1_000, seed))).unwrap();
    assert_eq!(more, all);
}
