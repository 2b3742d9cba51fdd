//! As whom a command reads: what is not for everybody is asked for in somebody's name.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use talea_client::{
    Client, Reader,
    key_file::{self, Passphrase},
};
use talea_types::{SecretKey, Subject, operation::DataPurpose};

use super::values;

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// As whom to read: an account or an organisation. Without it, the account or organisation that is
    /// asked about, if --reader-key is given.
    #[arg(
        long,
        value_name = "SUBJECT",
        global = true,
        env = "TALEA_READER",
        requires = "reader_keys"
    )]
    reader: Option<Subject>,
    /// Key file that shows it. Repeat it for an organisation of several keys whose reads have to be
    /// recorded.
    #[arg(
        long = "reader-key",
        value_name = "FILE",
        global = true,
        env = "TALEA_READER_KEY",
        value_delimiter = ','
    )]
    reader_keys: Vec<PathBuf>,
    /// File whose first line is the passphrase of the reader's key files.
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        hide_short_help = true,
        conflicts_with = "reader_passphrase_env"
    )]
    reader_passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase of the reader's key files.
    #[arg(long, value_name = "NAME", global = true, hide_short_help = true)]
    reader_passphrase_env: Option<String>,
    /// For what an organisation reads records of debtors, loans and cases: the record of the read, which
    /// the debtor sees, says so. credit-decision, collection, dispute, complaint, supervision, service
    /// or advice.
    #[arg(
        long = "reader-purpose",
        value_name = "PURPOSE",
        global = true,
        env = "TALEA_READER_PURPOSE",
        value_parser = values::data_purpose
    )]
    reader_purpose: Option<DataPurpose>,
}

impl Reading {
    /// The network as the reader sees it; `about` is whom the command asks about.
    pub(crate) fn client(&self, client: &Client, about: Option<Subject>) -> anyhow::Result<Client> {
        if self.reader_keys.is_empty() {
            return Ok(client.clone());
        }
        let reader = match (self.reader, about) {
            (Some(reader), _) => reader,
            // A debtor reads with the keys of its account.
            (None, Some(Subject::Debtor(id))) => Subject::Account(id),
            (None, Some(own @ (Subject::Account(_) | Subject::Participant(_)))) => own,
            (None, _) => bail!("--reader-key says with which key to read; give --reader, as whom"),
        };
        let mut keys = self.open_keys()?;
        let reader = match self.reader_purpose {
            Some(purpose) => Reader::for_purpose(reader, keys, purpose),
            None => Reader::new(reader, keys.remove(0)),
        };
        Ok(client.read_as(reader))
    }

    fn open_keys(&self) -> anyhow::Result<Vec<SecretKey>> {
        let open = |path: &PathBuf| {
            let passphrase = match (&self.reader_passphrase_file, &self.reader_passphrase_env) {
                (Some(path), _) => Passphrase::from_file(path)?,
                (None, Some(name)) => Passphrase::from_variable(name)?,
                (None, None) => Passphrase::prompt(&format!("Passphrase of {}: ", path.display()))?,
            };
            Ok(key_file::load(path, &passphrase)?)
        };
        self.reader_keys.iter().map(open).collect()
    }
}
