//! Two agencies, each a process of its own at a validator of its own, ask for the last call that the law
//! permits at the same moment: one of them gets it, whichever validators they ask.
//!
//! `TALEA_RACE_ROUNDS=200` plays so many rounds instead of ten.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use talea_client::{
    Author, Client, Envelope, Options,
    operations::{self, collections, credit},
};
use talea_genesis::localnet::{Localnet as Keys, LocalnetOptions as KeyOptions};
use talea_node::localnet::LocalnetOptions;
use talea_types::{
    AccountId, AgreementId, Amount, Asset, CaseId, ChainId, KeyPolicy, LoanId, Outcome, ProductId,
    SecretKey, SignedTransaction, Subject, Timestamp, TransactionId,
    conduct::Channel,
    credit::{
        AgreementTerms, Component, DayCount, DelinquencyPolicy, FunderShare, PPM, ProductTerms,
        ScheduleKind,
    },
    hash::tagged,
    operation::{AccountKind, ContactPermit, LoanOriginate},
    state::Role,
    time::DAY_MS,
};

use crate::network::{Cluster, SEED, VALIDATORS, node_program, send, until};

const ROUNDS: usize = 10;
/// Regulation F: so many calls about one debt within seven days, and the rule that refuses one more.
const CALLS: u64 = 7;
const RULE: &str = "us-reg-f/1006.14(b)(2)(i)(A)@";
/// 15:00 UTC: before noon in New York, in summer and in winter.
const CALL_MS: u64 = 15 * 3_600_000;
const PRINCIPAL: u64 = 100_000;
/// What `talea` ends with when a transaction is applied, and when it is rejected.
const APPLIED: i32 = 0;
const REJECTED: i32 = 3;

