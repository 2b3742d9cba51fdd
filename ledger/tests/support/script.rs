//! The language of the tables: one line, one step.

use std::collections::BTreeSet;

use talea_types::{
    AccountId, HoldId, Operation, Outcome, ProductId, ProposalId, Residence, StateKey, Timestamp,
    TransactionResult,
    operation::{
        AccountClose, AccountKind, AccountOpen, AccountRestrict, AtomicBatch, ClockAdvance,
        CollectionsOperation, CreditOperation, DebtorRegister, HoldPlace, HoldResolve, Issue,
        KeyRotate, Purpose, Redeem, Refund, ResidenceSet, Restriction, Transfer,
        ValidatorSetChange,
    },
    state::{Account, Balance, Keys, Product},
    time::DAY_MS,
};

use super::{
    network,
    world::{Draft, World},
};

/// The words of a line.
pub struct Words<'a>(std::iter::Peekable<std::str::SplitWhitespace<'a>>);

impl<'a> Words<'a> {
    pub fn of(line: &'a str) -> Self {
        Self(line.split_whitespace().peekable())
    }

    /// The next word, if there is one.
    pub fn maybe(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> &'a str {
        self.0.next().expect("another word")
    }

    /// A word that reads as something.
    pub fn number<T: std::str::FromStr>(&mut self) -> T {
        let word = self.next();
        word.parse()
            .unwrap_or_else(|_| panic!("{word} is no number"))
    }

    /// The next word, if there is one.
    pub fn last(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    /// The word after `name`, if `name` comes next.
    pub fn option(&mut self, name: &str) -> Option<&'a str> {
        self.0.next_if(|word| *word == name)?;
        Some(self.next())
    }
}

/// `250ms`, `10s`, `5m`, `1h`, `2d`, `never`.
pub fn duration(text: &str) -> u64 {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let number: u64 = digits.parse().unwrap_or(0);
    match text.trim_start_matches(|c: char| c.is_ascii_digit()) {
        "ms" => number,
        "s" => number * 1_000,
        "m" => number * 60_000,
        "h" => number * 3_600_000,
        "d" => number * DAY_MS,
        other => panic!("{other} is no unit of time"),
    }
}

/// `COUNTRY[-SUBDIVISION] ZONE[+ZONE] LANGUAGE`
fn residence(words: &mut Words<'_>) -> Residence {
    let place = words.next();
    Residence {
        country: place.split('-').next().unwrap_or_default().to_owned(),
        subdivision: if place.contains('-') {
            place.to_owned()
        } else {
            String::new()
        },
        time_zones: names(words.next()).into_iter().map(Into::into).collect(),
        language: words.next().to_owned(),
    }
}

pub fn names(text: &str) -> Vec<&str> {
    text.split('+').collect()
}

/// A transaction line: `AUTHOR[ options]: OPERATION`.
pub struct Step {
    pub draft: Draft,
    /// Name of an account that it opens, with the keys that sign for it.
    opens: Option<(String, Vec<String>)>,
    /// New keys of the author.
    rotates: Option<Vec<String>>,
    label: Option<String>,
    collides: bool,
}

impl World {
    /// Runs a step as a block of its own.
    pub fn step(&mut self, line: &str) -> TransactionResult {
        let step = self.parse(line);
        self.run(step)
    }

    pub fn run(&mut self, step: Step) -> TransactionResult {
        let signed = self.sign(&step.draft);
        let id = signed.id();
        if let Some(label) = step.label {
            self.transactions.insert(label, id);
        }
        if step.collides {
            self.collide(&signed);
        }
        let result = self.block(vec![signed]).remove(0);
        if result.outcome == Outcome::Applied {
            if let Some((name, signers)) = step.opens {
                self.accounts
                    .insert(name, (AccountId::opened_by(id), signers));
            }
            if let Some(signers) = step.rotates {
                let name = &step.draft.author;
                let organisation = self.organisations.get_mut(name).map(|(_, keys)| keys);
                let account = self.accounts.get_mut(name).map(|(_, keys)| keys);
                *organisation.or(account).unwrap() = signers;
            }
        }
        result
    }

