//! The concrete types that the agreement library is instantiated with.

use std::{fmt, sync::Arc};

use arc_malachitebft_core_types as malachite;
use malachite::{NilOrVal, Round, VoteType};
use talea_types::{
    BlockHash, Hash, PublicKey, Signature, ValidatorId,
    crypto::{KeyError, VerifyingKey},
    validator::ValidatorSet,
};

/// Names the types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context;

/// A validator's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(pub ValidatorId);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl malachite::Address for Address {}

/// A height.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Height(pub u64);

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl malachite::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.saturating_add(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

/// What is decided: a header's hash. The digest of the content travels along so that a proposer signs
/// for the content it sends, but two values are the same when the header is.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    /// Hash of the header.
    pub hash: BlockHash,
    /// Digest of the content that came with it.
    pub content: Hash,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.hash.cmp(&other.hash)
    }
}

impl malachite::Value for Value {
    type Id = BlockHash;

    fn id(&self) -> BlockHash {
        self.hash
    }
}

/// A prevote or precommit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    pub kind: VoteType,
    pub height: Height,
    pub round: Round,
    pub value: NilOrVal<BlockHash>,
    pub address: Address,
}

impl malachite::Vote<Context> for Vote {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<BlockHash> {
        &self.value
    }

    fn take_value(self) -> NilOrVal<BlockHash> {
        self.value
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }

    fn extension(&self) -> Option<&malachite::SignedExtension<Context>> {
        None
    }

    fn take_extension(&mut self) -> Option<malachite::SignedExtension<Context>> {
        None
    }

    fn extend(self, _extension: malachite::SignedExtension<Context>) -> Self {
        self
    }
}

/// A proposal without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub height: Height,
    pub round: Round,
    pub value: Value,
    pub lock_round: Round,
    pub address: Address,
}

impl malachite::Proposal<Context> for Proposal {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &Value {
        &self.value
    }

    fn take_value(self) -> Value {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.lock_round
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }
}

/// Content is not sent in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPart;

impl malachite::ProposalPart<Context> for NoPart {
    fn is_first(&self) -> bool {
        true
    }

    fn is_last(&self) -> bool {
        true
    }
}

/// A member of the set that decides a height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub address: Address,
    pub public_key: PublicKey,
    pub verifying_key: VerifyingKey,
    pub power: u64,
}

impl malachite::Validator<Context> for Member {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

/// The set that decides a height, and the order in which its members propose there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// Strictly ascending by address.
    members: Arc<[Member]>,
    /// Places in `members`; every place once.
    order: Arc<[usize]>,
    total_power: u64,
}

impl Members {
    /// The members of `set`, proposing in `order`.
    pub fn new(set: &ValidatorSet, order: &[usize]) -> Result<Self, KeyError> {
        let mut members = Vec::with_capacity(order.len());
        for (id, validator) in set.iter() {
            members.push(Member {
                address: Address(*id),
                public_key: validator.voting_key,
                verifying_key: VerifyingKey::try_from(validator.voting_key)?,
                power: validator.power,
            });
        }
        assert!(
            members.is_sorted_by(|a, b| a.address < b.address),
            "a validator set is in ascending order"
        );
        let members = Self {
            members: members.into(),
            order: Arc::new([]),
            total_power: set.total_power(),
        };
        Ok(members.reordered(order))
    }

    /// The same members, proposing in another order.
    pub fn reordered(&self, order: &[usize]) -> Self {
        assert_eq!(self.members.len(), order.len(), "the order covers the set");
        Self {
            order: order.into(),
            ..self.clone()
        }
    }

    /// The member with this id.
    pub fn get(&self, address: &Address) -> Option<&Member> {
        let place = self
            .members
            .binary_search_by(|member| member.address.cmp(address))
            .ok()?;
        self.members.get(place)
    }

    /// Who proposes in `round`.
    pub fn proposer(&self, round: u32) -> &Member {
        let turn = usize::try_from(round)
            .ok()
            .and_then(|round| round.checked_rem(self.order.len()));
        let place = turn.and_then(|turn| self.order.get(turn));
        let Some(member) = place.and_then(|place| self.members.get(*place)) else {
            unreachable!("the order of proposers covers every round")
        };
        member
    }

    /// Power of all members.
    pub fn total_power(&self) -> u64 {
        self.total_power
    }

    /// Everybody, ascending by id.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }
}

impl malachite::ValidatorSet<Context> for Members {
    fn count(&self) -> usize {
        self.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.total_power()
    }

    fn get_by_address(&self, address: &Address) -> Option<&Member> {
        self.get(address)
    }

    fn get_by_index(&self, index: usize) -> Option<&Member> {
        self.members.get(index)
    }
}

/// Waits are measured by the engine; the library only names them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoTimeouts;

impl malachite::Timeouts<Context> for NoTimeouts {
    fn duration_for(&self, _timeout: malachite::Timeout) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

/// A signature, or the mark of a message that the safety kernel did not let out: it verifies nowhere,
/// is never published, and so leaves the rest of the state machine undisturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MaybeSignature {
    /// Made by the validator that the message names.
    Given(Signature),
    /// Refused by the safety kernel or the signer.
    Withheld,
}

/// Ed25519, as `talea-types` knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme;

impl malachite::SigningScheme for Scheme {
    type DecodingError = &'static str;
    type Signature = MaybeSignature;
    type PublicKey = PublicKey;
    type PrivateKey = ();

    fn decode_signature(bytes: &[u8]) -> Result<MaybeSignature, &'static str> {
        let bytes = <[u8; 64]>::try_from(bytes).map_err(|_| "a signature has 64 bytes")?;
        Ok(MaybeSignature::Given(Signature::from_bytes(bytes)))
    }

    fn encode_signature(signature: &MaybeSignature) -> Vec<u8> {
        match signature {
            MaybeSignature::Given(signature) => signature.as_bytes().to_vec(),
            MaybeSignature::Withheld => Vec::new(),
        }
    }

    fn decode_public_key(bytes: &[u8]) -> Result<PublicKey, &'static str> {
        <[u8; 32]>::try_from(bytes)
            .map(PublicKey::from_bytes)
            .map_err(|_| "a public key has 32 bytes")
    }

    fn encode_public_key(key: &PublicKey) -> Vec<u8> {
        key.as_bytes().to_vec()
    }
}

impl malachite::Context for Context {
    type Address = Address;
    type Height = Height;
    type ProposalPart = NoPart;
    type Proposal = Proposal;
    type Validator = Member;
    type ValidatorSet = Members;
    type Timeouts = NoTimeouts;
    type Value = Value;
    type Vote = Vote;
    type Extension = ();
    type SigningScheme = Scheme;

    fn select_proposer<'a>(
        &self,
        members: &'a Members,
        _height: Height,
        round: Round,
    ) -> &'a Member {
        members.proposer(round.as_u32().unwrap_or(0))
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: Value,
        lock_round: Round,
        address: Address,
    ) -> Proposal {
        Proposal {
            height,
            round,
            value,
            lock_round,
            address,
        }
    }

    fn new_prevote(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<BlockHash>,
        address: Address,
    ) -> Vote {
        Vote {
            kind: VoteType::Prevote,
            height,
            round,
            value,
            address,
        }
    }

    fn new_precommit(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<BlockHash>,
        address: Address,
    ) -> Vote {
        Vote {
            kind: VoteType::Precommit,
            height,
            round,
            value,
            address,
        }
    }
}
