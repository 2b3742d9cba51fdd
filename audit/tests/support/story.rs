//! A debt in New York, calls of which the law allows some and refuses others, and what the debtor does about
//! it: a chain with something in every table.

use std::collections::BTreeMap;

use talea_client::operations::{self, collections};
use talea_genesis::localnet::{Additions, Localnet, LocalnetOptions, Member};
use talea_rules::packs;
use talea_types::{
    AccountId, AgreementId, Amount, Asset, CaseId, Hash, KeyPolicy, LoanId, Operation, Outcome,
    PermitId, ProductId, RulePackId, SecretKey, SignedTransaction, Subject, Timestamp,
    TransactionId,
    conduct::{Channel, ComplaintStep, ContactResult, DisputeResolution, Initiator, Protection},
    credit::{
        AgreementTerms, Component, DayCount, DelinquencyPolicy, FunderShare, ProductTerms,
        ScheduleKind,
    },
    operation::{
        AccountKind, AgreementRegister, CollectionsOperation as Collecting, ComplaintAnswer,
        ComplaintOpen, ContactOutcome, ContactReport, CreditOperation as Lending, DisputeOpen,
        DisputeResolve, Issue, LoanDisburse, LoanOriginate, ProductPublish, ProtectionSet,
        RulePackActivate,
    },
    state::Role,
};

use super::{Made, Network, START, sign};

/// Who signs, with what.
type Author = (Subject, SecretKey);

/// What was told.
pub struct Told {
    pub network: Network,
    pub made: Vec<Made>,
    pub debtor: AccountId,
    pub debtor_key: SecretKey,
    pub shop: AccountId,
    pub loan: LoanId,
    pub case: CaseId,
    pub agency: Author,
    /// Knows the debtor.
    pub sponsor: Author,
    pub lender: Author,
    /// Closed with a conversation, by the agency.
    pub call: PermitId,
    /// A letter that the dispute took back before it was sent.
    pub letter: Option<PermitId>,
    /// An agency without a case, and another debtor; only where the story has them.
    pub others: Vec<Author>,
    nonces: BTreeMap<Subject, u64>,
}

impl Told {
    /// The first transaction that asked for this.
    pub fn of_operation(&self, name: &str) -> TransactionId {
        self.transactions()
            .find(|one| one.body().operation.name() == name)
            .unwrap_or_else(|| panic!("the story has no {name}"))
            .id()
    }

    /// Every transaction, in order.
    pub fn transactions(&self) -> impl Iterator<Item = SignedTransaction> {
        let chain = self.network.chain();
        let batches = self.made.iter().flat_map(|made| &made.block.body.batches);
        batches
            .flat_map(|batch| batch.transactions())
            .map(move |bytes| SignedTransaction::decode(&chain, bytes.clone()).unwrap())
    }

    /// Goes on with a block of one transaction, which is applied.
    pub fn then(mut self, author: &Author, others: &[&SecretKey], operation: Operation) -> Self {
        let mut teller = Teller {
            network: self.network,
            made: self.made,
            nonces: self.nonces,
        };
        teller.apply(author, others, operation);
        (self.network, self.made, self.nonces) = (teller.network, teller.made, teller.nonces);
        self
    }
}

