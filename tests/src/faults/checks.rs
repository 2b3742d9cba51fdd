//! What must hold after all faults, as clients and operators see it.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, ensure};
use talea_types::state::{AssetTotals, StateKey};
use talea_types::{Asset, BlockHash, Hash, Timestamp, TransactionId};

use super::Report;
use super::field::{Field, LIAR, VALIDATORS};
use super::load::Told;
use super::memory::Growth;

/// Receipts verified at most: each is two look-ups and three signatures.
const RECEIPTS_MAX: usize = 400;
/// Rounds after the end of a fault within which a block has to come.
const RECOVERY_ROUNDS_MAX: u64 = 10;
/// What a node logs when a validator signed two things of a kind.
const CONTRADICTION: &str = "a validator contradicted itself";

/// What a node logs of a panic that it caught.
const CAUGHT: &str = "it is set aside and rebuilt";

/// Lets all payments end, then compares everything that the validators say with what the senders were told.
pub(super) async fn check(mut field: Field) -> anyhow::Result<Report> {
    let mut violations = Vec::new();
    let told = match field.load.finish().await {
        Ok(told) => told,
        Err(error) => {
            field.keep_logs();
            return Err(error);
        }
    };
    violations.extend(told.wrong.clone());
    if told.acknowledged.len() as u64 != told.sent {
        let (sent, acknowledged) = (told.sent, told.acknowledged.len());
        violations.push(format!(
            "{sent} payments were sent and {acknowledged} acknowledged"
        ));
    }
    field.until_all_have_caught_up().await?;
    let tip = field.height().await;
    compare_headers(&field, tip, &mut violations).await?;
    find_payments(&field, tip, &told, &mut violations).await?;
    compare_balances(&field, &told, &mut violations).await?;
    let verified = verify_receipts(&mut field, &told, &mut violations).await?;
    let evidence = read_logs(&field, &mut violations)?;
    let growth = std::mem::take(&mut field.growth);
    let mut report = std::mem::take(&mut field.report);
    report.memory = growth.into_iter().map(Growth::series).collect();
    if report.recovery_rounds_max > Some(RECOVERY_ROUNDS_MAX) {
        let rounds = report.recovery_rounds_max.unwrap_or_default();
        violations.push(format!(
            "{rounds} rounds until a block came, {RECOVERY_ROUNDS_MAX} are allowed"
        ));
    }
    for (index, series) in report.series() {
        if series.is_too_steep() == Some(true) {
            violations.push(format!(
                "validator {index} grew after its warm-up: {series}"
            ));
        }
    }
    if violations.is_empty() {
        field.network.stop();
    } else {
        field.keep_logs();
    }
    report.height = tip;
    report.acknowledged = told.acknowledged.len() as u64;
    report.receipts_verified = verified;
    report.validators_compared = VALIDATORS;
    report.evidence_of_liars = evidence;
    report.violations = violations;
    Ok(report)
}

/// What a run that does not come to its end was like so far.
pub(super) fn until_then(field: Field, elapsed: Duration) -> String {
    let mut report = field.report;
    report.seconds = elapsed.as_secs();
    report.memory = field.growth.into_iter().map(Growth::series).collect();
    let memory = report.memory_lines().concat();
    let (kind, events, seconds) = (&report.kind, report.events, report.seconds);
    format!("{kind}: {events} faults in {seconds} s until then\n{memory}")
}

