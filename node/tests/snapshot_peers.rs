//! Snapshots from peers: what is served is bounded, what is fetched is what was decided, and a liar costs itself.

mod api_support;
mod snapshot_support;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use snapshot_support::{NodeData, chain, extend};
use talea_node::bootstrap::{
    self, ChunkPosition, FetchConfig, FetchError, FetchEvent, FetchNews, FetchSetup, Fetched,
    Fetcher, RefusalReason, Serving, SnapshotOffer, SnapshotReply, SnapshotRequest, SnapshotServer,
    Turn,
};
use talea_node::limits::bootstrap::{
    CHUNK_BYTES, CHUNKS_ASKED_MAX, SERVED_AT_ONCE_MAX, SERVED_BYTES_AT_ONCE,
    SERVED_BYTES_PER_SECOND, SNAPSHOT_BYTES_MAX,
};
use talea_node::limits::snapshot::FREE_BYTES_MIN;
use talea_node::network::{
    self, NetworkConfig, NetworkEvent, PeerConfig, PeerId, PeerRole, peer_id_of,
};
use talea_node::replica::NodeMessage;
use talea_node::snapshot::{Seal, SnapshotName, SnapshotReader, list, write};
use talea_node::storage::disk::{Disk, MemDisk, StdDisk};
use talea_node::upkeep::UpkeepError;
use talea_types::Hash;

/// Headers enough for several chunks, and all of one term.
const HEIGHT: u64 = 2_000;
const LATER: u64 = 2_030;
const PLENTY: u64 = SNAPSHOT_BYTES_MAX * 2;

/// Snapshots of one chain, made once.
struct Files {
    chain: Arc<api_support::TestChain>,
    name: SnapshotName,
    bytes: Vec<u8>,
    later: SnapshotName,
    later_bytes: Vec<u8>,
    /// The later head over objects that are not all there, with checksums as they should be.
    forged: Vec<u8>,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let chain = chain(HEIGHT);
    let mut node = NodeData::of(&chain);
    let path = node.open(&chain).unwrap().snapshot(None).unwrap();
    let bytes = node.memory.content(&path).unwrap();
    extend(&chain, LATER - HEIGHT);
    node.append(&chain, LATER);
    let path = node.open_anew(&chain).unwrap().snapshot(None).unwrap();
    let later_bytes = node.memory.content(&path).unwrap();
    let [name, later] = list(&node.memory, &NodeData::snapshots()).unwrap()[..] else {
        panic!("two snapshots")
    };
    assert_eq!((name.height, later.height), (HEIGHT, LATER));
    assert!(bytes.len() as u64 > 2 * CHUNK_BYTES, "{}", bytes.len());

    let head = SnapshotReader::open(&node.memory, &path).unwrap();
    let head = head.head().clone();
    let objects = chain.objects().into_iter().skip(1).map(Ok);
    let path = write(&node.memory, Path::new("/liar"), &head, objects).unwrap();
    let forged = node.memory.content(&path).unwrap();
    Files {
        chain,
        name,
        bytes,
        later,
        later_bytes,
        forged,
    }
});

fn id(number: u8) -> PeerId {
    peer_id_of(&[number; 32]).unwrap()
}

/// A disk with a file.
fn disk_with(path: &Path, bytes: &[u8]) -> MemDisk {
    let memory = MemDisk::new();
    memory.create_directories(path.parent().unwrap()).unwrap();
    let file = memory.create(path).unwrap();
    file.write_at(0, bytes).unwrap();
    file.sync().unwrap();
    memory
}

fn snapshot_path(name: SnapshotName) -> PathBuf {
    NodeData::snapshots().join(name.to_string())
}

fn serving(name: SnapshotName, bytes: &[u8]) -> (MemDisk, Serving) {
    let memory = disk_with(&snapshot_path(name), bytes);
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    (memory, Serving::new(&disk, NodeData::snapshots(), 0))
}

/// What becomes of a peer's replies on their way; `None` ends its connection.
type Mouth = Box<dyn FnMut(SnapshotReply) -> Option<Vec<Bytes>>>;

fn honest() -> Mouth {
    Box::new(|reply| Some(vec![reply.encode()]))
}

