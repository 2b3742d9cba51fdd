//! Four validator processes of a sandbox with a law of contacts in force; people with money, two loans and a case
//! each, all put there by signed transactions.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use talea_client::{
    Client, NetworkInfo, Options,
    operations::{self, IntoOperation, collections, credit},
};
use talea_genesis::localnet::{
    Additions, Localnet as Keys, LocalnetOptions as KeyOptions, LocalnetOrganisation, Member,
};
use talea_node::{
    demo::progress::Progress,
    localnet::{Localnet, LocalnetNode, LocalnetOptions},
};
use talea_rules::packs;
use talea_tests::workload::Workload;
use talea_types::{
    AccountId, AgreementId, Amount, Asset, CaseId, Hash, KeyPolicy, LoanId, ParticipantId,
    ProductId, RulePackId, SecretKey, SignedTransaction, Subject, Timestamp, TransactionId,
    conduct::Notice,
    credit::{
        AgreementTerms, Component, DayCount, DelinquencyPolicy, FunderShare, PPM, ProductTerms,
        ScheduleKind,
    },
    hash::tagged,
    operation::{AccountKind, LoanOriginate, NoticeCommit, RulePackActivate},
    state::Role,
    time::DAY_MS,
};

use crate::{
    PATIENCE,
    send::{Ended, Shares, send},
};

/// Validators, and as many banks: each sponsors a quarter of the people and lends to them.
pub const VALIDATORS: usize = 4;
/// Who collects.
pub const AGENCIES: usize = 2;
/// Loans of each person.
pub const LOANS: usize = 2;
/// Of each loan, minor units, in so many instalments without interest.
pub const PRINCIPAL: u64 = 24_000;
pub const INSTALMENTS: u32 = 24;
/// A loan may be charged off when it is so late.
pub const CHARGE_OFF_DAYS: u32 = 120;

const NETWORK: &str = "follow";
const KEYS_SEED: [u8; 32] = [37; 32];
const PACK: &str = "us-reg-f";
/// One person for so many transactions, within bounds.
const PER_PERSON: u64 = 200;
const PEOPLE_MIN: u64 = 8;
const PEOPLE_MAX: u64 = 5_000;
/// On each account in the beginning, minor units.
const FUNDS: u64 = 1_000_000;
/// The tier without limits of a trial network.
const TIER: u32 = 2;
/// In flight of one author: below its window of nonces.
const IN_FLIGHT_OF_ONE: usize = 1_000;
/// How often a block is waited for.
const POLL: Duration = Duration::from_millis(50);
/// Transactions last so long, ledger time, milliseconds.
const EXPIRY_MS: u64 = 20 * 3_600_000;

/// Who signs.
#[derive(Debug)]
pub struct Signer {
    pub subject: Subject,
    pub key: SecretKey,
    next_nonce: u64,
}

/// Somebody who pays, owes, and is called.
#[derive(Debug)]
pub struct Person {
    pub signer: Signer,
    pub account: AccountId,
    /// Its sponsor and lender.
    pub bank: usize,
    /// Who collects from it.
    pub agency: usize,
    pub loans: Vec<LoanId>,
    pub case: Option<CaseId>,
}

/// How much was made.
#[derive(Debug, Default)]
pub struct Counts {
    /// Transactions.
    pub sent: u64,
    /// How many ended how.
    pub outcomes: BTreeMap<String, u64>,
}

/// See the module. Dropping it ends the processes.
pub struct Stage {
    pub network: Localnet,
    pub regulator: ParticipantId,
    pub asset: Asset,
    pub operator: Signer,
    pub banks: Vec<Signer>,
    pub agencies: Vec<Signer>,
    pub people: Vec<Person>,
    pub counts: Counts,
    /// Of each validator.
    clients: Vec<Client>,
}

impl Signer {
    fn of(one: &LocalnetOrganisation) -> Self {
        Self::new(Subject::Participant(one.id), one.key.clone())
    }

    const fn new(subject: Subject, key: SecretKey) -> Self {
        Self {
            subject,
            key,
            next_nonce: 0,
        }
    }

