//! Four validator processes of a sandbox, a lender, five agencies, and debtors with two loans each and a case of
//! every agency, all put there by signed transactions.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, ensure};
use talea_client::{
    Author, Client, ClientError, Options, Reader, Trust,
    bulk::BulkOptions,
    operations::{self, collections, credit},
};
use talea_genesis::localnet::{
    Additions, Localnet as Keys, LocalnetOptions as KeyOptions, LocalnetOrganisation, Member,
};
use talea_node::localnet::{Localnet, LocalnetNode, LocalnetOptions};
use talea_rules::packs;
use talea_types::{
    AccountId, AgreementId, Amount, Asset, CaseId, KeyPolicy, LoanId, ProductId, Residence,
    RulePackId, SecretKey, SignedTransaction, Subject, Timestamp, TransactionId,
    credit::{
        AgreementTerms, Component, DayCount, DelinquencyPolicy, FunderShare, PPM, ProductTerms,
        ScheduleKind,
    },
    hash::tagged,
    operation::{AccountKind, LoanOriginate, RulePackActivate},
    state::Role,
    time::DAY_MS,
};

use super::{
    PATIENCE, VALIDATORS,
    debtors::{AGENCIES, Home, home},
    generator::{Agency, Book, Debtor},
    run::EXPIRY_MS,
};
use crate::programs::node_program;

const NETWORK: &str = "permits";
const KEYS_SEED: [u8; 32] = [23; 32];
/// The laws that the checker knows.
const PACKS: [&str; 2] = ["us-reg-f", "cn-gbt-45251"];
/// Blocks without transactions carry the clock on, and end what ends by itself: not to be waited for long.
const HEARTBEAT: &str = "consensus.heartbeat_ms=100";
/// The tier without limits of a trial network.
const TIER: u32 = 2;
/// Of each loan, minor units.
const PRINCIPAL: u64 = 10_000;
/// Transactions of one author in flight: below its window of nonces.
const PART: usize = 500;

/// See the module. Dropping it ends the processes.
pub struct Stage {
    /// The processes.
    pub network: Localnet,
    /// Moves the clock, and lends.
    pub operator: Author,
    /// What the checker is told.
    pub book: Book,
    regulator: Reader,
    _directory: tempfile::TempDir,
}

impl Stage {
    /// Starts the network and makes so many debtors. `tell` hears what is made, and how much of it.
    pub async fn start(
        debtors: usize,
        tell: &mut dyn FnMut(&str, u64, u64),
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let options = LocalnetOptions {
            network: NETWORK.to_owned(),
            validators: VALIDATORS,
            seed: Some(KEYS_SEED),
            additions: additions()?,
            settings: vec![HEARTBEAT.to_owned()],
            ..LocalnetOptions::default()
        };
        let place = directory.path().join("net");
        let mut network = Localnet::create(&place, &node_program(), &options)?;
        tell("validators that run", 0, VALIDATORS as u64);
        network.start()?;
        network.until_height(1, PATIENCE).await?;
        tell("validators that run", VALIDATORS as u64, VALIDATORS as u64);
        let of = KeyOptions {
            network: NETWORK.to_owned(),
            validators: VALIDATORS,
            seed: KEYS_SEED,
            // A day that has dates; keys do not depend on it.
            time: Timestamp::from_millis(20 * 365 * DAY_MS),
        };
        let keys = Keys::with_additions(&of, 0, &additions()?)?;
        let client = Client::new(&Options::new(endpoints(&network)))?;
        let born_on = client.network().await?.business_date;
        let mut lending = Lending {
            lender: author(&client, keys.operator()).await?,
            bank: author(&client, keys.banks().next().context("a bank")?).await?,
            asset: Asset::new("USD")?,
            client,
            tell,
        };
        let debtors = lending.make(debtors, &agencies(&keys, born_on)).await?;
        let regulator = keys.regulator();
        Ok(Self {
            book: Book {
                chain: network.file().chain_id,
                agencies: agencies(&keys, born_on),
                debtors,
            },
            operator: lending.lender.with_expiry(Duration::from_millis(EXPIRY_MS)),
            regulator: Reader::new(Subject::Participant(regulator.id), regulator.key.clone()),
            network,
            _directory: directory,
        })
    }

    /// Of the validators, in their order.
    pub fn endpoints(&self) -> Vec<String> {
        endpoints(&self.network)
    }

    /// A client of one validator, which reads as the regulator.
    pub fn reader(&self, validator: usize) -> anyhow::Result<Client> {
        let endpoint = self.network.nodes()[validator].endpoint();
        Ok(Client::new(&Options::new([endpoint]))?.read_as(self.regulator.clone()))
    }

    /// What an outsider has: the genesis document.
    pub fn trust(&self) -> anyhow::Result<Trust> {
        Ok(Trust::load(&self.network.genesis())?)
    }
}

