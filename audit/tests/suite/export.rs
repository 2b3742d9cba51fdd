//! Exports: what is in them is what is in the index and on the ledger, and a change is found.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::support::{
    Network, Node,
    story::{self, Told},
};
use parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};
use serde_json::{Value as Json, json};
use talea_audit::{
    Index,
    export::{
        ExportError, Format, Manifest, Strangers, Unsigned, Verified, VerifyError, export,
        sign_manifest, verify_export,
    },
    follow,
};
use talea_types::{
    Asset, KeyPolicy, Operation, SecretKey, Subject,
    operation::{AssuranceOperation, KeyRotate, LegalHoldPlace},
};

async fn followed(told: &Told, path: &Path) -> Index {
    let mut index = Index::open_or_create(path, &told.network.chain()).unwrap();
    let chain = index.resume(told.network.record()).unwrap();
    let followed = follow(&Node::of(&told.made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    followed.index
}

struct Exported {
    told: Told,
    index: Index,
    directory: tempfile::TempDir,
    manifest: Json,
}

impl Exported {
    async fn to(format: Format) -> Self {
        let told = story::tell();
        let directory = tempfile::tempdir().unwrap();
        let index = followed(&told, &directory.path().join("index.db")).await;
        let day = told.network.ledger().business_date();
        let out = directory.path().join("export");
        let manifest = export(&index, format, (0, day), &out).unwrap();
        sign_manifest(&manifest, &told.lender.1, &out).unwrap();
        Self {
            told,
            index,
            manifest: serde_json::from_str(&manifest.text).unwrap(),
            directory,
        }
    }

    fn out(&self) -> PathBuf {
        self.directory.path().join("export")
    }

    fn verify(&self, index: Option<&Index>) -> Result<Verified, VerifyError> {
        self.verify_where(index, Unsigned::Refused)
    }

    /// The same where nobody has to have signed.
    fn verify_unsigned(&self, index: Option<&Index>) -> Result<Verified, VerifyError> {
        self.verify_where(index, Unsigned::Allowed)
    }

    fn verify_where(
        &self,
        index: Option<&Index>,
        unsigned: Unsigned,
    ) -> Result<Verified, VerifyError> {
        let record = self.told.network.record();
        verify_export(&self.out(), record, index, Strangers::Refused, unsigned)
    }

    /// Paths of the files of a sheet.
    fn files(&self, sheet: &str) -> Vec<PathBuf> {
        let files = self.manifest["files"].as_array().unwrap();
        let files = files.iter().filter(|file| file["sheet"] == sheet);
        files
            .map(|file| self.out().join(file["path"].as_str().unwrap()))
            .collect()
    }

    fn rows(&self, sheet: &str) -> u64 {
        let files = self.manifest["files"].as_array().unwrap();
        let files = files.iter().filter(|file| file["sheet"] == sheet);
        files.map(|file| file["rows"].as_u64().unwrap()).sum()
    }
}

fn count(index: &Index, sql: &'static str) -> u64 {
    let rows = index.ask(sql, &[]).unwrap();
    rows[0].integer(0).unwrap().unsigned_abs()
}

#[tokio::test]
async fn totals_of_parquet_of_sql_and_of_the_ledger_are_equal() {
    let exported = Exported::to(Format::Parquet).await;
    let (mut issued, mut redeemed, mut postings) = (0, 0, 0);
    for path in exported.files("events") {
        let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let named: BTreeMap<&str, &Field> = row
                .get_column_iter()
                .map(|(name, field)| (name.as_str(), field))
                .collect();
            let Field::Long(amount) = named["amount"] else {
                continue;
            };
            postings += 1;
            match named["kind"] {
                Field::Str(kind) if kind == "Issued" => issued += amount,
                Field::Str(kind) if kind == "Redeemed" => redeemed += amount,
                _ => {}
            }
        }
    }
    let asset = Asset::new("USD").unwrap();
    let ledger = exported.told.network.ledger().asset(asset).unwrap();
    let on_ledger = i64::try_from(ledger.liabilities.minor_units()).unwrap();
    assert_eq!(issued - redeemed, on_ledger);
    let totals = exported.manifest["totals"]["postings"].as_array().unwrap();
    let told: u64 = totals
        .iter()
        .map(|one| one["postings"].as_u64().unwrap())
        .sum();
    assert_eq!(told, postings);
    for (sheet, sql) in [
        ("blocks", "SELECT count(*) FROM block"),
        ("transactions", "SELECT count(*) FROM tx"),
        ("events", "SELECT count(*) FROM event"),
        ("contacts", "SELECT count(*) FROM contact"),
        ("refusals", "SELECT count(*) FROM refusal"),
        ("loan_months", "SELECT count(*) FROM loan_month"),
    ] {
        let mut in_files = 0;
        for path in exported.files(sheet) {
            let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
            in_files += u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap();
        }
        assert_eq!(in_files, count(&exported.index, sql), "{sheet}");
        assert_eq!(in_files, exported.rows(sheet), "{sheet}");
    }
    let outcomes = &exported.manifest["totals"]["outcomes"];
    for one in exported.index.totals().unwrap().outcomes {
        assert_eq!(outcomes[one.outcome.name()], one.count);
    }
}

#[tokio::test]
async fn every_kind_of_file_has_the_same_rows() {
    let lines = Exported::to(Format::JsonLines).await;
    let table = Exported::to(Format::Csv).await;
    for sheet in [
        "blocks",
        "transactions",
        "events",
        "contacts",
        "refusals",
        "loan_months",
    ] {
        for (lines, table) in lines.files(sheet).iter().zip(table.files(sheet)) {
            let lines = std::fs::read_to_string(lines).unwrap();
            let mut table = csv::Reader::from_path(table).unwrap();
            let names = table.headers().unwrap().clone();
            let mut rows = table.records();
            for line in lines.lines() {
                let object: Json = serde_json::from_str(line).unwrap();
                let row = rows.next().unwrap().unwrap();
                for (name, text) in names.iter().zip(&row) {
                    let expected = match &object[name] {
                        Json::Null => String::new(),
                        Json::String(text) => text.clone(),
                        other => other.to_string(),
                    };
                    assert_eq!(text, expected, "{sheet} {name}");
                }
            }
            assert!(rows.next().is_none());
        }
    }
}

#[tokio::test]
async fn the_same_days_give_the_same_bytes() {
    for format in [Format::Parquet, Format::Csv, Format::JsonLines] {
        let (one, other) = (Exported::to(format).await, Exported::to(format).await);
        assert_eq!(one.manifest, other.manifest);
    }
}

#[tokio::test]
async fn what_was_changed_after_is_found() {
    let exported = Exported::to(Format::Csv).await;
    let out = exported.out();
    let index = Some(&exported.index);
    let verified = exported.verify(index).unwrap();
    let (lender, key) = &exported.told.lender;
    let signer = verified.signed_by.unwrap();
    assert_eq!(signer.key, key.public_key());
    let (id, name, since) = signer.of.unwrap();
    assert_eq!(
        (Subject::Participant(id), name.as_str(), since),
        (*lender, "Sandbox bank-1", 0)
    );
    let another = Network::of_seed(9);
    let other = verify_export(
        &out,
        another.record(),
        None,
        Strangers::Refused,
        Unsigned::Refused,
    );
    assert!(matches!(other, Err(VerifyError::Network { .. })));
    let path = exported.files("transactions").remove(0);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("INSUFFICIENT_FUNDS", "APPLIED")).unwrap();
    let altered = exported.verify(None);
    assert!(matches!(altered, Err(VerifyError::Altered { .. })));
    std::fs::write(&path, text).unwrap();
    exported.verify(None).unwrap();
    let manifest = out.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("\"last\"", "\"LAST\"")).unwrap();
    let altered = exported.verify(None);
    assert!(matches!(altered, Err(VerifyError::Signature { .. })));
    std::fs::remove_file(out.join("manifest.signature.json")).unwrap();
    let other = text.replace(
        &exported.told.network.state_root().to_string(),
        &"0".repeat(64),
    );
    assert_ne!(other, text);
    std::fs::write(&manifest, other).unwrap();
    let altered = exported.verify_unsigned(index);
    assert!(matches!(altered, Err(VerifyError::OtherIndex { .. })));
}