/// Changes replies.
fn twisted(mut twist: impl FnMut(SnapshotReply) -> SnapshotReply + 'static) -> Mouth {
    Box::new(move |reply| Some(vec![twist(reply).encode()]))
}

/// Changes offers.
fn boasting(twist: impl Fn(SnapshotOffer) -> SnapshotOffer + 'static) -> Mouth {
    twisted(move |reply| match reply {
        SnapshotReply::Snapshots(offers) => {
            SnapshotReply::Snapshots(offers.into_iter().map(&twist).collect())
        }
        other => other,
    })
}

/// A fetcher, peers in memory, and virtual time.
struct World {
    memory: MemDisk,
    fetcher: Fetcher,
    peers: BTreeMap<PeerId, (Serving, Mouth)>,
    arriving: VecDeque<(PeerId, Bytes)>,
    now: u64,
    chunks_asked: u64,
    told: Vec<FetchNews>,
}

fn setup(memory: &MemDisk, peers: &[u8], free_bytes: u64) -> FetchSetup {
    let files = &*FILES;
    FetchSetup {
        disk: Arc::new(memory.clone()),
        data: NodeData::data().to_owned(),
        chain: files.chain.chain,
        genesis_set: files.chain.validators.clone(),
        peers: peers
            .iter()
            .map(|n| (id(*n), format!("peer-{n}")))
            .collect(),
        free_bytes,
    }
}

impl World {
    fn new(memory: MemDisk, peers: Vec<(u8, Serving, Mouth)>) -> Self {
        let numbers: Vec<u8> = peers.iter().map(|(number, ..)| *number).collect();
        let mut fetcher = Fetcher::new(setup(&memory, &numbers, PLENTY), 0).unwrap();
        for number in numbers {
            let event = FetchEvent::Connected(id(number));
            assert!(fetcher.step(0, event).unwrap().is_none());
        }
        let peers = peers.into_iter();
        Self {
            memory,
            fetcher,
            peers: peers
                .map(|(number, serving, mouth)| (id(number), (serving, mouth)))
                .collect(),
            arriving: VecDeque::new(),
            now: 0,
            chunks_asked: 0,
            told: Vec::new(),
        }
    }

    /// A liar that has the newest snapshot, and an honest peer.
    fn with_liar(bytes: &[u8], mouth: Mouth) -> Self {
        let files = &*FILES;
        let (_, liar) = serving(files.later, bytes);
        let (_, good) = serving(files.name, &files.bytes);
        Self::new(MemDisk::new(), vec![(1, liar, mouth), (2, good, honest())])
    }

    /// One event.
    fn step(&mut self) -> Result<Option<Fetched>, FetchError> {
        for (peer, request) in self.fetcher.take_requests() {
            self.chunks_asked += u64::from(matches!(request, SnapshotRequest::Chunk(_)));
            let (serving, mouth) = self.peers.get_mut(&peer).unwrap();
            if let Some(reply) = serving.on_request(self.now, id(9), request) {
                let said = mouth(reply).into_iter().flatten();
                self.arriving.extend(said.map(|bytes| (peer, bytes)));
            }
        }
        let mut wake = self.fetcher.wake_at(self.now);
        let mut gone = None;
        for (peer, (serving, mouth)) in &mut self.peers {
            match serving.turn(self.now) {
                Turn::Answer(to, reply) => {
                    assert_eq!(to, id(9));
                    wake = self.now;
                    match mouth(reply) {
                        Some(said) => {
                            self.arriving
                                .extend(said.into_iter().map(|one| (*peer, one)));
                        }
                        None => gone = Some(*peer),
                    }
                }
                Turn::Wait(millis) => wake = wake.min(self.now + millis),
                Turn::Idle => {}
            }
        }
        let event = if let Some(peer) = gone {
            self.peers.remove(&peer);
            FetchEvent::Disconnected(peer)
        } else if let Some((peer, bytes)) = self.arriving.pop_front() {
            FetchEvent::Reply(peer, bytes)
        } else {
            self.now = wake;
            FetchEvent::Tick
        };
        let stepped = self.fetcher.step(self.now, event);
        self.told.extend(self.fetcher.take_news());
        stepped
    }