fn endpoints(network: &Localnet) -> Vec<String> {
    network.nodes().iter().map(LocalnetNode::endpoint).collect()
}

/// Five agencies, the last of which was never evaluated, and the two laws.
fn additions() -> anyhow::Result<Additions> {
    let members = (0..AGENCIES).map(|agency| Member {
        name: format!("agency-{}", agency + 1),
        role: Role::CollectionAgency,
        jurisdiction: "US".to_owned(),
        evaluated: agency + 1 < AGENCIES,
    });
    let in_force = packs::all()?.into_iter();
    let in_force = in_force.filter(|pack| PACKS.contains(&pack.id.as_str()));
    let rule_packs = in_force.map(|pack| {
        Ok(RulePackActivate {
            pack: RulePackId::new(&pack.id)?,
            version: pack.version,
            document: pack.encode().into(),
        })
    });
    let rule_packs: Vec<_> = rule_packs.collect::<anyhow::Result<_>>()?;
    ensure!(rule_packs.len() == PACKS.len(), "a law is missing");
    Ok(Additions {
        members: members.collect(),
        currencies: Vec::new(),
        rule_packs,
    })
}

fn agencies(keys: &Keys, born_on: u32) -> Vec<Agency> {
    let agencies = keys.organisations.iter();
    let agencies = agencies.filter(|one| one.role == Role::CollectionAgency);
    let agencies = agencies.zip(0..).map(|(one, agency)| Agency {
        id: one.id,
        key: one.key.clone(),
        evaluated_on: (agency + 1 < AGENCIES).then_some(born_on),
    });
    agencies.collect()
}

async fn author(client: &Client, one: &LocalnetOrganisation) -> anyhow::Result<Author> {
    let chain = client.network().await?.chain;
    let subject = Subject::Participant(one.id);
    Ok(Author::open(client, &chain, subject, vec![one.key.clone()]).await?)
}

fn residence(home: Home) -> Residence {
    match home {
        Home::NewYork => collections::residence("US", "America/New_York", "en"),
        Home::Both => Residence {
            time_zones: ["America/Los_Angeles", "America/New_York"]
                .map(str::to_owned)
                .to_vec(),
            ..collections::residence("US", "", "en")
        },
        Home::Shanghai => collections::residence("CN", "Asia/Shanghai", "zh"),
    }
}

/// Makes debtors, loans and cases.
struct Lending<'t> {
    client: Client,
    lender: Author,
    bank: Author,
    asset: Asset,
    tell: &'t mut dyn FnMut(&str, u64, u64),
}

