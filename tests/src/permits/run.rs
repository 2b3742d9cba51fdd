//! A run: waves of requests, and after each the clock moves. Everybody submits at once; in which order the
//! network takes what was submitted is its own affair, and the checker follows it block by block.

use std::{collections::BTreeMap, time::Instant};

use anyhow::{Context, bail, ensure};
use talea_types::{
    BlockHeader, Operation, Outcome, Subject, Timestamp, TransactionId, TransactionResult,
    limits::EXPIRIES_PER_BLOCK_MAX,
    operation::{ClockAdvance, CollectionsOperation},
    time::DAY_MS,
};
use tokio::sync::mpsc;

use super::{
    PATIENCE, Report, VALIDATORS,
    calendar::Calendar,
    checker::Checker,
    debtors::AGENCIES,
    follower::{Block, follow},
    generator::{Author, Generator},
    lanes::Lanes,
    stage::Stage,
};

/// Requests for each debtor, so that the book grows with the run.
const PER_DEBTOR: u64 = 4_000;
/// Requests for each debtor in a wave, at most: enough that some debtors have as many permits as may be open.
const PER_DEBTOR_IN_WAVE: u64 = 8;
/// Fewest debtors: each law and each city has several.
const DEBTORS_MIN: u64 = 6;
/// Waves of a run, as long as each has a size within bounds.
const WAVES: u64 = 50;
const WAVE_MIN: u64 = 50;
/// With this, an agency has at most some 600 of its 1,024 nonces in flight.
const WAVE_MAX: u64 = 2_000;
/// Transactions of one agency in a wave, at most: less than its window of nonces.
const PER_AGENCY_MAX: usize = 900;
/// How long transactions can wait, ledger time: over the steps of the clock before and in their wave.
pub(super) const EXPIRY_MS: u64 = 16 * 3_600_000;
/// The clock moves while requests are on their way unless it moves further than this.
const STEP_IN_FLIGHT_MS_MAX: u64 = 7 * 3_600_000;
/// Permits that end by themselves between two waves; with more, blocks are waited for that end them.
const ENDS_AT_ONCE: usize = EXPIRIES_PER_BLOCK_MAX - 100;
/// The validator whose blocks are read.
const READ_AT: usize = VALIDATORS - 1;

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Requests, at least; the last wave is not cut.
    pub requests: u64,
    /// From which everything random follows but the order in blocks.
    pub seed: u64,
}

/// Runs. `tell` hears what is done, and how much of it; when `is_ended` says so, no further wave begins.
///
/// # Errors
/// A verdict that is not the checker's, with both, the request and the height; anything that is not as it
/// should be.
pub async fn run(
    plan: Plan,
    tell: &mut dyn FnMut(&str, u64, u64),
    is_ended: impl Fn() -> bool,
) -> anyhow::Result<Report> {
    let wave = (plan.requests / WAVES).clamp(WAVE_MIN, WAVE_MAX);
    let debtors = (plan.requests / PER_DEBTOR)
        .max(wave / PER_DEBTOR_IN_WAVE)
        .max(DEBTORS_MIN);
    let stage = Stage::start(usize::try_from(debtors)?, tell).await?;
    let mut run = Run::open(stage, plan).await?;
    let waves = plan.requests.div_ceil(wave);
    let begun = Instant::now();
    let start = run.clock.now();
    let calendar = Calendar::new(start, waves);
    for number in 0..waves {
        tell("requests", run.report.requests, waves * wave);
        if is_ended() {
            break;
        }
        let step = calendar.step(&mut run.generator, run.clock.now(), waves - number);
        run.wave(wave, step).await?;
    }
    tell("requests", run.report.requests, waves * wave);
    run.report.days = (run.clock.now() - start) / DAY_MS;
    run.report.clock_changes = calendar.changes_before(run.clock.now());
    let seconds = begun.elapsed().as_secs_f64();
    if let Some(exceeded) = run.checker.exceeded() {
        bail!(exceeded);
    }
    let header = run.same_everywhere().await?;
    run.report.close(&header, seconds);
    run.stage.network.stop();
    Ok(run.report)
}

