//! Messages of the API to and from the types of the ledger.

use bytes::Bytes;
use talea_types::{
    AccountId, AgreementId, Asset, CaseId, DecodeError, Hash, HoldId, LoanId, Outcome,
    ParticipantId, PermitId, ProductId, ProposalId, RulePackId, Subject, TransactionId,
    conduct::TallyKey, state::StateKey,
};

use crate::api;

/// A subject as a message.
#[must_use]
pub fn subject_to_api(subject: &Subject) -> api::Subject {
    let kind = match subject {
        Subject::Account(id) => api::subject::Kind::Account(id.to_wire()),
        Subject::Participant(id) => api::subject::Kind::Participant(id.to_wire()),
        Subject::Debtor(id) => api::subject::Kind::Debtor(id.to_wire()),
        Subject::Loan(id) => api::subject::Kind::Loan(id.to_wire()),
        Subject::Case(id) => api::subject::Kind::Case(id.to_wire()),
    };
    api::Subject { kind: Some(kind) }
}

/// Reads a subject.
///
/// # Errors
/// [`DecodeError`] naming the field.
pub fn subject_from_api(subject: Option<&api::Subject>) -> Result<Subject, DecodeError> {
    let kind = subject.and_then(|subject| subject.kind.as_ref());
    match kind.ok_or(DecodeError::Missing { field: "subject" })? {
        api::subject::Kind::Account(id) => {
            AccountId::from_wire("subject.account", id).map(Subject::Account)
        }
        api::subject::Kind::Participant(id) => {
            ParticipantId::from_wire("subject.participant", id).map(Subject::Participant)
        }
        api::subject::Kind::Debtor(id) => {
            AccountId::from_wire("subject.debtor", id).map(Subject::Debtor)
        }
        api::subject::Kind::Loan(id) => LoanId::from_wire("subject.loan", id).map(Subject::Loan),
        api::subject::Kind::Case(id) => CaseId::from_wire("subject.case", id).map(Subject::Case),
    }
}

/// The name of a state object as a message.
#[must_use]
pub fn state_key_to_api(key: &StateKey) -> api::StateKey {
    use api::state_key::Kind;
    let kind = match key {
        StateKey::Account(id) => Kind::Account(id.to_wire()),
        StateKey::Participant(id) => Kind::Participant(id.to_wire()),
        StateKey::Hold(id) => Kind::Hold(id.to_wire()),
        StateKey::RefundRight(id, leg) => Kind::RefundRight(api::RefundRightKey {
            transaction: id.to_wire(),
            leg: *leg,
        }),
        StateKey::Position(id, asset) => Kind::Position(api::PositionKey {
            participant: id.to_wire(),
            asset: asset.to_string(),
        }),
        StateKey::Asset(asset) => Kind::Asset(asset.to_string()),
        StateKey::Network => Kind::Network(api::NetworkKey {}),
        StateKey::Clock => Kind::Clock(api::ClockKey {}),
        StateKey::Validators => Kind::Validators(api::ValidatorsKey {}),
        StateKey::Proposal(id) => Kind::Proposal(id.to_wire()),
        StateKey::Governance => Kind::Governance(api::GovernanceKey {}),
        StateKey::RulePack(id) => Kind::RulePack(id.to_string()),
        StateKey::Credential(id, by) => Kind::Credential(pair_to_api(id, by)),
        StateKey::DataGrant(id, to) => Kind::DataGrant(pair_to_api(id, to)),
        StateKey::Envelope(hash) => Kind::Envelope(Bytes::copy_from_slice(hash.as_bytes())),
        StateKey::Tombstone(id, hash) => Kind::Tombstone(api::TombstoneKey {
            account: id.to_wire(),
            commitment: Bytes::copy_from_slice(hash.as_bytes()),
        }),
        StateKey::LegalHolds(id) => Kind::LegalHolds(id.to_wire()),
        StateKey::LoggedRead(subject, reader) => Kind::LoggedRead(api::LoggedReadKey {
            subject: Some(subject_to_api(subject)),
            reader: reader.to_wire(),
        }),
        StateKey::Product(id) => Kind::Product(id.to_wire()),
        StateKey::Agreement(id) => Kind::Agreement(id.to_wire()),
        StateKey::Loan(id) => Kind::Loan(id.to_wire()),
        StateKey::InquiryRight(borrower, lender) => Kind::InquiryRight(api::InquiryRightKey {
            borrower: borrower.to_wire(),
            lender: lender.to_wire(),
        }),
        StateKey::Debtor(id) => Kind::Debtor(id.to_wire()),
        StateKey::Case(id) => Kind::Case(id.to_wire()),
        StateKey::Permit(id) => Kind::Permit(id.to_wire()),
        StateKey::Tally(TallyKey::Debt(id)) => Kind::DebtTally(id.to_wire()),
        StateKey::Tally(TallyKey::ContactPoint(commitment)) => {
            Kind::ContactPointTally(Bytes::copy_from_slice(commitment.as_bytes()))
        }
        StateKey::Complaint(debtor, number) => Kind::Complaint(api::ComplaintKey {
            debtor: debtor.to_wire(),
            number: *number,
        }),
        StateKey::Promise(id) => Kind::Promise(id.to_wire()),
    };
    api::StateKey { kind: Some(kind) }
}