impl Lending<'_> {
    async fn make(&mut self, count: usize, agencies: &[Agency]) -> anyhow::Result<Vec<Debtor>> {
        // The first of all funds the loans.
        let people: Vec<SecretKey> = (0..=count).map(person).collect();
        let opened = self.apply("accounts", By::Bank, count + 1, |bank, number| {
            let policy = KeyPolicy::single(people[number].public_key());
            let open = operations::open(AccountKind::Wallet, policy, TIER);
            bank.sign(open, &[&people[number]])
        });
        let accounts = opened.await?;
        let accounts = accounts.iter().map(|id| AccountId::opened_by(*id));
        let accounts: Vec<AccountId> = accounts.collect();
        let funds = amount(PRINCIPAL * 2 * count as u64)?;
        let (funder, asset) = (accounts[0], self.asset);
        self.apply("funds", By::Bank, 1, |bank, _| {
            bank.sign(operations::issue(funder, asset, funds), &[])
        })
        .await?;
        self.apply("debtors", By::Bank, count, |bank, debtor| {
            let account = accounts[debtor + 1];
            let register = collections::register_debtor(account, residence(home(debtor as u64)));
            bank.sign(register, &[&people[debtor + 1]])
        })
        .await?;
        let (product, agreement) = self.agree(funder, &people[0], funds).await?;
        let first_due = self.client.network().await?.business_date + 30;
        let principal = amount(PRINCIPAL)?;
        let lent = self.apply("loans", By::Lender, 2 * count, |lender, loan| {
            let debtor = loan / 2;
            let originate = LoanOriginate {
                product,
                agreement,
                borrower: accounts[debtor + 1],
                principal,
                rate_ppm: 120_000,
                instalments: 12,
                first_due,
                schedule: Vec::new(),
                governing_law: residence(home(debtor as u64)).country,
            };
            lender.sign(originate, &[&people[debtor + 1], &people[0]])
        });
        let lent = lent.await?;
        let loans: Vec<LoanId> = lent
            .iter()
            .map(|id| LoanId::originated_by(*id, 0))
            .collect();
        self.apply("loans paid out", By::Lender, loans.len(), |lender, loan| {
            lender.sign(credit::disburse(loans[loan]), &[])
        })
        .await?;
        let places = count * agencies.len();
        let placed = self.apply("cases", By::Lender, places, |lender, case| {
            let (debtor, agency) = (case / agencies.len(), case % agencies.len());
            let loans = [loans[2 * debtor], loans[2 * debtor + 1]];
            let place = collections::place_case(accounts[debtor + 1], agencies[agency].id, loans);
            lender.sign(place, &[])
        });
        let placed = placed.await?;
        let cases: Vec<CaseId> = placed.iter().map(|id| CaseId::placed_by(*id, 0)).collect();
        let debtors = (0..count).map(|debtor| Debtor {
            account: accounts[debtor + 1],
            key: people[debtor + 1].clone(),
            loans: [loans[2 * debtor], loans[2 * debtor + 1]],
            cases: cases[debtor * agencies.len()..][..agencies.len()].to_vec(),
        });
        Ok(debtors.collect())
    }

    async fn agree(
        &mut self,
        funder: AccountId,
        key: &SecretKey,
        funds: Amount,
    ) -> anyhow::Result<(ProductId, AgreementId)> {
        let (asset, principal) = (self.asset, amount(PRINCIPAL)?);
        let terms = ProductTerms {
            asset,
            schedule: ScheduleKind::Annuity,
            down_payment_ppm: 0,
            rate_ppm_min: 0,
            rate_ppm_max: 300_000,
            day_count: DayCount::Thirty360,
            principal_min: principal,
            principal_max: principal,
            instalments_max: 60,
            fees: Vec::new(),
            waterfall: [Component::Fees, Component::Interest, Component::Principal],
            apr_cap_ppm: 300_000,
            delinquency: DelinquencyPolicy {
                grace_days: 0,
                charge_off_days: 120,
                category_days: None,
            },
        };
        let published = self.apply("products", By::Lender, 1, |lender, _| {
            lender.sign(credit::publish_product(terms.clone()), &[])
        });
        let product = ProductId::published_by(published.await?[0], 0);
        let terms = AgreementTerms {
            asset,
            funders: vec![FunderShare {
                account: funder,
                share_ppm: PPM,
            }],
            floor_ppm: 0,
            servicer: funder,
            servicing_ppm: 0,
            loan_max: principal,
            outstanding_max: funds,
            guarantor: None,
        };
        let registered = self.apply("agreements", By::Lender, 1, |lender, _| {
            lender.sign(credit::register_agreement(terms.clone()), &[key])
        });
        let agreement = AgreementId::registered_by(registered.await?[0], 0);
        Ok((product, agreement))
    }

    /// Makes so many transactions of one author final, all of them applied; gives their ids in order.
    async fn apply(
        &mut self,
        what: &str,
        by: By,
        count: usize,
        mut make: impl FnMut(&Author, usize) -> Result<SignedTransaction, ClientError>,
    ) -> anyhow::Result<Vec<TransactionId>> {
        let author = match by {
            By::Bank => &self.bank,
            By::Lender => &self.lender,
        };
        let mut ids = Vec::with_capacity(count);
        while ids.len() < count {
            (self.tell)(what, ids.len() as u64, count as u64);
            let part = ids.len()..count.min(ids.len() + PART);
            let part = part.map(|number| make(author, number));
            let part: Vec<SignedTransaction> = part.collect::<Result<_, _>>()?;
            ids.extend(part.iter().map(SignedTransaction::id));
            commit(&self.client, author, part)
                .await
                .with_context(|| format!("making {what}"))?;
        }
        (self.tell)(what, count as u64, count as u64);
        Ok(ids)
    }
}

/// Who makes something.
#[derive(Clone, Copy)]
enum By {
    Bank,
    Lender,
}

async fn commit(
    client: &Client,
    author: &Author,
    transactions: Vec<SignedTransaction>,
) -> anyhow::Result<()> {
    let (sender, mut results) = client.bulk(BulkOptions::default());
    let mut waiting: BTreeSet<TransactionId> =
        transactions.iter().map(SignedTransaction::id).collect();
    for transaction in transactions {
        let sent = sender.send(transaction).await;
        sent.map_err(|_| anyhow::anyhow!("the SDK takes no more transactions"))?;
    }
    drop(sender);
    while let Some(ended) = results.next().await {
        author.note(&ended.transaction, &ended.result);
        let settlement = ended.result?;
        ensure!(settlement.is_committed(), "{settlement:?}");
        waiting.remove(&settlement.id);
    }
    ensure!(
        waiting.is_empty(),
        "{} transactions have no result",
        waiting.len()
    );
    Ok(())
}

fn amount(minor_units: u64) -> anyhow::Result<Amount> {
    Amount::new(minor_units).context("an amount")
}

fn person(number: usize) -> SecretKey {
    SecretKey::from_seed(tagged("talea/permits-person/v1", &[&number.to_be_bytes()]).0)
}