    fn run(&mut self) -> Result<Fetched, FetchError> {
        for _ in 0..100_000 {
            if let Some(fetched) = self.step()? {
                return Ok(fetched);
            }
        }
        panic!("it does not end: {:?}", self.told.last());
    }

    /// Runs until so many chunks are there.
    fn run_until(&mut self, chunks: u64) {
        let there = |news: &FetchNews| matches!(news, FetchNews::Arrived { bytes, .. } if *bytes == chunks * CHUNK_BYTES);
        while !self.told.iter().any(there) {
            assert!(self.step().unwrap().is_none());
        }
    }

    /// The node begins after this snapshot, and nothing else is left.
    fn check(&self, name: SnapshotName) {
        let node = NodeData {
            memory: self.memory.clone(),
            ..NodeData::new()
        };
        let open = node.open(&FILES.chain).unwrap();
        assert_eq!(
            (open.height(), open.first_height()),
            (name.height, name.height + 1)
        );
        let left = self.memory.list(&NodeData::snapshots()).unwrap();
        let left: Vec<_> = left.iter().filter(|file| !file.contains("LOCK")).collect();
        assert_eq!(left, [&name.to_string()]);
    }
}

#[test]
fn a_node_begins_after_the_newest_that_its_peers_have() {
    let files = &*FILES;
    let (_, older) = serving(files.name, &files.bytes);
    let (_, newer) = serving(files.later, &files.later_bytes);
    let peers = vec![(1, older, honest()), (2, newer, honest())];
    let mut world = World::new(MemDisk::new(), peers);
    let fetched = world.run().unwrap();
    assert_eq!(
        (fetched.name, fetched.from.as_str()),
        (files.later, "peer-2")
    );
    assert_eq!(fetched.bytes, files.later_bytes.len() as u64);
    assert_eq!(fetched.passed_over, []);
    assert_eq!(world.chunks_asked, fetched.bytes.div_ceil(CHUNK_BYTES));
    world.check(files.later);
    // It has a beginning now.
    drop(world.fetcher);
    let again = Fetcher::new(setup(&world.memory, &[1], PLENTY), 0);
    assert!(matches!(
        again,
        Err(FetchError::Upkeep(UpkeepError::Occupied { .. }))
    ));
}

/// Each liar offers the newest snapshot, so it is asked first; the honest one has an older.
#[test]
fn whoever_lies_is_passed_over() {
    let files = &*FILES;
    let good = &files.later_bytes;
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let with_chunk = |twist: fn(ChunkPosition, Bytes) -> SnapshotReply| {
        twisted(move |reply| match reply {
            SnapshotReply::Chunk(position, bytes) => twist(position, bytes),
            other => other,
        })
    };
    let longer = |more: u64| {
        boasting(move |offer| SnapshotOffer {
            bytes: offer.bytes + more,
            ..offer
        })
    };
    let padded = [&good[..], &vec![0; CHUNK_BYTES as usize * 3]].concat();
    let endless = vec![0; CHUNK_BYTES as usize * 4];
    let liars: Vec<(&str, Vec<u8>, Mouth)> = vec![
        ("another byte in the head", flipped(1_000), honest()),
        (
            "another byte in the objects",
            flipped(good.len() - 100),
            honest(),
        ),
        ("an object is missing", files.forged.clone(), honest()),
        ("zeros after the end", padded, honest()),
        (
            "no snapshot at all",
            endless,
            boasting(|offer| SnapshotOffer {
                bytes: SNAPSHOT_BYTES_MAX,
                ..offer
            }),
        ),
        (
            "less than it offered",
            good.clone(),
            longer(CHUNK_BYTES * 5),
        ),
        (
            "another height",
            good.clone(),
            boasting(|offer| SnapshotOffer {
                name: SnapshotName {
                    height: 1_000_000,
                    ..offer.name
                },
                ..offer
            }),
        ),
        (
            "another root",
            good.clone(),
            boasting(|offer| SnapshotOffer {
                name: SnapshotName {
                    root: Hash([1; 32]),
                    ..offer.name
                },
                ..offer
            }),
        ),
        (
            "an older one under a newer name",
            files.bytes.clone(),
            honest(),
        ),
        (
            "short chunks",
            good.clone(),
            with_chunk(|position, bytes| {
                SnapshotReply::Chunk(position, bytes.slice(..bytes.len() - 1))
            }),
        ),
        (
            "it says that there is less",
            good.clone(),
            with_chunk(|position, _| SnapshotReply::Refused(position, RefusalReason::BeyondEnd)),
        ),
        (
            "no reply",
            good.clone(),
            Box::new(|reply| match reply {
                SnapshotReply::Snapshots(_) => Some(vec![reply.encode()]),
                _ => Some(vec![Bytes::from_static(b"\xff\xff")]),
            }),
        ),
        (
            "no list",
            good.clone(),
            Box::new(|_| Some(vec![Bytes::from_static(b"?")])),
        ),
    ];
    for (what, bytes, mouth) in liars {
        // A peer answers for the name that it offered, whatever that is.
        let mut world = World::with_liar(&bytes, renaming(mouth));
        let fetched = world
            .run()
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(
            (fetched.name, fetched.from.as_str()),
            (files.name, "peer-2"),
            "{what}"
        );
        let passed_over: Vec<_> = fetched
            .passed_over
            .iter()
            .map(|one| one.peer.as_str())
            .collect();
        assert_eq!(passed_over, ["peer-1"], "{what}");
        // Both files and what was on its way, whatever was offered.
        let most = padded_chunks(good) + padded_chunks(&files.bytes) + CHUNKS_ASKED_MAX as u64;
        assert!(world.chunks_asked <= most, "{what}");
        world.check(files.name);
    }
}

