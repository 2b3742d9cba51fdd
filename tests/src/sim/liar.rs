//! A Byzantine validator: an honest node whose words are twisted on their way out, and that says more.
//!
//! It holds its own keys and nobody else's. Amnesia and twins are not words: they are how the world runs
//! the node.

use std::collections::VecDeque;

use bytes::Bytes;
use talea_consensus::{
    ConsensusMessage, LockCertificate, RoundCertificate, RoundReason, RoundVote, SignedProposal,
    SignedVote,
};
use talea_node::replica::NodeMessage;
use talea_types::{
    Batch, BatchDigest, BlockBody, BlockContent, BlockHash, Certificate, ChainId, CommittedBlock,
    Hash, SecretKey, ValidatorId, Vote, VoteKind,
};

use super::plan::Behaviour;
use super::random::Random;
use super::theft::Thief;

/// Messages that it remembers.
const HEARD_MAX: usize = 96;
/// Block contents and certificates that it remembers.
const KEPT_MAX: usize = 12;

/// See the module.
pub struct Liar {
    chain: ChainId,
    key: SecretKey,
    id: ValidatorId,
    others: Vec<ValidatorId>,
    random: Random,
    heard: VecDeque<Bytes>,
    contents: VecDeque<BlockContent>,
    certificates: VecDeque<Certificate>,
    /// The highest height that it heard of.
    height: u64,
    sequence: u64,
    /// What it made of its proposal of a height and round.
    last_lie: Option<((u64, u32, bool), Option<Bytes>)>,
    thief: Thief,
}

impl Liar {
    /// A liar with this voting key among the others.
    #[must_use]
    pub fn new(chain: ChainId, key: SecretKey, others: Vec<ValidatorId>, random: Random) -> Self {
        Self {
            chain,
            id: ValidatorId::from_voting_key(&key.public_key()),
            key,
            others,
            random,
            heard: VecDeque::new(),
            contents: VecDeque::new(),
            certificates: VecDeque::new(),
            height: 0,
            sequence: u64::MAX / 2,
            last_lie: None,
            thief: Thief::default(),
        }
    }

    /// Remembers what could be of use.
    pub fn hear(&mut self, bytes: &Bytes) {
        if self.random.chance(300) {
            keep(&mut self.heard, bytes.clone(), HEARD_MAX);
        }
        let message = match NodeMessage::decode(bytes) {
            Ok(NodeMessage::Consensus(message)) => message,
            Ok(NodeMessage::Batch(batch)) => return self.thief.hear(&self.chain, batch),
            _ => return,
        };
        let Ok(message) = ConsensusMessage::decode(&message) else {
            return;
        };
        self.height = self.height.max(message.height());
        if let ConsensusMessage::Proposal(proposal) = message
            && let Ok(content) = BlockContent::decode(&proposal.content)
        {
            if let Some(certificate) = &content.parent_certificate {
                keep(&mut self.certificates, certificate.clone(), KEPT_MAX);
            }
            keep(&mut self.contents, content, KEPT_MAX);
        }
    }

    /// What is said to `to` instead of the truth.
    pub fn twist(&mut self, behaviours: &[Behaviour], to: usize, bytes: &Bytes) -> Vec<Bytes> {
        self.hear(bytes);
        let Ok(message) = NodeMessage::decode(bytes) else {
            return vec![bytes.clone()];
        };
        let mut said = vec![bytes.clone()];
        for behaviour in behaviours {
            match (behaviour, &message) {
                (Behaviour::Equivocator, NodeMessage::Consensus(inner)) if to.is_multiple_of(2) => {
                    said.extend(self.opposite(inner));
                    if self.random.chance(500) {
                        said.reverse();
                    }
                }
                (Behaviour::Withholder, NodeMessage::Batch(_)) if self.random.chance(800) => {
                    said.clear();
                }
                (Behaviour::LyingSyncer, NodeMessage::Status { height }) => {
                    let height = self.other_height(*height);
                    said = vec![NodeMessage::Status { height }.encode()];
                }
                (Behaviour::LyingSyncer, NodeMessage::Blocks { from, blocks }) => {
                    said = vec![self.forge_blocks(*from, blocks)];
                }
                (Behaviour::WrongHeader, NodeMessage::Consensus(inner)) => {
                    if let Some(lie) = self.wrong_proposal(inner, false) {
                        said = vec![lie];
                    }
                }
                (Behaviour::Stale, NodeMessage::Consensus(inner)) => {
                    if let Some(lie) = self.wrong_proposal(inner, true) {
                        said = vec![lie];
                    }
                }
                _ => {}
            }
        }
        said
    }

    /// What is said without a reason, to everybody.
    pub fn invent(&mut self, behaviours: &[Behaviour]) -> Vec<Bytes> {
        let mut said = Vec::new();
        for behaviour in behaviours {
            match behaviour {
                Behaviour::Stale => {
                    for _ in 0..3 {
                        if !self.heard.is_empty() {
                            let at = self.random.position(self.heard.len());
                            said.push(self.heard[at].clone());
                        }
                    }
                }
                Behaviour::Flooder => said.extend((0..6).map(|_| self.flood())),
                Behaviour::Forger => {
                    said.extend((0..4).map(|_| self.forge()));
                    said.extend(self.steal());
                }
                Behaviour::LyingSyncer => {
                    let height = self.other_height(self.height);
                    said.push(NodeMessage::Status { height }.encode());
                }
                _ => {}
            }
        }
        said
    }

