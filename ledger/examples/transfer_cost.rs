//! What a transfer costs at one validator after its signature was verified: execution with its events,
//! encoding and hashing of results and objects, the tree, the commit. At 10,000, 100,000 and 1,000,000
//! accounts of two banks, every second transfer between them.
//!
//! `cargo run --release -p talea-ledger --example transfer_cost [-- accounts...]`

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_ledger::{BlockContext, Genesis, Ledger};
use talea_types::{
    AccountId, Amount, Asset, ChainId, EventChain, Hash, KeyPolicy, Operation, ParticipantId,
    SecretKey, SignedTransaction, StateKey, Subject, Timestamp, TransactionBody, Validator,
    VerifiedTransaction,
    crypto::KeyCache,
    hash::tagged,
    operation::{AccountKind, Purpose, Transfer},
    state::{
        Account, AssetDefinition, AssetKind, Balance, Keys, NonceWindow, Position, Registration,
        Role, Spending, Tier, TierLimit,
    },
    transaction::verify_all,
};

const TRANSFERS: usize = 5_000;
const BLOCKS: u64 = 7;
const BALANCE: u64 = 1_000_000;

fn main() {
    let arguments = std::env::args().skip(1);
    let given: Vec<u64> = arguments.filter_map(|one| one.parse().ok()).collect();
    let sizes = if given.is_empty() {
        vec![10_000, 100_000, 1_000_000]
    } else {
        given
    };
    println!("microseconds of processor time a transfer, median of {BLOCKS} blocks of {TRANSFERS}");
    println!(
        "(blake3 of 64 bytes: {:.3}; 0.06 on a quiet machine)",
        hash_cost()
    );
    println!(" accounts  execute  objects     tree   commit      sum");
    let mut sums = Vec::new();
    for size in sizes {
        let [execute, objects, tree, commit] = measure(size);
        let sum = execute + objects + tree + commit;
        println!("{size:>9} {execute:>8.2} {objects:>8.2} {tree:>8.2} {commit:>8.2} {sum:>8.2}");
        sums.push(sum);
    }
    if let [first, .., last] = sums[..] {
        println!("largest to smallest: {:.2}", last / first);
    }
}

fn measure(size: u64) -> [f64; 4] {
    let holder = SecretKey::from_seed([9; 32]);
    let mut ledger = ledger_of(size, &holder);
    let mut keys = KeyCache::new();
    let mut times: [Vec<f64>; 4] = Default::default();
    for height in 1..=BLOCKS {
        let block = transfers(&ledger, size, height, &holder, &mut keys);
        let context = BlockContext {
            height,
            time: ledger.time().plus_millis(50),
        };
        let mut last = processor_time_us();
        let mut laps = Vec::new();
        let mut lap = || {
            let now = processor_time_us();
            laps.push((now - last) / TRANSFERS as f64);
            last = now;
        };
        let execution = ledger
            .execute_observed(&context, &block, &mut |_| lap())
            .expect("the block follows");
        assert!(execution.results.iter().all(|one| one.outcome.is_applied()));
        ledger.commit(execution);
        lap();
        for (all, one) in times.iter_mut().zip(laps) {
            all.push(one);
        }
    }
    times.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    })
}

/// Of this thread: what other programs on the machine use does not count.
fn processor_time_us() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// To compare machines and moments: processor time also grows when neighbours share the caches.
fn hash_cost() -> f64 {
    let start = processor_time_us();
    let mut hash = [0u8; 64];
    for _ in 0..100_000 {
        let next = blake3::hash(std::hint::black_box(&hash));
        hash[..32].copy_from_slice(next.as_bytes());
    }
    std::hint::black_box(hash);
    (processor_time_us() - start) / 100_000.0
}

fn account_id(number: u64) -> AccountId {
    let hash = tagged("example account", &[&number.to_be_bytes()]);
    AccountId::from_bytes(*hash.as_bytes().first_chunk().expect("16 of 32 bytes"))
}

