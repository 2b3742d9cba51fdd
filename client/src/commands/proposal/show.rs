//! `talea proposal show` and `list`.

use std::collections::BTreeMap;

use clap::Args;
use talea_client::{
    describe::{self, Decimals},
    operations::{IntoOperation, governance},
};
use talea_types::{
    ParticipantId, ProposalId, Subject,
    event::{EventDetail, ProposalStep, ProposalStepped},
    state::{Proposal, StateKey},
};

use crate::commands::{
    context::Context,
    exit::Code,
    lookup,
    output::{self, List as Rows},
    values,
};

/// Show an open proposal: the change, who approved it, what it still needs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea proposal show prop1...")]
pub(super) struct Show {
    /// The proposal.
    proposal: ProposalId,
}

/// List proposals with what became of them, from the histories of organisations as the node tells them.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea proposal list\n  talea proposal list --by org1... --open"
)]
pub(super) struct List {
    /// Whose proposals; repeat it for several. Without it, those of the organisations that run validators:
    /// id or Legal Entity Identifier.
    #[arg(long = "by", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: Vec<ParticipantId>,
    /// Only those that wait for approvals or for their height.
    #[arg(long)]
    open: bool,
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let what = format!("an open proposal {}", self.proposal);
        let key = StateKey::Proposal(self.proposal);
        let found = lookup::object(context, &what, key, Proposal::decode).await?;
        let proposal = &found.object;
        let decimals: Decimals = lookup::decimals(context).await?;
        let propose = governance::propose(
            proposal.change.clone(),
            proposal.effective_height,
            proposal.approve_by,
        );
        let mut fields = vec![
            output::field("proposal", self.proposal),
            output::field("proposed by", proposal.proposed_by),
        ];
        fields.extend(describe::operation(&propose.into_operation(), &decimals));
        let accepted = match proposal.accepted {
            None => "no: it waits for approvals".to_owned(),
            Some((height, time)) => format!("at height {height}, {}", describe::time(time)),
        };
        fields.push(output::field("accepted", accepted));
        fields.push(found.verified());
        let approvals = proposal.approvals.iter();
        let approvals = Rows {
            name: "approvals",
            header: &["organisation"],
            rows: approvals.map(|one| vec![one.to_string()]).collect(),
        };
        output::record(context.json(), &fields, vec![approvals]);
        Ok(Code::Done)
    }
}

impl List {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let client = context.client()?;
        let mut organisations = self.by;
        if organisations.is_empty() {
            let network = client.network().await?;
            let all = network.validators.iter();
            organisations = all.map(|validator| validator.participant).collect();
        }
        organisations.sort_unstable();
        organisations.dedup();
        let mut steps: BTreeMap<ProposalId, (ProposalStepped, u32)> = BTreeMap::new();
        for organisation in organisations {
            let subject = Subject::Participant(organisation);
            let client = context.reading(Some(subject))?;
            let mut next = 0;
            loop {
                let (events, length) = client.events(&subject, next, 1_000).await?;
                if events.is_empty() {
                    break;
                }
                next = next.saturating_add(events.len() as u64);
                for event in events {
                    if let EventDetail::ProposalStepped(step) = event.detail {
                        let approvals = u32::from(step.step == ProposalStep::Approved);
                        let before = steps.get(&step.proposal).map_or(0, |(_, count)| *count);
                        steps.insert(step.proposal, (step, before.saturating_add(approvals)));
                    }
                }
                if next >= length {
                    break;
                }
            }
        }
        let rows = steps
            .values()
            .filter(|(step, _)| !self.open || is_open(step));
        let rows = rows.map(|(step, approvals)| {
            vec![
                step.proposal.to_string(),
                step.kind.name().to_owned(),
                step.effective_height.to_string(),
                words(step.step).to_owned(),
                approvals.to_string(),
            ]
        });
        let list = Rows {
            name: "proposals",
            header: &[
                "proposal",
                "kind",
                "effective height",
                "stands",
                "approvals",
            ],
            rows: rows.collect(),
        };
        if list.rows.is_empty() && !context.json() {
            output::line("no proposals");
            return Ok(Code::Done);
        }
        output::record(context.json(), &[], vec![list]);
        Ok(Code::Done)
    }
}

const fn is_open(step: &ProposalStepped) -> bool {
    matches!(
        step.step,
        ProposalStep::Proposed | ProposalStep::Approved | ProposalStep::Accepted
    )
}

const fn words(step: ProposalStep) -> &'static str {
    match step {
        ProposalStep::Proposed | ProposalStep::Approved => "waits for approvals",
        ProposalStep::Accepted => "accepted, waits for its height",
        ProposalStep::Withdrawn => "withdrawn",
        ProposalStep::Vetoed => "vetoed",
        ProposalStep::Lapsed => "lapsed",
        ProposalStep::Effected => "took effect",
        ProposalStep::Failed => "failed",
    }
}