/// Those who take part, and the debts.
struct Parties {
    client: Client,
    chain: ChainId,
    agencies: [(Author, SecretKey); 2],
    /// A loan with a case of each agency.
    debts: Vec<(LoanId, [CaseId; 2])>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_agencies_at_two_validators_one_gets_the_last_call() {
    let rounds = std::env::var("TALEA_RACE_ROUNDS").ok();
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let options = LocalnetOptions::default().with_collections().unwrap();
    let keys = keys(&options);
    let mut cluster = Cluster::start_with(options, |_| {}).await;
    let parties = Parties::with_debts(&cluster, &keys, rounds).await;
    let mut won = [0; 2];
    for (round, (loan, cases)) in parties.debts.iter().enumerate() {
        won[parties.race(&cluster, round, *loan, *cases).await] += 1;
    }
    println!(
        "exactly one permit was granted in {rounds} of {rounds} rounds; the first agency had {}, the second {}",
        won[0], won[1]
    );
    let balances = cluster.funded();
    cluster.check(&balances).await;
    cluster.network.stop();
}

/// The keys of all organisations.
fn keys(options: &LocalnetOptions) -> Keys {
    let of = KeyOptions {
        network: "cluster".to_owned(),
        validators: VALIDATORS,
        seed: SEED,
        // A day that has dates; keys do not depend on it.
        time: Timestamp::from_millis(365 * 20 * DAY_MS),
    };
    Keys::with_additions(&of, options.banks, &options.additions).unwrap()
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}

/// The client program, beside that of the nodes.
fn client_program() -> PathBuf {
    let program = node_program().with_file_name("talea");
    assert!(
        program.is_file(),
        "{} is not there; `cargo test --workspace` builds it",
        program.display()
    );
    program
}

impl Parties {
    /// Makes so many debtors with a debt each, which both agencies collect, and asks for all calls but one.
    async fn with_debts(cluster: &Cluster, keys: &Keys, count: usize) -> Self {
        let client = Client::new(&Options::new(cluster.endpoints())).unwrap();
        let chain = cluster.network.file().chain_id;
        let author = async |id, key: &SecretKey| {
            let opened = Author::open(&client, &chain, Subject::Participant(id), vec![key.clone()]);
            opened.await.unwrap()
        };
        let lender = author(keys.operator().id, &keys.operator().key).await;
        let sponsor = keys.banks().next().unwrap();
        let bank = author(sponsor.id, &sponsor.key).await;
        let agencies = keys.organisations.iter();
        let agencies: Vec<_> = agencies
            .filter(|one| one.role == Role::CollectionAgency)
            .cloned()
            .collect();
        let [first, second] = agencies.as_slice() else {
            panic!("two agencies")
        };

        let people: Vec<SecretKey> = (0..=count).map(person).collect();
        let opening: Vec<SignedTransaction> = people
            .iter()
            .map(|key| {
                let policy = KeyPolicy::single(key.public_key());
                let open = operations::open(AccountKind::Wallet, policy, 2);
                bank.sign(open, &[key]).unwrap()
            })
            .collect();
        let accounts = opening.iter().map(|one| AccountId::opened_by(one.id()));
        let accounts: Vec<AccountId> = accounts.collect();
        let (funder, debtors) = (accounts[0], &accounts[1..]);
        commit(cluster, &bank, opening).await;
        let asset = Asset::new("USD").unwrap();
        let funds = amount(PRINCIPAL * count as u64);
        let mut registering = vec![
            bank.sign(operations::issue(funder, asset, funds), &[])
                .unwrap(),
        ];
        for (account, key) in debtors.iter().zip(&people[1..]) {
            let residence = collections::residence("US", "America/New_York", "en");
            let register = collections::register_debtor(*account, residence);
            registering.push(bank.sign(register, &[key]).unwrap());
        }
        commit(cluster, &bank, registering).await;

        let (product, agreement) = agreed(cluster, &lender, funder, &people[0], funds, asset).await;
        let first_due = client.network().await.unwrap().business_date + 30;
        let originate = |borrower: &AccountId| LoanOriginate {
            product,
            agreement,
            borrower: *borrower,
            principal: amount(PRINCIPAL),
            rate_ppm: 120_000,
            instalments: 12,
            first_due,
            schedule: Vec::new(),
            governing_law: "US".to_owned(),
        };
        let signed = debtors.iter().zip(&people[1..]);
        let signed: Vec<SignedTransaction> = signed
            .map(|(account, key)| lender.sign(originate(account), &[key, &people[0]]).unwrap())
            .collect();
        let loans: Vec<LoanId> = signed
            .iter()
            .map(|one| LoanId::originated_by(one.id(), 0))
            .collect();
        commit(cluster, &lender, signed).await;
        let paid = loans
            .iter()
            .map(|loan| lender.sign(credit::disburse(*loan), &[]).unwrap());
        commit(cluster, &lender, paid.collect()).await;
        let mut placing = Vec::new();
        let mut debts = Vec::new();
        for (debtor, loan) in debtors.iter().zip(loans) {
            let cases = [first.id, second.id].map(|agency| {
                let place = collections::place_case(*debtor, agency, [loan]);
                let place = lender.sign(place, &[]).unwrap();
                let case = CaseId::placed_by(place.id(), 0);
                placing.push(place);
                case
            });
            debts.push((loan, cases));
        }
        commit(cluster, &lender, placing).await;
        let agencies = [
            (author(first.id, &first.key).await, first.key.clone()),
            (author(second.id, &second.key).await, second.key.clone()),
        ];
        let parties = Self {
            client,
            chain,
            agencies,
            debts,
        };
        parties.use_all_calls_but_one(cluster).await;
        parties
    }

    async fn use_all_calls_but_one(&self, cluster: &Cluster) {
        for (turn, (agency, _)) in self.agencies.iter().enumerate() {
            let mut calls = Vec::new();
            for (loan, cases) in &self.debts {
                for _ in 0..(CALLS - 1) / 2 {
                    calls.push(agency.sign(call(agency, *loan, cases[turn]), &[]).unwrap());
                }
            }
            commit(cluster, agency, calls).await;
        }
    }

