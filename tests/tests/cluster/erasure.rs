//! Erased, but proofs stay valid.

use crate::desk::Desk;

const SECRET: &str = "Jana-Novakova-born-1990-02-03";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_erased_is_gone_and_every_proof_stays_valid() {
    let desk = Desk::start().await;
    let wallet = desk.open_wallet("bank-1", "wallet.key").await;
    let (lei, bank) = (desk.lei("bank-1"), desk.key("bank-1"));
    let passphrase = desk.passphrase();

    // Sealed to the bank and to a key for envelopes alone, put, opened by each of them.
    desk.new_key("envelopes.key").await;
    let mut recipients = String::new();
    for key in [bank.as_str(), "envelopes.key"] {
        let shown = format!("envelope key {key} --passphrase-file {passphrase}");
        let key = desk.offline(&shown).await.done().text("envelope_key");
        recipients.push_str(&format!(" --recipient {key}"));
    }
    desk.write("identity.txt", SECRET);
    let seal = format!("envelope seal identity.txt --account {wallet} --out identity.envelope");
    desk.offline(&(seal + &recipients)).await.done();
    std::fs::remove_file(desk.path("identity.txt")).unwrap();
    let put = format!("envelope put identity.envelope --as {lei}");
    desk.sign(&[&bank], &put).await.done();
    for (key, out) in [(bank.as_str(), "one.txt"), ("envelopes.key", "two.txt")] {
        let open = format!(
            "envelope open identity.envelope --key {key} --passphrase-file {passphrase} --out {out}"
        );
        desk.offline(&open).await.done();
        assert_eq!(std::fs::read_to_string(desk.path(out)).unwrap(), SECRET);
        std::fs::remove_file(desk.path(out)).unwrap();
    }
    let stranger = format!(
        "envelope open identity.envelope --key wallet.key --passphrase-file {passphrase} --out no.txt"
    );
    assert_eq!(desk.offline(&stranger).await.code, 1);

    // A commitment: what it is of can be shown as long as its opening is there.
    let new = format!("commitment new --text {SECRET} --out name.opening");
    let commitment = desk.offline(&new).await.done().text("commitment");
    let checked = desk.offline("commitment check name.opening").await.done();
    assert_eq!(checked.text("value"), SECRET);
    let own = desk.open_own("bank-1", "100 USD").await;
    let issue = format!("issue 5 USD --account {wallet} --as {lei}");
    desk.sign(&[&bank], &issue).await.done();
    let pay = format!("pay 1 USD --from {wallet} --to {own} --travel-rule {commitment}");
    desk.sign(&["wallet.key"], &pay).await.done();
    let history = format!("account events {wallet} --complete --proof before.proof");
    assert_eq!(desk.read("regulator", &history).await.code, 0);

    // A legal hold forbids erasure: nothing is deleted.
    let (regulator, key) = (desk.lei("regulator"), desk.key("regulator"));
    let hold = format!("legal-hold place {wallet} --reason 1 --as {regulator}");
    desk.sign(&[&key], &hold).await.done();
    let erase_envelope = format!("envelope erase identity.envelope --as {lei}");
    let erase_commitment = format!("commitment erase name.opening --account {wallet} --as {lei}");
    for erase in [&erase_envelope, &erase_commitment] {
        desk.sign(&[&bank], erase).await.refused("LEGAL_HOLD");
    }
    assert!(desk.path("identity.envelope").exists() && desk.path("name.opening").exists());
    let lift = format!("legal-hold lift {wallet} --as {regulator}");
    desk.sign(&[&key], &lift).await.done();

    // Erased: the files are gone, the ledger says so, and nobody has the data any more.
    let shown = desk
        .read("regulator", "envelope show identity.envelope")
        .await;
    let hash = shown.done().text("envelope");
    for erase in [&erase_envelope, &erase_commitment] {
        desk.sign(&[&bank], erase).await.done();
    }
    assert!(!desk.path("identity.envelope").exists() && !desk.path("name.opening").exists());
    assert_eq!(desk.holds(SECRET.as_bytes()), None);
    let shown = desk
        .read("regulator", &format!("envelope show {hash}"))
        .await;
    assert_ne!(shown.done().text("erased"), "no");
    let show = format!("commitment show {commitment} --account {wallet}");
    let shown = desk.read("regulator", &show).await.done();
    assert_ne!(shown.text("erased"), "no");

    // What was proved before still is, and what happened since can be proved too.
    desk.offline("verify before.proof").await.done();
    let history = format!("audit {wallet} --out after.bundle");
    desk.read("regulator", &history).await.done();
    let after = desk.offline("verify after.bundle").await.done();
    let events = after.value["periods"][0]["events"]
        .as_array()
        .unwrap()
        .clone();
    let erased = events.iter().filter(|event| {
        let what = event["what"].as_str();
        what.is_some_and(|what| what.contains("erased by"))
    });
    assert_eq!(erased.count(), 2);
}
