//! `talea debtor preferences` and `report`.

use clap::Args;
use talea_client::operations::collections;
use talea_types::{
    AccountId, CaseId, Hash, ParticipantId, PermitId, Subject, Timestamp,
    conduct::{Channel, ContactResult, Initiator},
    operation::{self, ContactReport, LocalHours, OptOut, PreferenceSet},
};

use crate::commands::{context::Context, exit::Code, signing::Signing, values};

/// Say how you want to be contacted. Replaces all that was said before; without options, nothing is
/// refused and nobody has consent. The debtor signs.
///
/// Channels: voice_call, automated_call, text_message, email, app_message, letter, visit.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea debtor preferences acct1... --opt-out voice_call --refuse 12:00-13:30 --key wallet.key\n  \
                  talea debtor preferences acct1... --cease --key wallet.key"
)]
pub(super) struct Preferences {
    /// Account of the debtor.
    debtor: AccountId,
    /// Channel that you do not want; repeat it for several.
    #[arg(long = "opt-out", value_name = "CHANNEL")]
    channels: Vec<Channel>,
    /// Commitment to a number or address that you do not want to be used; repeat it for several.
    #[arg(long = "opt-out-point", value_name = "HASH", value_parser = values::commitment)]
    points: Vec<Hash>,
    /// Hours of your day without any contact: 12:00-13:30; repeat it for several.
    #[arg(long = "refuse", value_name = "HOURS", value_parser = values::hours)]
    refused: Vec<LocalHours>,
    /// Hours in which you agree to contacts although they are quiet by law.
    #[arg(long = "agree", value_name = "HOURS", value_parser = values::hours)]
    agreed: Option<LocalHours>,
    /// All contact shall cease.
    #[arg(long)]
    cease: bool,
    /// An attorney or adviser acts for you.
    #[arg(long)]
    represented: bool,
    /// Collector who may call; repeat it for several: id or Legal Entity Identifier.
    #[arg(long = "consent", value_name = "ORGANISATION", value_parser = values::organisation)]
    consents: Vec<ParticipantId>,
    #[command(flatten)]
    signing: Signing,
}

/// Report that you were contacted, or that you contacted a collector. The debtor signs.
///
/// A contact without a permit, or outside of it, is a breach that stays provable.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea debtor report acct1... --collector org1... --channel voice_call \
                  --result conversation --at 2026-11-22T18:30:00Z --key wallet.key\n  \
                  talea debtor report acct1... --collector org1... --channel email --result sent \
                  --at 2026-11-22T18:30:00Z --permit permit1... --key wallet.key"
)]
pub(super) struct Report {
    /// Account of the debtor.
    debtor: AccountId,
    /// Who contacted, or was contacted: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    collector: ParticipantId,
    /// voice_call, automated_call, text_message, email, app_message, letter or visit.
    #[arg(long)]
    channel: Channel,
    /// no_answer, invalid_contact_point, connected, conversation or sent.
    #[arg(long)]
    result: ContactResult,
    /// When it happened.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    at: Timestamp,
    /// You began it.
    #[arg(long)]
    by_me: bool,
    /// In which case, if you know of one.
    #[arg(long)]
    case: Option<CaseId>,
    /// By which permit, if you know of one.
    #[arg(long)]
    permit: Option<PermitId>,
    /// Commitment to evidence.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    evidence: Option<Hash>,
    #[command(flatten)]
    signing: Signing,
}

impl Preferences {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let channels = self.channels.iter().map(|channel| OptOut {
            channel: Some(*channel),
            contact_point: None,
        });
        let points = self.points.iter().map(|point| OptOut {
            channel: None,
            contact_point: Some(*point),
        });
        let mut opt_outs: Vec<OptOut> = channels.chain(points).collect();
        opt_outs.sort_unstable();
        opt_outs.dedup();
        let mut consents = self.consents;
        consents.sort_unstable();
        consents.dedup();
        let set = PreferenceSet {
            debtor: self.debtor,
            preferences: operation::Preferences {
                opt_outs,
                refused_hours: self.refused,
                agreed_hours: self.agreed,
                cease: self.cease,
                represented: self.represented,
                consents,
            },
        };
        let author = Subject::Account(self.debtor);
        self.signing.ask(context, author, set).await
    }
}

impl Report {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let plain = collections::contact_report(
            self.debtor,
            self.collector,
            self.channel,
            self.result,
            self.at,
        );
        let report = ContactReport {
            case: self.case,
            permit: self.permit,
            initiator: if self.by_me {
                Initiator::Debtor
            } else {
                Initiator::Collector
            },
            evidence: self.evidence,
            ..plain
        };
        let author = Subject::Account(self.debtor);
        self.signing.ask(context, author, report).await
    }
}
