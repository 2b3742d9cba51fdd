//! What must hold after every step, whatever goes wrong.
//!
//! The checks look at what leaves the nodes, and count for themselves: none of them asks the code that it
//! checks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use talea_consensus::{ConsensusMessage, Evidence, SignedProposal};
use talea_ledger::Ledger;
use talea_node::interface::CommittedRecord;
use talea_types::crypto::KeyCache;
use talea_types::{
    BlockHash, ChainId, Hash, SignedTransaction, Subject, TransactionId, ValidatorId, ValidatorSet,
    Vote, VoteKind, limits::CLOCK_DRIFT_MS_MAX,
};

use super::collections::check_caps;
use super::plan::START_MS;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which promise.
    pub promise: &'static str,
    /// What was seen.
    pub detail: String,
    /// When, milliseconds of the simulation.
    pub at: u64,
}

/// What is final.
pub struct Decided {
    /// The block.
    pub hash: BlockHash,
    /// The state after it.
    pub root: Hash,
    /// Its transactions about which it says something final.
    pub finals: Vec<TransactionId>,
}

/// What is known about a run.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Blocks by the round in which they were decided, up to 7.
    pub rounds: [u64; 8],
    /// Results by outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Permits granted at the end.
    pub permits: usize,
    /// Changes of the validator set.
    pub set_changes: u64,
    /// Contradictions that were seen.
    pub evidence: u64,
    /// Statements that were compared.
    pub statements: u64,
}

/// Who showed it in which life, of whom, where, and the two values.
type Contradiction = (usize, u64, ValidatorId, (u64, u32, u8), [Option<Hash>; 2]);

/// See the module.
pub struct Checks {
    chain: ChainId,
    /// What was decided at each height, whoever said so first.
    pub decided: BTreeMap<u64, Decided>,
    /// For the report.
    pub figures: Figures,
    /// The first thing that went wrong.
    pub violation: Option<Violation>,
    statements: BTreeMap<(ValidatorId, u64, u32, u8), Option<Hash>>,
    finals: BTreeSet<TransactionId>,
    nonces: BTreeMap<(Subject, u64), TransactionId>,
    evidence: BTreeSet<Contradiction>,
    /// The set that decides the next height.
    validators: ValidatorSet,
    last_time: u64,
    keys: KeyCache,
    /// How far the clocks of nodes with sound clocks are off at most, milliseconds.
    skew_max: u64,
}

impl Checks {
    /// Checks of a network that begins with this set.
    #[must_use]
    pub fn new(chain: ChainId, validators: ValidatorSet, skew_max: u64) -> Self {
        Self {
            chain,
            decided: BTreeMap::new(),
            figures: Figures::default(),
            violation: None,
            statements: BTreeMap::new(),
            finals: BTreeSet::new(),
            nonces: BTreeMap::new(),
            evidence: BTreeSet::new(),
            validators,
            last_time: 0,
            keys: KeyCache::new(),
            skew_max,
        }
    }

    /// Records the first violation.
    pub fn fail(&mut self, now: u64, promise: &'static str, detail: String) {
        self.violation.get_or_insert(Violation {
            promise,
            detail,
            at: now,
        });
    }

