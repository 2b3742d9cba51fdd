//! `talea case permit` and `outcome`.

use std::time::Duration;

use clap::Args;
use talea_client::operations::collections;
use talea_types::{
    CaseId, Hash, LoanId, ParticipantId, PermitId, Subject, Timestamp,
    conduct::{Channel, ContactResult, Party, Purpose},
    operation::{ContactOutcome, ContactPermit, Strategy},
};

use crate::commands::{context::Context, exit::Code, signing::Signing, values};

/// Ask for the permission for one contact. The collector signs. Shows the permit, the token that a
/// dialler or a gateway should demand.
///
/// Channels: voice_call, automated_call, text_message, email, app_message, letter, visit.
/// Parties: debtor, representative, third_party.
/// Purposes: payment, arrangement, required_notice, dispute_answer, location, legal_action.
///
/// A refusal is final for this transaction, is kept in the block, and names each rule that refuses with
/// its legal source. A rule that can be overridden needs --override and the lender's key.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea case permit case1... --loan loan1... --channel voice_call --point 77ab... \
                  --for 10m --collector org1... --key agency.key\n  \
                  talea case permit case1... --loan loan1... --channel text_message --point 77ab... \
                  --from 2026-11-23T15:00:00Z --for 1h --template reminder-1 --language en \
                  --opt-out-statement --collector org1... --key agency.key"
)]
pub(super) struct Permit {
    /// In which case.
    case: CaseId,
    /// About which debt.
    #[arg(long)]
    loan: LoanId,
    /// How.
    #[arg(long)]
    channel: Channel,
    /// Commitment to the number, address or place: the same for the same (see 'talea commitment').
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    point: Hash,
    /// With whom.
    #[arg(long, default_value = "debtor")]
    party: Party,
    /// What for.
    #[arg(long, default_value = "payment")]
    purpose: Purpose,
    /// From when on, at most two days ahead; without it, from now on.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    from: Option<Timestamp>,
    /// How long the window is, at most a day.
    #[arg(long = "for", value_name = "DURATION", default_value = "10m", value_parser = values::duration)]
    lasting: Duration,
    /// Id of the template or script.
    #[arg(long, default_value = "standard")]
    template: String,
    /// Language of the contact (BCP 47).
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    /// The message tells how to opt out.
    #[arg(long)]
    opt_out_statement: bool,
    /// It will be recorded.
    #[arg(long)]
    recorded: bool,
    /// Risk grade of the debtor.
    #[arg(long, default_value_t = 0)]
    grade: u32,
    /// Id of the model that graded.
    #[arg(long, value_name = "ID", default_value = "")]
    model: String,
    /// Version of the strategy.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    strategy: u32,
    /// Why the lender overrides what may be overridden: a code of the published list. The lender signs too.
    #[arg(long = "override", value_name = "REASON", default_value_t = 0)]
    override_reason: u32,
    /// The collector of the case: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    collector: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Say what came of a permitted contact: no_answer, invalid_contact_point, connected, conversation or
/// sent. The collector signs. A permit that is not closed within two days is a breach.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea case outcome permit1... no_answer --collector org1... --key agency.key\n  \
                  talea case outcome permit1... conversation --at 2026-11-23T15:04:00Z --lasted 3m \
                  --recording 77ab... --collector org1... --key agency.key"
)]
pub(super) struct Outcome {
    /// Which.
    permit: PermitId,
    /// What came of it.
    result: ContactResult,
    /// When it happened; without it, now.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    at: Option<Timestamp>,
    /// How long it took.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = values::duration)]
    lasted: Duration,
    /// Commitment to the recording.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    recording: Option<Hash>,
    /// A third party wants no further contact.
    #[arg(long)]
    third_party_refused: bool,
    /// The collector: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    collector: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

async fn time_or_now(context: &Context, time: Option<Timestamp>) -> anyhow::Result<Timestamp> {
    Ok(match time {
        Some(time) => time,
        None => context.client()?.network().await?.ledger_time,
    })
}

impl Permit {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let from = time_or_now(context, self.from).await?;
        let until = from.plus_millis(u64::try_from(self.lasting.as_millis())?);
        let plain =
            collections::permit(self.case, self.loan, self.channel, self.point, from, until);
        let permit = ContactPermit {
            party: self.party,
            purpose: self.purpose,
            template: self.template,
            language: self.language,
            opt_out_statement: self.opt_out_statement,
            recorded: self.recorded,
            strategy: Strategy {
                grade: self.grade,
                model: self.model,
                version: self.strategy,
            },
            override_reason: self.override_reason,
            ..plain
        };
        let author = Subject::Participant(self.collector);
        self.signing.ask(context, author, permit).await
    }
}

impl Outcome {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let at = time_or_now(context, self.at).await?;
        let outcome = ContactOutcome {
            duration_seconds: u32::try_from(self.lasted.as_secs())?,
            recording: self.recording,
            third_party_refused: self.third_party_refused,
            ..collections::contact_outcome(self.permit, self.result, at)
        };
        let author = Subject::Participant(self.collector);
        self.signing.ask(context, author, outcome).await
    }
}