struct Teller {
    network: Network,
    made: Vec<Made>,
    nonces: BTreeMap<Subject, u64>,
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn asset() -> Asset {
    Asset::new("USD").unwrap()
}

/// Tells the story. The bank that knows the debtor is its lender too.
pub fn tell() -> Told {
    tell_by(0, ["bank-1", "bank-1"], &["agency-1"])
}

/// The same with everybody apart: the sponsor and the lender are two banks, neither of which runs a validator as
/// `bank-1` does, and there are a third, `bank-6`, an agency without a case and another debtor.
pub fn tell_apart() -> Told {
    tell_by(6, ["bank-4", "bank-5"], &["agency-1", "agency-2"])
}

fn tell_by(banks: usize, [sponsor, lender]: [&str; 2], agencies: &[&str]) -> Told {
    let mut teller = Teller {
        network: network(banks, agencies),
        made: Vec::new(),
        nonces: BTreeMap::new(),
    };
    let sponsor = teller.organisation(sponsor);
    let bank = teller.organisation(lender);
    let agency = teller.organisation("agency-1");
    let key = SecretKey::from_seed([101; 32]);
    let debtor = teller.open(&sponsor, AccountKind::Wallet, &key);
    let shop_key = SecretKey::from_seed([103; 32]);
    let shop = teller.open(&sponsor, AccountKind::Merchant, &shop_key);
    let fund_key = SecretKey::from_seed([102; 32]);
    let fund = teller.open(&bank, AccountKind::Own, &fund_key);
    let holder = (Subject::Account(debtor), key.clone());
    teller.pay([&sponsor, &bank], &holder, [debtor, shop, fund]);
    teller.register(&sponsor, debtor, &key);
    let loan = teller.lend(&bank, debtor, &key, (fund, &fund_key));
    let place = collections::place_case(debtor, participant(&agency), [loan]);
    let place = teller.apply(
        &bank,
        &[],
        Operation::Collections(Collecting::CasePlace(place)),
    );
    let case = CaseId::placed_by(place, 0);
    let call = teller.call(&agency, case, loan);
    let letter = teller.letter(&agency, case, loan);
    teller.complain(&holder, &agency, &bank, loan, case);
    let others = match agencies.get(1) {
        Some(name) => vec![teller.organisation(name), teller.another_debtor(&sponsor)],
        None => Vec::new(),
    };
    Told {
        network: teller.network,
        made: teller.made,
        debtor,
        debtor_key: key,
        shop,
        loan,
        case,
        agency,
        sponsor,
        lender: bank,
        call,
        letter: Some(letter),
        others,
        nonces: teller.nonces,
    }
}

fn network(banks: usize, agencies: &[&str]) -> Network {
    let options = LocalnetOptions {
        network: "test".to_owned(),
        validators: 4,
        seed: [6; 32],
        time: Timestamp::from_millis(START),
    };
    let packs = packs::all().unwrap().into_iter();
    let packs = packs.filter(|pack| pack.id == "us-reg-f");
    let additions = Additions {
        members: agencies.iter().map(member).collect(),
        currencies: Vec::new(),
        rule_packs: packs
            .map(|pack| RulePackActivate {
                pack: RulePackId::new(&pack.id).unwrap(),
                version: pack.version,
                document: pack.encode().into(),
            })
            .collect(),
    };
    Network::of_keys(Localnet::with_additions(&options, banks, &additions).unwrap())
}

fn member(name: &&str) -> Member {
    Member {
        name: (*name).to_owned(),
        role: Role::CollectionAgency,
        jurisdiction: "US".to_owned(),
        evaluated: true,
    }
}

fn participant(author: &Author) -> talea_types::ParticipantId {
    match author.0 {
        Subject::Participant(id) => id,
        other => panic!("{other} is no organisation"),
    }
}

impl Teller {
    fn organisation(&self, name: &str) -> Author {
        let all = &self.network.localnet.organisations;
        let found = all.iter().find(|one| one.name == name).unwrap();
        (Subject::Participant(found.id), found.key.clone())
    }

    /// A block of one transaction, whatever becomes of it.
    fn step(
        &mut self,
        author: &Author,
        others: &[&SecretKey],
        operation: Operation,
    ) -> (TransactionId, Outcome) {
        let nonce = self.nonces.entry(author.0).or_default();
        let keys: Vec<&SecretKey> = [&author.1]
            .into_iter()
            .chain(others.iter().copied())
            .collect();
        let signed = sign(&self.network.chain(), author.0, *nonce, operation, &keys);
        *nonce += 1;
        let made = self.network.block(std::slice::from_ref(&signed));
        let outcome = made.results[0].outcome;
        self.made.push(made);
        (signed.id(), outcome)
    }

    fn apply(
        &mut self,
        author: &Author,
        others: &[&SecretKey],
        operation: Operation,
    ) -> TransactionId {
        let name = operation.name();
        let (id, outcome) = self.step(author, others, operation);
        assert_eq!(outcome, Outcome::Applied, "{name}");
        id
    }

