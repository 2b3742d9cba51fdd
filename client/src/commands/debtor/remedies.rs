//! `talea debtor promise`, `dispute`, `withdraw-dispute`, `protect`, `unprotect`, `complain`.

use clap::Args;
use talea_client::operations::collections;
use talea_types::{
    AccountId, Asset, Hash, LoanId, ParticipantId, Subject, Timestamp,
    conduct::Protection,
    operation::{ComplaintOpen, DisputeOpen, PromiseToPay, ProtectionSet},
};

use crate::commands::{context::Context, exit::Code, signing::Signing, values};

/// Promise to pay so much by a day. The debtor signs; whether it is kept is counted by the ledger.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea debtor promise loan1... 500.00 CZK --by 2026-12-15 --debtor acct1... --key wallet.key"
)]
pub(super) struct Promise {
    /// On which loan.
    loan: LoanId,
    /// How much, with decimals.
    amount: String,
    /// Of which asset: CZK.
    asset: Asset,
    /// Last day (UTC).
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    by: u32,
    /// Account of the debtor.
    #[arg(long, value_name = "ACCOUNT")]
    debtor: AccountId,
    #[command(flatten)]
    signing: Signing,
}

/// Dispute a debt. The debtor signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea debtor dispute loan1... --debtor acct1... --reason 1 --commitment 77ab... --key wallet.key"
)]
pub(super) struct Dispute {
    /// Which.
    loan: LoanId,
    /// Account of the debtor.
    #[arg(long, value_name = "ACCOUNT")]
    debtor: AccountId,
    /// Code of the published list of reasons.
    #[arg(long)]
    reason: u32,
    /// Commitment to what is disputed and why (see 'talea commitment new').
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    commitment: Hash,
    #[command(flatten)]
    signing: Signing,
}

/// No longer dispute a debt. The debtor signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea debtor withdraw-dispute loan1... --debtor acct1... --key wallet.key"
)]
pub(super) struct WithdrawDispute {
    /// Which.
    loan: LoanId,
    /// Account of the debtor.
    #[arg(long, value_name = "ACCOUNT")]
    debtor: AccountId,
    #[command(flatten)]
    signing: Signing,
}

/// Protect a debtor: breathing_space, mental_health_crisis, hardship, insolvency, death or time_barred.
///
/// Who may set which is said in the ledger's documentation: the debtor, an adviser, an authority, a lender.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea debtor protect acct1... hardship --evidence 77ab... --key wallet.key\n  \
                  talea debtor protect acct1... breathing_space --evidence 77ab... --as org1... --key adviser.key\n  \
                  talea debtor protect acct1... time_barred --loan loan1... --evidence 77ab... --as org1... --key bank.key"
)]
pub(super) struct Protect {
    /// Account of the debtor.
    debtor: AccountId,
    /// How.
    protection: Protection,
    /// The claim that is time-barred.
    #[arg(long)]
    loan: Option<LoanId>,
    /// Until when; without it, as long as the rules say.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    until: Option<Timestamp>,
    /// Commitment to the evidence.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    evidence: Hash,
    /// The organisation that signs, when it is not the debtor: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: Option<ParticipantId>,
    #[command(flatten)]
    signing: Signing,
}

/// End a protection. Who set it signs, or an authority.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea debtor unprotect acct1... hardship --evidence 77ab... --key wallet.key"
)]
pub(super) struct Unprotect {
    /// Account of the debtor.
    debtor: AccountId,
    /// Which.
    protection: Protection,
    /// The claim that was said to be time-barred.
    #[arg(long)]
    loan: Option<LoanId>,
    /// Commitment to the evidence.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    evidence: Hash,
    /// The organisation that signs, when it is not the debtor: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: Option<ParticipantId>,
    #[command(flatten)]
    signing: Signing,
}

/// Complain about an organisation. The debtor signs; the answer is due by the rules' clock.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea debtor complain acct1... --against org1... --reason 1 --commitment 77ab... --key wallet.key"
)]
pub(super) struct Complain {
    /// Account of the debtor.
    debtor: AccountId,
    /// About whom: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    against: ParticipantId,
    /// Code of the published list of reasons.
    #[arg(long)]
    reason: u32,
    /// Commitment to the complaint (see 'talea commitment new').
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    commitment: Hash,
    #[command(flatten)]
    signing: Signing,
}

impl Promise {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let promise = PromiseToPay {
            loan: self.loan,
            amount: values::amount(&self.amount, self.asset, context.trust()?.decimals())?,
            by: self.by,
        };
        let author = Subject::Account(self.debtor);
        self.signing.ask(context, author, promise).await
    }
}

impl Dispute {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let dispute = DisputeOpen {
            loan: self.loan,
            reason: self.reason,
            commitment: self.commitment,
        };
        let author = Subject::Account(self.debtor);
        self.signing.ask(context, author, dispute).await
    }
}

impl WithdrawDispute {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let author = Subject::Account(self.debtor);
        let withdraw = collections::withdraw_dispute(self.loan);
        self.signing.ask(context, author, withdraw).await
    }
}

impl Protect {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let protect = ProtectionSet {
            loan: self.loan,
            until: self.until,
            ..collections::protect(self.debtor, self.protection, self.evidence)
        };
        let author = super::author_for(self.debtor, self.by);
        self.signing.ask(context, author, protect).await
    }
}

impl Unprotect {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let lift = ProtectionSet {
            loan: self.loan,
            lifted: true,
            ..collections::protect(self.debtor, self.protection, self.evidence)
        };
        let author = super::author_for(self.debtor, self.by);
        self.signing.ask(context, author, lift).await
    }
}

impl Complain {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let complaint = ComplaintOpen {
            debtor: self.debtor,
            against: self.against,
            reason: self.reason,
            commitment: self.commitment,
        };
        let author = Subject::Account(self.debtor);
        self.signing.ask(context, author, complaint).await
    }
}
