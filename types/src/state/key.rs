//! What a state object is called, and where its leaf stands in the state tree.

use crate::{
    asset::Asset,
    conduct::TallyKey,
    decode::{DecodeError, array},
    hash::{Hash, tagged},
    ids::{
        AccountId, AgreementId, CaseId, HoldId, LoanId, ParticipantId, PermitId, ProductId,
        ProposalId, TransactionId,
    },
    rule_pack::RulePackId,
    subject::Subject,
};

/// The name of a state object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateKey {
    /// An account.
    Account(AccountId),
    /// An organisation.
    Participant(ParticipantId),
    /// A hold.
    Hold(HoldId),
    /// The right to refund a leg of a transfer.
    RefundRight(TransactionId, u32),
    /// Reserve and liabilities of a bank in an asset.
    Position(ParticipantId, Asset),
    /// The totals of an asset.
    Asset(Asset),
    /// What genesis fixed for the whole network.
    Network,
    /// Height and time.
    Clock,
    /// The validators of the next heights.
    Validators,
    /// A proposal that is open.
    Proposal(ProposalId),
    /// What proposals need.
    Governance,
    /// A rule pack.
    RulePack(RulePackId),
    /// What a KYC provider attests of an account.
    Credential(AccountId, ParticipantId),
    /// What an account lets an organisation read.
    DataGrant(AccountId, ParticipantId),
    /// An envelope, by the hash of its ciphertext.
    Envelope(Hash),
    /// What a commitment of an account stood for was erased.
    Tombstone(AccountId, Hash),
    /// The legal holds on an account.
    LegalHolds(AccountId),
    /// The newest recorded read of a subject's records by an organisation.
    LoggedRead(Subject, ParticipantId),
    /// A product.
    Product(ProductId),
    /// An agreement.
    Agreement(AgreementId),
    /// A loan.
    Loan(LoanId),
    /// The right of a lender to one credit inquiry about a borrower.
    InquiryRight(AccountId, ParticipantId),
    /// A debtor.
    Debtor(AccountId),
    /// A case.
    Case(CaseId),
    /// A permit.
    Permit(PermitId),
    /// A counter of contacts.
    Tally(TallyKey),
    /// A complaint of a debtor, by its number.
    Complaint(AccountId, u32),
    /// A promise to pay on a loan.
    Promise(LoanId),
}

const ACCOUNT: u8 = 1;
const PARTICIPANT: u8 = 2;
const HOLD: u8 = 3;
const REFUND_RIGHT: u8 = 4;
const POSITION: u8 = 5;
const ASSET: u8 = 6;
const NETWORK: u8 = 7;
const CLOCK: u8 = 8;
const VALIDATORS: u8 = 9;
const PROPOSAL: u8 = 10;
const GOVERNANCE: u8 = 11;
const RULE_PACK: u8 = 12;
const CREDENTIAL: u8 = 13;
const DATA_GRANT: u8 = 14;
const ENVELOPE: u8 = 15;
const TOMBSTONE: u8 = 16;
const LEGAL_HOLDS: u8 = 17;
const LOGGED_READ: u8 = 18;
const PRODUCT: u8 = 20;
const AGREEMENT: u8 = 21;
const LOAN: u8 = 22;
const INQUIRY_RIGHT: u8 = 23;
const DEBTOR: u8 = 30;
const CASE: u8 = 31;
const PERMIT: u8 = 32;
// 35 and 36 are tallies: see `TallyKey`.
const COMPLAINT: u8 = 38;
const PROMISE: u8 = 39;