    /// Puts an object where the transaction will want to put its own, as if two hashes were equal.
    fn collide(&mut self, signed: &talea_types::SignedTransaction) {
        let id = signed.id();
        let sponsor = self.participant("alpha");
        self.ledger = self.restored_with(|objects| match &signed.body().operation {
            Operation::AccountOpen(open) => {
                let account = Account {
                    kind: open.kind,
                    sponsor,
                    keys: Keys::new(open.policy.clone()),
                    tier: 0,
                    holder_commitment: None,
                    closed: false,
                    restriction: None,
                    open_holds: 0,
                    nonces: Default::default(),
                    events: Default::default(),
                    balances: vec![Balance::empty(network::asset("CZK"))],
                };
                objects.insert(
                    StateKey::Account(AccountId::opened_by(id)),
                    account.encode(),
                );
            }
            Operation::HoldPlace(_) => {
                let is_hold = |key: &&StateKey| matches!(key, StateKey::Hold(_));
                let other = *objects.keys().find(is_hold).expect("a hold to move");
                let hold = objects.remove(&other).unwrap();
                objects.insert(StateKey::Hold(HoldId::placed_by(id, 0)), hold);
            }
            Operation::Propose(_) => {
                let is_proposal = |key: &&StateKey| matches!(key, StateKey::Proposal(_));
                let other = *objects
                    .keys()
                    .find(is_proposal)
                    .expect("a proposal to move");
                let proposal = objects.remove(&other).unwrap();
                objects.insert(StateKey::Proposal(ProposalId::made_by(id)), proposal);
            }
            Operation::Credit(CreditOperation::ProductPublish(publish)) => {
                let product = Product {
                    publisher: sponsor,
                    terms: publish.terms.clone(),
                };
                let id = ProductId::published_by(id, 0);
                objects.insert(StateKey::Product(id), product.encode());
            }
            other => panic!("{} has no id to collide", other.name()),
        });
    }

    pub fn parse(&mut self, line: &str) -> Step {
        let (head, rest) = line.split_once(": ").expect("AUTHOR: OPERATION");
        let mut words = Words::of(head);
        let author = words.next().to_owned();
        let mut step = Step {
            draft: Draft {
                author: author.clone(),
                operation: Operation::ClockAdvance(ClockAdvance { by_ms: 1 }),
                signers: Vec::new(),
                nonce: None,
                expires_after_ms: 60_000,
            },
            opens: None,
            rotates: None,
            label: None,
            collides: false,
        };
        let mut signers: Option<Vec<String>> = None;
        while words.0.peek().is_some() {
            match words.next() {
                "signed" => {
                    signers = Some(names(words.next()).into_iter().map(Into::into).collect());
                }
                "nonce" => step.draft.nonce = Some(words.number()),
                "expires" => step.draft.expires_after_ms = duration(words.next()),
                "as" => step.label = Some(words.next().to_owned()),
                "collides" => step.collides = true,
                other => panic!("unknown option {other}"),
            }
        }
        let mut needed: BTreeSet<String> = self.signers_of(&author).into_iter().collect();
        step.draft.operation = self.operation(rest, &author, &mut step, &mut needed);
        step.draft.signers = signers.unwrap_or_else(|| needed.into_iter().collect());
        step
    }