    fn other_height(&mut self, height: u64) -> u64 {
        match self.random.below(6) {
            0 => 0,
            1 => height / 2,
            2 => u64::MAX,
            3 => height + self.random.below(1_000),
            _ => height + 1,
        }
    }

    /// Its own vote, for something else.
    fn opposite(&mut self, inner: &Bytes) -> Option<Bytes> {
        let Ok(ConsensusMessage::Vote(signed)) = ConsensusMessage::decode(inner) else {
            return None;
        };
        if signed.vote.validator != self.id {
            return None;
        }
        let known = self.contents.iter().rev();
        let other = known
            .filter(|content| content.header.height == signed.vote.height)
            .map(|content| content.header.hash())
            .find(|hash| Some(*hash) != signed.vote.block);
        let block = match signed.vote.block {
            Some(_) if self.random.chance(500) => other,
            Some(_) => None,
            None => other.or(Some(BlockHash::new(Hash([0xbb; 32])))),
        };
        (block != signed.vote.block).then(|| {
            self.vote(Vote {
                block,
                ..signed.vote
            })
        })
    }

    fn vote(&self, vote: Vote) -> Bytes {
        let signature = self.key.sign(&vote.signed_message(&self.chain));
        consensus(&ConsensusMessage::Vote(SignedVote { vote, signature }))
    }

    /// Its own proposal with another header, or with the certificate of another height: mostly the same lie
    /// for everybody, so that a quorum may believe it.
    fn wrong_proposal(&mut self, inner: &Bytes, stale: bool) -> Option<Bytes> {
        let Ok(ConsensusMessage::Proposal(proposal)) = ConsensusMessage::decode(inner) else {
            return None;
        };
        let place = (proposal.height, proposal.round, stale);
        if let Some((lied_at, lie)) = &self.last_lie
            && *lied_at == place
        {
            return lie.clone();
        }
        let lie = self.invent_proposal(proposal, stale);
        if self.random.chance(850) {
            self.last_lie = Some((place, lie.clone()));
        }
        lie
    }

    fn invent_proposal(&mut self, mut proposal: SignedProposal, stale: bool) -> Option<Bytes> {
        if proposal.proposer != self.id || proposal.lock_round.is_some() || self.random.chance(300)
        {
            return None;
        }
        let mut content = BlockContent::decode(&proposal.content).ok()?;
        let header = &mut content.header;
        if stale {
            let known = self.certificates.iter();
            let old: Vec<&Certificate> =
                known.filter(|one| one.height + 1 < header.height).collect();
            let old = (*old.get(self.random.position(old.len().max(1)))?).clone();
            header.parent_certificate = Some(old.hash());
            header.parent_round = old.round;
            content.parent_certificate = Some(old);
        } else {
            match self.random.below(6) {
                0 => header.state_root = Hash([7; 32]),
                1 => header.results_root = Hash([7; 32]),
                2 => header.parent = BlockHash::new(Hash([7; 32])),
                3 => header.next_validators_hash = Hash([7; 32]),
                4 => header.height += 1,
                _ => header.time = header.time.plus_millis(3_600_000),
            }
        }
        proposal.block_hash = content.header.hash();
        proposal.content = content.encode();
        Some(self.propose(proposal))
    }

    fn propose(&self, mut proposal: SignedProposal) -> Bytes {
        let message = proposal.signed_message(&self.chain);
        proposal.signature = self.key.sign(&message);
        consensus(&ConsensusMessage::Proposal(proposal))
    }