/// Chunks of a file, and of what a liar appends.
fn padded_chunks(bytes: &[u8]) -> u64 {
    (bytes.len() as u64).div_ceil(CHUNK_BYTES) + 3
}

/// Gives chunks of the file that is there whatever name was asked for, as a liar would.
fn renaming(mut mouth: Mouth) -> Mouth {
    let mut offered: Option<(SnapshotOffer, SnapshotOffer)> = None;
    let files = &*FILES;
    Box::new(move |reply| match reply {
        SnapshotReply::Snapshots(ref offers) => {
            let real = offers.first().copied();
            let said = mouth(reply)?;
            if let (Some(real), Ok(SnapshotReply::Snapshots(offers))) =
                (real, SnapshotReply::decode(&said[0]))
            {
                offered = offers.first().map(|lie| (real, *lie));
            }
            Some(said)
        }
        SnapshotReply::Refused(position, RefusalReason::Gone) => {
            let (real, lie) = offered.expect("it was asked what it has");
            assert_eq!((position.name, position.seal), (lie.name, lie.seal));
            assert_eq!(real.name, files.later);
            let bytes = &files.later_bytes[position.offset as usize..];
            let chunk = &bytes[..bytes.len().min(CHUNK_BYTES as usize)];
            mouth(SnapshotReply::Chunk(
                position,
                Bytes::copy_from_slice(chunk),
            ))
        }
        other => mouth(other),
    })
}

/// Not lies, but of no help: the next peer is asked, and what is there is used.
#[test]
fn whoever_stops_in_the_middle_costs_itself() {
    let files = &*FILES;
    for case in [0, 1] {
        // Silent after one chunk, gone after one chunk. Both have the same file.
        let (_, first) = serving(files.name, &files.bytes);
        let (_, second) = serving(files.name, &files.bytes);
        let mut sent = 0;
        let mouth: Mouth = Box::new(move |reply| {
            sent += u32::from(matches!(reply, SnapshotReply::Chunk(..)));
            match (sent, case) {
                (0..2, _) => Some(vec![reply.encode()]),
                (_, 0) => Some(Vec::new()),
                _ => None,
            }
        });
        let order = match id(1) < id(2) {
            true => [1, 2],
            false => [2, 1],
        };
        let peers = vec![(order[0], first, mouth), (order[1], second, honest())];
        let mut world = World::new(MemDisk::new(), peers);
        let fetched = world.run().unwrap();
        assert_eq!(fetched.from, format!("peer-{}", order[1]));
        assert!(
            world
                .told
                .iter()
                .any(|news| matches!(news, FetchNews::NotDelivered(_)))
        );
        let begun = world.told.iter().filter_map(|news| match news {
            FetchNews::Begun { there, .. } => Some(*there),
            _ => None,
        });
        assert_eq!(begun.collect::<Vec<_>>(), [0, CHUNK_BYTES]);
        world.check(files.name);
    }
}