/// Alters a file, and the manifest so that it fits; takes the signature away.
fn made_to_fit(exported: &Exported, sheet: &str, alter: impl Fn(&str) -> String) {
    let path = exported.files(sheet).remove(0);
    let before = std::fs::read_to_string(&path).unwrap();
    let after = alter(&before);
    assert_ne!(after, before);
    std::fs::write(&path, &after).unwrap();
    let hash = |text: &str| blake3::hash(text.as_bytes()).to_hex().to_string();
    let manifest = exported.out().join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let text = text.replace(&hash(&before), &hash(&after));
    std::fs::write(&manifest, text).unwrap();
    let _ = std::fs::remove_file(exported.out().join("manifest.signature.json"));
}

#[tokio::test]
async fn an_export_that_nobody_signed_is_refused_unless_it_is_allowed() {
    let exported = Exported::to(Format::Csv).await;
    let index = Some(&exported.index);
    made_to_fit(&exported, "contacts", |text| {
        text.replace("conversation", "no_answer")
    });
    for index in [None, index] {
        let refused = exported.verify(index).unwrap_err();
        assert_eq!(refused.name(), Some("UNSIGNED"), "{refused}");
        // What stands in a row, only a signature holds.
        let allowed = exported.verify_unsigned(index).unwrap();
        assert_eq!(allowed.signed_by, None);
    }
    // One that names more rows than there are is found by the files.
    made_to_fit(&exported, "contacts", |text| {
        let kept: Vec<&str> = text.lines().take(2).collect();
        kept.join("\n") + "\n"
    });
    let altered = exported.verify_unsigned(None).unwrap_err();
    assert_eq!(altered.name(), Some("ALTERED"), "{altered}");
    assert!(matches!(altered, VerifyError::Rows { found: 1, .. }));
    // One that does not, by the index.
    let manifest = exported.out().join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let mut json: Json = serde_json::from_str(&text).unwrap();
    for file in json["files"].as_array_mut().unwrap() {
        if file["sheet"] == "contacts" {
            file["rows"] = 1.into();
        }
    }
    std::fs::write(&manifest, json.to_string()).unwrap();
    exported.verify_unsigned(None).unwrap();
    let differs = exported.verify_unsigned(index).unwrap_err();
    assert_eq!(differs.name(), Some("OTHER_INDEX"), "{differs}");
    assert!(
        differs.to_string().contains("rows of each sheet"),
        "{differs}"
    );
}

