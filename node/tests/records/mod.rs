//! A state with a record of every kind in every relation to every reader, and the matrix as text.

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_ledger::Ledger;
use talea_types::{
    AccountId, Amount, Asset, CaseId, Hash, KeyPolicy, LoanId, ParticipantId, ProductId, SecretKey,
    Subject, Timestamp, TransactionId, Validator, ValidatorSet,
    access::{ReaderStatement, ReaderToken},
    credit::{Component, DayCount, DelinquencyPolicy, ProductTerms, ScheduleKind},
    event::EventChain,
    hash::tagged,
    operation::{AccountKind, DataFields, DataPurpose},
    residence::Residence,
    state::{
        Account, Case, Credential, DataGranted, Debtor, Envelope, Keys, LegalHold, LegalHolds,
        Loan, LoanStatus, LoggedRead, NonceWindow, Participant, Product, RefundRight, Registration,
        Role, StateKey, ValidatorSchedule,
    },
};

use crate::api_support::{TestNode, key};

const MATRIX: &str = include_str!("../../../types/src/access/matrix.txt");

/// The text of a cell.
pub fn cell(kind: &str, column: &str) -> String {
    let mut lines = MATRIX
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let at = head.iter().position(|word| *word == column).unwrap();
    let row = lines.find(|row| row[0] == kind).unwrap();
    row[at].to_owned()
}

/// How an organisation can stand to a person's records, and a record of its own.
const RELATIONS: [&str; 7] = [
    "none", "sponsor", "grantee", "lender", "agency", "provider", "itself",
];

/// Who asks.
pub struct TestReader {
    pub column: &'static str,
    pub subject: Option<Subject>,
    pub token: Option<Bytes>,
    runs_validator: bool,
}

/// What is asked for, and how the reader stands to it.
#[derive(Debug)]
pub struct TestRecord {
    pub kind: &'static str,
    pub object: Option<StateKey>,
    pub history: Option<Subject>,
    pub relations: Vec<&'static str>,
}

pub struct World {
    objects: BTreeMap<StateKey, Vec<u8>>,
    now: Timestamp,
    statement: ReaderStatement,
}

const PRODUCT: ProductId = ProductId::from_bytes([1; 16]);

/// The key with which all readers of the tests read.
fn reader_key() -> SecretKey {
    key(77)
}

fn others() -> ParticipantId {
    ParticipantId::from_lei("OTHER000000000000000")
}

fn lei(column: &str, runs_validator: bool) -> String {
    let letters: String = column.to_uppercase().replace('_', "");
    let with = if runs_validator { "V" } else { "N" };
    format!("{with}{letters:0<19}")
}

fn id(parts: &[&str]) -> [u8; 16] {
    let joined = parts.join("/");
    let hash = tagged("test id", &[joined.as_bytes()]);
    hash.0[..16].try_into().unwrap()
}

/// The person that stands in a relation to a reader.
fn person(reader: &str, relation: &str) -> AccountId {
    AccountId::from_bytes(id(&["person", reader, relation]))
}

fn loan_of(person: &AccountId) -> LoanId {
    LoanId::from_bytes(id(&["loan", &person.to_string()]))
}

fn case_of(person: &AccountId) -> CaseId {
    CaseId::from_bytes(id(&["case", &person.to_string()]))
}

fn payment_of(from: &AccountId) -> TransactionId {
    TransactionId::new(tagged("test payment", &[from.as_bytes()]))
}

fn envelope_of(person: &AccountId) -> Hash {
    tagged("test envelope", &[person.as_bytes()])
}

impl World {
    /// Puts the records in the state of a node.
    pub fn install(node: &TestNode) -> Self {
        let ledger = node.chain.ledger.read();
        let now = ledger.time();
        let mut world = Self {
            objects: ledger.objects().collect(),
            now,
            statement: ReaderStatement {
                chain: node.chain.chain,
                reader: Subject::Participant(others()),
                audience: key(4).public_key(),
                expires_at: now.plus_millis(300_000),
                key: reader_key().public_key(),
            },
        };
        drop(ledger);
        world.add_organisations();
        for column in Role::ALL.map(Role::word) {
            let reader = ParticipantId::from_lei(&lei(column, false));
            for relation in RELATIONS {
                world.add_person(column, relation, Some(reader));
            }
        }
        for relation in ["none", "holder", "counterparty"] {
            world.add_person("account", relation, None);
        }
        world.add_person("unlogged", "none", None);
        world.add_person("nobody", "none", None);
        world.add_product();
        let objects = world.objects.iter();
        let restored = Ledger::restore(
            objects.map(|(key, value)| (key.to_bytes(), Bytes::from(value.clone()))),
        );
        *node.chain.ledger.write() = restored.unwrap();
        world
    }