    /// Which of the two got the last call.
    async fn race(
        &self,
        cluster: &Cluster,
        round: usize,
        loan: LoanId,
        cases: [CaseId; 2],
    ) -> usize {
        let mut files = Vec::new();
        for (turn, (agency, key)) in self.agencies.iter().enumerate() {
            let body = agency.body(call(agency, loan, cases[turn]), &[]).unwrap();
            let mut envelope = Envelope::new(self.chain, &body).unwrap();
            envelope.sign(key).unwrap();
            let file = cluster.directory().join(format!("{round}-{turn}.tx.json"));
            envelope.save(&file).unwrap();
            files.push((file, envelope.id()));
            // Whether it is applied or refused.
            agency.nonces().used(body.nonce);
        }
        // Every pair of validators, and each agency as the first to start.
        let endpoints = cluster.endpoints();
        let genesis = cluster.network.genesis();
        let order = if round.is_multiple_of(2) {
            [0, 1]
        } else {
            [1, 0]
        };
        let apart = 1 + round % (VALIDATORS - 1);
        let processes = order.map(|turn| {
            let validator = (round + turn * apart) % VALIDATORS;
            (
                turn,
                submission(&files[turn].0, &endpoints[validator], &genesis),
            )
        });
        let mut codes = [None; 2];
        for (turn, process) in processes {
            let output = process.wait_with_output().unwrap();
            codes[turn] = output.status.code();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(codes[turn], Some(APPLIED | REJECTED)),
                "round {round}: {:?}: {said}",
                codes[turn]
            );
        }
        let trust = cluster.trust();
        let winner = usize::from(codes[1] == Some(APPLIED));
        assert_eq!(
            codes[1 - winner],
            Some(REJECTED),
            "round {round}: both or neither got the last call"
        );
        let outcome = async |id: TransactionId| {
            // The validator that is asked may be a moment behind those that answered.
            until("a receipt", async || {
                self.client.receipt(&id, &trust).await.is_ok()
            })
            .await;
            self.client
                .receipt(&id, &trust)
                .await
                .unwrap()
                .receipt
                .result
        };
        assert_eq!(outcome(files[winner].1).await.outcome, Outcome::Applied);
        let refused = outcome(files[1 - winner].1).await;
        assert_eq!(refused.outcome, Outcome::OverrideNeeded);
        assert!(
            refused.rules.iter().any(|rule| rule.starts_with(RULE)),
            "{:?}",
            refused.rules
        );
        winner
    }
}

/// A call tomorrow.
fn call(agency: &Author, loan: LoanId, case: CaseId) -> ContactPermit {
    let tomorrow = u64::from(agency.ledger_time().day() + 1);
    let from = Timestamp::from_millis(tomorrow * DAY_MS + CALL_MS);
    let point = tagged("talea/test-telephone/v1", &[loan.as_bytes()]);
    let until = from.plus_millis(600_000);
    collections::permit(case, loan, Channel::VoiceCall, point, from, until)
}

fn person(number: usize) -> SecretKey {
    SecretKey::from_seed(tagged("talea/test-debtor/v1", &[&number.to_be_bytes()]).0)
}

/// A client process that submits a transaction at one validator.
fn submission(file: &Path, endpoint: &str, genesis: &Path) -> Child {
    Command::new(client_program())
        .args(["tx", "submit"])
        .arg(file)
        .args(["--node", endpoint, "--genesis"])
        .arg(genesis)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

async fn agreed(
    cluster: &Cluster,
    lender: &Author,
    funder: AccountId,
    key: &SecretKey,
    funds: Amount,
    asset: Asset,
) -> (ProductId, AgreementId) {
    let publish = credit::publish_product(ProductTerms {
        asset,
        schedule: ScheduleKind::Annuity,
        down_payment_ppm: 0,
        rate_ppm_min: 0,
        rate_ppm_max: 300_000,
        day_count: DayCount::Thirty360,
        principal_min: amount(1),
        principal_max: amount(PRINCIPAL),
        instalments_max: 60,
        fees: Vec::new(),
        waterfall: [Component::Fees, Component::Interest, Component::Principal],
        apr_cap_ppm: 300_000,
        delinquency: DelinquencyPolicy {
            grace_days: 0,
            charge_off_days: 120,
            category_days: None,
        },
    });
    let publish = lender.sign(publish, &[]).unwrap();
    let register = credit::register_agreement(AgreementTerms {
        asset,
        funders: vec![FunderShare {
            account: funder,
            share_ppm: PPM,
        }],
        floor_ppm: 0,
        servicer: funder,
        servicing_ppm: 0,
        loan_max: amount(PRINCIPAL),
        outstanding_max: funds,
        guarantor: None,
    });
    let register = lender.sign(register, &[key]).unwrap();
    let product = ProductId::published_by(publish.id(), 0);
    let agreement = AgreementId::registered_by(register.id(), 0);
    commit(cluster, lender, vec![publish, register]).await;
    (product, agreement)
}

/// Makes transactions of one author final, all of them applied.
async fn commit(cluster: &Cluster, author: &Author, transactions: Vec<SignedTransaction>) {
    let nonces: Vec<u64> = transactions.iter().map(|one| one.body().nonce).collect();
    send(&cluster.endpoints(), transactions).await;
    for nonce in nonces {
        author.nonces().used(nonce);
    }
}