impl StateKey {
    /// Its canonical bytes: one byte for the kind, then the id. Objects of one kind sort by id.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.with_parts(|parts| parts.concat())
    }

    /// Hands on the parts of its bytes: kind, id, rest.
    fn with_parts<T>(&self, read: impl FnOnce(&[&[u8]]) -> T) -> T {
        match self {
            Self::Account(id) => read(&[&[ACCOUNT], id.as_bytes()]),
            Self::Participant(id) => read(&[&[PARTICIPANT], id.as_bytes()]),
            Self::Hold(id) => read(&[&[HOLD], id.as_bytes()]),
            Self::RefundRight(id, leg) => {
                read(&[&[REFUND_RIGHT], id.as_bytes(), &leg.to_be_bytes()])
            }
            Self::Position(id, asset) => {
                read(&[&[POSITION], id.as_bytes(), asset.as_str().as_bytes()])
            }
            Self::Asset(asset) => read(&[&[ASSET], asset.as_str().as_bytes()]),
            Self::Network => read(&[&[NETWORK]]),
            Self::Clock => read(&[&[CLOCK]]),
            Self::Validators => read(&[&[VALIDATORS]]),
            Self::Proposal(id) => read(&[&[PROPOSAL], id.as_bytes()]),
            Self::Governance => read(&[&[GOVERNANCE]]),
            Self::RulePack(id) => read(&[&[RULE_PACK], id.as_str().as_bytes()]),
            Self::Credential(id, by) => read(&[&[CREDENTIAL], id.as_bytes(), by.as_bytes()]),
            Self::DataGrant(id, to) => read(&[&[DATA_GRANT], id.as_bytes(), to.as_bytes()]),
            Self::Envelope(hash) => read(&[&[ENVELOPE], hash.as_bytes()]),
            Self::Tombstone(id, hash) => read(&[&[TOMBSTONE], id.as_bytes(), hash.as_bytes()]),
            Self::LegalHolds(id) => read(&[&[LEGAL_HOLDS], id.as_bytes()]),
            Self::LoggedRead(subject, reader) => {
                read(&[&[LOGGED_READ], &subject.to_bytes(), reader.as_bytes()])
            }
            Self::Product(id) => read(&[&[PRODUCT], id.as_bytes()]),
            Self::Agreement(id) => read(&[&[AGREEMENT], id.as_bytes()]),
            Self::Loan(id) => read(&[&[LOAN], id.as_bytes()]),
            Self::InquiryRight(borrower, lender) => {
                read(&[&[INQUIRY_RIGHT], borrower.as_bytes(), lender.as_bytes()])
            }
            Self::Debtor(id) => read(&[&[DEBTOR], id.as_bytes()]),
            Self::Case(id) => read(&[&[CASE], id.as_bytes()]),
            Self::Permit(id) => read(&[&[PERMIT], id.as_bytes()]),
            Self::Tally(key) => {
                let (kind, id) = key.parts();
                read(&[&[kind], id])
            }
            Self::Complaint(id, number) => {
                read(&[&[COMPLAINT], id.as_bytes(), &number.to_be_bytes()])
            }
            Self::Promise(id) => read(&[&[PROMISE], id.as_bytes()]),
        }
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when they name nothing.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        const FIELD: &str = "state key";
        let malformed = DecodeError::Malformed { what: FIELD };
        let (kind, id) = bytes.split_first().ok_or(malformed.clone())?;
        let text = |code| std::str::from_utf8(code).map_err(|_| malformed.clone());
        let asset = |code| Asset::new(text(code)?);
        match *kind {
            ACCOUNT => AccountId::from_wire(FIELD, id).map(Self::Account),
            PARTICIPANT => ParticipantId::from_wire(FIELD, id).map(Self::Participant),
            HOLD => HoldId::from_wire(FIELD, id).map(Self::Hold),
            REFUND_RIGHT => {
                let (id, leg) = id.split_at_checked(32).ok_or(malformed)?;
                let leg = u32::from_be_bytes(array(FIELD, leg)?);
                Ok(Self::RefundRight(TransactionId::from_wire(FIELD, id)?, leg))
            }
            POSITION => {
                let (id, code) = id.split_at_checked(16).ok_or(malformed.clone())?;
                Ok(Self::Position(
                    ParticipantId::from_wire(FIELD, id)?,
                    asset(code)?,
                ))
            }
            ASSET => asset(id).map(Self::Asset),
            NETWORK if id.is_empty() => Ok(Self::Network),
            CLOCK if id.is_empty() => Ok(Self::Clock),
            VALIDATORS if id.is_empty() => Ok(Self::Validators),
            PROPOSAL => ProposalId::from_wire(FIELD, id).map(Self::Proposal),
            GOVERNANCE if id.is_empty() => Ok(Self::Governance),
            CREDENTIAL => account_and(id, |rest| ParticipantId::from_wire(FIELD, rest))
                .map(|(id, by)| Self::Credential(id, by)),
            DATA_GRANT => account_and(id, |rest| ParticipantId::from_wire(FIELD, rest))
                .map(|(id, to)| Self::DataGrant(id, to)),
            ENVELOPE => array(FIELD, id).map(Hash).map(Self::Envelope),
            TOMBSTONE => account_and(id, |rest| array(FIELD, rest).map(Hash))
                .map(|(id, hash)| Self::Tombstone(id, hash)),
            LEGAL_HOLDS => AccountId::from_wire(FIELD, id).map(Self::LegalHolds),
            LOGGED_READ => {
                let (subject, reader) = id.split_at_checked(17).ok_or(malformed)?;
                Ok(Self::LoggedRead(
                    Subject::from_bytes(FIELD, subject)?,
                    ParticipantId::from_wire(FIELD, reader)?,
                ))
            }
            RULE_PACK => RulePackId::new(text(id)?).map(Self::RulePack),
            PRODUCT => ProductId::from_wire(FIELD, id).map(Self::Product),
            AGREEMENT => AgreementId::from_wire(FIELD, id).map(Self::Agreement),
            LOAN => LoanId::from_wire(FIELD, id).map(Self::Loan),
            INQUIRY_RIGHT => {
                let (borrower, lender) = id.split_at_checked(16).ok_or(malformed)?;
                Ok(Self::InquiryRight(
                    AccountId::from_wire(FIELD, borrower)?,
                    ParticipantId::from_wire(FIELD, lender)?,
                ))
            }
            DEBTOR => AccountId::from_wire(FIELD, id).map(Self::Debtor),
            CASE => CaseId::from_wire(FIELD, id).map(Self::Case),
            PERMIT => PermitId::from_wire(FIELD, id).map(Self::Permit),
            COMPLAINT => {
                let (id, number) = id.split_at_checked(16).ok_or(malformed)?;
                let number = u32::from_be_bytes(array(FIELD, number)?);
                Ok(Self::Complaint(AccountId::from_wire(FIELD, id)?, number))
            }
            PROMISE => LoanId::from_wire(FIELD, id).map(Self::Promise),
            kind => TallyKey::from_parts(kind, id)?
                .map(Self::Tally)
                .ok_or(malformed),
        }
    }

    /// Where its leaf stands in the state tree.
    #[must_use]
    pub fn path(&self) -> Hash {
        self.with_parts(|parts| tagged("talea/state-key/v1", parts))
    }
}

