//! Plays a book: opens accounts, registers debtors and agreements, then day after day. In the end the
//! ledger has to say what was decided beforehand, to the last minor unit.

use std::time::{Duration, Instant};

use anyhow::Context;
use talea_client::{
    Client, Reader,
    operations::{collections, credit},
};
use talea_types::{
    AccountId, AgreementId, Amount, Asset, LoanId, ProductId, SignedTransaction, Subject,
    credit::{AgreementTerms, Bucket, FeeGround, FunderShare, PPM},
    limits::ACCESS_ENTRIES_MAX,
    operation::{AccessEntry, AccessLog, AccountKind, DataFields, DataPurpose, LoanOriginate},
    state::{Account, Agreement, Loan, StateKey},
};

use super::{
    plan::{Action, Book, Course, Portfolio, What},
    stage::Stage,
};
use crate::demo::progress::Progress;

/// The lender's own part of each loan; the bank has the rest.
const LENDER_SHARE_PPM: u32 = 200_000;
/// Nobody funds less than this.
const FLOOR_PPM: u32 = 50_000;
/// Of all interest, for the servicer.
const SERVICING_PPM: u32 = 10_000;
/// Most that the guarantor bears of all losses of an agreement, minor units.
const FIRST_LOSS: u64 = 1_000_000;
/// Loans whose objects are read and compared.
const COMPARED: usize = 24;

/// A book that was played.
#[derive(Debug)]
pub struct Lending {
    /// What was played.
    pub book: Book,
    /// How it went.
    pub course: Course,
    /// Of each portfolio.
    pub agreements: Vec<AgreementId>,
    /// Accounts of the borrowers, in the order of the loans.
    pub borrowers: Vec<AccountId>,
    /// In the order of the book.
    pub loans: Vec<LoanId>,
    /// Who funds and serves them.
    pub funds: Funds,
    /// Transactions that it took.
    pub transactions: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// Loans whose objects say what was decided beforehand.
    pub compared: usize,
}

/// Accounts of those who lend.
#[derive(Clone, Copy, Debug)]
pub struct Funds {
    /// The lender's own.
    pub lender: AccountId,
    /// The partner bank's.
    pub bank: AccountId,
    /// Bears the first loss.
    pub guarantor: AccountId,
    /// Receives fees and the servicing fee.
    pub servicer: AccountId,
}

impl Funds {
    const NAMES: [&'static str; 4] = ["lender", "bank", "guarantor", "servicer"];

    /// All of them.
    #[must_use]
    pub const fn all(&self) -> [AccountId; 4] {
        [self.lender, self.bank, self.guarantor, self.servicer]
    }

    async fn open(label: &str, stage: &mut Stage) -> anyhow::Result<Self> {
        let mut opened = Vec::with_capacity(Self::NAMES.len());
        let mut ids = Vec::with_capacity(Self::NAMES.len());
        for (number, name) in Self::NAMES.into_iter().enumerate() {
            let sponsor = stage.bank(number)?;
            let name = format!("{label}: {name}");
            let (transaction, id) = stage.sign_opening(&name, &sponsor, AccountKind::Own)?;
            opened.push(transaction);
            ids.push(id);
        }
        stage.submit_applied(opened, |_| ()).await?;
        let [lender, bank, guarantor, servicer] = *ids else {
            anyhow::bail!("four accounts were opened")
        };
        Ok(Self {
            lender,
            bank,
            guarantor,
            servicer,
        })
    }
}

impl Lending {
    /// Plays a book from its first day to its last.
    ///
    /// # Errors
    /// When something is refused, or the ledger says something else in the end.
    pub(super) async fn play(book: &Book, label: &str, stage: &mut Stage) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let course = book.course()?;
        let mut lending = Self {
            book: book.clone(),
            agreements: Vec::new(),
            borrowers: Vec::with_capacity(book.loans.len()),
            loans: Vec::new(),
            funds: Funds::open(label, stage).await?,
            transactions: Funds::NAMES.len(),
            elapsed: Duration::ZERO,
            compared: 0,
            course,
        };
        lending.open_borrowers(label, stage).await?;
        let products = lending.agree(stage).await?;
        lending.play_days(label, &products, stage).await?;
        lending.elapsed = begun.elapsed();
        lending.check_ledger(stage).await?;
        Ok(lending)
    }