    fn open(&mut self, bank: &Author, kind: AccountKind, key: &SecretKey) -> AccountId {
        let open = operations::open(kind, KeyPolicy::single(key.public_key()), 2);
        AccountId::opened_by(self.apply(bank, &[key], Operation::AccountOpen(open)))
    }

    fn register(&mut self, bank: &Author, debtor: AccountId, key: &SecretKey) {
        let residence = collections::residence("US", "America/New_York", "en");
        let register = collections::register_debtor(debtor, residence);
        let register = Operation::Collections(Collecting::DebtorRegister(register));
        self.apply(bank, &[key], register);
    }

    fn another_debtor(&mut self, sponsor: &Author) -> Author {
        let key = SecretKey::from_seed([104; 32]);
        let account = self.open(sponsor, AccountKind::Wallet, &key);
        self.register(sponsor, account, &key);
        (Subject::Account(account), key)
    }

    /// Money for everybody; the first pays the second, once more than it has.
    fn pay(
        &mut self,
        [sponsor, lender]: [&Author; 2],
        holder: &Author,
        [payer, payee, fund]: [AccountId; 3],
    ) {
        for (bank, account, minor_units) in [(sponsor, payer, 10_000), (lender, fund, 900_000)] {
            let issue = Issue {
                account,
                asset: asset(),
                amount: amount(minor_units),
                end_to_end_id: format!("FUND-{minor_units}"),
            };
            self.apply(bank, &[], Operation::Issue(issue));
        }
        for (minor_units, expected) in [
            (2_000, Outcome::Applied),
            (500_000, Outcome::InsufficientFunds),
            (250, Outcome::Applied),
        ] {
            let pay = operations::transfer(payer, payee, asset(), amount(minor_units));
            let (_, outcome) = self.step(holder, &[], Operation::Transfer(pay));
            assert_eq!(outcome, expected);
        }
    }

    fn lend(
        &mut self,
        bank: &Author,
        debtor: AccountId,
        key: &SecretKey,
        (fund, fund_key): (AccountId, &SecretKey),
    ) -> LoanId {
        let terms = ProductTerms {
            asset: asset(),
            schedule: ScheduleKind::Annuity,
            down_payment_ppm: 0,
            rate_ppm_min: 0,
            rate_ppm_max: 365_000,
            day_count: DayCount::Act365,
            principal_min: amount(1),
            principal_max: amount(500_000),
            instalments_max: 12,
            fees: Vec::new(),
            waterfall: [Component::Fees, Component::Interest, Component::Principal],
            apr_cap_ppm: 365_000,
            delinquency: DelinquencyPolicy {
                grace_days: 0,
                charge_off_days: 91,
                category_days: None,
            },
        };
        let publish = Lending::ProductPublish(ProductPublish { terms });
        let product = self.apply(bank, &[], Operation::Credit(publish));
        let terms = AgreementTerms {
            asset: asset(),
            funders: vec![FunderShare {
                account: fund,
                share_ppm: 1_000_000,
            }],
            floor_ppm: 0,
            servicer: fund,
            servicing_ppm: 0,
            loan_max: amount(500_000),
            outstanding_max: amount(900_000),
            guarantor: None,
        };
        let register = Lending::AgreementRegister(AgreementRegister { terms });
        let agreement = self.apply(bank, &[fund_key], Operation::Credit(register));
        let originate = Lending::LoanOriginate(LoanOriginate {
            product: ProductId::published_by(product, 0),
            agreement: AgreementId::registered_by(agreement, 0),
            borrower: debtor,
            principal: amount(90_000),
            rate_ppm: 100_000,
            instalments: 3,
            first_due: self.network.ledger().business_date() + 30,
            schedule: Vec::new(),
            governing_law: "US".to_owned(),
        });
        let originate = self.apply(bank, &[key, fund_key], Operation::Credit(originate));
        let loan = LoanId::originated_by(originate, 0);
        let disburse = Lending::LoanDisburse(LoanDisburse { loan });
        self.apply(bank, &[], Operation::Credit(disburse));
        loan
    }