#[tokio::test]
async fn totals_of_postings_are_those_of_the_index() {
    let exported = Exported::to(Format::JsonLines).await;
    let manifest = exported.out().join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let mut json: Json = serde_json::from_str(&text).unwrap();
    json["totals"]["postings"][0]["minor_units"] = "1".into();
    std::fs::write(&manifest, json.to_string()).unwrap();
    std::fs::remove_file(exported.out().join("manifest.signature.json")).unwrap();
    let differs = exported.verify_unsigned(Some(&exported.index)).unwrap_err();
    assert!(differs.to_string().contains("postings"), "{differs}");
}

#[tokio::test]
async fn an_export_with_records_left_out_is_the_one_of_its_index() {
    for format in [Format::Parquet, Format::Csv, Format::JsonLines] {
        let exported = Exported::to(format).await;
        let aged = exported.directory.path().join("index.db");
        let connection = rusqlite::Connection::open(aged).unwrap();
        let age = "UPDATE block SET time_ms = time_ms - 400000000000 WHERE height > 1";
        connection.execute(age, []).unwrap();
        drop(connection);
        std::fs::remove_dir_all(exported.out()).unwrap();
        let day = exported.told.network.ledger().business_date();
        let manifest = export(&exported.index, format, (0, day), &exported.out()).unwrap();
        assert!(manifest.text.contains("\"contacts\": 2"), "left out");
        let verified = exported.verify_unsigned(Some(&exported.index)).unwrap();
        assert!(verified.is_in_index);
    }
}

#[tokio::test]
async fn what_no_export_leaves_out_is_not_believed_to_be_left_out() {
    let exported = Exported::to(Format::Csv).await;
    let index = Some(&exported.index);
    assert_eq!(
        exported.verify(index).unwrap().left_out.rows,
        BTreeMap::new()
    );
    // A row less in the file, which the manifest says too.
    made_to_fit(&exported, "contacts", |text| {
        let kept: Vec<&str> = text.lines().take(2).collect();
        kept.join("\n") + "\n"
    });
    let path = exported.out().join("manifest.json");
    let mut manifest: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for file in manifest["files"].as_array_mut().unwrap() {
        if file["sheet"] == "contacts" {
            file["rows"] = 1.into();
        }
    }
    let verified = |index: Option<&Index>, years: Json, rows: Json, redacted: Json| {
        let mut told = manifest.clone();
        told["left_out"]["retention_years"] = years;
        told["left_out"]["rows"] = rows;
        told["left_out"]["redacted"] = redacted;
        std::fs::write(&path, told.to_string()).unwrap();
        exported.verify_unsigned(index)
    };
    let (one, none) = (json!({ "contacts": 1 }), json!({}));
    for (years, rows, redacted) in [
        (Json::Null, &one, &none),
        (Json::Null, &none, &json!({ "transactions": 2 })),
        (json!(3), &json!({ "blocks": 1 }), &none),
        (json!(3), &json!({ "transactions": 1 }), &none),
        (json!(3), &json!({ "anything": 0 }), &none),
        (json!(3), &none, &one),
    ] {
        for index in [None, index] {
            let refused = verified(index, years.clone(), rows.clone(), redacted.clone());
            let refused = refused.unwrap_err();
            assert_eq!(refused.name(), Some("LEFT_OUT"), "{refused}");
        }
    }
    for rows in [
        json!({ "contacts": "1" }),
        json!({ "contacts": -1 }),
        Json::Null,
    ] {
        let unreadable = verified(None, json!(3), rows, none.clone());
        assert!(matches!(unreadable, Err(VerifyError::Unreadable { .. })));
    }
    // What can have been left out is what whoever verifies is told of.
    let told = verified(index, json!(3), one, none).unwrap().left_out;
    assert_eq!(told.years, Some(3));
    assert_eq!(told.rows, BTreeMap::from([("contacts".to_owned(), 1)]));
}