    async fn open_borrowers(&mut self, label: &str, stage: &mut Stage) -> anyhow::Result<()> {
        let mut openings = Vec::with_capacity(self.book.loans.len());
        for (number, loan) in self.book.loans.iter().enumerate() {
            let sponsor = stage.bank(number)?;
            let opened = stage.sign_opening(&loan.name, &sponsor, AccountKind::Wallet)?;
            openings.push(opened.0);
            self.borrowers.push(opened.1);
        }
        self.submit(openings, &format!("{label}: accounts"), stage)
            .await?;
        let mut registrations = Vec::with_capacity(self.book.loans.len());
        for (number, loan) in self.book.loans.iter().enumerate() {
            let account = self.borrowers[number];
            let register = collections::register_debtor(account, loan.residence.clone());
            let sponsor = stage.bank(number)?;
            let signed = stage.sign(&sponsor, register, &[Subject::Account(account)])?;
            registrations.push(signed);
        }
        self.submit(registrations, &format!("{label}: debtors"), stage)
            .await?;
        let mut money = Vec::new();
        for (number, amount) in self.course.own_money.iter().enumerate() {
            if !amount.is_zero() {
                let asset = self.portfolio_of(number)?.asset;
                let sponsor = stage.bank(number)?;
                let account = self.borrowers[number];
                money.push(stage.sign_issue(&sponsor, account, asset, *amount)?);
            }
        }
        self.submit(money, &format!("{label}: own money"), stage)
            .await
    }

    /// Publishes the products, registers the agreements, and gives the funders what they lend.
    async fn agree(&mut self, stage: &mut Stage) -> anyhow::Result<Vec<Vec<ProductId>>> {
        let lender = stage.lender;
        let mut products = Vec::with_capacity(self.book.portfolios.len());
        let parties = self.funds.all().map(Subject::Account);
        for (number, portfolio) in self.book.portfolios.clone().iter().enumerate() {
            let mut published = Vec::with_capacity(portfolio.products.len());
            for terms in &portfolio.products {
                let publish = credit::publish_product(terms.clone());
                let signed = stage.apply(&lender, publish, &[]).await?;
                published.push(ProductId::published_by(signed.id(), 0));
            }
            products.push(published);
            let lent = self.lent(number);
            let terms = self.agreement(portfolio, lent)?;
            let register = credit::register_agreement(terms);
            let signed = stage.apply(&lender, register, &parties).await?;
            self.agreements
                .push(AgreementId::registered_by(signed.id(), 0));
            for (place, account) in [self.funds.lender, self.funds.bank, self.funds.guarantor]
                .into_iter()
                .enumerate()
            {
                let amount = Amount::new(self.issued(place, lent)).context("too much is lent")?;
                if amount.is_zero() {
                    continue;
                }
                let sponsor = stage.bank(place)?;
                let issue = stage.sign_issue(&sponsor, account, portfolio.asset, amount)?;
                stage.submit_applied(vec![issue], |_| ()).await?;
            }
        }
        Ok(products)
    }

    fn agreement(&self, portfolio: &Portfolio, lent: u64) -> anyhow::Result<AgreementTerms> {
        let share = |account, share_ppm| FunderShare { account, share_ppm };
        let mut funders = vec![
            share(self.funds.lender, LENDER_SHARE_PPM),
            share(self.funds.bank, PPM - LENDER_SHARE_PPM),
        ];
        funders.sort_unstable_by_key(|funder| funder.account);
        let largest = portfolio
            .products
            .iter()
            .map(|product| product.principal_max)
            .max();
        let first_loss = Amount::new(FIRST_LOSS).context("the first loss")?;
        Ok(AgreementTerms {
            asset: portfolio.asset,
            funders,
            floor_ppm: FLOOR_PPM,
            servicer: self.funds.servicer,
            servicing_ppm: SERVICING_PPM,
            loan_max: largest.context("a portfolio without products")?,
            outstanding_max: Amount::new(lent.max(1)).context("too much is lent")?,
            guarantor: Some((self.funds.guarantor, first_loss)),
        })
    }

