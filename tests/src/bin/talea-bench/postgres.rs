//! The same transfers as SQL, on a PostgreSQL server that is started for it: one machine, synced commits,
//! no signature, no agreement. What users compare with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, bail};
use serde::Serialize;

const CLIENTS: [u32; 2] = [1, 16];
const SCRIPT: &str = "\\set payer random(1, 4000)\n\\set payee random(1, 4000)\n\\set amount random(1, 100)\n\
    BEGIN;\n\
    INSERT INTO transfers (payer, payee, amount) VALUES (:payer, :payee, :amount);\n\
    UPDATE accounts SET balance = balance - :amount WHERE id = :payer AND balance >= :amount;\n\
    UPDATE accounts SET balance = balance + :amount WHERE id = :payee;\n\
    COMMIT;\n";
const SCHEMA: &str = "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);\n\
    CREATE TABLE transfers (id bigserial PRIMARY KEY, payer int, payee int, amount bigint);\n\
    INSERT INTO accounts SELECT n, 1000000 FROM generate_series(1, 4000) n;\n";

/// Transfers a second for a number of clients.
#[derive(Debug, Serialize)]
pub struct Sql {
    /// Clients at once.
    pub clients: u32,
    /// Transfers a second.
    pub per_second: u64,
}

/// Measures, or says why not.
pub fn measure(seconds: u32) -> anyhow::Result<Result<Vec<Sql>, String>> {
    let Some(programs) = programs() else {
        return Ok(Err(
            "PostgreSQL is not installed (Debian: postgresql)".to_owned()
        ));
    };
    let directory = tempfile::Builder::new().prefix("talea-sql").tempdir()?;
    let server = Server {
        programs,
        directory: directory.path().to_owned(),
    };
    Ok(Ok(server.measure(seconds)?))
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.retain(|path| path.join("pgbench").is_file() && path.join("initdb").is_file());
    found.sort();
    found.pop()
}

struct Server {
    programs: PathBuf,
    directory: PathBuf,
}

impl Server {
    fn measure(&self, seconds: u32) -> anyhow::Result<Vec<Sql>> {
        let data = self.directory.join("data");
        std::fs::write(self.directory.join("script.sql"), SCRIPT)?;
        std::fs::write(self.directory.join("schema.sql"), SCHEMA)?;
        // The server refuses to run as root.
        if is_root() {
            run(Command::new("chown")
                .args(["-R", "postgres"])
                .arg(&self.directory))?;
        }
        self.call(
            "initdb",
            &["-D", text(&data)?, "-A", "trust", "-U", "bench"],
        )?;
        let socket = format!("-k {} -c listen_addresses=''", text(&self.directory)?);
        let log = self.directory.join("log");
        self.call(
            "pg_ctl",
            &[
                "-D",
                text(&data)?,
                "-o",
                &socket,
                "-l",
                text(&log)?,
                "-w",
                "start",
            ],
        )?;
        let result = self.measure_running(seconds);
        self.call("pg_ctl", &["-D", text(&data)?, "-m", "immediate", "stop"])?;
        result
    }

    fn measure_running(&self, seconds: u32) -> anyhow::Result<Vec<Sql>> {
        let host = text(&self.directory)?;
        let schema = self.directory.join("schema.sql");
        self.call(
            "psql",
            &[
                "-h",
                host,
                "-U",
                "bench",
                "-d",
                "postgres",
                "-q",
                "-f",
                text(&schema)?,
            ],
        )?;
        let script = self.directory.join("script.sql");
        CLIENTS
            .iter()
            .map(|clients| {
                let (count, time) = (clients.to_string(), seconds.to_string());
                let arguments = [
                    "-h",
                    host,
                    "-U",
                    "bench",
                    "-n",
                    "-f",
                    text(&script)?,
                    "-c",
                    &count,
                    "-T",
                    &time,
                    "postgres",
                ];
                let output = self.call("pgbench", &arguments)?;
                let printed = String::from_utf8_lossy(&output.stdout).into_owned();
                let rate = printed
                    .lines()
                    .find_map(|line| line.strip_prefix("tps = "))
                    .map(str::trim);
                let whole = rate
                    .and_then(|rate| rate.split(['.', ' ']).next())
                    .and_then(|rate| rate.parse().ok());
                Ok(Sql {
                    clients: *clients,
                    per_second: whole.context("pgbench printed no rate")?,
                })
            })
            .collect()
    }

    fn call(&self, program: &str, arguments: &[&str]) -> anyhow::Result<Output> {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        run(command.args(arguments).current_dir(&self.directory))
    }
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("a path that is not text")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn run(command: &mut Command) -> anyhow::Result<Output> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!(
            "{command:?} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(output)
}