    /// With the next nonce.
    pub fn sign(
        &mut self,
        with: &Workload,
        operation: impl IntoOperation,
        cosigners: &[&SecretKey],
    ) -> SignedTransaction {
        let keys: Vec<&SecretKey> = [&self.key]
            .into_iter()
            .chain(cosigners.iter().copied())
            .collect();
        let nonce = self.next_nonce;
        self.next_nonce += 1;
        with.sign(self.subject, nonce, operation.into_operation(), &keys)
    }

    /// The organisation that it is.
    pub fn organisation(&self) -> ParticipantId {
        match self.subject {
            Subject::Participant(id) => id,
            other => unreachable!("{other} is no organisation"),
        }
    }
}

impl Stage {
    /// Starts the network and makes people, loans and cases for so many transactions.
    pub async fn build(
        directory: &Path,
        node: &Path,
        transactions: u64,
        progress: &mut Progress,
    ) -> anyhow::Result<Self> {
        let options = LocalnetOptions {
            network: NETWORK.to_owned(),
            validators: VALIDATORS,
            banks: VALIDATORS,
            seed: Some(KEYS_SEED),
            additions: additions()?,
            ..LocalnetOptions::default()
        };
        let mut network = Localnet::create(&directory.join("net"), node, &options)?;
        network.start()?;
        network.until_height(1, PATIENCE).await?;
        let keys = Keys::with_additions(
            &KeyOptions {
                network: NETWORK.to_owned(),
                validators: VALIDATORS,
                seed: KEYS_SEED,
                // A day that has dates; keys do not depend on it.
                time: Timestamp::from_millis(20 * 365 * DAY_MS),
            },
            VALIDATORS,
            &additions()?,
        )?;
        let agencies = keys.organisations.iter();
        let agencies = agencies.filter(|one| one.role == Role::CollectionAgency);
        let clients = network.nodes().iter();
        let clients = clients.map(|node| Client::new(&Options::new([node.endpoint()])));
        let clients = clients.collect::<Result<_, _>>()?;
        let mut stage = Self {
            regulator: keys.regulator().id,
            asset: Asset::new("CZK")?,
            operator: Signer::of(keys.operator()),
            banks: keys.banks().take(VALIDATORS).map(Signer::of).collect(),
            agencies: agencies.map(Signer::of).collect(),
            people: Vec::new(),
            counts: Counts::default(),
            network,
            clients,
        };
        let people = (transactions / PER_PERSON).clamp(PEOPLE_MIN, PEOPLE_MAX);
        stage.open(people, progress).await?;
        stage.lend(progress).await?;
        stage.place(progress).await?;
        Ok(stage)
    }

    /// Of the validators.
    pub fn endpoints(&self) -> Vec<String> {
        self.network
            .nodes()
            .iter()
            .map(LocalnetNode::endpoint)
            .collect()
    }

    /// What the first validator says of the network.
    pub async fn info(&self) -> anyhow::Result<NetworkInfo> {
        Ok(self.clients[0].network().await?)
    }