    async fn play_days(
        &mut self,
        label: &str,
        products: &[Vec<ProductId>],
        stage: &mut Stage,
    ) -> anyhow::Result<()> {
        let days = self.course.days.clone();
        let total = days.iter().flat_map(|day| &day.waves).map(Vec::len).sum();
        let mut progress = Progress::new(label, total);
        let mut loans: Vec<Option<LoanId>> = vec![None; self.book.loans.len()];
        for (number, day) in days.iter().enumerate() {
            stage.begin_day(day.date).await?;
            for wave in &day.waves {
                let mut signed = Vec::with_capacity(wave.len());
                for action in wave {
                    let known = loans[action.loan];
                    let transaction = self.sign(action, known, products, stage)?;
                    if action.what == What::Originate {
                        let id = LoanId::originated_by(transaction.id(), 0);
                        loans[action.loan] = Some(id);
                    }
                    signed.push(transaction);
                }
                self.transactions += signed.len();
                let message = format!("day {} of {}", number + 1, days.len());
                let advance = |count| progress.advance(count, &message);
                stage.submit_applied(signed, advance).await?;
            }
            self.transactions += 2;
        }
        let loans: Option<Vec<LoanId>> = loans.into_iter().collect();
        self.loans = loans.context("a loan was never made")?;
        Ok(())
    }

    fn sign(
        &self,
        action: &Action,
        loan: Option<LoanId>,
        products: &[Vec<ProductId>],
        stage: &mut Stage,
    ) -> anyhow::Result<SignedTransaction> {
        let lender = stage.lender;
        let borrower = self.borrowers[action.loan];
        let loan = || loan.context("the loan was not made yet");
        match &action.what {
            What::Originate => {
                let planned = &self.book.loans[action.loan];
                let product = products.get(planned.portfolio);
                let product = product.and_then(|products| products.get(planned.product));
                let terms = planned.terms.clone();
                let originate = LoanOriginate {
                    product: *product.context("the product was not published")?,
                    agreement: self.agreements[planned.portfolio],
                    borrower,
                    principal: terms.principal,
                    rate_ppm: terms.rate_ppm,
                    instalments: terms.instalments,
                    first_due: if terms.schedule.is_empty() {
                        terms.first_due
                    } else {
                        0
                    },
                    schedule: terms.schedule,
                    governing_law: planned.residence.country.clone(),
                };
                let parties = [borrower, self.funds.lender, self.funds.bank];
                stage.sign(&lender, originate, &parties.map(Subject::Account))
            }
            What::Disburse => stage.sign(&lender, credit::disburse(loan()?), &[]),
            What::LateFee(code) => {
                let fee = credit::fee(loan()?, code, FeeGround::LatePayment);
                stage.sign(&lender, fee, &[])
            }
            What::Repay(amount) => {
                let repay = credit::repay(loan()?, borrower, *amount);
                stage.sign(&Subject::Account(borrower), repay, &[])
            }
            What::ChargeOff => stage.sign(&lender, credit::charge_off(loan()?), &[]),
        }
    }

    async fn submit(
        &mut self,
        transactions: Vec<SignedTransaction>,
        label: &str,
        stage: &mut Stage,
    ) -> anyhow::Result<()> {
        if transactions.is_empty() {
            return Ok(());
        }
        self.transactions += transactions.len();
        let mut progress = Progress::new(label, transactions.len());
        stage
            .submit_applied(transactions, |count| progress.advance(count, "done"))
            .await
    }

    fn portfolio_of(&self, loan: usize) -> anyhow::Result<&Portfolio> {
        let portfolio = self.book.loans.get(loan).map(|loan| loan.portfolio);
        let portfolio = portfolio.and_then(|number| self.book.portfolios.get(number));
        portfolio.context("a loan without a portfolio")
    }

    /// What a portfolio lends in all, minor units.
    fn lent(&self, portfolio: usize) -> u64 {
        let loans = self
            .book
            .loans
            .iter()
            .filter(|loan| loan.portfolio == portfolio);
        loans.map(|loan| loan.terms.principal.minor_units()).sum()
    }

    /// What the lender, the bank and the guarantor get to begin with: at least what they will need.
    fn issued(&self, place: usize, lent: u64) -> u64 {
        match place {
            _ if lent == 0 => 0,
            2 => FIRST_LOSS,
            _ => lent,
        }
    }

