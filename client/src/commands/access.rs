//! `talea access`: who may read whose records, and who did.

use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};
use talea_client::describe;
use talea_types::{
    AccountId, ParticipantId, Subject, Timestamp,
    event::{AssuranceEvent, EventDetail},
    operation::{AccessEntry, AccessLog, DataFields, DataGrant, DataGrantRevoke, DataPurpose},
    state::{DataGranted, StateKey},
};

use super::{context::Context, exit::Code, lookup, output, pay, signing::Signing, values};

/// Let organisations read your records, take that back; record reads, and see who read.
///
/// Purposes: credit-decision, collection, dispute, complaint, supervision, service, advice.
/// Fields: identity, contact-points, income, payments, loans, collections, credit-history.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea access grant org1... --account acct1... --purpose credit-decision \
                  --field income --field loans --for 30d --key wallet.key\n  \
                  talea access reads acct1..."
)]
pub(super) struct Access {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Grant(Grant),
    Revoke(Revoke),
    Show(Show),
    Log(Log),
    Reads(Reads),
}

/// Let an organisation read, for a purpose and a time. The account signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea access grant org1... --account acct1... --purpose credit-decision \
                  --field income --field loans --for 30d --key wallet.key"
)]
struct Grant {
    /// Who may read: id or Legal Entity Identifier.
    #[arg(value_parser = values::organisation)]
    to: ParticipantId,
    /// Whose records.
    #[arg(long)]
    account: AccountId,
    /// For what.
    #[arg(long, value_parser = values::data_purpose)]
    purpose: DataPurpose,
    /// What; repeat it for several.
    #[arg(long = "field", value_name = "FIELD", required = true)]
    fields: Vec<String>,
    /// How long, at most 400d.
    #[arg(long = "for", value_name = "DURATION", default_value = "30d", value_parser = values::duration)]
    lasting: Duration,
    #[command(flatten)]
    signing: Signing,
}

/// No longer let an organisation read. The account signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea access revoke org1... --account acct1... --key wallet.key"
)]
struct Revoke {
    /// Who may not read any more: id or Legal Entity Identifier.
    #[arg(value_parser = values::organisation)]
    to: ParticipantId,
    /// Whose records.
    #[arg(long)]
    account: AccountId,
    #[command(flatten)]
    signing: Signing,
}

/// Show what an account lets an organisation read.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea access show org1... --account acct1...")]
struct Show {
    /// Who may read: id or Legal Entity Identifier.
    #[arg(value_parser = values::organisation)]
    to: ParticipantId,
    /// Whose records.
    #[arg(long)]
    account: AccountId,
}

/// Record that you read somebody's records: they see it in their history. The reader signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea access log debtor:acct1... --purpose supervision --field collections \
                  --as org1... --key regulator.key"
)]
struct Log {
    /// Whose records: an account, debtor:acct1..., a loan or a case; several share one entry in the block.
    #[arg(required = true)]
    subjects: Vec<Subject>,
    /// For what.
    #[arg(long, value_parser = values::data_purpose)]
    purpose: DataPurpose,
    /// What; repeat it for several.
    #[arg(long = "field", value_name = "FIELD", required = true)]
    fields: Vec<String>,
    /// When, at most a day ago; without it, now.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    at: Option<Timestamp>,
    /// The reader: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// List who read the records of an account, a debtor, a loan or a case, as the node tells it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea access reads debtor:acct1...")]
struct Reads {
    /// Whose records.
    subject: Subject,
}

fn fields(names: &[String]) -> anyhow::Result<DataFields> {
    let mut bits = 0;
    for name in names {
        let mut known = DataFields::NAMES.iter();
        let Some((bit, _)) = known.find(|(_, known)| known.replace(' ', "-") == *name) else {
            let all = DataFields::NAMES.map(|(_, name)| name.replace(' ', "-"));
            bail!("'{name}' is not one of {}", all.join(", "));
        };
        bits |= bit;
    }
    Ok(DataFields::new(bits)?)
}

fn names(fields: DataFields) -> String {
    fields.names().collect::<Vec<_>>().join(", ")
}

impl Access {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Grant(grant) => grant.run(context).await,
            Which::Revoke(revoke) => {
                let author = Subject::Account(revoke.account);
                let operation = DataGrantRevoke { to: revoke.to };
                revoke.signing.ask(context, author, operation).await
            }
            Which::Show(show) => show.run(context).await,
            Which::Log(log) => log.run(context).await,
            Which::Reads(reads) => reads.run(context).await,
        }
    }
}

impl Grant {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let grant = DataGrant {
            to: self.to,
            purpose: self.purpose,
            fields: fields(&self.fields)?,
            expires_at: pay::until(context, Some(self.lasting)).await?,
        };
        let author = Subject::Account(self.account);
        self.signing.ask(context, author, grant).await
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let key = StateKey::DataGrant(self.account, self.to);
        let what = format!("a grant of {} to {}", self.account, self.to);
        let found = lookup::object(context, &what, key, DataGranted::decode).await?;
        let grant = &found.object;
        let fields = [
            output::field("account", self.account),
            output::field("to", self.to),
            output::field("purpose", grant.purpose.name()),
            output::field("fields", names(grant.fields)),
            output::field("expires", describe::time(grant.expires_at)),
            found.verified(),
        ];
        output::record(context.json(), &fields, Vec::new());
        Ok(Code::Done)
    }
}

impl Log {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let read_at = match self.at {
            Some(time) => time,
            None => context.client()?.network().await?.ledger_time,
        };
        let fields = fields(&self.fields)?;
        let entries = self.subjects.iter().map(|subject| AccessEntry {
            subject: *subject,
            reader: self.by,
            purpose: self.purpose,
            fields,
            read_at,
        });
        let log = AccessLog {
            entries: entries.collect(),
        };
        let author = Subject::Participant(self.by);
        self.signing.ask(context, author, log).await
    }
}

impl Reads {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let client = context.reading(Some(self.subject))?;
        let mut rows = Vec::new();
        let mut next = 0;
        loop {
            let (events, length) = client.events(&self.subject, next, 1_000).await?;
            next = next.saturating_add(events.len() as u64);
            rows.extend(events.iter().filter_map(|event| match &*event.detail {
                EventDetail::Assurance(AssuranceEvent::RecordRead(read)) => Some(vec![
                    describe::time(read.read_at),
                    read.reader.to_string(),
                    read.purpose.name().to_owned(),
                    names(read.fields),
                    read.logged_by.to_string(),
                ]),
                _ => None,
            }));
            if events.is_empty() || next >= length {
                break;
            }
        }
        let list = output::List {
            name: "reads",
            header: &["time", "reader", "purpose", "fields", "recorded by"],
            rows,
        };
        let head = [output::field("records of", self.subject)];
        output::record(context.json(), &head, vec![list]);
        Ok(Code::Done)
    }
}