    /// An answer to somebody who catches up.
    fn forge_blocks(&mut self, from: u64, blocks: &[Bytes]) -> Bytes {
        let mut blocks = blocks.to_vec();
        let lie = self.random.below(7);
        if blocks.is_empty() || lie == 0 {
            // A block of that height that nobody decided.
            let known = self.contents.iter();
            let mut bodies = known.filter(|content| {
                content.header.height == from && content.batch_digests.is_empty()
            });
            if let Some(content) = bodies.next_back().cloned() {
                let certificate = self.certificate_of(from, content.header.hash());
                let body = BlockBody {
                    content,
                    batches: Vec::new(),
                };
                blocks = vec![CommittedBlock { body, certificate }.encode()];
            }
            return NodeMessage::Blocks { from, blocks }.encode();
        }
        let at = self.random.position(blocks.len());
        match lie {
            1 => {
                let mut bytes = blocks[at].to_vec();
                let bit = self.random.position(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
                blocks[at] = bytes.into();
            }
            2 => {
                blocks.remove(at);
            }
            3 => blocks.reverse(),
            4 => {
                let length = self.random.position(blocks[at].len());
                blocks[at] = blocks[at].slice(..length);
            }
            // One signature of many, or its own alone.
            5 | 6 => {
                if let Ok(mut block) = CommittedBlock::decode(&blocks[at]) {
                    if lie == 5 {
                        block.certificate.signatures.truncate(1);
                    } else {
                        let (height, hash) = (block.certificate.height, block.certificate.block);
                        block.certificate = self.certificate_of(height, hash);
                    }
                    blocks[at] = block.encode();
                }
            }
            _ => {}
        }
        NodeMessage::Blocks { from, blocks }.encode()
    }

    /// A certificate that it signs for everybody, or only for itself.
    fn certificate_of(&mut self, height: u64, block: BlockHash) -> Certificate {
        let vote = |validator: ValidatorId| Vote {
            kind: VoteKind::Precommit,
            height,
            round: 0,
            block: Some(block),
            validator,
        };
        let mut signers = vec![self.id];
        if self.random.chance(500) {
            signers.extend(&self.others);
        }
        signers.sort_unstable();
        let sign = |validator: ValidatorId| {
            let message = vote(validator).signed_message(&self.chain);
            (validator, self.key.sign(&message))
        };
        Certificate {
            height,
            round: 0,
            block,
            signatures: signers.into_iter().map(sign).collect(),
        }
    }

    /// Words of others that they never said.
    fn forge(&mut self) -> Bytes {
        let round = self.random.below(3) as u32;
        let height = self.height + self.random.below(2);
        let known = self.contents.back().map(|content| content.header.hash());
        let block = if self.random.chance(600) { known } else { None };
        let kind = self
            .random
            .one_of(&[VoteKind::Prevote, VoteKind::Precommit]);
        let validator = self.random.one_of(&self.others);
        let vote = Vote {
            kind,
            height,
            round,
            block,
            validator,
        };
        let signature = self.key.sign(&vote.signed_message(&self.chain));
        let everybody = self.others.iter();
        match self.random.below(4) {
            0 => {
                let votes = everybody.map(|validator| RoundVote {
                    kind,
                    block_hash: block,
                    validator: *validator,
                    signature,
                });
                consensus(&ConsensusMessage::Round(RoundCertificate {
                    height,
                    round,
                    reason: RoundReason::Skip,
                    votes: votes.collect(),
                }))
            }
            1 if block.is_some() => {
                let mut signatures: Vec<_> =
                    everybody.map(|validator| (*validator, signature)).collect();
                signatures.sort_by_key(|(validator, _)| *validator);
                consensus(&ConsensusMessage::Lock(LockCertificate {
                    height,
                    round,
                    block_hash: block.unwrap_or(BlockHash::new(Hash([1; 32]))),
                    signatures,
                }))
            }
            _ => consensus(&ConsensusMessage::Vote(SignedVote { vote, signature })),
        }
    }

    /// A transaction in somebody's name, in a batch of its own.
    fn steal(&mut self) -> Option<Bytes> {
        let stolen = self.thief.steal(&self.chain, &self.key, &mut self.random)?;
        self.sequence += 1;
        let batch = Batch::seal(self.id, self.sequence, vec![stolen]).ok()?;
        Some(NodeMessage::Batch(batch.encoded().clone()).encode())
    }

    /// Something that costs the others work.
    fn flood(&mut self) -> Bytes {
        let digest = |random: &mut Random| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&random.any().to_be_bytes());
            BatchDigest::new(Hash(bytes))
        };
        match self.random.below(8) {
            0 => {
                let noise: Vec<u8> = (0..200).map(|_| self.random.any() as u8).collect();
                NodeMessage::Consensus(noise.into()).encode()
            }
            1 => Bytes::from(
                (0..100)
                    .map(|_| self.random.any() as u8)
                    .collect::<Vec<_>>(),
            ),
            2 => {
                let digests = (0..64).map(|_| digest(&mut self.random)).collect();
                NodeMessage::Ack(digests).encode()
            }
            3 => NodeMessage::FetchBatch(digest(&mut self.random)).encode(),
            4 => NodeMessage::RequestBlocks { from: 1, to: 32 }.encode(),
            5 => {
                let noise: Vec<u8> = (0..300).map(|_| self.random.any() as u8).collect();
                self.sequence += 1;
                let batch = Batch::seal(self.id, self.sequence, vec![noise.into()]);
                match batch {
                    Ok(batch) => NodeMessage::Batch(batch.encoded().clone()).encode(),
                    Err(_) => NodeMessage::Status { height: 0 }.encode(),
                }
            }
            _ => {
                let vote = Vote {
                    kind: VoteKind::Prevote,
                    height: self.height + self.random.below(4),
                    round: self.random.below(5_000) as u32,
                    block: None,
                    validator: self.id,
                };
                self.vote(vote)
            }
        }
    }
}

fn consensus(message: &ConsensusMessage) -> Bytes {
    NodeMessage::Consensus(message.encode()).encode()
}

fn keep<T>(list: &mut VecDeque<T>, one: T, max: usize) {
    list.push_back(one);
    if list.len() > max {
        list.pop_front();
    }
}
