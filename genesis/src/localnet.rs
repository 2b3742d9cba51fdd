//! A network for trials, made in one call: every key follows from one seed, and all organisations
//! have contributed and approved. What demos, tests and benchmarks start from.

use talea_types::{
    ParticipantId, PublicKey, SecretKey, Timestamp, ValidatorId, hash::tagged, limits,
    operation::RulePackActivate, state::Role,
};

use crate::{
    GenesisDocument, GenesisRecord,
    ceremony::{ContributedReserve, ContributedValidator, Contribution, assemble},
    document::{
        AssetTerms, FORMAT, LimitTerms, NetworkTerms, ParticipantTerms, PolicyTerms, RulePackTerms,
        TierTerms,
    },
    error::GenesisError,
    standards::{date, lei},
};

/// Fewest banks, so that money can move between two.
const BANKS_MIN: usize = 2;
/// Most banks: their numbers have three digits in the BIC.
const BANKS_MAX: usize = 999;
const CURRENCIES: [&str; 3] = ["CZK", "EUR", "USD"];
/// How long a licence of an agency lasts.
const LICENCE_YEARS: u64 = 20;
const YEAR_MS: u64 = 31_557_600_000;
const POINTS: &str = "PTS";
/// What each bank holds of each asset: a million millions.
const RESERVE: &str = "1000000000000";
/// Name, and the limits per transaction, day and month of each asset.
const TIERS: [(&str, [u64; 3]); 3] = [
    ("basic", [5_000, 20_000, 100_000]),
    ("verified", [500_000, 2_000_000, 20_000_000]),
    (
        "unlimited",
        [100_000_000_000, 1_000_000_000_000, 10_000_000_000_000],
    ),
];

/// What is wanted.
#[derive(Clone, Debug)]
pub struct LocalnetOptions {
    /// Name of the network.
    pub network: String,
    /// How many validators, each of an organisation of its own: the operator, then banks.
    pub validators: usize,
    /// Every key follows from it. Whoever knows it holds the network.
    pub seed: [u8; 32],
    /// Ledger time before the first block; its day is the business date.
    pub time: Timestamp,
}

/// An organisation beside the operator, the banks and the regulator. It runs no validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Short name for files, unlike any other.
    pub name: String,
    /// What it does. A collection agency has a licence.
    pub role: Role,
    /// ISO 3166-1 alpha-2.
    pub jurisdiction: String,
    /// Whether it was evaluated on the day of birth, as agencies are.
    pub evaluated: bool,
}

/// What a network has beside banks, validators and its own three currencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Additions {
    /// Further organisations.
    pub members: Vec<Member>,
    /// Further currencies, of two decimals.
    pub currencies: Vec<String>,
    /// Rule packs in force from the first block.
    pub rule_packs: Vec<RulePackActivate>,
}

/// A complete network with all its keys.
#[derive(Clone, Debug)]
pub struct Localnet {
    /// The document, approved by all.
    pub document: GenesisDocument,
    /// What it says.
    pub record: GenesisRecord,
    /// The operator, the banks, the regulator, the members, in this order.
    pub organisations: Vec<LocalnetOrganisation>,
    /// In the order of the organisations that run them.
    pub validators: Vec<LocalnetValidator>,
}

/// An organisation with its one key.
#[derive(Clone, Debug)]
pub struct LocalnetOrganisation {
    /// Short name for files: `operator`, `bank-1`, `regulator`.
    pub name: String,
    /// What it does.
    pub role: Role,
    /// Its id in the ledger.
    pub id: ParticipantId,
    /// Legal Entity Identifier, invented.
    pub lei: String,
    /// ISO 3166-1 alpha-2.
    pub jurisdiction: String,
    /// Signs for it alone.
    pub key: SecretKey,
}

/// A validator with its keys.
#[derive(Clone, Debug)]
pub struct LocalnetValidator {
    /// `validator-1`.
    pub name: String,
    /// Its id.
    pub id: ValidatorId,
    /// Who runs it.
    pub participant: ParticipantId,
    /// Signs votes.
    pub voting_key: SecretKey,
    /// Its identity on the network.
    pub network_key: SecretKey,
}

impl Localnet {
    /// Makes a network.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] when the name or the number of validators is not allowed.
    pub fn new(options: &LocalnetOptions) -> Result<Self, GenesisError> {
        Self::with_banks(options, BANKS_MIN)
    }

