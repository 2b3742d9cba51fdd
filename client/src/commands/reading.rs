//! As whom a command reads: what is not for everybody is asked for in somebody's name.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use talea_client::{
    Client, Reader, Trust,
    key_file::{self, Passphrase},
};
use talea_types::{SecretKey, Subject, operation::DataPurpose};

use super::values;

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// As whom to read: an account or an organisation. Without it, the account or organisation that is
    /// asked about.
    #[arg(long, value_name = "SUBJECT", global = true, env = "TALEA_READER")]
    reader: Option<Subject>,
    /// Key file of the reader; commands that sign take a key of theirs. Repeat it for an organisation of
    /// several keys whose reads have to be recorded.
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
    /// The network as the reader sees it, if one is named.
    pub(crate) fn client(&self, client: Client) -> anyhow::Result<Client> {
        match self.reader {
            Some(reader) if !self.reader_keys.is_empty() => self.show(&client, reader),
            _ => Ok(client),
        }
    }

    /// The same; without a name, the reader is whom the command asks about.
    pub(crate) fn client_about(&self, client: Client, about: Subject) -> anyhow::Result<Client> {
        if self.reader_keys.is_empty() {
            return Ok(client);
        }
        let reader = match (self.reader, about) {
            (Some(reader), _) => reader,
            // A debtor reads with the keys of its account.
            (None, Subject::Debtor(id)) => Subject::Account(id),
            (None, own @ (Subject::Account(_) | Subject::Participant(_))) => own,
            (None, Subject::Loan(_) | Subject::Case(_)) => {
                bail!("--reader-key says with which key to read; give --reader, as whom")
            }
        };
        self.show(&client, reader)
    }

    /// The same for a command that signs: its own keys show the reader that is named or, without a name,
    /// the organisation of the genesis document whose key one of them is.
    pub(crate) fn client_signing(
        &self,
        client: Client,
        trust: &Trust,
        keys: &[SecretKey],
    ) -> anyhow::Result<Client> {
        if !self.reader_keys.is_empty() {
            return self.client(client);
        }
        let organisation = keys.iter().find_map(|key| {
            let id = trust.organisation_of(&key.public_key())?;
            Some((Subject::Participant(id), key))
        });
        let named = self.reader.zip(keys.first());
        match named.or(organisation) {
            Some((reader, key)) => Ok(client.read_as(Reader::new(reader, key.clone()))),
            None => Ok(client),
        }
    }

    fn show(&self, client: &Client, reader: Subject) -> anyhow::Result<Client> {
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
