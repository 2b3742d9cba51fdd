//! Changes of the validator set while the network runs: the operator proposes, the banks approve.

use talea_genesis::localnet::Localnet;
use talea_types::operation::{Approve, Change, Propose, ValidatorSetChange};
use talea_types::{
    Operation, ProposalId, Subject, Timestamp, TransactionId, Validator, ValidatorId,
};

use super::clients::{Author, Clients, Signing};
use super::plan::START_MS;

/// The nonces of governance are apart from those of the same organisations' payments.
const FIRST_NONCE: u64 = 500;
/// Heights from the proposal to its effect.
const NOTICE: u64 = 14;

/// See the module.
pub struct Governance {
    signing: Signing,
    operator: Author,
    approvers: Vec<Author>,
    /// Approved once the proposal is final.
    proposed: Option<TransactionId>,
}

impl Governance {
    /// Of the organisations that run validators.
    #[must_use]
    pub fn new(localnet: &Localnet, validators: usize) -> Self {
        let author = |organisation: &talea_genesis::localnet::LocalnetOrganisation| {
            let subject = Subject::Participant(organisation.id);
            Author::with_nonce(subject, organisation.key.clone(), FIRST_NONCE)
        };
        let mut organisations = localnet.organisations.iter().take(validators).map(author);
        Self {
            signing: Signing {
                chain: localnet.record.chain_id(),
            },
            operator: organisations.next().expect("an operator"),
            approvers: organisations.collect(),
            proposed: None,
        }
    }

    /// Proposes that a validator takes the place of another.
    pub fn propose(
        &mut self,
        clients: &mut Clients,
        now: u64,
        height: u64,
        joining: Validator,
        leaving: ValidatorId,
    ) {
        let expires = now + 60_000;
        let propose = Operation::Propose(Propose {
            change: Change::ValidatorSetChange(ValidatorSetChange {
                upserts: vec![joining],
                removals: vec![leaving],
            }),
            effective_height: height + NOTICE,
            approve_by: Timestamp::from_millis(START_MS + expires),
        });
        let signed = self.signing.sign(&mut self.operator, &[], expires, propose);
        self.proposed = Some(clients.enqueue(signed, expires));
    }

    /// Approves what was proposed.
    pub fn on_final(&mut self, clients: &mut Clients, now: u64, id: &TransactionId) {
        if self.proposed != Some(*id) {
            return;
        }
        self.proposed = None;
        let expires = now + 60_000;
        for approver in &mut self.approvers {
            let approve = Operation::Approve(Approve {
                proposal: ProposalId::made_by(*id),
            });
            let signed = self.signing.sign(approver, &[], expires, approve);
            clients.enqueue(signed, expires);
        }
    }
}
