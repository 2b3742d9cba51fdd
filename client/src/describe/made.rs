//! What a transaction makes. Its ids follow from the transaction's: they are known before it is sent.

use talea_types::{
    AccountId, AgreementId, CaseId, HoldId, LoanId, Operation, PermitId, ProductId, ProposalId,
    TransactionId,
    operation::{AssuranceOperation, CollectionsOperation, CreditOperation},
};

use super::{Field, field};

/// The ids of what an operation makes if it is applied in a transaction.
#[must_use]
pub fn made(operation: &Operation, id: TransactionId) -> Vec<Field> {
    vec![match operation {
        Operation::AccountOpen(_) => field("account", AccountId::opened_by(id)),
        Operation::HoldPlace(_) => field("hold", HoldId::placed_by(id, 0)),
        Operation::Propose(_) => field("proposal", ProposalId::made_by(id)),
        Operation::Credit(CreditOperation::ProductPublish(_)) => {
            field("product", ProductId::published_by(id, 0))
        }
        Operation::Credit(CreditOperation::AgreementRegister(_)) => {
            field("agreement", AgreementId::registered_by(id, 0))
        }
        Operation::Credit(CreditOperation::LoanOriginate(_)) => {
            field("loan", LoanId::originated_by(id, 0))
        }
        Operation::Collections(CollectionsOperation::CasePlace(_)) => {
            field("case", CaseId::placed_by(id, 0))
        }
        Operation::Collections(CollectionsOperation::ContactPermit(_)) => {
            field("permit", PermitId::granted_by(id, 0))
        }
        Operation::Assurance(AssuranceOperation::EnvelopePut(put)) => {
            field("envelope", put.ciphertext_hash)
        }
        Operation::AtomicBatch(batch) => {
            let legs = (0..).zip(&batch.legs);
            let holds = legs.filter(|(_, leg)| matches!(leg, Operation::HoldPlace(_)));
            let id_of = |(leg, _)| {
                let hold = HoldId::placed_by(id, leg);
                field(&format!("hold of leg {leg}"), hold)
            };
            return holds.map(id_of).collect();
        }
        _ => return Vec::new(),
    }]
}