#[test]
fn an_interrupted_fetch_goes_on_and_rot_in_it_is_fetched_again() {
    let files = &*FILES;
    for rotten in [false, true] {
        let peer = || vec![(1, serving(files.name, &files.bytes).1, honest())];
        let mut world = World::new(MemDisk::new(), peer());
        world.run_until(2);
        let World {
            memory, fetcher, ..
        } = world;
        assert!(
            matches!(
                Fetcher::new(setup(&memory, &[1], PLENTY), 0),
                Err(FetchError::Locked { .. })
            ),
            "two fetches into one directory"
        );
        drop(fetcher);
        let names = memory.list(&NodeData::snapshots()).unwrap();
        let partial = names.iter().find(|name| name.ends_with(".fetched"));
        let partial = NodeData::snapshots().join(partial.unwrap());
        assert!(!rotten || memory.flip_bit(&partial, 9_000));
        let mut world = World::new(memory, peer());
        let fetched = world.run().unwrap();
        let all = fetched.bytes.div_ceil(CHUNK_BYTES);
        // The peer is not blamed for what it may not have sent: it is asked for all of it.
        let again = if rotten { all } else { 0 };
        assert_eq!(world.chunks_asked, all - 2 + again);
        assert_eq!(fetched.passed_over, []);
        world.check(files.name);
    }
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let files = &*FILES;
    let mut lost = 0;
    let mouth: Mouth = Box::new(move |reply| {
        let is_list = matches!(reply, SnapshotReply::Snapshots(_));
        lost += u32::from(is_list);
        Some(match is_list && lost < 3 {
            true => Vec::new(),
            false => vec![reply.encode()],
        })
    });
    let only = vec![(1, serving(files.name, &files.bytes).1, mouth)];
    let mut world = World::new(MemDisk::new(), only);
    world.run().unwrap();
    world.check(files.name);
}

#[test]
fn what_an_earlier_fetch_left_makes_room() {
    let files = &*FILES;
    let left = NodeData::snapshots().join("older.fetched");
    let memory = disk_with(&left, &vec![0; files.bytes.len()]);
    let peer = || vec![(1, serving(files.name, &files.bytes).1, honest())];
    let mut world = World::new(MemDisk::new(), peer());
    let room = files.bytes.len() as u64 + FREE_BYTES_MIN;
    world.fetcher = Fetcher::new(setup(&memory, &[1], room - 1), 0).unwrap();
    world.fetcher.step(0, FetchEvent::Connected(id(1))).unwrap();
    world.memory = memory;
    world.run().unwrap();
    world.check(files.name);
}

#[test]
fn with_nobody_to_give_one_it_ends_and_says_why() {
    let files = &*FILES;
    // No snapshots, no room, not reached.
    let empty: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let none = Serving::new(&empty, NodeData::snapshots(), 0);
    let mut world = World::new(MemDisk::new(), vec![(1, none, honest())]);
    let told = world.run().unwrap_err().to_string();
    assert!(told.contains("peer-1: it has no snapshot"), "{told}");

    let mut world = World::new(
        MemDisk::new(),
        vec![(1, serving(files.name, &files.bytes).1, honest())],
    );
    let small = setup(&MemDisk::new(), &[1, 2], files.bytes.len() as u64);
    world.fetcher = Fetcher::new(small, 0).unwrap();
    world.fetcher.step(0, FetchEvent::Connected(id(1))).unwrap();
    let told = world.run().unwrap_err().to_string();
    assert!(told.contains("not enough room"), "{told}");
    assert!(told.contains("peer-2: it could not be reached"), "{told}");

    // Only a liar.
    let liar = serving(files.later, &files.forged).1;
    let memory = MemDisk::new();
    let mut world = World::new(memory.clone(), vec![(1, liar, honest())]);
    assert!(matches!(world.run(), Err(FetchError::Nothing(_))));
    let left = memory.list(&NodeData::snapshots()).unwrap();
    assert_eq!(left.iter().filter(|name| !name.contains("LOCK")).count(), 0);
    assert!(!memory.paths().contains(&NodeData::data().join("base")));

    // One that is always busy.
    let busy = twisted(|reply| match reply {
        SnapshotReply::Chunk(position, _) => SnapshotReply::Refused(position, RefusalReason::Busy),
        other => other,
    });
    let mut world = World::new(
        MemDisk::new(),
        vec![(1, serving(files.name, &files.bytes).1, busy)],
    );
    let told = world.run().unwrap_err().to_string();
    assert!(told.contains("always busy"), "{told}");
}

