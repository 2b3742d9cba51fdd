//! `talea-audit statement`.

use std::{
    fs::File,
    io::{BufWriter, Write as _, stdout},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;
use talea_audit::{
    Index, IndexPlace,
    statement::{Message, read_statements, write_message},
};
use talea_genesis::standards::date;
use talea_types::{AccountId, Asset};

use super::output;

/// Write what was booked on an account between two business dates, as an ISO 20022 message.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea-audit statement acct1... --index network.db --from 2026-09-01 --until 2026-09-30\n  \
                  talea-audit statement acct1... --index network.db --from 2026-09-21 --until 2026-09-21 \\\n    \
                  --format camt.054 --asset CZK --out notification.xml"
)]
pub(crate) struct Statement {
    /// The account.
    #[arg(value_name = "ACCOUNT")]
    account: AccountId,
    /// The index: a file, or postgresql://USER@HOST/DATABASE.
    #[arg(long, value_name = "INDEX", env = "TALEA_INDEX")]
    index: IndexPlace,
    /// First business date.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: u32,
    /// Last business date; it is included.
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: u32,
    /// The message.
    #[arg(long, value_enum, default_value = "camt.053")]
    format: Format,
    /// Of this asset only; of each, if it is not said.
    #[arg(long, value_name = "CODE")]
    asset: Option<Asset>,
    /// The file to write, anew; standard output if it is not said.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Bank-to-customer statement, version 8: balances and entries.
    #[value(name = "camt.053")]
    Camt053,
    /// Bank-to-customer debit and credit notification, version 8: entries.
    #[value(name = "camt.054")]
    Camt054,
}

/// A day as people write it, as days since 1970-01-01.
pub(super) fn day(text: &str) -> Result<u32, String> {
    date::days(text).ok_or_else(|| "a day is written as in 2026-09-30".to_owned())
}

impl Statement {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<()> {
        let message = match self.format {
            Format::Camt053 => Message::Statement,
            Format::Camt054 => Message::Notification,
        };
        let index = Index::open(&self.index)?;
        let period = (self.from, self.until);
        let statements = read_statements(&index, self.account, period, self.asset)?;
        let Some(path) = &self.out else {
            return Ok(write_message(message, &statements, stdout().lock())?);
        };
        let written = || {
            let mut file = BufWriter::new(File::create_new(path)?);
            write_message(message, &statements, &mut file)?;
            file.flush()
        };
        written().with_context(|| format!("cannot write {}", path.display()))?;
        let entries: usize = statements.iter().map(|one| one.entries.len()).sum();
        if json {
            let value = json!({
                "file": path.display().to_string(),
                "assets": statements.len(),
                "entries": entries,
                "height": statements.first().map(|one| one.height),
            });
            output::line(&value.to_string());
        } else {
            output::line(&format!("{entries} entries in {}", path.display()));
        }
        Ok(())
    }
}
