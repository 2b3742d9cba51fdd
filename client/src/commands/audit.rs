//! `talea audit`: what happened to somebody in a period, shown complete, in a file that anybody can
//! verify offline.

use std::path::PathBuf;

use clap::Args;
use talea_client::ProofFile;
use talea_types::{Subject, Timestamp};

use super::{context::Context, exit::Code, output, values, verify};

/// Prove what happened to accounts, organisations, debtors, loans or cases in a period: these events,
/// and no others.
///
/// A debtor (debtor:acct1...) comes with all its loans and cases, over the same period: a bundle that
/// leaves one out does not verify.
///
/// Of who is not on the ledger the bundle proves that: at a height there is no such account, debtor, loan
/// or case, so that nothing happened to it.
///
/// The bundle needs no trust in the node that it came from: it is verified here, and again by whoever
/// has it and the genesis document (`talea verify`). Events outside the period are not disclosed, but for
/// the one on either side that shows where the period ends.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea audit debtor:acct1... --from 2026-01-01T00:00:00Z --to 2026-04-01T00:00:00Z --out q1.bundle\n  \
                  talea audit acct1... org1... --out whole.bundle\n  \
                  talea verify q1.bundle --genesis genesis.toml"
)]
pub(crate) struct Audit {
    /// Whose history; several share one bundle.
    #[arg(required = true, value_name = "SUBJECT")]
    subjects: Vec<Subject>,
    /// First time of the period; without it, from the beginning.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    from: Option<Timestamp>,
    /// First time after the period; it must have passed. Without it, up to the newest block.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    to: Option<Timestamp>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Audit {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let bar = output::bar("fetching events");
        let from = self.from.unwrap_or_default();
        let client = context.reading(self.subjects.first().copied())?;
        let bundle = client
            .audit(
                &self.subjects,
                from,
                self.to,
                &trust,
                |subject, have, of| {
                    bar.set_message(subject.to_string());
                    bar.set_length(of);
                    bar.set_position(have);
                },
            )
            .await?;
        bar.finish_and_clear();
        let file = ProofFile::Audit(bundle);
        file.save(&self.out)?;
        verify::print(context, &file, &trust)?;
        Ok(Code::Done)
    }
}