    fn ask(
        &mut self,
        agency: &Author,
        case: CaseId,
        loan: LoanId,
        channel: Channel,
        from: Timestamp,
    ) -> (PermitId, Outcome) {
        let until = from.plus_millis(600_000);
        let permit = collections::permit(case, loan, channel, Hash([8; 32]), from, until);
        let permit = Operation::Collections(Collecting::ContactPermit(permit));
        let (id, outcome) = self.step(agency, &[], permit);
        (PermitId::granted_by(id, 0), outcome)
    }

    /// A call that is granted and made; another that the law does not allow so soon.
    fn call(&mut self, agency: &Author, case: CaseId, loan: LoanId) -> PermitId {
        let now = self.network.next_time();
        let (permit, outcome) = self.ask(agency, case, loan, Channel::VoiceCall, now);
        assert_eq!(outcome, Outcome::Applied);
        let at = self.network.ledger().time();
        let outcome = ContactOutcome {
            duration_seconds: 45,
            recording: Some(Hash([6; 32])),
            ..collections::contact_outcome(permit, ContactResult::Conversation, at)
        };
        let outcome = Operation::Collections(Collecting::ContactOutcome(outcome));
        self.apply(agency, &[], outcome);
        let now = self.network.next_time();
        let (_, refused) = self.ask(agency, case, loan, Channel::VoiceCall, now);
        assert_eq!(refused, Outcome::OverrideNeeded);
        // At a quarter past four in the morning.
        let night = self.network.next_time().plus_millis(18 * 3_600_000);
        let (_, refused) = self.ask(agency, case, loan, Channel::TextMessage, night);
        assert_eq!(refused, Outcome::ContactRefused);
        permit
    }

    fn letter(&mut self, agency: &Author, case: CaseId, loan: LoanId) -> PermitId {
        let soon = self.network.next_time().plus_millis(3_600_000);
        let (permit, outcome) = self.ask(agency, case, loan, Channel::Letter, soon);
        assert_eq!(outcome, Outcome::Applied);
        permit
    }

    /// What a debtor can do about it.
    fn complain(
        &mut self,
        holder: &Author,
        agency: &Author,
        bank: &Author,
        loan: LoanId,
        case: CaseId,
    ) {
        let Subject::Account(debtor) = holder.0 else {
            unreachable!("a debtor has an account")
        };
        let at = self.network.ledger().time();
        let commitment = Hash([3; 32]);
        let protection = |lifted| {
            Collecting::ProtectionSet(ProtectionSet {
                debtor,
                protection: Protection::Hardship,
                loan: None,
                lifted,
                until: None,
                commitment,
            })
        };
        let steps = [
            (
                holder,
                Collecting::ContactReport(ContactReport {
                    debtor,
                    collector: participant(agency),
                    case: Some(case),
                    permit: None,
                    initiator: Initiator::Collector,
                    channel: Channel::VoiceCall,
                    result: ContactResult::Conversation,
                    at,
                    evidence: Some(Hash([5; 32])),
                }),
            ),
            (
                holder,
                Collecting::DisputeOpen(DisputeOpen {
                    loan,
                    reason: 1,
                    commitment,
                }),
            ),
            (
                holder,
                Collecting::ComplaintOpen(ComplaintOpen {
                    debtor,
                    against: participant(agency),
                    reason: 1,
                    commitment,
                }),
            ),
            (
                agency,
                Collecting::ComplaintAnswer(ComplaintAnswer {
                    debtor,
                    number: 1,
                    step: ComplaintStep::Acknowledged,
                    commitment,
                }),
            ),
            (
                bank,
                Collecting::DisputeResolve(DisputeResolve {
                    loan,
                    resolution: DisputeResolution::Rejected,
                    answer: Some(commitment),
                }),
            ),
            (holder, protection(false)),
            (holder, protection(true)),
        ];
        for (author, operation) in steps {
            self.apply(author, &[], Operation::Collections(operation));
        }
    }
}