    /// Waits until it is so late for every validator, milliseconds of ledger time. One that is a block behind a jump of
    /// the clock refuses what is signed for the time after it: it would last too long.
    pub async fn until_time(&self, at: u64) -> anyhow::Result<()> {
        let begun = Instant::now();
        for client in &self.clients {
            while client.network().await?.ledger_time.millis() < at {
                ensure!(begun.elapsed() < PATIENCE, "the clock does not move");
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    /// What transactions that are signed now are signed with.
    pub async fn workload(&self) -> anyhow::Result<Workload> {
        let info = self.info().await?;
        let expires_at = info.ledger_time.plus_millis(EXPIRY_MS);
        Ok(Workload::new(info.chain, self.asset, expires_at))
    }

    /// The height that all validators have.
    pub async fn settled(&mut self) -> anyhow::Result<u64> {
        let height = self.info().await?.height;
        self.network.until_height(height, PATIENCE).await?;
        Ok(height)
    }

    /// Sends, counts, and tells how far it is.
    pub async fn send(
        &mut self,
        shares: Shares,
        in_flight: usize,
        progress: &mut Progress,
    ) -> anyhow::Result<Ended> {
        let count: usize = shares.iter().map(Vec::len).sum();
        let ended = send(&self.endpoints(), shares, in_flight).await?;
        self.counts.sent += count as u64;
        for (name, count) in &ended.outcomes {
            *self.counts.outcomes.entry(name.clone()).or_default() += count;
        }
        let rate = count as f64 / ended.seconds.max(0.001);
        progress.advance(count, &format!("{rate:.0} a second"));
        Ok(ended)
    }

    /// Sends what has to be applied; gives the ids by share.
    pub async fn apply(
        &mut self,
        what: &str,
        shares: Shares,
        progress: &mut Progress,
    ) -> anyhow::Result<[Vec<TransactionId>; VALIDATORS]> {
        let ids = shares
            .each_ref()
            .map(|share| share.iter().map(SignedTransaction::id).collect());
        let ended = self.send(shares, IN_FLIGHT_OF_ONE, progress).await;
        let ended = ended.with_context(|| format!("making {what}"))?;
        let first = ended.refused.first_key_value();
        ensure!(first.is_none(), "making {what}: {first:?}");
        Ok(ids)
    }

    async fn open(&mut self, people: u64, progress: &mut Progress) -> anyhow::Result<()> {
        let with = self.workload().await?;
        let (mut opening, mut keys) = (Shares::default(), Vec::new());
        for number in 0..people {
            let bank = number as usize % VALIDATORS;
            let key =
                SecretKey::from_seed(tagged("talea/follow-person/v1", &[&number.to_be_bytes()]).0);
            let open = operations::open(
                AccountKind::Wallet,
                KeyPolicy::single(key.public_key()),
                TIER,
            );
            opening[bank].push(self.banks[bank].sign(&with, open, &[&key]));
            keys.push(key);
        }
        let opened = self.apply("accounts", opening, progress).await?;
        for (number, key) in keys.into_iter().enumerate() {
            let bank = number % VALIDATORS;
            let account = AccountId::opened_by(opened[bank][number / VALIDATORS]);
            self.people.push(Person {
                signer: Signer::new(Subject::Account(account), key),
                account,
                bank,
                agency: number / VALIDATORS % AGENCIES,
                loans: Vec::new(),
                case: None,
            });
        }
        let mut funding = Shares::default();
        let residence = collections::residence("US", "America/New_York", "en");
        for person in &self.people {
            let bank = &mut self.banks[person.bank];
            let issue = operations::issue(person.account, self.asset, amount(FUNDS)?);
            let register = collections::register_debtor(person.account, residence.clone());
            funding[person.bank].push(bank.sign(&with, issue, &[]));
            funding[person.bank].push(bank.sign(&with, register, &[&person.signer.key]));
        }
        self.apply("funds and debtors", funding, progress).await?;
        Ok(())
    }

    /// A product and an agreement of each bank, and loans of everybody.
    async fn lend(&mut self, progress: &mut Progress) -> anyhow::Result<()> {
        let with = self.workload().await?;
        let loans_of_bank = (self.people.len().div_ceil(VALIDATORS) * LOANS) as u64;
        let funds = amount(PRINCIPAL * loans_of_bank)?;
        let keys: Vec<SecretKey> = (0..VALIDATORS)
            .map(|bank| {
                SecretKey::from_seed(tagged("talea/follow-fund/v1", &[&bank.to_be_bytes()]).0)
            })
            .collect();
        let mut opening = Shares::default();
        for (bank, key) in keys.iter().enumerate() {
            let open =
                operations::open(AccountKind::Own, KeyPolicy::single(key.public_key()), TIER);
            opening[bank].push(self.banks[bank].sign(&with, open, &[key]));
        }
        let opened = self.apply("funds", opening, progress).await?;
        let mut terms = Shares::default();
        for (bank, key) in keys.iter().enumerate() {
            let fund = AccountId::opened_by(opened[bank][0]);
            let signer = &mut self.banks[bank];
            let issue = operations::issue(fund, self.asset, funds);
            terms[bank].push(signer.sign(&with, issue, &[]));
            let product = credit::publish_product(product(self.asset)?);
            terms[bank].push(signer.sign(&with, product, &[]));
            let agreement = credit::register_agreement(agreement(self.asset, fund, funds)?);
            terms[bank].push(signer.sign(&with, agreement, &[key]));
        }
        let agreed = self
            .apply("products and agreements", terms, progress)
            .await?;
        let first_due = self.info().await?.business_date + 30;
        let mut lending = Shares::default();
        for person in &self.people {
            for _ in 0..LOANS {
                let originate = LoanOriginate {
                    product: ProductId::published_by(agreed[person.bank][1], 0),
                    agreement: AgreementId::registered_by(agreed[person.bank][2], 0),
                    borrower: person.account,
                    principal: amount(PRINCIPAL)?,
                    rate_ppm: 0,
                    instalments: INSTALMENTS,
                    first_due,
                    schedule: Vec::new(),
                    governing_law: "US".to_owned(),
                };
                let keys = [&person.signer.key, &keys[person.bank]];
                lending[person.bank].push(self.banks[person.bank].sign(&with, originate, &keys));
            }
        }
        let lent = self.apply("loans", lending, progress).await?;
        let mut paying = Shares::default();
        for (number, person) in self.people.iter_mut().enumerate() {
            let at = number / VALIDATORS * LOANS;
            let lent = &lent[person.bank][at..at + LOANS];
            person.loans = lent
                .iter()
                .map(|id| LoanId::originated_by(*id, 0))
                .collect();
            for loan in &person.loans {
                let bank = &mut self.banks[person.bank];
                paying[person.bank].push(bank.sign(&with, credit::disburse(*loan), &[]));
            }
        }
        self.apply("loans paid out", paying, progress).await?;
        Ok(())
    }

    /// A case of everybody, and the notice without which nobody may be called for long.
    async fn place(&mut self, progress: &mut Progress) -> anyhow::Result<()> {
        let with = self.workload().await?;
        let mut placing = Shares::default();
        for person in &self.people {
            let agency = self.agencies[person.agency].organisation();
            let place = collections::place_case(person.account, agency, person.loans.clone());
            placing[person.bank].push(self.banks[person.bank].sign(&with, place, &[]));
        }
        let placed = self.apply("cases", placing, progress).await?;
        let mut serving = Shares::default();
        for (number, person) in self.people.iter_mut().enumerate() {
            let case = CaseId::placed_by(placed[person.bank][number / VALIDATORS], 0);
            person.case = Some(case);
            let notice = NoticeCommit {
                case,
                notice: Notice::Validation,
                commitment: Hash([4; 32]),
            };
            let agency = &mut self.agencies[person.agency];
            serving[person.agency].push(agency.sign(&with, notice, &[]));
        }
        self.apply("notices", serving, progress).await?;
        Ok(())
    }
}

/// Agencies, and the law.
fn additions() -> anyhow::Result<Additions> {
    let members = (1..=AGENCIES).map(|number| Member {
        name: format!("agency-{number}"),
        role: Role::CollectionAgency,
        jurisdiction: "US".to_owned(),
        evaluated: true,
    });
    let pack = packs::all()?.into_iter().find(|pack| pack.id == PACK);
    let pack = pack.context("the law is missing")?;
    Ok(Additions {
        members: members.collect(),
        currencies: Vec::new(),
        rule_packs: vec![RulePackActivate {
            pack: RulePackId::new(&pack.id)?,
            version: pack.version,
            document: pack.encode().into(),
        }],
    })
}

fn product(asset: Asset) -> anyhow::Result<ProductTerms> {
    Ok(ProductTerms {
        asset,
        schedule: ScheduleKind::Annuity,
        down_payment_ppm: 0,
        rate_ppm_min: 0,
        rate_ppm_max: 300_000,
        day_count: DayCount::Thirty360,
        principal_min: amount(PRINCIPAL)?,
        principal_max: amount(PRINCIPAL)?,
        instalments_max: INSTALMENTS,
        fees: Vec::new(),
        waterfall: [Component::Fees, Component::Interest, Component::Principal],
        apr_cap_ppm: 300_000,
        delinquency: DelinquencyPolicy {
            grace_days: 0,
            charge_off_days: CHARGE_OFF_DAYS,
            category_days: None,
        },
    })
}

fn agreement(asset: Asset, fund: AccountId, funds: Amount) -> anyhow::Result<AgreementTerms> {
    Ok(AgreementTerms {
        asset,
        funders: vec![FunderShare {
            account: fund,
            share_ppm: PPM,
        }],
        floor_ppm: 0,
        servicer: fund,
        servicing_ppm: 0,
        loan_max: amount(PRINCIPAL)?,
        outstanding_max: funds,
        guarantor: None,
    })
}

/// Of minor units.
pub fn amount(minor_units: u64) -> anyhow::Result<Amount> {
    Amount::new(minor_units).context("an amount")
}