    /// Reads an operation and adds whose keys it needs.
    fn operation(
        &mut self,
        text: &str,
        author: &str,
        step: &mut Step,
        needed: &mut BTreeSet<String>,
    ) -> Operation {
        let mut words = Words::of(text);
        let in_future = |world: &Self, text: &str| world.next_time.plus_millis(duration(text));
        let word = words.next();
        if let Some(operation) = self.governance_operation(word, &mut words, needed) {
            return operation;
        }
        if let Some(operation) = self.assurance_operation(word, &mut words) {
            return Operation::Assurance(operation);
        }
        if let Some(operation) = self.collecting(word, author, &mut words, needed) {
            return operation;
        }
        match word {
            "open" => {
                let name = words.next();
                let keys = words.option("keys").map_or(vec![name], names);
                let threshold = words.option("of").map_or(1, |text| text.parse().unwrap());
                let usable = keys.iter().filter(|key| **key != "small-order");
                let signing: Vec<String> = usable
                    .take(threshold as usize)
                    .map(|key| (*key).to_owned())
                    .collect();
                needed.extend(signing.clone());
                step.opens = Some((name.to_owned(), signing));
                Operation::AccountOpen(AccountOpen {
                    kind: match words.option("kind") {
                        Some("own") => AccountKind::Own,
                        Some("merchant") => AccountKind::Merchant,
                        _ => AccountKind::Wallet,
                    },
                    policy: network::policy(threshold, &keys),
                    tier: words.option("tier").map_or(0, |text| text.parse().unwrap()),
                    holder_commitment: None,
                })
            }
            "rotate" => {
                let keys = names(words.next());
                let usable = keys.iter().filter(|key| **key != "small-order");
                let signing: Vec<String> = usable.take(1).map(|key| (*key).to_owned()).collect();
                needed.extend(signing.clone());
                step.rotates = Some(signing);
                Operation::KeyRotate(KeyRotate {
                    policy: network::policy(1, &keys),
                    overlap_until: words
                        .option("overlap")
                        .map_or(Timestamp::default(), |text| in_future(self, text)),
                })
            }
            "restrict" => Operation::AccountRestrict(AccountRestrict {
                account: self.account(words.next()),
                restriction: match words.next() {
                    "debits" => Restriction::Debits,
                    "all" => Restriction::All,
                    _ => Restriction::None,
                },
                reason: 7,
                notice_commitment: Some(talea_types::Hash([3; 32])),
                review_by: words
                    .option("until")
                    .map_or(Timestamp::default(), |text| in_future(self, text)),
            }),
            "close" => {
                let name = words.next();
                let account = self.account(name);
                needed.extend(self.signers_of(name));
                self.add_sponsor(account, needed);
                Operation::AccountClose(AccountClose { account })
            }
            "debtor" => {
                let name = words.next();
                let account = self.account(name);
                needed.extend(self.signers_of(name));
                self.add_sponsor(account, needed);
                Operation::Collections(CollectionsOperation::DebtorRegister(DebtorRegister {
                    account,
                    residence: residence(&mut words),
                }))
            }
            "residence" => {
                Operation::Collections(CollectionsOperation::ResidenceSet(ResidenceSet {
                    debtor: self.account(words.next()),
                    residence: residence(&mut words),
                }))
            }
            "clock" => Operation::ClockAdvance(ClockAdvance {
                by_ms: duration(words.next()),
            }),
            "batch" => {
                let inner = text.trim_start_matches("batch").trim();
                let inner = inner
                    .strip_prefix('[')
                    .and_then(|one| one.strip_suffix(']'));
                let legs = inner.expect("batch [ leg ; leg ]").split(';');
                Operation::AtomicBatch(AtomicBatch {
                    legs: legs.map(|leg| self.payment(leg, author, needed)).collect(),
                })
            }
            _ => match self.lending(text, needed) {
                Some(operation) => operation,
                None => self.payment(text, author, needed),
            },
        }
    }

    fn add_sponsor(&self, account: AccountId, needed: &mut BTreeSet<String>) {
        let sponsor = self.ledger.account(&account).map(|account| account.sponsor);
        for (id, signers) in self.organisations.values() {
            if Some(*id) == sponsor {
                needed.extend(signers.iter().cloned());
            }
        }
    }