    /// The same with at least so many banks, at most 999; those beyond the validators run none.
    ///
    /// # Errors
    /// As [`Localnet::new`].
    pub fn with_banks(options: &LocalnetOptions, banks: usize) -> Result<Self, GenesisError> {
        Self::with_additions(options, banks, &Additions::default())
    }

    /// The same with rule packs in force from the first block.
    ///
    /// # Errors
    /// As [`Localnet::new`], and when a pack is not allowed.
    pub fn with_rule_packs(
        options: &LocalnetOptions,
        banks: usize,
        rule_packs: &[RulePackActivate],
    ) -> Result<Self, GenesisError> {
        let rule_packs = rule_packs.to_vec();
        let additions = Additions {
            rule_packs,
            ..Additions::default()
        };
        Self::with_additions(options, banks, &additions)
    }

    /// The same with additions.
    ///
    /// # Errors
    /// As [`Localnet::new`], and when an addition is not allowed.
    pub fn with_additions(
        options: &LocalnetOptions,
        banks: usize,
        additions: &Additions,
    ) -> Result<Self, GenesisError> {
        // More than allowed is refused by validation; a bound here keeps a slip from taking long.
        let validator_count = options.validators.min(limits::VALIDATORS_MAX + 1);
        let banks = banks.clamp(BANKS_MIN, BANKS_MAX);
        let bank_count = validator_count.saturating_sub(1).max(banks);
        let mut organisations = vec![organisation(options, 0, "operator", Role::Operator)];
        for number in 1..=bank_count {
            let name = format!("bank-{number}");
            organisations.push(organisation(options, number, &name, Role::Bank));
        }
        organisations.push(organisation(
            options,
            bank_count + 1,
            "regulator",
            Role::Regulator,
        ));
        for (number, member) in (bank_count + 2..).zip(&additions.members) {
            let Member {
                name,
                role,
                jurisdiction,
                evaluated: _,
            } = member;
            let mut organisation = organisation(options, number, name, *role);
            organisation.jurisdiction.clone_from(jurisdiction);
            organisations.push(organisation);
        }
        let validators: Vec<LocalnetValidator> = organisations
            .iter()
            .take(validator_count)
            .enumerate()
            .map(|(position, organisation)| validator(options, position + 1, organisation))
            .collect();

        let is_evaluated = |position: usize| {
            let member = position.checked_sub(bank_count + 2);
            member
                .and_then(|member| additions.members.get(member))
                .is_some_and(|one| one.evaluated)
        };
        let mut contributions = Vec::with_capacity(organisations.len());
        for (position, organisation) in organisations.iter().enumerate() {
            contributions.push(contribution(
                options,
                (position, organisation),
                validators.get(position),
                &additions.currencies,
                is_evaluated(position),
            )?);
        }
        let mut document = terms(options, &additions.currencies);
        document.rule_packs = additions.rule_packs.iter().map(RulePackTerms::of).collect();
        let mut document = assemble(document, &contributions)?;
        let approvers: Vec<&SecretKey> = organisations
            .iter()
            .take(validator_count)
            .map(|organisation| &organisation.key)
            .collect();
        document.approve(&approvers)?;
        let record = document.complete_record()?;
        Ok(Self {
            document,
            record,
            organisations,
            validators,
        })
    }

    /// The operator.
    #[must_use]
    pub fn operator(&self) -> &LocalnetOrganisation {
        self.only(Role::Operator)
    }

    /// The regulator.
    #[must_use]
    pub fn regulator(&self) -> &LocalnetOrganisation {
        self.only(Role::Regulator)
    }

    /// The banks, at least two.
    pub fn banks(&self) -> impl Iterator<Item = &LocalnetOrganisation> {
        self.organisations
            .iter()
            .filter(|organisation| organisation.role == Role::Bank)
    }

    fn only(&self, role: Role) -> &LocalnetOrganisation {
        self.organisations
            .iter()
            .find(|organisation| organisation.role == role)
            .unwrap_or_else(|| unreachable!("every network made here has a {}", role.word()))
    }
}

fn key(options: &LocalnetOptions, purpose: &str) -> SecretKey {
    let seed = tagged(
        "talea/localnet-key/v1",
        &[&options.seed, purpose.as_bytes()],
    );
    SecretKey::from_seed(seed.0)
}