fn position(offset: u64) -> (SnapshotName, ChunkPosition) {
    let files = &*FILES;
    let seal = files.bytes.last_chunk().unwrap();
    let position = ChunkPosition {
        name: files.name,
        seal: Seal(*seal),
        offset,
    };
    (files.name, position)
}

/// The answer to the only request.
fn answer(serving: &mut Serving, request: SnapshotRequest) -> SnapshotReply {
    assert_eq!(serving.on_request(0, id(1), request), None);
    let mut now = 0;
    loop {
        match serving.turn(now) {
            Turn::Answer(_, reply) => return reply,
            Turn::Wait(millis) => now += millis,
            Turn::Idle => panic!("it was asked"),
        }
    }
}

#[test]
fn what_is_not_there_is_refused_by_its_reason() {
    let files = &*FILES;
    let (memory, mut serving) = serving(files.name, &files.bytes);
    let (_, first) = position(0);
    // Files that are being written or fetched are nobody's to have.
    for suffix in [".unfinished", ".0011.fetched", ".txt"] {
        let path = NodeData::snapshots().join(format!("{}{suffix}", files.later));
        memory
            .create(&path)
            .unwrap()
            .write_at(0, &files.later_bytes)
            .unwrap();
    }
    let offer = SnapshotOffer {
        name: files.name,
        seal: first.seal,
        bytes: files.bytes.len() as u64,
    };
    let offers = SnapshotReply::Snapshots(vec![offer]);
    assert_eq!(answer(&mut serving, SnapshotRequest::List), offers);

    let mut ask = |position| answer(&mut serving, SnapshotRequest::Chunk(position));
    let other = SnapshotName {
        height: 1,
        ..files.name
    };
    for absent in [
        ChunkPosition {
            name: other,
            ..first
        },
        ChunkPosition {
            name: files.later,
            ..first
        },
        ChunkPosition {
            seal: Seal([0; 16]),
            ..first
        },
    ] {
        assert_eq!(
            ask(absent),
            SnapshotReply::Refused(absent, RefusalReason::Gone)
        );
    }
    let beyond = ChunkPosition {
        offset: CHUNK_BYTES * 1_000,
        ..first
    };
    assert_eq!(
        ask(beyond),
        SnapshotReply::Refused(beyond, RefusalReason::BeyondEnd)
    );
    let chunk = files.bytes[..CHUNK_BYTES as usize].to_vec();
    assert_eq!(ask(first), SnapshotReply::Chunk(first, chunk.into()));
    // A newer snapshot takes its place meanwhile.
    memory.remove(&snapshot_path(files.name)).unwrap();
    let (_, next) = position(CHUNK_BYTES);
    assert!(matches!(ask(next), SnapshotReply::Chunk(..)));
}

/// However many peers ask however fast: the rate holds, those that are served get the same, the others are told.
#[test]
fn serving_is_bounded_and_fair() {
    const PEERS: u8 = 12;
    const SECONDS: u64 = 10;
    let files = &*FILES;
    let (_, mut serving) = serving(files.name, &files.bytes);
    let (_, first) = position(0);
    let (mut sent, mut busy): (BTreeMap<PeerId, u64>, BTreeMap<PeerId, u64>) = Default::default();
    let mut now = 0;
    let mut overflowing = 0;
    while now < SECONDS * 1_000 {
        for number in 1..=PEERS {
            // More than may wait.
            for _ in 0..=CHUNKS_ASKED_MAX {
                let refused = serving.on_request(now, id(number), SnapshotRequest::Chunk(first));
                if let Some(reply) = refused {
                    assert_eq!(reply, SnapshotReply::Refused(first, RefusalReason::Busy));
                    overflowing += 1;
                }
            }
        }
        loop {
            match serving.turn(now) {
                Turn::Answer(peer, SnapshotReply::Chunk(..)) => *sent.entry(peer).or_default() += 1,
                Turn::Answer(peer, reply) => {
                    assert_eq!(reply, SnapshotReply::Refused(first, RefusalReason::Busy));
                    *busy.entry(peer).or_default() += 1;
                }
                Turn::Wait(millis) => {
                    now += millis;
                    break;
                }
                Turn::Idle => break,
            }
        }
    }
    let bytes = sent.values().sum::<u64>() * CHUNK_BYTES;
    assert!(
        bytes <= SECONDS * SERVED_BYTES_PER_SECOND + SERVED_BYTES_AT_ONCE,
        "{bytes}"
    );
    assert!(overflowing > 0);
    assert_eq!(sent.len(), SERVED_AT_ONCE_MAX);
    assert_eq!(busy.len(), PEERS as usize - SERVED_AT_ONCE_MAX);
    let (least, most) = (sent.values().min().unwrap(), sent.values().max().unwrap());
    assert!(most - least <= 1, "{least} and {most}");
}

