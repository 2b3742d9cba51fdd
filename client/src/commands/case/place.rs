//! `talea case place`, `recall`, `notice`.

use clap::Args;
use talea_client::operations::collections;
use talea_types::{
    AccountId, CaseId, Hash, LoanId, ParticipantId, Subject, conduct,
    operation::{CasePlace, CaseRecall, NoticeCommit},
};

use crate::commands::{context::Context, exit::Code, signing::Signing, values};

/// Give loans of one debtor to an agency, or to your own desk. The lender signs. Shows the id of the case.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea case place --debtor acct1... --loan loan1... --collector org1... --lender org1... --key bank.key\n  \
                  talea case place --debtor acct1... --loan loan1... --loan loan1... --collector org1... \
                  --lender org1... --placement-notice 77ab... --key bank.key"
)]
pub(super) struct Place {
    /// Account of the debtor.
    #[arg(long, value_name = "ACCOUNT")]
    debtor: AccountId,
    /// Loan to collect; repeat it for several.
    #[arg(long = "loan", value_name = "LOAN", required = true)]
    loans: Vec<LoanId>,
    /// Who collects, an agency or the lender: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    collector: ParticipantId,
    /// The lender of the loans: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    /// Commitment to the notice that told the debtor of the placement.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    placement_notice: Option<Hash>,
    /// Commitment to the record of how forbearance was considered.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    forbearance: Option<Hash>,
    #[command(flatten)]
    signing: Signing,
}

/// Take a case back. The lender signs; permits that are open are taken back too.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea case recall case1... --reason 2 --lender org1... --key bank.key"
)]
pub(super) struct Recall {
    /// Which.
    case: CaseId,
    /// Code of the published list of reasons.
    #[arg(long)]
    reason: u32,
    /// The lender: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Commit to a notice that was sent to the debtor: validation, placement or assignment. It counts as
/// served from the block that carries it. The collector or the lender signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea case notice case1... validation --text 77ab... --as org1... --key agency.key"
)]
pub(super) struct Notice {
    /// In which case.
    case: CaseId,
    /// What it told.
    notice: conduct::Notice,
    /// Commitment to its text (see 'talea commitment new').
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    text: Hash,
    /// The collector or the lender: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

impl Place {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let place = CasePlace {
            placement_notice: self.placement_notice,
            forbearance: self.forbearance,
            ..collections::place_case(self.debtor, self.collector, self.loans)
        };
        let author = Subject::Participant(self.lender);
        self.signing.ask(context, author, place).await
    }
}

impl Recall {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let recall = CaseRecall {
            case: self.case,
            reason: self.reason,
        };
        let author = Subject::Participant(self.lender);
        self.signing.ask(context, author, recall).await
    }
}

impl Notice {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let commit = NoticeCommit {
            case: self.case,
            notice: self.notice,
            commitment: self.text,
        };
        let author = Subject::Participant(self.by);
        self.signing.ask(context, author, commit).await
    }
}