    pub fn add_holder(&self, account: AccountId, needed: &mut BTreeSet<String>) {
        for (id, signers) in self.accounts.values() {
            if *id == account {
                needed.extend(signers.iter().cloned());
            }
        }
    }

    fn payment(&self, text: &str, author: &str, needed: &mut BTreeSet<String>) -> Operation {
        let mut words = Words::of(text);
        let in_future = |text: &str| self.next_time.plus_millis(duration(text));
        let end_to_end_id = "reference".to_owned();
        let kind = words.next();
        match kind {
            "issue" | "redeem" => {
                let name = words.next();
                let account = self.account(name);
                self.add_sponsor(account, needed);
                let amount = network::amount(words.number());
                let asset = network::asset(words.next());
                if kind == "issue" {
                    return Operation::Issue(Issue {
                        account,
                        asset,
                        amount,
                        end_to_end_id,
                    });
                }
                needed.extend(self.signers_of(name));
                Operation::Redeem(Redeem {
                    account,
                    asset,
                    amount,
                    end_to_end_id,
                })
            }
            "transfer" => {
                let from = words.next();
                needed.extend(self.signers_of(from));
                Operation::Transfer(Transfer {
                    from: self.account(from),
                    to: self.account(words.next()),
                    amount: network::amount(words.number()),
                    asset: network::asset(words.next()),
                    purpose: Purpose::Purchase,
                    end_to_end_id,
                    travel_rule_commitment: None,
                    refundable_until: words
                        .option("refundable")
                        .map_or(Timestamp::default(), in_future),
                })
            }
            "hold" => {
                let from = words.next();
                needed.extend(self.signers_of(from));
                Operation::HoldPlace(HoldPlace {
                    from: self.account(from),
                    to: self.account(words.next()),
                    amount: network::amount(words.number()),
                    asset: network::asset(words.next()),
                    expires_at: in_future(words.option("until").expect("until")),
                    end_to_end_id,
                })
            }
            "capture" | "void" => {
                let label = words.next();
                let capture = if kind == "capture" { words.number() } else { 0 };
                let leg = words.option("leg").map_or(0, |text| text.parse().unwrap());
                let hold = self.hold(label, leg);
                let is_author = |name: &str| author == name;
                if let Some(found) = self.ledger.hold(&hold) {
                    let sponsor = self.ledger.account(&found.from).map(|payer| payer.sponsor);
                    let by_sponsor = self
                        .organisations
                        .iter()
                        .any(|(name, (id, _))| is_author(name) && Some(*id) == sponsor);
                    if !(kind == "void" && by_sponsor) {
                        self.add_holder(found.to, needed);
                    }
                }
                Operation::HoldResolve(HoldResolve {
                    hold,
                    capture: network::amount(capture),
                })
            }
            "refund" => {
                let original = self.transaction(words.next());
                let amount = network::amount(words.number());
                let leg = words.option("leg").map_or(0, |text| text.parse().unwrap());
                if let Some(right) = self.ledger.refund_right(&original, leg) {
                    self.add_holder(right.to, needed);
                }
                Operation::Refund(Refund {
                    original,
                    leg,
                    amount,
                    end_to_end_id,
                })
            }
            other => panic!("unknown operation {other}"),
        }
    }