/// The same headers at all validators, at every height, decided by a quorum of the set of genesis.
async fn compare_headers(
    field: &Field,
    tip: u64,
    violations: &mut Vec<String>,
) -> anyhow::Result<()> {
    let trust = field.trust()?;
    let mut known: Vec<(BlockHash, Hash)> = Vec::new();
    for index in 0..VALIDATORS {
        let client = field.client(index)?;
        // One verifies every certificate; the others must have the same blocks.
        let mut blocks = client.watch_blocks(1, (index == 0).then_some(&trust));
        let mut time = Timestamp::from_millis(0);
        for height in 1..=tip {
            let header = blocks.next().await?.header;
            let found = (header.hash(), header.state_root);
            if header.time < time {
                violations.push(format!("time runs backwards at height {height}"));
            }
            time = header.time;
            if index == 0 {
                known.push(found);
            } else if usize::try_from(height - 1)
                .ok()
                .and_then(|at| known.get(at))
                != Some(&found)
            {
                violations.push(format!(
                    "FORK: validators 1 and {} have different blocks at height {height}",
                    index + 1
                ));
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Each acknowledged payment is in exactly one place, the one that its sender was told.
async fn find_payments(
    field: &Field,
    tip: u64,
    told: &Told,
    violations: &mut Vec<String>,
) -> anyhow::Result<()> {
    let client = field.client(0)?;
    let mut places: BTreeMap<TransactionId, Vec<(u64, u32)>> = BTreeMap::new();
    for height in 1..=tip {
        for (index, result) in client.block_results(height).await?.into_iter().enumerate() {
            if result.outcome.is_applied() {
                let place = (height, u32::try_from(index)?);
                places.entry(result.transaction).or_default().push(place);
            }
        }
    }
    for (id, place) in &told.acknowledged {
        let found = places.get(id).map_or(&[][..], Vec::as_slice);
        if found != [*place] {
            violations.push(format!(
                "payment {id} was acknowledged at {place:?} and applied at {found:?}"
            ));
        }
    }
    Ok(())
}

/// The balances that all payments together lead to; in sum what was issued, what banks owe and have.
async fn compare_balances(
    field: &Field,
    told: &Told,
    violations: &mut Vec<String>,
) -> anyhow::Result<()> {
    let asset = Asset::new("CZK")?;
    let trust = field.trust()?;
    let expected: u64 = told.balances.values().sum();
    for index in 0..VALIDATORS {
        let client = field.client(index)?;
        for (account, expected) in &told.balances {
            let state = client.account(account).await?;
            let balance = state
                .balance(asset)
                .context("the account has the currency")?;
            let found = balance.available.minor_units();
            if found != *expected {
                violations.push(format!(
                    "validator {}: {account} has {found}, not {expected}",
                    index + 1
                ));
            }
        }
        let totals = client.proven_state(&StateKey::Asset(asset), &trust).await?;
        let totals = AssetTotals::decode(&totals.value.context("the currency is there")?)?;
        let sums = [totals.accounts, totals.liabilities].map(talea_types::Amount::minor_units);
        if sums != [expected; 2] || totals.reserves != totals.settlement {
            violations.push(format!(
                "validator {}: the sums are not zero: {totals:?}",
                index + 1
            ));
        }
    }
    Ok(())
}

/// Receipts of acknowledged payments, from any validator, against the genesis document alone.
async fn verify_receipts(
    field: &mut Field,
    told: &Told,
    violations: &mut Vec<String>,
) -> anyhow::Result<u64> {
    let trust = field.trust()?;
    let step = told.acknowledged.len().div_ceil(RECEIPTS_MAX).max(1);
    let mut verified = 0;
    for (id, (height, index)) in told.acknowledged.iter().step_by(step) {
        let validator = field.any_validator();
        let client = field.client(validator)?;
        match client.receipt(id, &trust).await {
            Ok(proof) => {
                let at = proof.receipt.finality.header.height;
                ensure!(
                    proof.receipt.result.transaction == *id,
                    "the SDK verified a receipt of something else"
                );
                if at != *height {
                    violations.push(format!(
                        "payment {id} was acknowledged at {height}, {index}; its receipt says {at}"
                    ));
                }
                verified += 1;
            }
            Err(error) => violations.push(format!("the receipt of {id}: {error}")),
        }
    }
    Ok(verified)
}

/// No panic that ends anything, and no contradiction but of the liar; gives how often that one was found out.
fn read_logs(field: &Field, violations: &mut Vec<String>) -> anyhow::Result<u64> {
    let liar = field.keys.validators[LIAR].id;
    let lies = field
        .report
        .faults
        .keys()
        .any(|fault| fault.starts_with(super::byzantine::NAME));
    let mut evidence = 0;
    for node in field.network.nodes() {
        let log = String::from_utf8_lossy(&std::fs::read(node.log())?).into_owned();
        // The library of the index panics on a damaged store. That is caught, and the store is built anew.
        let mut caught = log.matches(CAUGHT).count();
        for line in log.lines() {
            if line.starts_with("thread 'sled'") && caught > 0 {
                caught -= 1;
            } else if line.contains("panicked at") {
                violations.push(format!("{}: {line}", node.entry().name));
            }
            if line.contains(CONTRADICTION) {
                if lies && line.contains(&liar.to_string()) {
                    evidence += 1;
                } else {
                    violations.push(format!("{}: {line}", node.entry().name));
                }
            }
        }
    }
    Ok(evidence)
}
