//! A follower that is killed with SIGKILL at any moment: its index is that of one that was not, in a file and
//! in a server.

mod support;

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use support::{Made, Network, Node, server::Server};
use talea_audit::{Digest, Index, IndexPlace, follow};

/// Kills that meet a follower at work, at random moments; `TALEA_AUDITOR_KILLS=100` makes it long.
const KILLS: u64 = 6;
const BLOCKS: u64 = 60;
/// Followers that are begun for each kill, at most: some are done before it comes.
const FOLLOWERS_PER_KILL_MAX: u64 = 50;
/// Where the child process writes its index to.
const PLACE: &str = "TALEA_TEST_PLACE";

fn chain() -> (Network, Vec<Made>) {
    let mut network = Network::new();
    let made = network.history(BLOCKS);
    (network, made)
}

async fn followed(network: &Network, made: &[Made], place: &IndexPlace) -> Index {
    let mut index = Index::open_or_create(place, &network.chain()).unwrap();
    let chain = index.resume(network.record()).unwrap();
    let followed = follow(&Node::of(made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    followed.index
}

/// Not a test: what the process does that is killed.
#[tokio::test]
#[ignore = "the process that the others kill; a long run: TALEA_AUDITOR_KILLS=100 cargo test --release -p talea-audit --test kills"]
async fn follow_until_killed() {
    let Ok(place) = std::env::var(PLACE) else {
        return;
    };
    let (network, made) = chain();
    println!("\nready");
    followed(&network, &made, &place.parse().unwrap()).await;
}

fn follower(place: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "follow_until_killed", "--ignored", "--nocapture"])
        .env(PLACE, place)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while lines.next().unwrap().unwrap() != "ready" {}
    // The rest is read too, so that nothing waits for it.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

/// The digest of an index that nobody interrupted, and how long it took to make.
async fn made_whole(place: &IndexPlace) -> (Digest, Duration) {
    let (network, made) = chain();
    let begun = Instant::now();
    let index = followed(&network, &made, place).await;
    let lasts = begun.elapsed();
    (index.digest().unwrap(), lasts)
}

/// Kills followers at any moment of the time that one takes; `anew` gives another empty place once an index is whole.
async fn killed((whole, lasts): (Digest, Duration), anew: &mut dyn FnMut() -> String) {
    let kills = std::env::var("TALEA_AUDITOR_KILLS");
    let kills = kills.map_or(KILLS, |text| text.parse().expect("a number of kills"));
    let (network, made) = chain();
    let (mut place, mut begun, mut cut_short) = (anew(), 0_u64, 0);
    while cut_short < kills {
        assert!(
            begun < kills * FOLLOWERS_PER_KILL_MAX,
            "only {cut_short} of {begun} were cut short"
        );
        let mut child = follower(&place);
        let mixed = begun.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        begun += 1;
        std::thread::sleep(lasts.mul_f64(mixed as f64 / f64::from(1 << 24)));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            cut_short += 1;
        } else {
            let index = Index::open(place.parse::<IndexPlace>().unwrap()).unwrap();
            assert_eq!(index.digest().unwrap(), whole);
            place = anew();
        }
        child.wait().unwrap();
    }
    println!("{cut_short} of {begun} followers were killed at work, within {lasts:?}");
    let index = followed(&network, &made, &place.parse().unwrap()).await;
    assert_eq!(index.digest().unwrap(), whole);
}

#[tokio::test]
async fn a_file_is_that_of_a_follower_that_was_not_killed() {
    let directory = tempfile::tempdir().unwrap();
    let whole = made_whole(&directory.path().join("whole.db").into()).await;
    let mut number = 0;
    let mut anew = || {
        number += 1;
        let path = directory.path().join(format!("killed-{number}.db"));
        path.display().to_string()
    };
    killed(whole, &mut anew).await;
}

#[tokio::test]
async fn a_server_is_that_of_a_follower_that_was_not_killed() {
    let Some(server) = Server::start() else {
        return;
    };
    let whole = made_whole(&server.database("whole")).await;
    let mut number = 0;
    let mut anew = || {
        number += 1;
        let name = format!("killed_{number}");
        server.database(&name);
        server.url(&name)
    };
    killed(whole, &mut anew).await;
}