fn transfers(
    ledger: &Ledger,
    size: u64,
    height: u64,
    holder: &SecretKey,
    keys: &mut KeyCache,
) -> Vec<VerifiedTransaction> {
    let mut random = height;
    let mut next = || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        account_id((random >> 33) % size)
    };
    let mut block = Vec::with_capacity(TRANSFERS);
    let mut in_block: BTreeMap<AccountId, u64> = BTreeMap::new();
    for number in 0..TRANSFERS {
        let (from, to) = (next(), next());
        if from == to {
            continue;
        }
        let base = ledger.account(&from).map_or(0, |one| one.nonces.base());
        let earlier = in_block.entry(from).or_default();
        let body = TransactionBody {
            signers: vec![holder.public_key()],
            author: Subject::Account(from),
            nonce: base + *earlier,
            expires_at: ledger.time().plus_millis(60_000),
            operation: Operation::Transfer(Transfer {
                from,
                to,
                asset: czk(),
                amount: amount(1),
                purpose: Purpose::PersonToPerson,
                end_to_end_id: format!("invoice {height}-{number}"),
                travel_rule_commitment: Some(Hash([7; 32])),
                refundable_until: Timestamp::default(),
            }),
        };
        let signed = SignedTransaction::sign(&chain(), &body, &[holder]).expect("signed");
        block.push(signed);
        *earlier += 1;
    }
    verify_all(keys, block)
        .into_iter()
        .map(|one| one.expect("a signature of our own"))
        .collect()
}

fn czk() -> Asset {
    Asset::new("CZK").expect("a code")
}

fn chain() -> ChainId {
    ChainId::new(Hash([1; 32]))
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).expect("an amount")
}

/// A ledger of so many funded accounts, put together as from a checkpoint.
fn ledger_of(size: u64, holder: &SecretKey) -> Ledger {
    let banks = ["315700BANKA000000001", "315700BANKB000000002"];
    let policy = KeyPolicy::single(holder.public_key());
    let registered = banks.map(|lei| Registration {
        lei: lei.to_owned(),
        bic: String::new(),
        name: lei.to_owned(),
        jurisdiction: "CZ".to_owned(),
        roles: vec![Role::Bank],
        policy: policy.clone(),
        licence_expires_at: None,
        evaluated_on: None,
    });
    let ids = banks.map(ParticipantId::from_lei);
    let per_bank = amount(size / 2 * BALANCE);
    let genesis = Genesis {
        chain: chain(),
        sandbox: false,
        time: Timestamp::from_millis(1_790_000_000_000),
        business_date: 20_700,
        assets: vec![AssetDefinition {
            asset: czk(),
            decimals: 2,
            kind: AssetKind::Currency,
        }],
        tiers: vec![Tier {
            name: "standard".to_owned(),
            limits: vec![TierLimit {
                asset: czk(),
                per_transaction: Amount::MAX,
                per_day: Amount::MAX,
                per_month: Amount::MAX,
            }],
        }],
        reserves: ids.map(|id| (id, czk(), amount(size * BALANCE))).to_vec(),
        rule_packs: Vec::new(),
        validators: vec![Validator {
            participant: ids[0],
            voting_key: holder.public_key(),
            power: 1,
            network_key: SecretKey::from_seed([8; 32]).public_key(),
            name: "one".to_owned(),
        }],
        participants: registered.to_vec(),
    };
    let empty = Ledger::genesis(&genesis).expect("a valid genesis");
    let mut objects: Vec<(Vec<u8>, Bytes)> = Vec::new();
    for (key, value) in empty.objects() {
        let value = match key {
            StateKey::Position(..) => Position {
                reserve: amount(size * BALANCE),
                liabilities: per_bank,
            }
            .encode(),
            StateKey::Asset(asset) => {
                let mut totals = *empty.asset(asset).expect("it is there");
                totals.accounts = amount(size * BALANCE);
                totals.liabilities = totals.accounts;
                totals.encode()
            }
            _ => value,
        };
        objects.push((key.to_bytes(), value.into()));
    }
    for number in 0..size {
        let account = Account {
            kind: AccountKind::Wallet,
            sponsor: ids[(number % 2) as usize],
            keys: Keys::new(policy.clone()),
            tier: 0,
            holder_commitment: Some(Hash([5; 32])),
            closed: false,
            restriction: None,
            open_holds: 0,
            nonces: NonceWindow::default(),
            events: EventChain::default(),
            balances: vec![Balance {
                asset: czk(),
                available: amount(BALANCE),
                held: Amount::ZERO,
                spending: Spending::default(),
            }],
        };
        let key = StateKey::Account(account_id(number)).to_bytes();
        objects.push((key, account.encode().into()));
    }
    Ledger::restore(objects).expect("a consistent state")
}
