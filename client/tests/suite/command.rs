//! The `talea` program: what it prints, writes and exits with.

use std::{
    path::{Path, PathBuf},
    process::Output,
    sync::{Arc, atomic::Ordering},
};

use serde_json::Value;
use talea_client::{
    ProofFile,
    key_file::{self, Passphrase},
};
use talea_types::AccountId;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    chain::{Chain, Fixture},
    node::FakeNode,
};

const PASSPHRASE: &str = "correct horse";

/// A folder with a genesis document and the wallet's key.
struct Desk {
    folder: TempDir,
    node: String,
}

impl Desk {
    fn new(chain: &Arc<Chain>, node: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let genesis = folder.path().join("genesis.toml");
        chain.localnet().document.save(&genesis).unwrap();
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        let key = folder.path().join("wallet.key");
        key_file::store(&key, &Fixture::wallet_key(), &passphrase).unwrap();
        Self {
            folder,
            node: node.to_owned(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn run(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_talea"))
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env("TALEA_NODES", &self.node)
            .env("TALEA_GENESIS", "genesis.toml")
            .env("PASS", PASSPHRASE)
            .output()
            .await
            .unwrap()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn pay(amount: &str) -> String {
    let (from, to) = (Fixture::wallet(), AccountId::from_bytes([2; 16]));
    format!(
        "pay {amount} CZK --from {from} --to {to} --key wallet.key --passphrase-env PASS --json"
    )
}

#[tokio::test]
async fn paying_saves_a_receipt_that_anybody_can_verify() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    let desk = Desk::new(&net.chain, &node.url);
    let paid = desk.run(&(pay("12.50") + " --receipt paid.proof")).await;
    assert_eq!(code(&paid), 0, "{}", errors(&paid));
    assert_eq!(json(&paid)["state"], "COMMITTED");

    // Offline: no node is named.
    let offline = Desk {
        node: String::new(),
        ..desk
    };
    let verified = offline.run("verify paid.proof --json").await;
    assert_eq!(code(&verified), 0, "{}", errors(&verified));
    let proved = json(&verified);
    assert_eq!(proved["amount"], "12.50 CZK");
    assert_eq!(proved["outcome"], "APPLIED");
    assert_eq!(proved["transaction"], json(&paid)["transaction"]);
}

#[tokio::test]
async fn a_tampered_receipt_ends_with_its_own_code() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    let desk = Desk::new(&net.chain, &node.url);
    let payment = net.payment(1);
    net.chain.commit(&[payment.encoded().clone()]);
    let get = format!("receipt get {} --out good.proof", payment.id());
    assert_eq!(code(&desk.run(&get).await), 0);
    let Ok(ProofFile::Receipt(mut proof)) = ProofFile::load(&desk.path("good.proof")) else {
        panic!("not a receipt");
    };
    proof.receipt.finality.header.business_date += 1;
    ProofFile::Receipt(proof)
        .save(&desk.path("bad.proof"))
        .unwrap();
    std::fs::write(desk.path("no.proof"), "hello").unwrap();
    for file in ["bad.proof", "no.proof"] {
        let refused = desk.run(&format!("receipt verify {file}")).await;
        assert_eq!(code(&refused), 6, "{file}: {}", errors(&refused));
    }
    // A node that lies is found out before anything is written.
    node.faults.tampers.store(true, Ordering::SeqCst);
    let lied = desk
        .run(&format!("receipt get {} --out x.proof", payment.id()))
        .await;
    assert_eq!(code(&lied), 6, "{}", errors(&lied));
    assert!(!Path::exists(&desk.path("x.proof")));
}

#[tokio::test]
async fn absence_is_saved_and_verified_in_words() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    net.chain.commit(&[]);
    let desk = Desk::new(&net.chain, &node.url);
    let nobody = AccountId::from_bytes([9; 16]);
    let shown = desk
        .run(&format!("account show {nobody} --proof none.proof"))
        .await;
    assert_eq!(code(&shown), 1, "{}", errors(&shown));
    assert!(errors(&shown).contains("that is proved"));
    let audited = desk
        .run(&format!("audit debtor:{nobody} --out none.bundle"))
        .await;
    assert_eq!(code(&audited), 0, "{}", errors(&audited));

    let offline = Desk {
        node: String::new(),
        ..desk
    };
    for (file, what) in [("none.proof", "account"), ("none.bundle", "debtor")] {
        let verified = offline.run(&format!("verify {file} --json")).await;
        assert_eq!(code(&verified), 0, "{}", errors(&verified));
        let value = json(&verified);
        assert_eq!(value["verified"], true);
        let proved = value["periods"].get(0).unwrap_or(&value);
        let words = proved["absent"].as_str().unwrap();
        let begin = format!("there is no {what} {nobody} at height ");
        assert!(words.starts_with(&begin), "{words}");
    }
}

#[tokio::test]
async fn every_end_has_its_code() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    let desk = Desk::new(&net.chain, &node.url);
    // 0.99 is rejected by the test's ledger.
    let rejected = desk.run(&pay("0.99")).await;
    assert_eq!(code(&rejected), 3, "{}", errors(&rejected));
    assert_eq!(json(&rejected)["outcome"]["name"], "INSUFFICIENT_FUNDS");

    let usage = desk.run("pay").await;
    assert_eq!(code(&usage), 2);
    let amount = desk.run(&pay("1.234")).await;
    assert_eq!(code(&amount), 1, "{}", errors(&amount));
    assert!(
        errors(&amount).contains("2 decimals"),
        "{}",
        errors(&amount)
    );

    node.faults.stuck.store(true, Ordering::SeqCst);
    let uncertain = desk.run(&(pay("1.00") + " --timeout 1s")).await;
    assert_eq!(code(&uncertain), 5, "{}", errors(&uncertain));
    assert!(errors(&uncertain).contains("tx status"));

    let nobody = Desk {
        node: "http://127.0.0.1:1".to_owned(),
        ..desk
    };
    let unreachable = nobody.run("network --timeout 1s").await;
    assert_eq!(code(&unreachable), 5, "{}", errors(&unreachable));
}

#[tokio::test]
async fn signers_who_sit_apart_and_a_transaction_that_expires() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    let desk = Desk::new(&net.chain, &node.url);
    let made = desk
        .run("keys new second.key --passphrase-env PASS --json")
        .await;
    assert_eq!(code(&made), 0, "{}", errors(&made));
    let second = json(&made)["public_key"].as_str().unwrap().to_owned();
    let shown = desk.run("keys show second.key").await;
    assert_eq!(String::from_utf8_lossy(&shown.stdout).trim(), second);