    fn put(&mut self, key: StateKey, value: Vec<u8>) {
        self.objects.insert(key, value);
    }

    /// An organisation for each role, another for each that runs a validator, and one for all else.
    fn add_organisations(&mut self) {
        let mut validators = Vec::new();
        let mut organisations = vec![("OTHER000000000000000".to_owned(), Role::Bank)];
        for (number, role) in Role::ALL.into_iter().enumerate() {
            let column = role.word();
            organisations.push((lei(column, false), role));
            organisations.push((lei(column, true), role));
            let seed = 100 + u8::try_from(number).unwrap();
            validators.push(Validator {
                participant: ParticipantId::from_lei(&lei(column, true)),
                voting_key: key(seed).public_key(),
                power: 1,
                network_key: key(seed + 50).public_key(),
                name: format!("validator-{seed}"),
            });
        }
        for (lei, role) in organisations {
            let registration = Registration {
                bic: String::new(),
                name: lei.clone(),
                jurisdiction: "CZ".to_owned(),
                roles: vec![role],
                policy: KeyPolicy::single(reader_key().public_key()),
                licence_expires_at: None,
                evaluated_on: None,
                lei,
            };
            let participant = Participant::registered(&registration);
            self.put(
                StateKey::Participant(registration.id()),
                participant.encode(),
            );
        }
        let set = ValidatorSet::new(validators).unwrap();
        let schedule = ValidatorSchedule::unchanging(set);
        self.put(StateKey::Validators, schedule.encode());
    }

    /// Somebody with an account, a loan and a case; `reader` stands in this relation to it.
    fn add_person(&mut self, reader: &str, relation: &str, organisation: Option<ParticipantId>) {
        let own = person(reader, relation);
        let is = |wanted: &str| match organisation {
            Some(organisation) if relation == wanted => organisation,
            _ => others(),
        };
        let account = Account {
            kind: AccountKind::Wallet,
            sponsor: is("sponsor"),
            keys: Keys::new(KeyPolicy::single(reader_key().public_key())),
            tier: 0,
            holder_commitment: None,
            closed: false,
            restriction: None,
            open_holds: 0,
            nonces: NonceWindow::default(),
            events: EventChain::default(),
            balances: Vec::new(),
        };
        self.put(StateKey::Account(own), account.encode());
        let grant = DataGranted {
            purpose: DataPurpose::Supervision,
            fields: DataFields::new(127).unwrap(),
            expires_at: self.now.plus_millis(3_600_000),
        };
        self.put(StateKey::DataGrant(own, is("grantee")), grant.encode());
        self.add_payment(reader, relation);
        self.add_assurance(&own, is("provider"));
        self.add_debt(&own, is("lender"), is("agency"));
        if let Some(organisation) = organisation {
            let read = LoggedRead {
                read_at: self.now,
                purpose: DataPurpose::Supervision,
                fields: DataFields::new(127).unwrap(),
            };
            let (loan, case) = (loan_of(&own), case_of(&own));
            for subject in [
                Subject::Debtor(own),
                Subject::Loan(loan),
                Subject::Case(case),
            ] {
                self.put(StateKey::LoggedRead(subject, organisation), read.encode());
            }
        }
    }

    fn add_payment(&mut self, reader: &str, relation: &str) {
        let own = person(reader, relation);
        // The counterparty of this payment is the account that reads.
        let other = match relation {
            "counterparty" => person("account", "holder"),
            _ => person("nobody", "none"),
        };
        let right = RefundRight {
            from: own,
            to: other,
            asset: Asset::new("CZK").unwrap(),
            amount: Amount::new(1).unwrap(),
            refunded: Amount::ZERO,
            expires_at: self.now.plus_millis(86_400_000),
        };
        let transaction = payment_of(&own);
        self.put(StateKey::RefundRight(transaction, 0), right.encode());
    }