/// The ledger's time, as far as blocks were read.
struct LedgerClock {
    height: u64,
    /// Of the newest block.
    time: u64,
    /// By so much that block moves the clock: the next has the new time.
    ahead: u64,
}

impl LedgerClock {
    /// No later block has an earlier time.
    const fn now(&self) -> u64 {
        self.time + self.ahead
    }
}

struct Run {
    stage: Stage,
    lanes: Lanes,
    blocks: mpsc::Receiver<anyhow::Result<Block>>,
    generator: Generator,
    checker: Checker,
    clock: LedgerClock,
    /// All that ended by itself until then was ended.
    swept_until: u64,
    report: Report,
}

impl Run {
    async fn open(mut stage: Stage, plan: Plan) -> anyhow::Result<Self> {
        // What put the debtors there is final everywhere; the blocks after it are read.
        let reader = stage.reader(READ_AT)?;
        let height = stage.reader(0)?.network().await?.height;
        stage.network.until_height(height, PATIENCE).await?;
        let network = reader.network().await?;
        let clock = LedgerClock {
            height: network.height,
            time: network.ledger_time.millis(),
            ahead: 0,
        };
        Ok(Self {
            lanes: Lanes::open(&stage.endpoints())?,
            blocks: follow(reader, stage.trust()?, network.height + 1),
            generator: Generator::new(plan.seed),
            checker: Checker::new(&stage.book),
            swept_until: clock.time,
            clock,
            report: Report::new(plan.seed, stage.book.debtors.len()),
            stage,
        })
    }

    /// Submits so many requests and what comes between them, moves the clock, and checks what came of it.
    async fn wave(&mut self, requests: u64, step_ms: u64) -> anyhow::Result<()> {
        self.until_swept().await?;
        let now = self.clock.now();
        let expires_at = Timestamp::from_millis(self.clock.time + EXPIRY_MS);
        let (mut sent, mut asked) = (0, 0);
        let mut by_agency = [0; AGENCIES as usize];
        while asked < requests && by_agency.iter().all(|count| *count < PER_AGENCY_MAX) {
            let draft = self
                .generator
                .next(&self.stage.book, &self.checker.known, now);
            asked += u64::from(draft.is_request());
            if let Author::Agency(agency) = draft.author {
                by_agency[agency as usize] += 1;
            }
            let author = draft.author;
            let signed = self.generator.sign(&self.stage.book, draft, expires_at);
            self.lanes.send(author, signed).await?;
            sent += 1;
        }
        if step_ms <= STEP_IN_FLIGHT_MS_MAX {
            self.advance_clock(step_ms).await?;
            return self.until_final(sent + 1).await;
        }
        self.until_final(sent).await?;
        self.advance_clock(step_ms).await?;
        self.until_final(1).await?;
        // Before the new time, nodes would refuse what expires only long after the old one.
        while self.clock.ahead > 0 {
            self.next_block().await?;
        }
        let reached = self.stage.network.until_height(self.clock.height, PATIENCE);
        Ok(reached.await?)
    }

    async fn advance_clock(&mut self, by_ms: u64) -> anyhow::Result<()> {
        let operator = &self.stage.operator;
        operator.refresh().await?;
        let advance = operator.sign(ClockAdvance { by_ms }, &[])?;
        operator.nonces().used(advance.body().nonce);
        self.lanes.send_as_operator(advance).await
    }

    /// Waits until every permit whose time has come was ended: the ledger ends so many in one block, and what
    /// is open too long would count in it until then.
    async fn until_swept(&mut self) -> anyhow::Result<()> {
        let (from, to) = (self.swept_until as i64, self.clock.now() as i64);
        let contacts = self.checker.known.iter().flat_map(|one| &one.contacts);
        let ended = contacts.filter(|(_, one)| from < one.ends_at && one.ends_at <= to);
        for _ in 0..ended.count() / ENDS_AT_ONCE {
            self.next_block().await?;
        }
        self.checker.pass_time(to);
        self.swept_until = to as u64;
        Ok(())
    }