fn organisation(
    options: &LocalnetOptions,
    number: usize,
    name: &str,
    role: Role,
) -> LocalnetOrganisation {
    let lei = lei::with_check_digits(&format!("TALEASANDBOX{number:06}"))
        .unwrap_or_else(|| unreachable!("twelve letters and six digits"));
    LocalnetOrganisation {
        name: name.to_owned(),
        role,
        id: ParticipantId::from_lei(&lei),
        lei,
        jurisdiction: "CZ".to_owned(),
        key: key(options, name),
    }
}

fn validator(
    options: &LocalnetOptions,
    number: usize,
    organisation: &LocalnetOrganisation,
) -> LocalnetValidator {
    let name = format!("validator-{number}");
    let voting_key = key(options, &format!("{name} voting"));
    LocalnetValidator {
        id: ValidatorId::from_voting_key(&voting_key.public_key()),
        participant: organisation.id,
        voting_key,
        network_key: key(options, &format!("{name} network")),
        name,
    }
}

/// The codes of all assets of a network.
fn assets(currencies: &[String]) -> impl Iterator<Item = &str> {
    let additional = currencies.iter().map(String::as_str);
    CURRENCIES.into_iter().chain(additional).chain([POINTS])
}

fn terms(options: &LocalnetOptions, currencies: &[String]) -> GenesisDocument {
    let asset = |code: &str| {
        let (decimals, kind) = match code {
            POINTS => (0, "points"),
            _ => (2, "currency"),
        };
        AssetTerms {
            code: code.to_owned(),
            decimals,
            kind: kind.to_owned(),
        }
    };
    GenesisDocument {
        format: FORMAT,
        network: NetworkTerms {
            name: options.network.clone(),
            sandbox: true,
            time: date::time_to_text(options.time),
            business_date: date::days_to_text(options.time.day()),
        },
        assets: assets(currencies).map(asset).collect(),
        tiers: TIERS
            .into_iter()
            .map(|(name, limits)| tier(name, limits, currencies))
            .collect(),
        participants: Vec::new(),
        reserves: Vec::new(),
        validators: Vec::new(),
        rule_packs: Vec::new(),
        contributions: Vec::new(),
        approvals: Vec::new(),
    }
}

fn tier(
    name: &str,
    [per_transaction, per_day, per_month]: [u64; 3],
    currencies: &[String],
) -> TierTerms {
    let limit = |asset: &str| LimitTerms {
        asset: asset.to_owned(),
        per_transaction: per_transaction.to_string(),
        per_day: per_day.to_string(),
        per_month: per_month.to_string(),
    };
    TierTerms {
        name: name.to_owned(),
        limits: assets(currencies).map(limit).collect(),
    }
}

fn contribution(
    options: &LocalnetOptions,
    (number, organisation): (usize, &LocalnetOrganisation),
    validator: Option<&LocalnetValidator>,
    currencies: &[String],
    is_evaluated: bool,
) -> Result<Contribution, GenesisError> {
    let is_bank = organisation.role == Role::Bank;
    let is_agency = organisation.role == Role::CollectionAgency;
    let licensed_until = options.time.plus_millis(LICENCE_YEARS * YEAR_MS);
    let hexadecimal = |key: &SecretKey| PublicKey::to_string(&key.public_key());
    let participant = ParticipantTerms {
        lei: organisation.lei.clone(),
        bic: is_bank.then(|| format!("T{number:03}CZP0")),
        name: format!("Sandbox {}", organisation.name),
        jurisdiction: organisation.jurisdiction.clone(),
        roles: vec![organisation.role.word().to_owned()],
        licence_expires: is_agency.then(|| date::days_to_text(licensed_until.day())),
        evaluated: is_evaluated.then(|| date::days_to_text(options.time.day())),
        policy: PolicyTerms {
            threshold: 1,
            keys: vec![hexadecimal(&organisation.key)],
        },
    };
    let mut contribution = Contribution::new(options.network.clone(), participant);
    if is_bank {
        let reserve = |asset: &str| ContributedReserve {
            asset: asset.to_owned(),
            amount: RESERVE.to_owned(),
        };
        contribution.reserves = assets(currencies).map(reserve).collect();
    }
    let mut signers = vec![&organisation.key];
    if let Some(validator) = validator {
        contribution.validators.push(ContributedValidator {
            name: validator.name.clone(),
            voting_key: hexadecimal(&validator.voting_key),
            network_key: hexadecimal(&validator.network_key),
            power: 1,
        });
        signers.extend([&validator.voting_key, &validator.network_key]);
    }
    contribution.sign(&signers)?;
    Ok(contribution)
}