/// Reads the name of a state object.
///
/// # Errors
/// [`DecodeError`] naming the field.
pub fn state_key_from_api(key: Option<&api::StateKey>) -> Result<StateKey, DecodeError> {
    use api::state_key::Kind;
    let kind = key.and_then(|key| key.kind.as_ref());
    Ok(match kind.ok_or(DecodeError::Missing { field: "key" })? {
        Kind::Account(id) => StateKey::Account(AccountId::from_wire("key.account", id)?),
        Kind::Participant(id) => {
            StateKey::Participant(ParticipantId::from_wire("key.participant", id)?)
        }
        Kind::Hold(id) => StateKey::Hold(HoldId::from_wire("key.hold", id)?),
        Kind::RefundRight(right) => StateKey::RefundRight(
            TransactionId::from_wire("key.refund_right.transaction", &right.transaction)?,
            right.leg,
        ),
        Kind::Position(position) => StateKey::Position(
            ParticipantId::from_wire("key.position.participant", &position.participant)?,
            Asset::new(&position.asset)?,
        ),
        Kind::Asset(code) => StateKey::Asset(Asset::new(code)?),
        Kind::Network(_) => StateKey::Network,
        Kind::Clock(_) => StateKey::Clock,
        Kind::Validators(_) => StateKey::Validators,
        Kind::Proposal(id) => StateKey::Proposal(ProposalId::from_wire("key.proposal", id)?),
        Kind::Governance(_) => StateKey::Governance,
        Kind::RulePack(id) => StateKey::RulePack(RulePackId::new(id)?),
        Kind::Credential(pair) => {
            let (id, by) = pair_from_api(pair)?;
            StateKey::Credential(id, by)
        }
        Kind::DataGrant(pair) => {
            let (id, to) = pair_from_api(pair)?;
            StateKey::DataGrant(id, to)
        }
        Kind::Envelope(hash) => StateKey::Envelope(hash_from_api("key.envelope", hash)?),
        Kind::Tombstone(key) => StateKey::Tombstone(
            AccountId::from_wire("key.tombstone.account", &key.account)?,
            hash_from_api("key.tombstone.commitment", &key.commitment)?,
        ),
        Kind::LegalHolds(id) => StateKey::LegalHolds(AccountId::from_wire("key.legal_holds", id)?),
        Kind::LoggedRead(key) => StateKey::LoggedRead(
            subject_from_api(key.subject.as_ref())?,
            ParticipantId::from_wire("key.logged_read.reader", &key.reader)?,
        ),
        Kind::Product(id) => StateKey::Product(ProductId::from_wire("key.product", id)?),
        Kind::Agreement(id) => StateKey::Agreement(AgreementId::from_wire("key.agreement", id)?),
        Kind::Loan(id) => StateKey::Loan(LoanId::from_wire("key.loan", id)?),
        Kind::InquiryRight(right) => StateKey::InquiryRight(
            AccountId::from_wire("key.inquiry_right.borrower", &right.borrower)?,
            ParticipantId::from_wire("key.inquiry_right.lender", &right.lender)?,
        ),
        Kind::Debtor(id) => StateKey::Debtor(AccountId::from_wire("key.debtor", id)?),
        Kind::Case(id) => StateKey::Case(CaseId::from_wire("key.case", id)?),
        Kind::Permit(id) => StateKey::Permit(PermitId::from_wire("key.permit", id)?),
        Kind::DebtTally(id) => {
            StateKey::Tally(TallyKey::Debt(LoanId::from_wire("key.debt_tally", id)?))
        }
        Kind::ContactPointTally(hash) => StateKey::Tally(TallyKey::ContactPoint(hash_from_api(
            "key.contact_point_tally",
            hash,
        )?)),
        Kind::Complaint(key) => StateKey::Complaint(
            AccountId::from_wire("key.complaint.debtor", &key.debtor)?,
            key.number,
        ),
        Kind::Promise(id) => StateKey::Promise(LoanId::from_wire("key.promise", id)?),
    })
}

