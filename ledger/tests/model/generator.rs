//! Random transactions: most of them sensible, some wrong in every way that can be thought of.

use std::collections::{BTreeMap, VecDeque};

use talea_ledger::Genesis;
use talea_types::{
    AccountId, Amount, Asset, ChainId, Hash, HoldId, KeyPolicy, Operation, ParticipantId,
    PublicKey, SecretKey, SignedTransaction, Subject, Timestamp, TransactionBody, TransactionId,
    Validator,
    hash::tagged,
    operation::{
        AccountClose, AccountKind, AccountOpen, AccountRestrict, AtomicBatch, HoldPlace,
        HoldResolve, Issue, KeyRotate, Purpose, Redeem, Refund, Restriction, Transfer,
    },
    state::{AssetDefinition, AssetKind, Registration, Role, Tier, TierLimit},
    time::DAY_MS,
};

use super::{Body, naive::Naive};

const KEYS: u64 = 48;
const ACCOUNTS: usize = 40;
const BANKS: [&str; 3] = [
    "315700MODELBANK00001",
    "315700MODELBANK00002",
    "315700MODELBANK00003",
];

pub struct Generator {
    random: u64,
    keys: Vec<SecretKey>,
    by_public: BTreeMap<PublicKey, usize>,
    sequences: BTreeMap<Subject, u64>,
    /// Transactions to submit again.
    past: VecDeque<(SignedTransaction, Body)>,
}