    fn add_assurance(&mut self, own: &AccountId, provider: ParticipantId) {
        let credential = Credential {
            commitment: Hash([1; 32]),
            expires_at: self.now.plus_millis(3_600_000),
        };
        self.put(StateKey::Credential(*own, provider), credential.encode());
        let envelope = Envelope {
            account: *own,
            size: 1,
            recipients: vec![Hash([1; 32])],
            put_by: Subject::Participant(provider),
            erased_at: None,
        };
        self.put(StateKey::Envelope(envelope_of(own)), envelope.encode());
        let hold = LegalHold {
            placed_by: others(),
            reason: 1,
            placed_at: self.now,
        };
        let holds = LegalHolds { holds: vec![hold] };
        self.put(StateKey::LegalHolds(*own), holds.encode());
    }

    /// Of all loans.
    fn add_product(&mut self) {
        let product = Product {
            publisher: others(),
            terms: ProductTerms {
                asset: Asset::new("CZK").unwrap(),
                schedule: ScheduleKind::Annuity,
                down_payment_ppm: 0,
                rate_ppm_min: 0,
                rate_ppm_max: 0,
                day_count: DayCount::Act365,
                principal_min: Amount::new(1).unwrap(),
                principal_max: Amount::new(1).unwrap(),
                instalments_max: 1,
                fees: Vec::new(),
                waterfall: [Component::Fees, Component::Interest, Component::Principal],
                apr_cap_ppm: 0,
                delinquency: DelinquencyPolicy {
                    grace_days: 0,
                    charge_off_days: 1,
                    category_days: None,
                },
            },
        };
        self.put(StateKey::Product(PRODUCT), product.encode());
    }

    fn add_debt(&mut self, own: &AccountId, lender: ParticipantId, collector: ParticipantId) {
        let residence = Residence {
            country: "CZ".to_owned(),
            subdivision: String::new(),
            time_zones: vec!["Europe/Prague".to_owned()],
            language: "cs".to_owned(),
        };
        let debtor = Debtor {
            loans: vec![loan_of(own)],
            cases: vec![case_of(own)],
            ..Debtor::registered(residence)
        };
        self.put(StateKey::Debtor(*own), debtor.encode());
        let loan = Loan {
            product: PRODUCT,
            agreement: None,
            lender,
            borrower: *own,
            governing_law: "CZ".to_owned(),
            status: LoanStatus::Active,
            rate_ppm: 0,
            aged_to: 20_000,
            principal: Amount::ZERO,
            interest: Amount::ZERO,
            interest_fraction: 0,
            fees: Amount::ZERO,
            fee_totals: Vec::new(),
            funders: Vec::new(),
            servicer: *own,
            servicing_ppm: 0,
            schedule: Vec::new(),
            paid: Amount::ZERO,
            late_fee_due: 0,
            pauses: Vec::new(),
            settlement: None,
            reports: 0,
            loss_settled: false,
            events: EventChain::default(),
        };
        self.put(StateKey::Loan(loan_of(own)), loan.encode());
        let case = Case {
            debtor: *own,
            lender: others(),
            collector,
            loans: vec![loan_of(own)],
            placed_at: self.now,
            recalled_at: None,
            notices: Vec::new(),
            forbearance: None,
            first_communication: None,
            permits_open: 0,
            breaches: 0,
            contacts: Default::default(),
            events: EventChain::default(),
        };
        self.put(StateKey::Case(case_of(own)), case.encode());
    }

    /// A debtor that nobody has said to read.
    pub fn unlogged(&self) -> AccountId {
        person("unlogged", "none")
    }

    /// The regulator and its key.
    pub fn regulator(&self) -> (Subject, SecretKey) {
        let id = ParticipantId::from_lei(&lei("regulator", false));
        (Subject::Participant(id), reader_key())
    }

    /// Nobody, an account, and organisations of every role, with and without a validator.
    pub fn readers(&self) -> Vec<TestReader> {
        let reader = |column, subject: Option<Subject>, runs_validator| TestReader {
            column,
            subject,
            token: subject.map(|reader| {
                let statement = ReaderStatement {
                    reader,
                    ..self.statement
                };
                let token = ReaderToken::sign(statement, &reader_key()).unwrap();
                token.encoded().clone()
            }),
            runs_validator,
        };
        let account = Subject::Account(person("account", "holder"));
        let mut readers = vec![
            reader("anybody", None, false),
            reader("account", Some(account), false),
        ];
        for column in Role::ALL.map(Role::word) {
            for runs_validator in [false, true] {
                let id = ParticipantId::from_lei(&lei(column, runs_validator));
                readers.push(reader(
                    column,
                    Some(Subject::Participant(id)),
                    runs_validator,
                ));
            }
        }
        readers
    }