/// A peer on the loopback interface that serves a directory as a node does.
async fn loopback_peer(number: u8, fetching: u8, data: PathBuf) -> PeerConfig {
    let (network, mut receiver) = network::spawn(NetworkConfig {
        identity_seed: [number; 32].into(),
        chain: "test".to_owned(),
        listen: vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()],
        peers: vec![PeerConfig {
            name: "fetching".to_owned(),
            peer_id: id(fetching),
            addresses: Vec::new(),
            role: PeerRole::Observer,
        }],
    })
    .await
    .unwrap();
    let peer = PeerConfig {
        name: format!("peer-{number}"),
        peer_id: id(number),
        addresses: network.local_addresses(),
        role: PeerRole::Validator,
    };
    let disk: Arc<dyn Disk> = Arc::new(StdDisk);
    let server = SnapshotServer::start(&disk, &data, network).unwrap();
    tokio::spawn(async move {
        while let Some(event) = receiver.recv().await {
            let NetworkEvent::Message { from, bytes, .. } = event else {
                continue;
            };
            match NodeMessage::decode(&bytes).unwrap() {
                NodeMessage::SnapshotRequest(request) => server.ask(from, request),
                other => panic!("{other:?}"),
            }
        }
    });
    peer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_real_network_a_rotten_newest_one_is_passed_over() {
    let files = &*FILES;
    let home = tempfile::tempdir().unwrap();
    let mut rotten = files.later_bytes.clone();
    let at = rotten.len() - 100;
    rotten[at] ^= 1;
    let have = [
        (1, files.later, &rotten),
        (2, files.name, &files.bytes),
        (3, files.name, &files.bytes),
    ];
    let mut peers = Vec::new();
    for (number, name, bytes) in have {
        let data = home.path().join(format!("peer-{number}"));
        std::fs::create_dir_all(data.join("snapshots")).unwrap();
        std::fs::write(data.join("snapshots").join(name.to_string()), bytes).unwrap();
        peers.push(loopback_peer(number, 9, data).await);
    }
    let data = home.path().join("fetching");
    std::fs::create_dir(&data).unwrap();
    let config = FetchConfig {
        network: NetworkConfig {
            identity_seed: [9; 32].into(),
            chain: "test".to_owned(),
            listen: Vec::new(),
            peers,
        },
        setup: FetchSetup {
            disk: Arc::new(StdDisk),
            data: data.clone(),
            ..setup(&MemDisk::new(), &[1, 2, 3], PLENTY)
        },
    };
    let mut told = Vec::new();
    let fetched = bootstrap::fetch(config, |news| told.push(news.clone()));
    let fetched = fetched.await.unwrap();
    assert_eq!(fetched.name, files.name);
    let passed_over: Vec<_> = fetched.passed_over.iter().collect();
    assert_eq!(passed_over.len(), 1, "{passed_over:?}");
    assert_eq!(passed_over[0].peer, "peer-1");
    let chunks = |news: &&FetchNews| matches!(news, FetchNews::Arrived { .. });
    assert!(told.iter().filter(chunks).count() >= 6, "{told:?}");
    let there = std::fs::read(data.join("snapshots").join(files.name.to_string()));
    assert_eq!(there.unwrap(), files.bytes);
}
