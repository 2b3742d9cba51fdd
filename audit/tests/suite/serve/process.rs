//! The desk as a process of its own: what it does when its log of looks cannot be written, and what it asks for.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use talea_audit::{Index, Looks, follow};
use tempfile::TempDir;

use crate::support::{
    Node,
    desk::Browser,
    skipped,
    story::{self, Told},
};

/// How long a process may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(30);

async fn indexed(told: &Told, path: &Path) {
    let mut index = Index::open_or_create(path, &told.network.chain()).unwrap();
    let chain = index.resume(told.network.record()).unwrap();
    let followed = follow(&Node::of(&told.made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
}

/// Opens a desk whose node does not answer: it shows what is in the index. The signal for a file that is too large
/// is ignored, so that the program gets the error.
fn desk(directory: &Path) -> (Child, Browser) {
    let mut child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_talea-audit"))
        .args([
            "serve",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--node",
            "http://127.0.0.1:9",
        ])
        .args(["--genesis", "genesis.toml", "--index", "index.db"])
        .current_dir(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
        let mut said = String::new();
        child
            .stderr
            .as_mut()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        panic!("{line}{said}")
    });
    let address = told["address"].as_str().unwrap();
    let address = address.trim_start_matches("http://").trim_end_matches('/');
    let address = address.parse().unwrap();
    (child, Browser { address })
}

/// A desk of the story, and a look that an agency had at a loan.
struct LookedAt {
    directory: TempDir,
    child: Child,
    browser: Browser,
    token: String,
    path: String,
}

async fn looked_at() -> LookedAt {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let genesis = told.network.localnet.document.to_toml();
    std::fs::write(directory.path().join("genesis.toml"), genesis).unwrap();
    indexed(&told, &directory.path().join("index.db")).await;
    let (child, browser) = desk(directory.path());
    let (agency, key) = &told.agency;
    let token = browser.token(&told.network, *agency, key).await;
    let path = format!("/api/loan/{}", told.loan);
    assert_eq!(browser.get(&path, &token).await.status, 200);
    LookedAt {
        directory,
        child,
        browser,
        token,
        path,
    }
}

fn ended(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("the desk goes on");
}

#[tokio::test]
async fn a_look_that_cannot_be_written_is_not_answered_and_ends_the_desk() {
    let mut desk = looked_at().await;
    let looks = desk.directory.path().join("index.db.looks");
    let length = std::fs::metadata(&looks).unwrap().len();
    let limited = Command::new("prlimit")
        .arg(format!("--pid={}", desk.child.id()))
        .arg(format!("--fsize={}", length + 10))
        .status();
    if !limited.is_ok_and(|status| status.success()) {
        skipped("there is no prlimit (Debian: util-linux)");
        desk.child.kill().unwrap();
        desk.child.wait().unwrap();
        return;
    }
    let rest = desk.browser.rest_of(&desk.path, &desk.token).await;
    assert_eq!(String::from_utf8_lossy(&rest), "");
    assert_eq!(ended(&mut desk.child), Some(1));
    let mut said = String::new();
    desk.child
        .stderr
        .as_mut()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(said.contains("a look could not be written down"), "{said}");
    assert!(said.contains("index.db.looks"), "{said}");
    // Nothing was shown that is not in the log; the line that was not finished is dropped.
    assert_eq!(Looks::open(&looks).unwrap().head().number, 1);
}

#[tokio::test]
async fn a_second_desk_is_refused_and_the_first_keeps_its_log() {
    let mut desk = looked_at().await;
    let second = Command::new(env!("CARGO_BIN_EXE_talea-audit"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(["--node", "http://127.0.0.1:9"])
        .args(["--genesis", "genesis.toml", "--index", "index.db"])
        .current_dir(desk.directory.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(
        said.contains("another desk writes the log of looks index.db.looks"),
        "{said}"
    );
    assert_eq!(desk.browser.get(&desk.path, &desk.token).await.status, 200);
    desk.child.kill().unwrap();
    desk.child.wait().unwrap();
    let looks = Looks::open(&desk.directory.path().join("index.db.looks")).unwrap();
    assert_eq!(looks.head().number, 2);
}

#[test]
fn an_index_on_a_server_asks_for_a_place_for_the_log() {
    for (command, others) in [
        (
            "serve",
            &["--genesis", "none.toml", "--node", "http://127.0.0.1:9"][..],
        ),
        ("looks", &[]),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_talea-audit"))
            .arg(command)
            .args(["--index", "postgresql://nobody@127.0.0.1:9/none"])
            .args(others)
            .env_remove("TALEA_LOOKS")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("--looks FILE"), "{said}");
    }
}