#[tokio::test]
async fn a_key_of_nobody_is_refused_unless_it_is_allowed() {
    let exported = Exported::to(Format::Csv).await;
    let manifest = exported.out().join("manifest.json");
    let text = std::fs::read_to_string(manifest).unwrap();
    let key = SecretKey::from_seed([4; 32]);
    sign_manifest(&Manifest { text }, &key, &exported.out()).unwrap();
    for index in [None, Some(&exported.index)] {
        let refused = exported.verify(index).unwrap_err();
        assert_eq!(refused.name(), Some("SIGNED_BY_STRANGER"), "{refused}");
        let record = exported.told.network.record();
        let allowed = verify_export(
            &exported.out(),
            record,
            index,
            Strangers::Allowed,
            Unsigned::Refused,
        )
        .unwrap();
        let signer = allowed.signed_by.unwrap();
        assert_eq!((signer.key, signer.of), (key.public_key(), None));
    }
}

#[tokio::test]
async fn a_key_is_good_while_it_is_its_owners() {
    let told = story::tell();
    let (lender, old) = told.lender.clone();
    let new = SecretKey::from_seed([44; 32]);
    let before = told.made.len() as u64;
    let rotate = Operation::KeyRotate(KeyRotate {
        policy: KeyPolicy::single(new.public_key()),
        overlap_until: talea_types::Timestamp::default(),
    });
    let told = told.then(&(lender, old.clone()), &[&new], rotate);
    let after = told.made.len() as u64;
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    let day = told.network.ledger().business_date();
    let out = directory.path().join("export");
    let manifest = export(&index, Format::Csv, (0, day), &out).unwrap();
    let record = told.network.record();
    let verify = |index| verify_export(&out, record, index, Strangers::Refused, Unsigned::Refused);
    sign_manifest(&manifest, &new, &out).unwrap();
    let signer = verify(Some(&index)).unwrap().signed_by.unwrap();
    assert_eq!(signer.of.unwrap().2, after);
    // The genesis document alone does not know it.
    assert!(matches!(verify(None), Err(VerifyError::Stranger { .. })));
    sign_manifest(&manifest, &old, &out).unwrap();
    let refused = verify(Some(&index)).unwrap_err();
    assert!(
        refused.to_string().contains(&format!("block {after}")),
        "{refused}"
    );
    assert!(before < after);
}

#[tokio::test]
async fn nothing_is_written_over_and_nothing_is_made_of_nothing() {
    let exported = Exported::to(Format::Csv).await;
    let again = export(&exported.index, Format::Csv, (0, 99_999), &exported.out());
    assert!(matches!(again, Err(ExportError::NotEmpty { .. })));
    let empty = exported.directory.path().join("empty");
    let nothing = export(&exported.index, Format::Csv, (0, 1), &empty);
    assert!(matches!(nothing, Err(ExportError::Nothing)));
}