    /// The highest decided height.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.decided
            .last_key_value()
            .map_or(0, |(height, _)| *height)
    }

    /// An honest node says that a block is final.
    pub fn on_published(
        &mut self,
        now: u64,
        node: usize,
        record: &Arc<CommittedRecord>,
        root: Hash,
        ledger: &Ledger,
        asked: &BTreeSet<TransactionId>,
    ) {
        let height = record.height();
        let header = &record.body.content.header;
        if header.state_root != root {
            let detail = format!("node {node}: its state after block {height} is not the header's");
            return self.fail(now, "equal roots", detail);
        }
        if let Some(known) = self.decided.get(&height) {
            if known.hash != record.hash || known.root != root {
                let detail = format!(
                    "node {node} committed {} at height {height}, another node {}",
                    record.hash, known.hash
                );
                self.fail(now, "agreement", detail);
            }
            return;
        }
        if height != self.height() + 1 {
            let detail = format!(
                "node {node} committed height {height} while the network is at {}",
                self.height()
            );
            return self.fail(now, "agreement", detail);
        }
        let checked = self
            .check_certificates(record)
            .and_then(|()| self.check_time(now, record));
        if let Err((promise, detail)) = checked {
            return self.fail(now, promise, detail);
        }
        let finals = match self.check_results(record, asked) {
            Ok(finals) => finals,
            Err((promise, detail)) => return self.fail(now, promise, detail),
        };
        if let Err(error) = ledger.verify_conservation() {
            return self.fail(now, "conservation", error.to_string());
        }
        match check_caps(ledger) {
            Ok(permits) => self.figures.permits = permits,
            Err(detail) => return self.fail(now, "permit caps", detail),
        }
        let round = record.certificate.round.min(7) as usize;
        self.figures.rounds[round] += 1;
        if let Some(next) = &record.next_validators {
            self.validators = next.clone();
            self.figures.set_changes += 1;
        }
        let hash = record.hash;
        self.decided.insert(height, Decided { hash, root, finals });
    }

    /// The certificate is of a quorum, each vote for this block; the parent's is of the parent.
    fn check_certificates(
        &mut self,
        record: &CommittedRecord,
    ) -> Result<(), (&'static str, String)> {
        let (certificate, content) = (&record.certificate, &record.body.content);
        let height = record.height();
        let fail = |detail: String| Err(("certificates", detail));
        if certificate.block != record.hash || certificate.height != height {
            return fail(format!(
                "block {height} is published with another certificate"
            ));
        }
        if content.header.hash() != record.hash {
            return fail(format!("block {height} is published with another header"));
        }
        let mut power = 0;
        let mut seen = BTreeSet::new();
        for (validator, signature) in &certificate.signatures {
            let vote = Vote {
                kind: VoteKind::Precommit,
                height,
                round: certificate.round,
                block: Some(record.hash),
                validator: *validator,
            };
            let genuine = self.validators.get(validator).is_some_and(|member| {
                self.keys.verifying_key(member.voting_key).is_ok_and(|key| {
                    key.verify(&vote.signed_message(&self.chain), signature)
                        .is_ok()
                })
            });
            if !genuine || !seen.insert(*validator) {
                return fail(format!(
                    "block {height}: a signature of {validator} does not count"
                ));
            }
            power += self
                .validators
                .get(validator)
                .map_or(0, |member| member.power);
        }
        let total: u64 = self.validators.iter().map(|(_, member)| member.power).sum();
        if power * 3 <= total * 2 {
            return fail(format!(
                "block {height} is decided by power {power} of {total}"
            ));
        }
        let parent = self.decided.get(&(height - 1)).map(|decided| decided.hash);
        let of_parent = content.parent_certificate.as_ref();
        let fits = match (parent, of_parent) {
            (None, None) => height == 1,
            (Some(parent), Some(one)) => one.block == parent && one.height == height - 1,
            _ => false,
        };
        if !fits {
            return fail(format!(
                "block {height} carries a certificate that is not its parent's"
            ));
        }
        Ok(())
    }

    /// Ledger time moves on, and is never further ahead than a sound clock and the allowed drift.
    fn check_time(
        &mut self,
        now: u64,
        record: &CommittedRecord,
    ) -> Result<(), (&'static str, String)> {
        let time = record.body.content.header.time.millis();
        let latest = START_MS + now + self.skew_max + CLOCK_DRIFT_MS_MAX;
        if time <= self.last_time || time > latest {
            let detail = format!(
                "block {} has time {time}; the one before {}, the latest is {latest}",
                record.height(),
                self.last_time
            );
            return Err(("time", detail));
        }
        self.last_time = time;
        Ok(())
    }

    /// Nothing is applied that nobody asked for, nothing twice, nothing expired; a nonce is used once.
    fn check_results(
        &mut self,
        record: &CommittedRecord,
        asked: &BTreeSet<TransactionId>,
    ) -> Result<Vec<TransactionId>, (&'static str, String)> {
        let height = record.height();
        let batches = record.body.batches.iter();
        let transactions = batches.flat_map(|batch| batch.transactions());
        let mut finals = Vec::new();
        for (bytes, result) in transactions.zip(&record.results) {
            *self
                .figures
                .outcomes
                .entry(result.outcome.name())
                .or_default() += 1;
            if result.outcome.is_void() {
                continue;
            }
            let transaction = SignedTransaction::decode(&self.chain, bytes.clone())
                .map_err(|error| ("results", format!("block {height}: {error}")))?;
            let id = transaction.id();
            if id != result.transaction {
                return Err(("results", format!("block {height} mixes up its results")));
            }
            if !asked.contains(&id) {
                return Err((
                    "asked for",
                    format!("{id} is final at height {height}, and no client made it"),
                ));
            }
            let body = transaction.body();
            if !self.finals.insert(id) {
                return Err((
                    "applied once",
                    format!("{id} is final again at height {height}"),
                ));
            }
            let nonce = (body.author, body.nonce);
            if let Some(other) = self.nonces.insert(nonce, id) {
                let detail = format!("{id} and {other} are final with one nonce, {}", body.nonce);
                return Err(("applied once", detail));
            }
            if body.expires_at < record.body.content.header.time {
                return Err(("expiry", format!("{id} is final after it expired")));
            }
            finals.push(id);
        }
        Ok(finals)
    }

    /// An honest validator says something: never two things of a kind in one place.
    pub fn on_said(&mut self, now: u64, own: &[ValidatorId], message: &ConsensusMessage) {
        let (place, said) = match message {
            ConsensusMessage::Vote(signed) => {
                let vote = &signed.vote;
                let place = (vote.validator, vote.height, vote.round, kind(vote.kind));
                (place, vote.block.map(|block| block.hash()))
            }
            ConsensusMessage::Proposal(proposal) => {
                let digest = SignedProposal::content_digest(&proposal.content);
                (
                    (proposal.proposer, proposal.height, proposal.round, 0),
                    Some(digest),
                )
            }
            ConsensusMessage::Lock(_) | ConsensusMessage::Round(_) => return,
        };
        if !own.contains(&place.0) {
            return;
        }
        self.figures.statements += 1;
        let first = *self.statements.entry(place).or_insert(said);
        if first != said {
            let detail = format!(
                "{} at height {} in round {}: first {first:?}, then {said:?}",
                place.0, place.1, place.2
            );
            self.fail(now, "one statement of a kind", detail);
        }
    }

    /// A node shows a contradiction: of a liar, and each once.
    pub fn on_evidence(
        &mut self,
        now: u64,
        node: usize,
        life: u64,
        evidence: &Evidence,
        liars: &[ValidatorId],
    ) {
        self.figures.evidence += 1;
        let (round, of_kind, mut pair) = match evidence {
            Evidence::Votes { first, second } => {
                let blocks =
                    [first, second].map(|signed| signed.vote.block.map(|block| block.hash()));
                (first.vote.round, kind(first.vote.kind), blocks)
            }
            Evidence::Proposals {
                first,
                content_digests,
                ..
            } => (
                first.round,
                0,
                [Some(content_digests.0), Some(content_digests.1)],
            ),
        };
        pair.sort_unstable();
        let (validator, height) = (evidence.validator(), evidence.height());
        if !liars.contains(&validator) {
            let detail = format!("node {node} accuses {validator}, which is honest");
            self.fail(now, "evidence", detail);
        }
        if !self
            .evidence
            .insert((node, life, validator, (height, round, of_kind), pair))
        {
            let detail = format!("node {node} counts one contradiction of {validator} twice");
            self.fail(now, "evidence", detail);
        }
    }
}

const fn kind(kind: VoteKind) -> u8 {
    match kind {
        VoteKind::Prevote => 1,
        VoteKind::Precommit => 2,
    }
}