    /// An assertion: `balance NAME AMOUNT ASSET [held AMOUNT]`, ...
    pub fn check(&self, line: &str) {
        let mut words = Words::of(line);
        let word = words.next();
        if self.check_governance(word, &mut words)
            || self.check_assurance(word, &mut words)
            || self.check_access(word, &mut words)
            || self.check_collecting(word, &mut words)
        {
            return;
        }
        match word {
            "balance" => {
                let account = self.ledger.account(&self.account(words.next())).unwrap();
                let available: u64 = words.number();
                let asset = network::asset(words.next());
                let held = words.option("held").map_or(0, |text| text.parse().unwrap());
                let found = (account.available(asset), account.held(asset));
                assert_eq!(found, (network::amount(available), network::amount(held)));
            }
            "position" => {
                let participant = self.participant(words.next());
                let liabilities: u64 = words.number();
                assert_eq!(words.next(), "of");
                let reserve: u64 = words.number();
                let position = self
                    .ledger
                    .position(&participant, network::asset(words.next()))
                    .unwrap();
                let found = (position.liabilities, position.reserve);
                assert_eq!(
                    found,
                    (network::amount(liabilities), network::amount(reserve))
                );
            }
            "holds" => assert_eq!(self.ledger.holds().count(), words.number::<usize>()),
            "rights" => assert_eq!(self.ledger.refund_rights().count(), words.number::<usize>()),
            "events" => {
                let history = self.histories.get(&self.subject(words.next()));
                let found = history.map_or(0, Vec::len);
                assert_eq!(found, words.number::<usize>());
            }
            "offset" => assert_eq!(self.ledger.clock_offset_ms(), duration(words.next())),
            "validators" => {
                let (now, next): (usize, usize) = (words.number(), words.number());
                let found = (
                    self.ledger.validators().len(),
                    self.ledger.next_validators().len(),
                );
                assert_eq!(found, (now, next));
            }
            other => self.check_lending(other, &mut words),
        }
    }
}

/// A case of a table: its name and its lines with their numbers.
pub struct Case<'a> {
    pub name: &'a str,
    pub lines: Vec<(usize, &'a str)>,
}

/// The cases of a table.
pub fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(name) = line.strip_prefix("case ") {
            let lines = Vec::new();
            cases.push(Case { name, lines });
        } else if !line.is_empty() {
            cases
                .last_mut()
                .expect("a case")
                .lines
                .push((number + 1, line));
        }
    }
    cases
}

/// Runs a case. Returns the outcomes of its `when` lines.
pub fn run_case(table: &str, case: &Case<'_>) -> Vec<Outcome> {
    play_case(table, case).1
}

/// As [`run_case`], with the network as it is afterwards.
pub fn play_case(table: &str, case: &Case<'_>) -> (World, Vec<Outcome>) {
    let production = case
        .lines
        .iter()
        .any(|(_, line)| *line == "network production");
    let packs = case
        .lines
        .iter()
        .find_map(|(_, line)| line.strip_prefix("packs-in-force "));
    let mut world = World::with_packs(!production, &packs.map_or_else(Vec::new, names));
    let mut outcomes = Vec::new();
    for (number, line) in &case.lines {
        let at = format!("{table}:{number}: {} - {line}", case.name);
        let _context = Context(at.clone());
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "network" | "packs-in-force" => {}
            "given" => {
                let result = world.step(rest);
                assert_eq!(result.outcome, Outcome::Applied, "{at}");
            }
            "when" => {
                let (step, expected) = rest.split_once("->").expect("when STEP -> OUTCOME");
                let mut expected = expected.split_whitespace();
                let result = world.step(step.trim());
                assert_eq!(Some(result.outcome.name()), expected.next(), "{at}");
                let rules: Vec<&str> = result.rules.iter().map(String::as_str).collect();
                assert_eq!(rules, expected.collect::<Vec<_>>(), "{at}");
                outcomes.push(result.outcome);
            }
            "then" => world.check(rest),
            "stop-reports" => world.stop_reports(rest),
            "wait" => world.next_time = world.next_time.plus_millis(duration(rest)),
            "block" => {
                world.block(Vec::new());
            }
            "fill" if world.fill_collecting(rest) => {}
            "fill" => world.fill(&mut Words::of(rest)),
            other => panic!("{at}: unknown word {other}"),
        }
    }
    (world, outcomes)
}

/// Says where it was when a panic passes.
struct Context(String);

impl Drop for Context {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("at {}", self.0);
        }
    }
}