fn pair_to_api(account: &AccountId, participant: &ParticipantId) -> api::AccountParticipantKey {
    api::AccountParticipantKey {
        account: account.to_wire(),
        participant: participant.to_wire(),
    }
}

fn pair_from_api(
    pair: &api::AccountParticipantKey,
) -> Result<(AccountId, ParticipantId), DecodeError> {
    Ok((
        AccountId::from_wire("key.account", &pair.account)?,
        ParticipantId::from_wire("key.participant", &pair.participant)?,
    ))
}

fn hash_from_api(field: &'static str, bytes: &[u8]) -> Result<Hash, DecodeError> {
    TransactionId::from_wire(field, bytes).map(|id| id.hash())
}

/// The status of a transaction that is in a block. An entry that is void says nothing final about the
/// transaction, except that an expired one can never apply. When there are several entries for one id
/// (a batch repeated it), the one that is not void is its result.
#[must_use]
pub fn status_in_block(
    id: &TransactionId,
    outcome: Outcome,
    height: u64,
    index: u32,
) -> api::TransactionStatus {
    use api::TransactionState;
    let state = if outcome.is_applied() {
        TransactionState::Committed
    } else if outcome == Outcome::Expired {
        TransactionState::Expired
    } else if outcome.is_void() {
        TransactionState::Refused
    } else {
        TransactionState::Rejected
    };
    let refusal = (state == TransactionState::Refused)
        .then(|| crate::ApiError::outcome(outcome).to_refusal());
    let (outcome_name, outcome_help) = if outcome.is_applied() {
        (String::new(), String::new())
    } else {
        (outcome.name().to_owned(), outcome.help().to_owned())
    };
    api::TransactionStatus {
        outcome: outcome.number(),
        outcome_name,
        outcome_help,
        height,
        index,
        refusal,
        ..status(id, state)
    }
}

/// The status of a transaction that is in no block: unknown, accepted or expired.
#[must_use]
pub fn status(id: &TransactionId, state: api::TransactionState) -> api::TransactionStatus {
    api::TransactionStatus {
        id: id.to_wire(),
        state: state.into(),
        ..api::TransactionStatus::default()
    }
}