    /// Reads blocks until so many transactions are final, and their clients were told the same.
    async fn until_final(&mut self, count: usize) -> anyhow::Result<()> {
        let mut ended = BTreeMap::new();
        let mut told = BTreeMap::new();
        while ended.len() < count || told.len() < count {
            tokio::select! {
                block = self.blocks.recv() => {
                    let block = block.context("no more blocks")??;
                    ended.extend(self.on_block(block)?);
                }
                answer = self.lanes.answers.recv() => {
                    let answer = answer.context("no more answers")?;
                    told.insert(answer.id, answer.outcome?);
                }
                () = tokio::time::sleep(PATIENCE) => bail!(
                    "of {count} transactions {} are final and {} are answered at height {}",
                    ended.len(),
                    told.len(),
                    self.clock.height
                ),
            }
        }
        ensure!(
            ended == told,
            "clients were told other outcomes than those of the blocks up to {}",
            self.clock.height
        );
        Ok(())
    }

    async fn next_block(&mut self) -> anyhow::Result<()> {
        let block = tokio::time::timeout(PATIENCE, self.blocks.recv()).await;
        let block = block.context("no block comes")?;
        let results = self.on_block(block.context("no more blocks")??)?;
        ensure!(results.is_empty(), "nothing was on its way");
        Ok(())
    }

    /// Follows a block; gives what came of each of its transactions.
    fn on_block(&mut self, block: Block) -> anyhow::Result<Vec<(TransactionId, Outcome)>> {
        let Block {
            header,
            transactions,
        } = block;
        ensure!(
            header.time.millis() >= self.clock.now(),
            "the time of block {} goes back",
            header.height
        );
        self.clock = LedgerClock {
            height: header.height,
            time: header.time.millis(),
            ahead: 0,
        };
        self.report.blocks += 1;
        let mut results = Vec::with_capacity(transactions.len());
        for (transaction, result) in transactions {
            match &transaction.body().operation {
                Operation::ClockAdvance(advance) => {
                    ensure!(result.outcome.is_applied(), "the clock: {}", result.outcome);
                    self.clock.ahead += advance.by_ms;
                }
                Operation::Collections(operation) => {
                    let author = &transaction.body().author;
                    self.check(&header, author, operation, &result)?;
                }
                other => bail!("nobody here submits {other:?}"),
            }
            results.push((result.transaction, result.outcome));
        }
        Ok(results)
    }

    /// Compares a result with the checker's.
    fn check(
        &mut self,
        header: &BlockHeader,
        author: &Subject,
        operation: &CollectionsOperation,
        result: &TransactionResult,
    ) -> anyhow::Result<()> {
        let now = header.time.millis() as i64;
        let expected = self.checker.expect(result.transaction, operation, now);
        let (outcome, expected_rules) =
            expected.with_context(|| format!("nobody here submits {operation:?}"))?;
        let mut rules = result.rules.clone();
        rules.sort();
        ensure!(
            (result.outcome, &rules) == (outcome, &expected_rules),
            "block {} at {now} says {} {rules:?}, the checker {outcome} {expected_rules:?}, of {operation:?}",
            header.height,
            result.outcome
        );
        let report = &mut self.report;
        match operation {
            CollectionsOperation::ContactPermit(_) => {
                let mut agencies = self.stage.book.agencies.iter();
                let agency = agencies.position(|one| Subject::Participant(one.id) == *author);
                report.count_request(agency.context("an agency")?, outcome, &rules);
            }
            CollectionsOperation::ContactOutcome(_) => {
                report.count_between("outcomes of contacts", outcome);
            }
            CollectionsOperation::PreferenceSet(_) => report.count_between("preferences", outcome),
            _ => report.count_between("notices", outcome),
        }
        Ok(())
    }

    /// Waits until all validators have what the furthest has, and compares the states.
    async fn same_everywhere(&mut self) -> anyhow::Result<BlockHeader> {
        let network = &mut self.stage.network;
        network.until_height(self.clock.height, PATIENCE).await?;
        let mut headers = Vec::with_capacity(VALIDATORS);
        for validator in 0..VALIDATORS {
            let block = self.stage.reader(validator)?.block(self.clock.height).await;
            headers.push(block?.header);
        }
        let first = headers.first().context("a validator")?.clone();
        ensure!(
            headers.iter().all(|header| *header == first),
            "validators differ at height {}: {headers:?}",
            self.clock.height
        );
        Ok(first)
    }
}
