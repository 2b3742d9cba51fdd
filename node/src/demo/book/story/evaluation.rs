//! The yearly evaluation of agencies: one organisation proposes what was found, others approve.

use std::time::{Duration, Instant};

use anyhow::Context;
use talea_client::{Client, Reader, operations::governance};
use talea_types::{
    Outcome, ProposalId, Subject,
    operation::{Change, ParticipantStatus},
};

use super::teller::Teller;

/// Blocks from a proposal to its effect: enough for the proposals and the approvals.
const BLOCKS_AHEAD: u64 = 10;
/// Ledger time for the approvals.
const APPROVALS_MS: u64 = 3_600_000;
/// How long the effect may take, and how often it is looked for.
const EFFECT_MAX: Duration = Duration::from_secs(120);
const EFFECT_PAUSE: Duration = Duration::from_millis(100);

impl Teller<'_> {
    /// Records that the agencies were evaluated today. A book of years ends long after the evaluation of the
    /// genesis document, and then the Chinese standard refuses agencies that nobody has looked at since.
    pub(super) async fn agencies_are_evaluated(&mut self) -> anyhow::Result<()> {
        self.headline("The agencies have had their yearly evaluation: no organisation decides alone what it says");
        let lender = self.stage.lender;
        let key = self.stage.key(&lender)?.clone();
        let register = self.stage.client.read_as(Reader::new(lender, key));
        let info = self.stage.client.network().await?;
        let effective_height = info.height.saturating_add(BLOCKS_AHEAD);
        let approve_by = info.ledger_time.plus_millis(APPROVALS_MS);
        let mut proposals = Vec::new();
        for (number, agency) in self.stage.agencies.clone().into_iter().enumerate() {
            let record = register.participant(&agency).await?;
            let status = ParticipantStatus {
                participant: agency,
                suspended: record.suspended,
                licence_expires_at: record.licence_expires_at,
                evaluated_on: Some(self.today),
            };
            let change = Change::ParticipantStatus(status);
            let propose = governance::propose(change, effective_height, approve_by);
            let text = format!(
                "the lender proposes to record that of agency {}",
                number + 1
            );
            let id = self.applied(&text, lender, propose, &[]).await?;
            proposals.push(ProposalId::made_by(id));
        }
        let first = *proposals.first().context("the network has no agency")?;
        let alone = (Outcome::InitiatorApproves, None);
        let text = "the lender approves its own proposal";
        self.ends(text, lender, governance::approve(first), &[], alone)
            .await?;
        let mut approvals = Vec::new();
        // Other banks take part in payments, and have no say in this.
        let validators = info.validators.iter();
        let validators = validators.map(|one| Subject::Participant(one.participant));
        let banks: Vec<Subject> = validators.filter(|one| *one != lender).collect();
        for bank in &banks {
            for proposal in &proposals {
                let approve = governance::approve(*proposal);
                approvals.push(self.stage.sign(bank, approve, &[])?);
            }
        }
        let ended = self.stage.submit(approvals).await?;
        for (number, one) in ended.into_iter().enumerate() {
            let (bank, agency) = (number / proposals.len() + 1, number % proposals.len() + 1);
            let text = format!("bank {bank} approves that of agency {agency}");
            self.tell(&text, one.outcome, Vec::new(), (Outcome::Applied, None))?;
        }
        self.takes_effect(&register).await
    }

    /// Waits until the ledger has it: a network makes blocks when nobody sends anything, too.
    async fn takes_effect(&self, register: &Client) -> anyhow::Result<()> {
        let begun = Instant::now();
        for agency in &self.stage.agencies {
            loop {
                let evaluated_on = register.participant(agency).await?.evaluated_on;
                if evaluated_on == Some(self.today) {
                    break;
                }
                anyhow::ensure!(
                    begun.elapsed() < EFFECT_MAX,
                    "{} has no evaluation of today after {} s",
                    Subject::Participant(*agency),
                    EFFECT_MAX.as_secs()
                );
                tokio::time::sleep(EFFECT_PAUSE).await;
            }
        }
        Ok(())
    }
}
