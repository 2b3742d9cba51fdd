//! The example queries over the Parquet files of an export, each with the answer that it gives for the story of
//! these tests. They are run by SQLite on rows that were read from the files, and by DataFusion on the files themselves
//! where it is installed (`audit/examples/queries/README.md`).
//! `TALEA_REGENERATE=1` writes the answers anew.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Node, skipped, story};
use parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};
use rusqlite::{Connection, params_from_iter, types::Value};
use talea_audit::{
    Index,
    export::{Format, export},
    follow,
};
use talea_types::credit::date_of;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/queries")
}

/// Every file of an export as rows of a table with the name of its sheet.
fn tables(directory: &Path) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for day in std::fs::read_dir(directory).unwrap().flatten() {
        let Ok(files) = std::fs::read_dir(day.path()) else {
            continue;
        };
        for file in files.flatten() {
            let path = file.path();
            let sheet = path.file_stem().unwrap().to_str().unwrap();
            let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
            let schema = reader.metadata().file_metadata().schema_descr_ptr();
            let names: Vec<String> = schema
                .columns()
                .iter()
                .map(|column| format!("\"{}\"", column.name()))
                .collect();
            let names = names.join(", ");
            let create = format!("CREATE TABLE IF NOT EXISTS {sheet} ({names})");
            connection.execute(&create, []).unwrap();
            for row in reader.get_row_iter(None).unwrap() {
                let row = row.unwrap();
                let values: Vec<Value> = row
                    .get_column_iter()
                    .map(|(_, field)| match field {
                        Field::Null => Value::Null,
                        Field::Long(number) => Value::Integer(*number),
                        Field::Str(text) => Value::Text(text.clone()),
                        other => panic!("{other:?}"),
                    })
                    .collect();
                let places = vec!["?"; values.len()].join(", ");
                let insert = format!("INSERT INTO {sheet} ({names}) VALUES ({places})");
                connection
                    .execute(&insert, params_from_iter(values))
                    .unwrap();
            }
        }
    }
    connection
}

/// Names and rows, comma-separated.
fn answer(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(sql).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut lines = vec![names.join(",")];
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let values = (0..names.len()).map(|column| match row.get_unwrap(column) {
            Value::Null => String::new(),
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => panic!("{other:?}"),
        });
        lines.push(values.collect::<Vec<_>>().join(","));
    }
    lines.join("\n") + "\n"
}

/// The same in DataFusion, where Python has it: the one of `TALEA_DATAFUSION`, or `python3`.
fn in_datafusion(export: &Path) {
    let python = std::env::var_os("TALEA_DATAFUSION").unwrap_or_else(|| "python3".into());
    let mut run = Command::new(python);
    let script = examples().join("run.py");
    match run.arg(script).arg(export).arg("--compare").output() {
        Ok(output) if output.status.success() => {
            println!("{}", String::from_utf8_lossy(&output.stdout));
        }
        Ok(output) if output.status.code() == Some(3) => {
            skipped("python3 has no datafusion (pip install datafusion)");
        }
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => skipped("there is no python3"),
    }
}

/// The program that runs the queries finds each table that is in the files. This needs no DataFusion.
fn tables_are_found(export: &Path, connection: &Connection) {
    let script = examples().join("run.py");
    let run = Command::new("python3")
        .args([&script, export, Path::new("--tables")])
        .output();
    let Ok(output) = run else {
        skipped("there is no python3");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let found = String::from_utf8(output.stdout).unwrap();
    let mut found: Vec<&str> = found
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    found.sort_unstable();
    let ask = "SELECT name FROM sqlite_schema ORDER BY name";
    let mut statement = connection.prepare(ask).unwrap();
    let tables = statement.query_map([], |row| row.get(0)).unwrap();
    let tables: Vec<String> = tables.map(Result::unwrap).collect();
    assert!(tables.iter().any(|table| table == "loan_months"));
    assert_eq!(found, tables);
}

#[tokio::test]
async fn each_example_query_gives_its_answer() {
    let mut told = story::tell();
    // Two months end, unpaid.
    let november = date_of(2026, 11, 1);
    told.made.push(told.network.advance_date(november, 0));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let mut index = Index::open_or_create(path, &told.network.chain()).unwrap();
    let chain = index.resume(told.network.record()).unwrap();
    let followed = follow(&Node::of(&told.made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    let out = directory.path().join("export");
    let day = told.network.ledger().business_date();
    export(&followed.index, Format::Parquet, (0, day), &out).unwrap();
    let connection = tables(&out);
    tables_are_found(&out, &connection);
    in_datafusion(&out);
    let mut queries = 0;
    for file in std::fs::read_dir(examples()).unwrap().flatten() {
        let path = file.path();
        if path.extension().is_none_or(|kind| kind != "sql") {
            continue;
        }
        queries += 1;
        let sql = std::fs::read_to_string(&path).unwrap();
        let found = answer(&connection, &sql);
        assert!(found.lines().count() > 1, "{}: nothing", path.display());
        let expected = path.with_extension("csv");
        if std::env::var_os("TALEA_REGENERATE").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap();
        assert_eq!(found, expected, "{}", path.display());
    }
    assert!(queries > 0);
}