    /// Compares with the ledger: the agreements count the principal that is owed; the accounts of those who
    /// lend have what was repaid; a sample of the loans is as decided beforehand.
    async fn check_ledger(&mut self, stage: &mut Stage) -> anyhow::Result<()> {
        let step = self.loans.len().div_ceil(COMPARED).max(1);
        let sample: Vec<usize> = (0..self.loans.len()).step_by(step).collect();
        let read = sample
            .iter()
            .map(|number| Subject::Loan(self.loans[*number]));
        let regulator = supervised(stage, read).await?;
        for (number, portfolio) in self.book.portfolios.iter().enumerate() {
            let of = || {
                let loans = self.book.loans.iter().zip(&self.course.loans);
                loans
                    .filter(|(loan, _)| loan.portfolio == number)
                    .map(|(_, mirror)| mirror)
            };
            let key = StateKey::Agreement(self.agreements[number]);
            let value = regulator.proven_state(&key, &stage.trust).await?.value;
            let agreement = Agreement::decode(&value.context("an agreement without state")?)?;
            let owed: u64 = of().map(|one| one.owed().principal.minor_units()).sum();
            anyhow::ensure!(
                agreement.outstanding.minor_units() == owed,
                "the {} agreement counts {}, the plan {owed}",
                portfolio.asset,
                agreement.outstanding
            );
            let mut held = 0;
            for account in self.funds.all() {
                let key = StateKey::Account(account);
                let value = regulator.proven_state(&key, &stage.trust).await?.value;
                let account = Account::decode(&value.context("an account without state")?)?;
                held += account.available(portfolio.asset).minor_units();
            }
            let lent = self.lent(number);
            let issued: u64 = (0..3).map(|place| self.issued(place, lent)).sum();
            let paid: u64 = of()
                .map(|one| one.paid().total().unwrap_or_default().minor_units())
                .sum();
            anyhow::ensure!(
                held + lent == issued + paid,
                "those who lend {} have {held}, and should have {}",
                portfolio.asset,
                issued + paid - lent
            );
        }
        for number in sample {
            let key = StateKey::Loan(self.loans[number]);
            let value = regulator.proven_state(&key, &stage.trust).await?.value;
            let mut loan = Loan::decode(&value.context("a loan without state")?)?;
            let product = self.book.product(&self.book.loans[number])?;
            let last = self.course.days.last().map_or(0, |day| day.date);
            talea_types::credit::age(&mut loan, product, last);
            let owed = self.course.loans[number].owed();
            let found = (loan.fees, loan.interest, loan.principal);
            anyhow::ensure!(
                found == (owed.fees, owed.interest, owed.principal),
                "{}: the ledger says {found:?}, the plan {owed:?}",
                self.book.loans[number].name
            );
            self.compared += 1;
        }
        Ok(())
    }

    /// Loans that are at least as late as a bucket in the end.
    #[must_use]
    pub fn late(&self, bucket: Bucket) -> Vec<usize> {
        let mirrors = self.course.loans.iter().enumerate();
        let late = mirrors.filter(|(number, mirror)| {
            let product = self.book.product(&self.book.loans[*number]);
            let found = product.ok().and_then(|product| mirror.bucket(product));
            found.is_some_and(|found| found >= bucket)
        });
        late.map(|(number, _)| number).collect()
    }

    /// The currency of a loan.
    ///
    /// # Errors
    /// When there is no such loan.
    pub fn asset(&self, loan: usize) -> anyhow::Result<Asset> {
        Ok(self.portfolio_of(loan)?.asset)
    }

    /// The roll of the buckets: for each day its date and the loans in each.
    #[must_use]
    pub fn roll(&self) -> Vec<(u32, Vec<(Bucket, usize)>)> {
        let days = self.course.days.iter();
        days.map(|day| {
            (
                day.date,
                day.roll
                    .iter()
                    .map(|(bucket, count)| (*bucket, *count))
                    .collect(),
            )
        })
        .collect()
    }
}

/// The network as the regulator reads it, after it recorded that it reads these.
pub(super) async fn supervised(
    stage: &mut Stage,
    subjects: impl IntoIterator<Item = Subject>,
) -> anyhow::Result<Client> {
    let regulator = stage.regulator;
    let Subject::Participant(reader) = regulator else {
        anyhow::bail!("a regulator is an organisation")
    };
    let purpose = DataPurpose::Supervision;
    let read_at = stage.client.network().await?.ledger_time;
    let entry = |subject| AccessEntry {
        subject,
        reader,
        purpose,
        fields: DataFields::of_records(&subject),
        read_at,
    };
    let mut entries = subjects.into_iter().map(entry).peekable();
    while entries.peek().is_some() {
        let entries = entries.by_ref().take(ACCESS_ENTRIES_MAX).collect();
        stage.renew_nonce(&regulator).await?;
        stage.apply(&regulator, AccessLog { entries }, &[]).await?;
    }
    let key = stage.key(&regulator)?.clone();
    Ok(stage
        .client
        .read_as(Reader::for_purpose(regulator, vec![key], purpose)))
}