/// The status of a transaction that was refused on a stream: by its id, or by its position on the
/// stream when its bytes have none.
#[must_use]
pub fn status_refused(
    id: Option<&TransactionId>,
    position: u64,
    error: &crate::ApiError,
) -> api::TransactionStatus {
    api::TransactionStatus {
        id: id.map_or_else(Bytes::new, TransactionId::to_wire),
        position,
        state: api::TransactionState::Refused.into(),
        refusal: Some(error.to_refusal()),
        ..api::TransactionStatus::default()
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn every_state_key_comes_back() {
        let asset = Asset::new("CZK").unwrap();
        let id = TransactionId::new(Hash([7; 32]));
        for key in [
            StateKey::Account(AccountId::from_bytes([1; 16])),
            StateKey::Participant(ParticipantId::from_bytes([2; 16])),
            StateKey::Hold(HoldId::from_bytes([3; 16])),
            StateKey::RefundRight(id, 4),
            StateKey::Position(ParticipantId::from_bytes([5; 16]), asset),
            StateKey::Asset(asset),
            StateKey::Network,
            StateKey::Clock,
            StateKey::Validators,
            StateKey::Proposal(ProposalId::from_bytes([6; 16])),
            StateKey::Governance,
            StateKey::RulePack(RulePackId::new("us-reg-f").unwrap()),
            StateKey::Credential(
                AccountId::from_bytes([1; 16]),
                ParticipantId::from_bytes([2; 16]),
            ),
            StateKey::DataGrant(
                AccountId::from_bytes([1; 16]),
                ParticipantId::from_bytes([2; 16]),
            ),
            StateKey::Envelope(Hash([6; 32])),
            StateKey::Tombstone(AccountId::from_bytes([1; 16]), Hash([6; 32])),
            StateKey::LegalHolds(AccountId::from_bytes([1; 16])),
            StateKey::LoggedRead(
                Subject::Loan(LoanId::from_bytes([9; 16])),
                ParticipantId::from_bytes([2; 16]),
            ),
            StateKey::Product(ProductId::from_bytes([7; 16])),
            StateKey::Agreement(AgreementId::from_bytes([8; 16])),
            StateKey::Loan(LoanId::from_bytes([9; 16])),
            StateKey::InquiryRight(
                AccountId::from_bytes([6; 16]),
                ParticipantId::from_bytes([5; 16]),
            ),
            StateKey::Case(CaseId::from_bytes([6; 16])),
            StateKey::Permit(PermitId::from_bytes([6; 16])),
            StateKey::Tally(TallyKey::Debt(LoanId::from_bytes([6; 16]))),
            StateKey::Tally(TallyKey::ContactPoint(Hash([6; 32]))),
            StateKey::Complaint(AccountId::from_bytes([6; 16]), 3),
            StateKey::Promise(LoanId::from_bytes([6; 16])),
            StateKey::Debtor(AccountId::from_bytes([6; 16])),
        ] {
            assert_eq!(state_key_from_api(Some(&state_key_to_api(&key))), Ok(key));
        }
        assert!(state_key_from_api(None).is_err());
        assert!(state_key_from_api(Some(&api::StateKey { kind: None })).is_err());
    }

    #[test]
    fn every_subject_comes_back() {
        for subject in [
            Subject::Account(AccountId::from_bytes([1; 16])),
            Subject::Participant(ParticipantId::from_bytes([2; 16])),
            Subject::Debtor(AccountId::from_bytes([1; 16])),
            Subject::Loan(LoanId::from_bytes([3; 16])),
            Subject::Case(CaseId::from_bytes([4; 16])),
        ] {
            assert_eq!(
                subject_from_api(Some(&subject_to_api(&subject))),
                Ok(subject)
            );
        }
        assert!(subject_from_api(None).is_err());
    }

    #[test]
    fn only_what_is_final_is_said_to_be() {
        let id = TransactionId::new(Hash([7; 32]));
        let state = |outcome| status_in_block(&id, outcome, 5, 6).state();
        assert_eq!(state(Outcome::Applied), api::TransactionState::Committed);
        assert_eq!(
            state(Outcome::InsufficientFunds),
            api::TransactionState::Rejected
        );
        assert_eq!(state(Outcome::Expired), api::TransactionState::Expired);
        assert_eq!(state(Outcome::Unauthorised), api::TransactionState::Refused);
    }
}
