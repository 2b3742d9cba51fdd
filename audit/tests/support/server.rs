//! A PostgreSQL server of its own for a test, where one is installed.

use std::{
    fs::Permissions,
    net::TcpListener,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use talea_audit::IndexPlace;

/// A server that listens on a socket in its directory only. It ends with this.
pub struct Server {
    programs: PathBuf,
    directory: tempfile::TempDir,
    /// With which it is started.
    settings: String,
    /// Of its socket, and of `127.0.0.1` where it speaks TLS.
    pub port: u16,
}

/// A certificate and its key, PEM.
pub struct Identity<'a> {
    pub certificate: &'a str,
    pub key: &'a str,
}

impl Server {
    /// `None`, with words that say so, where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        Self::start_as(None)
    }

    /// One that listens on this machine too, for TLS, with a certificate.
    pub fn start_with_tls(identity: &Identity<'_>) -> Option<Self> {
        Self::start_as(Some(identity))
    }

    fn start_as(identity: Option<&Identity<'_>>) -> Option<Self> {
        let Some(programs) = programs() else {
            super::skipped("PostgreSQL is not installed (Debian: postgresql)");
            return None;
        };
        let directory = tempfile::Builder::new().prefix("talea-sql").tempdir();
        let directory = directory.unwrap();
        let port = match identity {
            Some(_) => free_port(),
            None => 5_432,
        };
        let mut server = Self {
            programs,
            directory,
            settings: String::new(),
            port,
        };
        let path = server.directory.path().display().to_string();
        let mut listening = "-c listen_addresses=''".to_owned();
        if let Some(Identity { certificate, key }) = identity {
            for (name, text) in [("server.crt", certificate), ("server.key", key)] {
                let file = server.directory.path().join(name);
                std::fs::write(&file, text).unwrap();
                std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
            }
            listening = format!(
                "-c listen_addresses=127.0.0.1 -c ssl=on -c ssl_cert_file={path}/server.crt \
                 -c ssl_key_file={path}/server.key"
            );
        }
        // The server refuses to run as root.
        if is_root() {
            let mut give = Command::new("chown");
            done(give.args(["-R", "postgres"]).arg(server.directory.path()));
        }
        let data = format!("{path}/data");
        server.call(
            "initdb",
            &["-D", &data, "-A", "trust", "-U", "talea", "--no-sync"],
        );
        server.settings =
            format!("-k {path} {listening} -c port={port} -c fsync=off -c max_connections=20");
        server.go_on();
        Some(server)
    }

    /// Starts it again after [`Server::stop`].
    pub fn go_on(&self) {
        let path = self.directory.path().display();
        let (data, log) = (format!("{path}/data"), format!("{path}/log"));
        let start = ["-D", &data, "-o", &self.settings, "-l", &log, "-w", "start"];
        self.call("pg_ctl", &start);
    }

    /// Stops it, whoever is connected.
    pub fn stop(&self) {
        let data = self.directory.path().join("data");
        let data = data.display().to_string();
        self.call("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]);
    }

    /// An empty database.
    pub fn database(&self, name: &str) -> IndexPlace {
        self.run("postgres", &format!("CREATE DATABASE {name}"));
        self.url(name).parse().unwrap()
    }

    /// A database with the rows of another that nobody uses.
    pub fn copy(&self, name: &str, of: &str) -> IndexPlace {
        self.run("postgres", &format!("CREATE DATABASE {name} TEMPLATE {of}"));
        self.url(name).parse().unwrap()
    }

    /// Takes a database away.
    pub fn remove(&self, name: &str) {
        self.run("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
    }

    /// What `psql` says to a statement.
    pub fn run(&self, database: &str, sql: &str) -> String {
        let path = self.directory.path().display().to_string();
        let port = self.port.to_string();
        let words = [
            "-h",
            &path,
            "-p",
            &port,
            "-U",
            "talea",
            "-d",
            database,
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            sql,
        ];
        let said = self.call("psql", &words).stdout;
        String::from_utf8(said).unwrap()
    }

    /// Of a database.
    pub fn url(&self, database: &str) -> String {
        let path = self.directory.path().display();
        let port = self.port;
        format!("postgresql:///{database}?host={path}&port={port}&user=talea")
    }

    fn call(&self, program: &str, arguments: &[&str]) -> Output {
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
        done(command.args(arguments).current_dir(&self.directory))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|path| path.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn is_root() -> bool {
    std::fs::metadata(Path::new("/proc/self")).is_ok_and(|own| own.uid() == 0)
}

fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}
