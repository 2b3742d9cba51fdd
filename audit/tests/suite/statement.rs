//! Statements of an account: they add up, say what the ledger says, and are valid by the published schemas.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{
    Node, skipped,
    story::{self, Told},
};
use talea_audit::{
    Index, follow,
    statement::{Message, Statement, StatementError, read_statements, write_message},
};
use talea_types::{AccountId, Asset, Timestamp};

async fn followed(told: &Told, path: &Path) -> Index {
    let mut index = Index::open_or_create(path, &told.network.chain()).unwrap();
    let chain = index.resume(told.network.record()).unwrap();
    let followed = follow(&Node::of(&told.made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    followed.index
}

fn usd() -> Asset {
    Asset::new("USD").unwrap()
}

fn today(told: &Told) -> u32 {
    told.network.ledger().business_date()
}

fn text_of(message: Message, statements: &[Statement]) -> String {
    let mut written = Vec::new();
    write_message(message, statements, &mut written).unwrap();
    String::from_utf8(written).unwrap()
}

#[tokio::test]
async fn a_statement_adds_up_to_what_the_ledger_has() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    let day = today(&told);
    for account in [told.debtor, told.shop] {
        let statements = read_statements(&index, account, (0, day), None).unwrap();
        let [statement] = statements.as_slice() else {
            panic!("one asset was booked");
        };
        let booked = statement.entries.iter().fold(0, |sum, entry| {
            if entry.is_credit {
                sum + entry.amount
            } else {
                sum - entry.amount
            }
        });
        assert_eq!((statement.opening, statement.closing), (0, booked));
        let balance = told.network.ledger().account(&account).unwrap();
        let balance = balance.balance(usd()).unwrap();
        let on_ledger = balance.available.minor_units() + balance.held.minor_units();
        assert_eq!(statement.closing, on_ledger);
        assert!(statement.is_currency);
    }
    let debtor = &read_statements(&index, told.debtor, (0, day), None).unwrap()[0];
    let first = &debtor.entries[0];
    assert!(first.is_credit);
    assert_eq!(
        (first.amount, first.end_to_end_id.as_str()),
        (10_000, "FUND-10000")
    );
    let second = &debtor.entries[1];
    assert!(!second.is_credit);
    assert_eq!(
        (second.amount, second.counterparty),
        (2_000, Some(told.shop))
    );
}

#[tokio::test]
async fn what_was_before_the_period_is_in_the_opening_balance() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    let day = today(&told);
    let all = &read_statements(&index, told.debtor, (0, day), Some(usd())).unwrap()[0];
    let after = &read_statements(&index, told.debtor, (day + 1, day + 9), None).unwrap()[0];
    assert_eq!((after.opening, after.closing), (all.closing, all.closing));
    assert!(after.entries.is_empty());
    let before = read_statements(&index, told.debtor, (0, day - 1), None);
    assert!(matches!(before, Err(StatementError::Nothing { .. })));
    let backwards = read_statements(&index, told.debtor, (day, day - 1), None);
    assert!(matches!(backwards, Err(StatementError::NoPeriod)));
    let nobody = AccountId::from_bytes([9; 16]);
    let unknown = read_statements(&index, nobody, (0, day), None);
    assert!(matches!(
        unknown,
        Err(StatementError::AccountUnknown { .. })
    ));
}

#[tokio::test]
async fn messages_are_valid_by_the_schemas_of_the_standard() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    let day = today(&told);
    let mut statements = read_statements(&index, told.debtor, (0, day), None).unwrap();
    statements.extend(read_statements(&index, told.debtor, (day + 1, day + 1), None).unwrap());
    // What a clerk can write into a reference is text, whatever it looks like.
    statements[0].entries[0].end_to_end_id = "<a href=\"x\">&amp;</a> 'č 中".to_owned();
    let points = Statement {
        is_currency: false,
        asset: Asset::new("PTS").unwrap(),
        decimals: 0,
        at: Timestamp::from_millis(1_790_000_000_123),
        ..statements[0].clone()
    };
    statements.push(points);
    let statement = text_of(Message::Statement, &statements);
    assert!(
        statement.contains("<Amt Ccy=\"USD\">100.00</Amt>"),
        "{statement}"
    );
    assert!(
        statement.contains("<Amt Ccy=\"XXX\">10000</Amt>"),
        "{statement}"
    );
    assert!(statement.contains("<EndToEndId>&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;"));
    let notification = text_of(Message::Notification, &statements);
    assert!(!notification.contains("<Bal>"));
    for (name, text) in [
        ("camt.053.001.08", statement),
        ("camt.054.001.08", notification),
    ] {
        assert_valid(directory.path(), name, &text);
    }
}

/// Where the schemas are: `TALEA_DATA`, or beside the repository.
fn schema(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("TALEA_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = given.unwrap_or(beside);
    let path = path.join("iso20022/xsd").join(format!("{name}.xsd"));
    path.is_file().then_some(path)
}

fn assert_valid(directory: &Path, name: &str, text: &str) {
    let Some(schema) = schema(name) else {
        skipped(&format!(
            "no schema {name}.xsd (TALEA_DATA names the folder with iso20022/xsd)"
        ));
        return;
    };
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    let validate = |path: &Path| {
        let mut command = Command::new("xmllint");
        command
            .args(["--noout", "--nonet", "--schema"])
            .arg(&schema)
            .arg(path);
        command.output()
    };
    let Ok(said) = validate(&path) else {
        skipped("no xmllint (Debian: libxml2-utils)");
        return;
    };
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{errors}\n{text}");
    // The validator can say no.
    std::fs::write(&path, text.replace("<CdtDbtInd>CRDT", "<CdtDbtInd>PLUS")).unwrap();
    assert!(!validate(&path).unwrap().status.success());
}
