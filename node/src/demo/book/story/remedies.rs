//! What helps a debtor, and what becomes of a loan that nobody pays.

use anyhow::Context;
use talea_client::operations::{collections, credit};
use talea_types::{
    Amount, Outcome, Subject,
    conduct::{Channel, Protection},
    credit::{FeeGround, Instalment},
    operation::{ContactPermit, RepaymentPlan},
    state::{Loan, LoanStatus, StateKey},
};

use super::teller::{Teller, commitment};
use crate::demo::book::{
    consumer_book::{USUAL_FEE, fee_code},
    play::supervised,
    stage::at,
};

const BREATHING_SPACE: &str = "uk-conc7/breathing-space@";
const LEEDS_DAY_MS: u64 = 12 * 3_600_000;
const MONTH: u32 = 30;

/// Who bears which part of a loss.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Part {
    /// The guarantor, the lender or the bank.
    pub who: &'static str,
    /// Minor units.
    pub amount: u64,
}

impl Teller<'_> {
    /// A loan as it is today, read by the regulator and aged with the law's arithmetic.
    async fn loan_today(&mut self, person: usize) -> anyhow::Result<Loan> {
        let loan = self.loan(person);
        let regulator = supervised(self.stage, [Subject::Loan(loan)]).await?;
        let key = StateKey::Loan(loan);
        let value = regulator.proven_state(&key, &self.stage.trust).await?.value;
        let mut loan = Loan::decode(&value.context("a loan without state")?)?;
        let planned = &self.lending.book.loans[person];
        let product = self.lending.book.product(planned)?;
        talea_types::credit::age(&mut loan, product, self.today);
        Ok(loan)
    }

    /// A breathing space: no contact, no fees, and interest that stands still.
    pub(super) async fn dee_breathes(&mut self) -> anyhow::Result<[u64; 2]> {
        let dee = self.people.dee;
        self.headline("Dee lives in Leeds and goes to a debt adviser");
        let case = self.placed(dee, 1).await?;
        let lender = self.stage.lender;
        let loan = self.loan(dee);
        let fee = || credit::fee(loan, &fee_code(USUAL_FEE), FeeGround::LatePayment);
        self.applied("the lender charges a late fee", lender, fee(), &[])
            .await?;
        let evidence = commitment("the adviser's assessment");
        let protect = collections::protect(self.debtor(dee), Protection::BreathingSpace, evidence);
        let adviser = self.stage.adviser;
        self.applied(
            "the adviser starts a breathing space",
            adviser,
            protect,
            &[],
        )
        .await?;
        let before = self.loan_today(dee).await?.interest.minor_units();

        let from = at(self.today + 1, LEEDS_DAY_MS);
        let call = ContactPermit {
            recorded: false,
            ..collections::permit(
                case,
                loan,
                Channel::VoiceCall,
                commitment("the telephone of Dee"),
                from,
                from.plus_millis(600_000),
            )
        };
        let by = (Outcome::ContactRefused, Some(BREATHING_SPACE));
        let agency = self.agency(1)?;
        self.asks("agency 2 asks for a call", agency, call, by)
            .await?;
        let stopped = (Outcome::FeesPaused, None);
        self.ends(
            "the lender charges another late fee",
            lender,
            fee(),
            &[],
            stopped,
        )
        .await?;

        self.today += MONTH;
        self.stage.begin_day(self.today).await?;
        let after = self.loan_today(dee).await?.interest.minor_units();
        anyhow::ensure!(
            before == after,
            "interest ran in a breathing space: {before}, then {after}"
        );
        eprintln!("  30 days later: her interest stands still");
        Ok([before, after])
    }

    /// A plan for what is owed, which is paid.
    pub(super) async fn dee_pays_by_plan(&mut self) -> anyhow::Result<()> {
        let dee = self.people.dee;
        let (account, loan, lender) = (self.debtor(dee), self.loan(dee), self.stage.lender);
        let owed = self.loan_today(dee).await?;
        let parts = [owed.fees, owed.interest, owed.principal].map(Amount::minor_units);
        let total: u64 = parts.iter().sum();
        let half = total / 2;
        let amounts = [half, total - half].map(|part| Amount::new(part).unwrap_or_default());
        let days = [MONTH, 2 * MONTH].map(|days| self.today + days);
        let instalments = days
            .iter()
            .zip(amounts)
            .map(|(due, amount)| Instalment { due: *due, amount });
        let plan = RepaymentPlan {
            loan,
            instalments: instalments.collect(),
        };
        let text = "the lender and Dee agree on a plan of two payments";
        self.applied(text, lender, plan, &[Subject::Account(account)])
            .await?;
        let sponsor = self.stage.bank(dee)?;
        let asset = self.lending.asset(dee)?;
        let earned = Amount::new(total).context("an amount above the largest")?;
        let issue = self.stage.sign_issue(&sponsor, account, asset, earned)?;
        self.stage.submit_applied(vec![issue], |_| ()).await?;
        for (day, amount) in days.into_iter().zip(amounts) {
            self.today = day;
            self.stage.begin_day(day).await?;
            let repay = credit::repay(loan, account, amount);
            self.applied("Dee pays as agreed", Subject::Account(account), repay, &[])
                .await?;
        }
        let status = self.loan_today(dee).await?.status;
        anyhow::ensure!(
            status == LoanStatus::Closed,
            "the plan was paid, and the loan is {status:?}"
        );
        eprintln!("  her loan is paid off");
        Ok(())
    }

    /// A loan that nobody pays: charged off, and its loss shared.
    pub(super) async fn eli_is_given_up(&mut self) -> anyhow::Result<Vec<Part>> {
        let eli = self.people.eli;
        self.headline(
            "Eli never paid: the lender gives the loan up, and those who funded it share the loss",
        );
        let (loan, lender) = (self.loan(eli), self.stage.lender);
        self.applied(
            "the lender charges the loan off",
            lender,
            credit::charge_off(loan),
            &[],
        )
        .await?;
        let funds = self.lending.funds;
        let text = "the guarantor bears the first loss, the others the rest by their claims";
        let guarantor = Subject::Account(funds.guarantor);
        self.applied(text, lender, credit::share_loss(loan), &[guarantor])
            .await?;
        let claims = self.loan_today(eli).await?.funders;
        let names = [
            ("guarantor (first loss)", funds.guarantor),
            ("lender", funds.lender),
            ("bank", funds.bank),
        ];
        let parts = names.map(|(who, account)| {
            let claim = claims.iter().find(|claim| claim.account == account);
            Part {
                who,
                amount: claim.map_or(0, |claim| claim.principal.minor_units()),
            }
        });
        let loss: u64 = parts.iter().map(|part| part.amount).sum();
        let owed = self.lending.course.loans[eli]
            .owed()
            .principal
            .minor_units();
        anyhow::ensure!(
            loss == owed,
            "the parts of the loss sum to {loss}, and {owed} is owed"
        );
        for part in &parts {
            let amount = Amount::new(part.amount).unwrap_or_default();
            eprintln!("      {}: {}", part.who, amount.to_decimal(2));
        }
        Ok(parts.into())
    }
}