#[tokio::test]
async fn what_may_no_longer_be_kept_is_left_out_and_counted() {
    let exported = Exported::to(Format::Csv).await;
    assert_eq!(exported.manifest["left_out"]["retention_years"], 3);
    let nothing = serde_json::json!({});
    assert_eq!(exported.manifest["left_out"]["rows"], nothing);
    assert_eq!(exported.manifest["left_out"]["redacted"], nothing);
    // As if all of it, but for the first block, had happened long before.
    let aged = exported.directory.path().join("index.db");
    let connection = rusqlite::Connection::open(aged).unwrap();
    let age = "UPDATE block SET time_ms = time_ms - 400000000000 WHERE height > 1";
    connection.execute(age, []).unwrap();
    drop(connection);
    let out = exported.directory.path().join("aged");
    let day = exported.told.network.ledger().business_date();
    let manifest = export(&exported.index, Format::Csv, (0, day), &out).unwrap();
    let manifest: Json = serde_json::from_str(&manifest.text).unwrap();
    let left_out = &manifest["left_out"]["rows"];
    assert_eq!(left_out["contacts"], exported.rows("contacts"));
    assert_eq!(left_out["refusals"], exported.rows("refusals"));
    // What is left names neither the loan nor the case, and the debtor as an account alone: not in the bytes either.
    let told = &exported.told;
    let hex = |id: &[u8]| {
        id.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let mut forbidden = vec![
        told.loan.to_string(),
        told.case.to_string(),
        hex(told.loan.as_bytes()),
        hex(told.case.as_bytes()),
        Subject::Debtor(told.debtor).to_string(),
    ];
    let texts = |manifest: &Json, directory: &Path| -> Vec<String> {
        let files = manifest["files"].as_array().unwrap().iter();
        let paths = files.map(|file| directory.join(file["path"].as_str().unwrap()));
        paths
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    };
    let before = texts(&exported.manifest, &exported.out()).concat();
    assert!(forbidden.iter().all(|id| before.contains(id)));
    let after = texts(&manifest, &out).concat();
    assert!(forbidden.iter().all(|id| !after.contains(id)));
    // In histories of organisations the account of the debtor is the debtor.
    forbidden = vec![hex(told.debtor.as_bytes())];
    let account = format!(",{},", Subject::Account(told.debtor));
    let shop = format!(",{},", Subject::Account(told.shop));
    let others = after
        .lines()
        .filter(|line| !line.contains(&account) && !line.contains(&shop));
    assert!(others.clone().count() > 20);
    assert!(
        others
            .clone()
            .all(|line| forbidden.iter().all(|id| !line.contains(id)))
    );
    // What the debtor asked for is counted, and not told; money adds up.
    let redacted = manifest["left_out"]["redacted"]["transactions"]
        .as_u64()
        .unwrap();
    assert!(redacted > 3);
    assert_eq!(manifest["totals"], exported.manifest["totals"]);
    let expected = left_out["events"].as_u64().unwrap();
    assert!(expected > 10);
    let kept = manifest["files"].as_array().unwrap();
    let kept = kept.iter().filter(|file| file["sheet"] == "events");
    let kept: u64 = kept.map(|file| file["rows"].as_u64().unwrap()).sum();
    assert_eq!(kept + expected, exported.rows("events"));
}

/// An export of the days up to `day` from an index in which all blocks but the newest were made long before.
async fn exported_long_after(mut told: Told, day: u32) -> Json {
    let later = told.network.ledger().business_date() + 1;
    told.made.push(told.network.advance_date(later, 0));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let index = followed(&told, &path).await;
    let connection = rusqlite::Connection::open(&path).unwrap();
    let age = "UPDATE block SET time_ms = time_ms - 400000000000 \
               WHERE height < (SELECT max(height) FROM block)";
    connection.execute(age, []).unwrap();
    drop(connection);
    let out = directory.path().join("export");
    let manifest = export(&index, Format::Csv, (0, day), &out).unwrap();
    serde_json::from_str(&manifest.text).unwrap()
}

#[tokio::test]
async fn days_of_long_ago_are_as_old_by_themselves_as_with_the_newest() {
    let day = story::tell().network.ledger().business_date();
    let alone = exported_long_after(story::tell(), day).await;
    let with_the_newest = exported_long_after(story::tell(), day + 1).await;
    assert_ne!(alone["blocks"]["last"], with_the_newest["blocks"]["last"]);
    for manifest in [&alone, &with_the_newest] {
        assert!(manifest["left_out"]["rows"]["contacts"].as_u64() > Some(0));
    }
    assert_eq!(alone["left_out"], with_the_newest["left_out"]);
}

#[tokio::test]
async fn a_legal_hold_keeps_what_is_too_old() {
    let told = story::tell();
    let (lender, account) = (told.lender.clone(), told.debtor);
    let hold = LegalHoldPlace { account, reason: 1 };
    let hold = Operation::Assurance(AssuranceOperation::LegalHoldPlace(hold));
    let held = told.then(&lender, &[], hold);
    let day = held.network.ledger().business_date();
    let manifest = exported_long_after(held, day).await;
    assert_eq!(manifest["left_out"]["retention_years"], 3);
    for kind in ["rows", "redacted"] {
        assert_eq!(manifest["left_out"][kind], serde_json::json!({}), "{kind}");
    }
    // The hold is what keeps it: without one it is left out.
    let let_go = exported_long_after(story::tell(), day).await;
    assert_ne!(let_go["left_out"]["rows"], manifest["left_out"]["rows"]);
}