fn asset(code: &str) -> Asset {
    Asset::new(code).unwrap()
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn chain() -> ChainId {
    ChainId::new(Hash([77; 32]))
}

impl Generator {
    pub fn new(seed: u64) -> Self {
        let key =
            |number: u64| SecretKey::from_seed(tagged("model key", &[&number.to_be_bytes()]).0);
        let keys: Vec<SecretKey> = (0..KEYS).map(key).collect();
        let by_public = keys.iter().map(SecretKey::public_key).zip(0..).collect();
        Self {
            random: seed.wrapping_mul(2).wrapping_add(1),
            keys,
            by_public,
            sequences: BTreeMap::new(),
            past: VecDeque::new(),
        }
    }

    /// Below `end` (xorshift64*).
    fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let mixed = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d);
        (mixed >> 16) % end
    }

    /// Whether something happens that happens so many times in a thousand.
    fn happens(&mut self, in_thousand: u64) -> bool {
        self.below(1_000) < in_thousand
    }

    fn policy(&mut self) -> KeyPolicy {
        let first = self.below(KEYS) as usize;
        let second = self.below(KEYS) as usize;
        let key = |index: usize| self.keys[index].public_key();
        if first == second || !first.is_multiple_of(3) {
            return KeyPolicy::single(key(first));
        }
        KeyPolicy::new(1 + (second % 2) as u32, vec![key(first), key(second)]).unwrap()
    }

    pub fn genesis(&mut self) -> Genesis {
        let ids = BANKS.map(ParticipantId::from_lei);
        let participants = BANKS.map(|lei| Registration {
            lei: lei.to_owned(),
            bic: String::new(),
            name: lei.to_owned(),
            jurisdiction: "CZ".to_owned(),
            roles: vec![Role::Bank],
            policy: self.policy(),
            licence_expires_at: None,
            evaluated_on: None,
        });
        let define = |code| AssetDefinition {
            asset: asset(code),
            decimals: 2,
            kind: AssetKind::Currency,
        };
        let limit = TierLimit {
            asset: asset("CZK"),
            per_transaction: amount(400),
            per_day: amount(900),
            per_month: amount(3_000),
        };
        Genesis {
            chain: chain(),
            sandbox: true,
            time: Timestamp::from_millis(20_000 * DAY_MS),
            business_date: 20_000,
            assets: vec![define("CZK"), define("PTS")],
            tiers: vec![
                Tier {
                    name: "free".to_owned(),
                    limits: vec![],
                },
                Tier {
                    name: "small".to_owned(),
                    limits: vec![limit],
                },
            ],
            reserves: ids
                .into_iter()
                .flat_map(|id| {
                    [
                        (id, asset("CZK"), amount(20_000)),
                        (id, asset("PTS"), amount(500)),
                    ]
                })
                .collect(),
            rule_packs: Vec::new(),
            validators: vec![Validator {
                participant: ids[0],
                voting_key: self.keys[0].public_key(),
                power: 1,
                network_key: self.keys[1].public_key(),
                name: "one".to_owned(),
            }],
            participants: participants.to_vec(),
        }
    }

    /// How long until the next block, milliseconds.
    pub fn pause(&mut self) -> u64 {
        match self.below(100) {
            0 => DAY_MS + self.below(20 * DAY_MS),
            1..5 => self.below(8 * 3_600_000) + 1,
            _ => self.below(2_000) + 1,
        }
    }

    fn account(&mut self, model: &Naive) -> AccountId {
        let count = model.holders.len() as u64;
        if count == 0 || self.happens(5) {
            return AccountId::from_bytes([self.below(9) as u8; 16]);
        }
        // Mostly the accounts of late, as others are closed.
        let index = self.below(count) as usize;
        *model.holders.keys().nth(index).unwrap()
    }

    fn open_account(&mut self, model: &Naive) -> AccountId {
        for _ in 0..4 {
            let id = self.account(model);
            if model.holders.get(&id).is_some_and(|holder| !holder.closed) {
                return id;
            }
        }
        self.account(model)
    }

    fn bank(&mut self) -> ParticipantId {
        ParticipantId::from_lei(BANKS[self.below(3) as usize])
    }

    fn asset(&mut self) -> Asset {
        match self.below(100) {
            0 => asset("XXX"),
            1..20 => asset("PTS"),
            _ => asset("CZK"),
        }
    }

    fn amount(&mut self) -> Amount {
        match self.below(20) {
            0 => amount(1 + self.below(30_000)),
            1 => Amount::MAX,
            _ => amount(1 + self.below(300)),
        }
    }

    fn later(&mut self, model: &Naive) -> Timestamp {
        let after = match self.below(50) {
            0 => return Timestamp::from_millis(model.now),
            1 => 400 * DAY_MS + 1,
            2..10 => 1 + self.below(30 * DAY_MS),
            _ => 1 + self.below(60_000),
        };
        Timestamp::from_millis(model.now + after)
    }

    fn payment(&mut self, model: &Naive) -> Operation {
        let end_to_end_id = String::new();
        let from = self.open_account(model);
        let mut to = self.open_account(model);
        if to == from {
            to = AccountId::from_bytes([255; 16]);
        }
        let (asset, amount) = (self.asset(), self.amount());
        match self.below(100) {
            0..14 => Operation::Issue(Issue {
                account: to,
                asset,
                amount,
                end_to_end_id,
            }),
            14..22 => Operation::Redeem(Redeem {
                account: from,
                asset,
                amount,
                end_to_end_id,
            }),
            22..60 => Operation::Transfer(Transfer {
                from,
                to,
                asset,
                amount,
                purpose: Purpose::Other,
                end_to_end_id,
                travel_rule_commitment: None,
                refundable_until: if self.happens(300) {
                    self.later(model)
                } else {
                    Timestamp::default()
                },
            }),
            60..75 => Operation::HoldPlace(HoldPlace {
                from,
                to,
                asset,
                amount,
                expires_at: self.later(model),
                end_to_end_id,
            }),
            75..90 => {
                let count = model.holds.len() as u64;
                let (mut hold, mut capture) = (HoldId::from_bytes([1; 16]), 1 + self.below(300));
                if count > 0 && !self.happens(20) {
                    let index = self.below(count) as usize;
                    let (id, found) = model.holds.iter().nth(index).unwrap();
                    hold = *id;
                    capture = self.below(found.amount as u64 + 3);
                }
                if self.happens(250) {
                    capture = 0;
                }
                Operation::HoldResolve(HoldResolve {
                    hold,
                    capture: Amount::new(capture).unwrap(),
                })
            }
            _ => {
                let count = model.rights.len() as u64;
                let (mut original, mut leg) = (TransactionId::new(Hash([1; 32])), 0);
                let mut most = 300;
                if count > 0 && !self.happens(20) {
                    let index = self.below(count) as usize;
                    let (id, (right, _)) = model.rights.iter().nth(index).unwrap();
                    (original, leg) = *id;
                    most = right.amount as u64 + 2;
                }
                Operation::Refund(Refund {
                    original,
                    leg,
                    amount: self::amount(1 + self.below(most.min(1 << 40))),
                    end_to_end_id,
                })
            }
        }
    }

    fn operation(&mut self, model: &Naive) -> Operation {
        let open = model.holders.values().filter(|holder| !holder.closed);
        if open.count() < ACCOUNTS {
            return Operation::AccountOpen(AccountOpen {
                kind: AccountKind::Wallet,
                policy: self.policy(),
                tier: if self.happens(50) {
                    2
                } else {
                    self.below(2) as u32
                },
                holder_commitment: None,
            });
        }
        match self.below(1_000) {
            0..2 => Operation::AccountClose(AccountClose {
                account: self.account(model),
            }),
            2..20 => {
                let lifts = self.happens(600);
                Operation::AccountRestrict(AccountRestrict {
                    account: self.account(model),
                    restriction: match (lifts, self.happens(500)) {
                        (true, _) => Restriction::None,
                        (false, true) => Restriction::Debits,
                        (false, false) => Restriction::All,
                    },
                    reason: 1,
                    notice_commitment: Some(Hash([2; 32])),
                    review_by: if lifts {
                        Timestamp::default()
                    } else {
                        self.later(model)
                    },
                })
            }
            20..30 => Operation::KeyRotate(KeyRotate {
                policy: self.policy(),
                overlap_until: if self.happens(500) {
                    self.later(model)
                } else {
                    Timestamp::default()
                },
            }),
            30..90 => {
                let legs = 2 + self.below(4);
                Operation::AtomicBatch(AtomicBatch {
                    legs: (0..legs).map(|_| self.payment(model)).collect(),
                })
            }
            _ => self.payment(model),
        }
    }

    /// Who should be the author, and who else has to sign.
    fn parties(&mut self, model: &Naive, operation: &Operation) -> Vec<Subject> {
        let sponsor = |id: &AccountId| {
            let holder = model.holders.get(id);
            holder.map(|holder| Subject::Participant(holder.sponsor))
        };
        let account = |id: &AccountId| Some(Subject::Account(*id));
        let parties = match operation {
            Operation::AccountOpen(_) => vec![Some(Subject::Participant(self.bank()))],
            Operation::AccountRestrict(one) => vec![sponsor(&one.account)],
            Operation::KeyRotate(_) => {
                let author = self.account(model);
                vec![if self.happens(30) {
                    Some(Subject::Participant(self.bank()))
                } else {
                    account(&author)
                }]
            }
            Operation::AccountClose(one) => vec![account(&one.account), sponsor(&one.account)],
            Operation::Issue(one) => vec![sponsor(&one.account)],
            Operation::Redeem(one) => vec![sponsor(&one.account), account(&one.account)],
            Operation::Transfer(one) => vec![account(&one.from)],
            Operation::HoldPlace(one) => vec![account(&one.from)],
            Operation::HoldResolve(one) => {
                let hold = model.holds.get(&one.hold);
                let by_sponsor = one.capture.is_zero() && self.happens(400);
                vec![hold.and_then(|hold| match by_sponsor {
                    true => sponsor(&hold.from),
                    false => account(&hold.to),
                })]
            }
            Operation::Refund(one) => {
                let right = model.rights.get(&(one.original, one.leg));
                vec![right.and_then(|(right, _)| account(&right.to))]
            }
            Operation::AtomicBatch(batch) => {
                let legs = batch.legs.iter();
                legs.flat_map(|leg| self.parties(model, leg))
                    .map(Some)
                    .collect()
            }
            other => unreachable!("{}", other.name()),
        };
        parties.into_iter().flatten().collect()
    }

    fn signers(&mut self, model: &Naive, parties: &[Subject], operation: &Operation) -> Vec<usize> {
        let mut signers: Vec<usize> = Vec::new();
        let mut add = |policy: &KeyPolicy| {
            let enough = policy.keys().iter().take(policy.threshold() as usize);
            signers.extend(enough.map(|key| self.by_public[key]));
        };
        for party in parties {
            if let Some(keyring) = model.keyrings.get(party) {
                add(&keyring.current);
            }
        }
        match operation {
            Operation::AccountOpen(open) => add(&open.policy),
            Operation::KeyRotate(rotate) => add(&rotate.policy),
            _ => {}
        }
        if self.happens(15) {
            signers.push(self.below(KEYS) as usize);
        }
        if signers.len() > 1 && self.happens(15) {
            let left_out = self.below(signers.len() as u64) as usize;
            signers.remove(left_out);
        }
        if signers.is_empty() {
            signers.push(self.below(KEYS) as usize);
        }
        signers.sort_by_key(|index| self.keys[*index].public_key());
        signers.dedup();
        signers
    }

    /// A signed transaction: mostly new, sometimes one that was submitted before.
    pub fn transaction(&mut self, model: &Naive) -> (SignedTransaction, Body) {
        if !self.past.is_empty() && self.happens(20) {
            let index = self.below(self.past.len() as u64) as usize;
            return self.past[index].clone();
        }
        let operation = self.operation(model);
        let parties = self.parties(model, &operation);
        let stranger = Subject::Account(self.account(model));
        let mut author = parties.first().copied().unwrap_or(stranger);
        if self.happens(10) {
            author = stranger;
        }
        let all = [parties.as_slice(), &[author]].concat();
        let signers = self.signers(model, &all, &operation);
        let sequence = self.sequences.entry(author).or_default();
        *sequence += 1;
        let mut nonce = *sequence - 1;
        if self.happens(10) {
            nonce = (nonce + self.below(2_200)).saturating_sub(1_000);
        }
        if let Some(sequence) = self.sequences.get_mut(&author) {
            *sequence = (*sequence).max(nonce.saturating_sub(900));
        }
        let lifetime = match self.below(200) {
            0 => DAY_MS + 1,
            1 => DAY_MS,
            _ => 30_000,
        };
        let late = u64::from(self.happens(4));
        let body = TransactionBody {
            signers: signers
                .iter()
                .map(|index| self.keys[*index].public_key())
                .collect(),
            author,
            nonce,
            expires_at: Timestamp::from_millis(model.now - late + lifetime * (1 - late)),
            operation,
        };
        let keys: Vec<&SecretKey> = signers.iter().map(|index| &self.keys[*index]).collect();
        let signed = SignedTransaction::sign(&chain(), &body, &keys).unwrap();
        let both = (signed, body);
        self.past.push_back(both.clone());
        if self.past.len() > 2_000 {
            self.past.pop_front();
        }
        both
    }
}
