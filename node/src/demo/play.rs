//! Plays a plan on a network: opens the accounts, issues the opening balances, then wave after wave.
//! In the middle a validator is killed, and some waves later it is started again.

use std::time::{Duration, Instant};

use anyhow::Context;
use talea_client::Client;

use super::{
    cast::{Cast, IN_FLIGHT_MAX},
    plan::{Payment, Plan, Wave},
    progress::Progress,
    submitter::{Ended, Submitter},
    tally::Tally,
};
use crate::localnet::Localnet;

/// So long into a wave the validator dies: its transactions are on their way.
const INTO_THE_WAVE: Duration = Duration::from_millis(30);

/// A plan on its way.
#[derive(Debug)]
pub struct Play<'p> {
    plan: &'p Plan,
    cast: Cast,
    submitter: Submitter,
    tally: Tally,
}

/// What remains when the curtain falls.
#[derive(Debug)]
pub struct Played {
    /// Who has which account.
    pub cast: Cast,
    /// What happened.
    pub tally: Tally,
    /// How the killed validator fared.
    pub outage: Option<Outage>,
}

/// A validator that was killed and came back.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Outage {
    /// Its name.
    pub validator: String,
    /// Height of the network when it was killed.
    pub killed_at: u64,
    /// Height of the network when it was started again.
    pub restarted_at: u64,
    /// Payments that became final while it was away.
    pub payments_meanwhile: usize,
}

impl<'p> Play<'p> {
    /// Prepares to play.
    #[must_use]
    pub fn new(plan: &'p Plan, cast: Cast, client: &Client) -> Self {
        Self {
            plan,
            cast,
            submitter: Submitter::new(client),
            tally: Tally::default(),
        }
    }

    /// Plays it all. `victim` is the validator that is killed.
    ///
    /// # Errors
    /// When a payment does not end as planned, or the network is gone.
    pub async fn run(
        mut self,
        localnet: &mut Localnet,
        client: &Client,
        victim: usize,
    ) -> anyhow::Result<Played> {
        self.open_accounts().await?;
        self.issue_openings().await?;
        let count = self.plan.waves.len();
        // In the thick of it; nothing is killed when the plan is too short for a before and an after.
        let kill_at = (count >= 3).then_some(count * 2 / 5);
        let restart_at = kill_at.map(|wave| wave + (count / 5).max(1));
        let mut progress = Progress::new("payments", self.plan.payment_count());
        let mut outage = None;
        let begun = Instant::now();
        for (number, wave) in self.plan.waves.iter().enumerate() {
            if restart_at == Some(number)
                && let Some(outage) = &mut outage
            {
                self.restart(localnet, client, victim, outage, &progress)
                    .await?;
            }
            if kill_at == Some(number) {
                let killed = self.kill(localnet, client, victim, &progress).await?;
                outage = Some(killed);
                let kill = async {
                    tokio::time::sleep(INTO_THE_WAVE).await;
                    localnet.node(victim).kill();
                    Ok(())
                };
                tokio::try_join!(self.play_wave(wave), kill)?;
            } else {
                self.play_wave(wave).await?;
            }
            progress.advance(wave.payments.len(), &wave.label);
        }
        self.tally.elapsed = begun.elapsed();
        Ok(Played {
            cast: self.cast,
            tally: self.tally,
            outage,
        })
    }

    async fn open_accounts(&mut self) -> anyhow::Result<()> {
        let mut left = self.plan.accounts.len();
        let mut progress = Progress::new("accounts", left);
        while left > 0 {
            let chunk = left.min(IN_FLIGHT_MAX);
            let mut transactions = Vec::with_capacity(chunk);
            for _ in 0..chunk {
                transactions.push(self.cast.sign_account(self.plan)?);
            }
            self.submitter.submit_applied(transactions).await?;
            progress.advance(chunk, "opened");
            left -= chunk;
        }
        Ok(())
    }

    async fn issue_openings(&mut self) -> anyhow::Result<()> {
        let mut progress = Progress::new("opening balances", self.plan.openings.len());
        for chunk in self.plan.openings.chunks(IN_FLIGHT_MAX) {
            let signed = chunk.iter().map(|payment| self.cast.sign_opening(payment));
            let transactions = signed.collect::<anyhow::Result<_>>()?;
            self.submitter.submit_applied(transactions).await?;
            progress.advance(chunk.len(), "issued");
        }
        Ok(())
    }

    async fn play_wave(&mut self, wave: &Wave) -> anyhow::Result<()> {
        if wave.advance_ms > 0 {
            let by = Duration::from_millis(wave.advance_ms);
            let advance = self.cast.sign_advance(by)?;
            self.submitter.submit_applied(vec![advance]).await?;
        }
        for chunk in wave.payments.chunks(IN_FLIGHT_MAX) {
            let signed = chunk.iter().map(|payment| self.cast.sign_payment(payment));
            let transactions = signed.collect::<anyhow::Result<_>>()?;
            let ended = self.submitter.submit(transactions).await?;
            for (payment, ended) in chunk.iter().zip(ended) {
                self.count(payment, ended)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, payment: &Payment, ended: Ended) -> anyhow::Result<()> {
        let Ended {
            id,
            outcome,
            latency,
        } = ended;
        anyhow::ensure!(
            outcome == payment.expected,
            "{} ({id}) ended as {outcome}, not as {}",
            payment.end_to_end_id(),
            payment.expected
        );
        self.tally.count(payment, id, outcome, latency);
        Ok(())
    }

    async fn kill(
        &self,
        localnet: &mut Localnet,
        client: &Client,
        victim: usize,
        progress: &Progress,
    ) -> anyhow::Result<Outage> {
        let validator = localnet.node(victim).entry().name.clone();
        let killed_at = client.network().await?.height;
        progress.say(&format!(
            "kill -9 {validator} at height {killed_at}, in the middle of a wave"
        ));
        Ok(Outage {
            validator,
            killed_at,
            restarted_at: 0,
            payments_meanwhile: self.tally.payment_count(),
        })
    }

    async fn restart(
        &self,
        localnet: &mut Localnet,
        client: &Client,
        victim: usize,
        outage: &mut Outage,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        outage.restarted_at = client.network().await?.height;
        outage.payments_meanwhile = self.tally.payment_count() - outage.payments_meanwhile;
        let node = localnet.node(victim);
        node.start()
            .with_context(|| format!("{} does not start again", outage.validator))?;
        progress.say(&format!(
            "{} starts again at height {}: {} payments without it",
            outage.validator, outage.restarted_at, outage.payments_meanwhile
        ));
        Ok(())
    }
}