    let (from, to) = (Fixture::wallet(), AccountId::from_bytes([2; 16]));
    let payments = format!(
        "author = \"{from}\"\n[[payments]]\npay = {{ from = \"{from}\", to = \"{to}\", \
         amount = \"5.00\", asset = \"CZK\" }}\n"
    );
    std::fs::write(desk.path("pay.toml"), payments).unwrap();
    let first = Fixture::wallet_key().public_key();
    let build = format!(
        "tx build pay.toml --signer {first} --signer {second} --nonce 7 \
         --expires-at 2027-01-15T09:00:00Z --out pay.tx.json"
    );
    for step in [
        build.as_str(),
        "tx sign pay.tx.json --key wallet.key --passphrase-env PASS --out first.tx.json",
        "tx sign pay.tx.json --key second.key --passphrase-env PASS --out second.tx.json",
        "tx show first.tx.json",
    ] {
        let output = desk.run(step).await;
        assert_eq!(code(&output), 0, "{step}: {}", errors(&output));
    }
    let incomplete = desk.run("tx submit first.tx.json").await;
    assert_eq!(code(&incomplete), 1);
    assert!(
        errors(&incomplete).contains(&second),
        "{}",
        errors(&incomplete)
    );
    let assembled = desk
        .run("tx assemble first.tx.json second.tx.json --out signed.tx.json --json")
        .await;
    assert_eq!(code(&assembled), 0, "{}", errors(&assembled));
    let id = json(&assembled)["id"].as_str().unwrap().to_owned();

    // Not submitted yet: unknown. Once the ledger is past its expiry: expired for ever.
    let status = format!("tx status {id} --file signed.tx.json --json");
    let unknown = desk.run(&status).await;
    assert_eq!(
        (code(&unknown), &json(&unknown)["state"]),
        (5, &"UNKNOWN".into())
    );
    net.chain.advance_clock(86_400_000);
    let expired = desk.run(&status).await;
    assert_eq!(
        (code(&expired), &json(&expired)["state"]),
        (4, &"EXPIRED".into())
    );
}

#[tokio::test]
async fn accounts_histories_and_blocks_are_shown_verified() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    for nonce in 0..5 {
        net.chain.commit(&[net.payment(nonce).encoded().clone()]);
    }
    let desk = Desk::new(&net.chain, &node.url);
    let wallet = Fixture::wallet();
    let account = desk
        .run(&format!("account show {wallet} --json --proof a.proof"))
        .await;
    assert_eq!(code(&account), 0, "{}", errors(&account));
    assert_eq!(json(&account)["verified_at_height"], 5);
    assert_eq!(code(&desk.run("verify a.proof").await), 0);

    let history = desk
        .run(&format!(
            "account events {wallet} --complete --proof h.proof"
        ))
        .await;
    assert_eq!(code(&history), 0, "{}", errors(&history));
    let text = String::from_utf8_lossy(&history.stdout).into_owned();
    assert!(text.contains("exactly these 5 events"), "{text}");
    assert_eq!(code(&desk.run("verify h.proof").await), 0);

    let blocks = desk.run("watch blocks --from 1 --count 5 --json").await;
    assert_eq!(code(&blocks), 0, "{}", errors(&blocks));
    let text = String::from_utf8_lossy(&blocks.stdout).into_owned();
    assert_eq!(text.lines().count(), 5);
    assert!(text.lines().all(|line| line.contains("\"verified\":true")));

    let network = desk.run("network --json").await;
    assert_eq!(code(&network), 0, "{}", errors(&network));
}