    /// Records of every kind, in every relation that the reader can have to them.
    pub fn records(&self, reader: &TestReader) -> Vec<TestRecord> {
        let body = TestRecord {
            kind: "body",
            object: None,
            history: None,
            relations: if reader.runs_validator {
                vec!["validator"]
            } else {
                Vec::new()
            },
        };
        if reader.runs_validator {
            let mut columns = Role::ALL.map(Role::word).into_iter();
            let other = columns.find(|column| *column != reader.column).unwrap();
            let other = ParticipantId::from_lei(&lei(other, true));
            return vec![body, conduct(other, "validator"), conduct(others(), "none")];
        }
        let block = TestRecord {
            kind: "block",
            object: None,
            history: None,
            relations: Vec::new(),
        };
        let mut records = vec![body, block, object("terms", StateKey::Clock, "none")];
        match reader.column {
            "anybody" => records.extend(of_person("unlogged", "none")),
            "account" => {
                for relation in ["none", "holder"] {
                    records.extend(of_person("account", relation));
                }
                let hold = StateKey::RefundRight(payment_of(&person("account", "counterparty")), 0);
                records.push(object("payment", hold, "counterparty"));
            }
            column => {
                for relation in RELATIONS {
                    records.extend(of_person(column, relation));
                }
            }
        }
        for relation in ["none", "itself"] {
            let id = match (&reader.subject, relation) {
                (Some(Subject::Participant(own)), "itself") => *own,
                (_, "itself") => continue,
                _ => others(),
            };
            let asset = Asset::new("CZK").unwrap();
            records.push(object("position", StateKey::Position(id, asset), relation));
            let participant = StateKey::Participant(id);
            records.push(object("participant", participant, relation));
            records.push(conduct(id, relation));
        }
        records
    }
}

/// What an organisation did.
fn conduct(id: ParticipantId, relation: &'static str) -> TestRecord {
    TestRecord {
        kind: "conduct",
        object: None,
        history: Some(Subject::Participant(id)),
        relations: vec![relation],
    }
}

fn object(kind: &'static str, key: StateKey, relation: &'static str) -> TestRecord {
    TestRecord {
        kind,
        object: Some(key),
        history: None,
        relations: vec![relation],
    }
}

/// The records of the person that stands in a relation to a reader.
fn of_person(reader: &str, relation: &'static str) -> Vec<TestRecord> {
    let own = person(reader, relation);
    let organisation = match relation {
        "grantee" | "provider" => ParticipantId::from_lei(&lei(reader, false)),
        _ => others(),
    };
    let granted = if relation == "grantee" {
        organisation
    } else {
        others()
    };
    let provider = if relation == "provider" {
        organisation
    } else {
        others()
    };
    // Only what the matrix means by the word, for this kind of record.
    let related = |kind, key, possible: &[&str]| TestRecord {
        relations: possible
            .iter()
            .filter(|one| **one == relation)
            .map(|_| relation)
            .collect(),
        ..object(kind, key, relation)
    };
    let holder = ["holder", "sponsor", "grantee"];
    let attested = ["holder", "sponsor", "grantee", "provider"];
    let debt = ["holder", "sponsor", "grantee", "lender", "agency"];
    let (loan, case) = (loan_of(&own), case_of(&own));
    vec![
        TestRecord {
            history: Some(Subject::Account(own)),
            ..related("account", StateKey::Account(own), &holder)
        },
        related(
            "payment",
            StateKey::RefundRight(payment_of(&own), 0),
            &holder,
        ),
        related("credential", StateKey::Credential(own, provider), &attested),
        related("grant", StateKey::DataGrant(own, granted), &holder),
        related("envelope", StateKey::Envelope(envelope_of(&own)), &attested),
        related(
            "legal_hold",
            StateKey::LegalHolds(own),
            &["holder", "sponsor"],
        ),
        TestRecord {
            history: Some(Subject::Debtor(own)),
            ..related("debtor", StateKey::Debtor(own), &debt)
        },
        TestRecord {
            history: Some(Subject::Loan(loan)),
            ..related("loan", StateKey::Loan(loan), &debt)
        },
        TestRecord {
            history: Some(Subject::Case(case)),
            ..related("case", StateKey::Case(case), &debt)
        },
    ]
}