/// Reads an account's id and what comes after it.
fn account_and<T>(
    bytes: &[u8],
    read: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<(AccountId, T), DecodeError> {
    let what = "state key";
    let (id, rest) = bytes
        .split_at_checked(16)
        .ok_or(DecodeError::Malformed { what })?;
    Ok((AccountId::from_wire(what, id)?, read(rest)?))
}

/// What the leaf of an object with these bytes holds.
#[must_use]
pub fn value_hash(bytes: &[u8]) -> Hash {
    tagged("talea/state-value/v1", &[bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_and_others_are_refused() {
        let asset = Asset::new("CZK").unwrap();
        let participant = ParticipantId::from_bytes([2; 16]);
        let keys = [
            StateKey::Account(AccountId::from_bytes([1; 16])),
            StateKey::Participant(participant),
            StateKey::Hold(HoldId::from_bytes([3; 16])),
            StateKey::RefundRight(TransactionId::new(Hash([4; 32])), 7),
            StateKey::Position(participant, asset),
            StateKey::Asset(asset),
            StateKey::Network,
            StateKey::Clock,
            StateKey::Validators,
            StateKey::Proposal(ProposalId::from_bytes([5; 16])),
            StateKey::Governance,
            StateKey::RulePack(RulePackId::new("us-reg-f").unwrap()),
            StateKey::Credential(AccountId::from_bytes([1; 16]), participant),
            StateKey::DataGrant(AccountId::from_bytes([1; 16]), participant),
            StateKey::Envelope(Hash([6; 32])),
            StateKey::Tombstone(AccountId::from_bytes([1; 16]), Hash([7; 32])),
            StateKey::LegalHolds(AccountId::from_bytes([1; 16])),
            StateKey::LoggedRead(Subject::Case(CaseId::from_bytes([1; 16])), participant),
            StateKey::Product(ProductId::from_bytes([5; 16])),
            StateKey::Agreement(AgreementId::from_bytes([6; 16])),
            StateKey::Loan(LoanId::from_bytes([7; 16])),
            StateKey::InquiryRight(AccountId::from_bytes([1; 16]), participant),
            StateKey::Debtor(AccountId::from_bytes([1; 16])),
            StateKey::Case(CaseId::from_bytes([1; 16])),
            StateKey::Permit(PermitId::from_bytes([1; 16])),
            StateKey::Tally(TallyKey::Debt(LoanId::from_bytes([1; 16]))),
            StateKey::Tally(TallyKey::ContactPoint(Hash([1; 32]))),
            StateKey::Complaint(AccountId::from_bytes([1; 16]), 3),
            StateKey::Promise(LoanId::from_bytes([1; 16])),
        ];
        for key in keys {
            assert_eq!(StateKey::from_bytes(&key.to_bytes()), Ok(key));
            let mut longer = key.to_bytes();
            longer.extend_from_slice(&[0xff; 40]);
            assert!(StateKey::from_bytes(&longer).is_err(), "{key:?}");
        }
        assert!(StateKey::from_bytes(&[]).is_err());
        assert!(StateKey::from_bytes(&[99]).is_err());
    }
}
