//! `talea loan show`: what is owed, to whom, when, and how late it is.

use clap::Args;
use talea_client::describe;
use talea_types::{
    Amount, LoanId,
    credit::{Bucket, ProductTerms, age, days_past_due},
    state::{Loan, LoanStatus, Product, StateKey},
};

use crate::commands::{context::Context, exit::Code, lookup, output};

/// Show a loan as it stands on the business date: what is owed, its schedule, how late it is.
///
/// With a genesis document the loan is verified; what is owed today is computed here, from the loan and
/// the date.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea loan show loan1...\n  talea loan show loan1... --json")]
pub(super) struct Show {
    /// The loan.
    loan: LoanId,
}

const fn status(status: LoanStatus) -> &'static str {
    match status {
        LoanStatus::Originated => "agreed, not paid out",
        LoanStatus::Active => "active",
        LoanStatus::ChargedOff => "charged off, still owed",
        LoanStatus::Closed => "closed: nothing is owed",
        LoanStatus::Lapsed => "lapsed: it was not paid out in time",
    }
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let what = self.loan.to_string();
        let found = lookup::object(context, &what, StateKey::Loan(self.loan), Loan::decode).await?;
        let mut loan = found.object.clone();
        let key = StateKey::Product(loan.product);
        let product = lookup::object(context, "its product", key, Product::decode).await?;
        let terms = &product.object.terms;
        let network = context.client()?.network().await?;
        // What was proved says the date, else the node does.
        let proved = found.proved.as_ref();
        let today = proved.map_or(network.business_date, |header| header.business_date);
        age(&mut loan, terms, today);
        let money = |amount: Amount| describe::money(amount, terms.asset, &network.decimals);
        let mut fields = self.fields(&loan, terms, today, &money);
        fields.push(found.verified());
        let lists = vec![
            schedule(&loan, today, &money),
            funders(&loan, &money),
            pauses(&loan),
        ];
        output::record(context.json(), &fields, lists);
        Ok(Code::Done)
    }

    fn fields(
        &self,
        loan: &Loan,
        terms: &ProductTerms,
        today: u32,
        money: &impl Fn(Amount) -> String,
    ) -> Vec<describe::Field> {
        let field = |name: &str, value: String| output::field(name, value);
        let late = days_past_due(loan, terms, today);
        let parts = [loan.principal, loan.interest, loan.fees];
        let total = parts
            .iter()
            .try_fold(Amount::ZERO, |sum, part| sum.try_add(*part));
        let mut fields = vec![
            field("loan", self.loan.to_string()),
            field("status", status(loan.status).to_owned()),
            field("lender", loan.lender.to_string()),
            field("borrower", loan.borrower.to_string()),
            field("product", loan.product.to_string()),
            field(
                "agreement",
                loan.agreement
                    .map_or_else(|| "sold".to_owned(), |id| id.to_string()),
            ),
            field("governing law", loan.governing_law.clone()),
            field("rate", describe::percent(loan.rate_ppm)),
            field("business date", describe::day(today)),
            field("owed", money(total.unwrap_or(Amount::MAX))),
            field("principal", money(loan.principal)),
            field("interest", money(loan.interest)),
            field("fees", money(loan.fees)),
            field("days past due", late.to_string()),
            field("bucket", Bucket::of(late).name().to_owned()),
            field("reports to bureaus", loan.reports.to_string()),
        ];
        if let Some(offer) = &loan.settlement {
            let by = describe::day(offer.pay_by);
            fields.push(field(
                "settlement",
                format!("{} by {by}", money(offer.amount)),
            ));
        }
        fields
    }
}

fn schedule(loan: &Loan, today: u32, money: &impl Fn(Amount) -> String) -> output::List {
    let mut paid = loan.paid;
    let rows = loan.schedule.iter().enumerate().map(|(number, one)| {
        let part = paid.min(one.amount);
        paid = paid.try_sub(part).unwrap_or_default();
        let rest = one.amount.try_sub(part).unwrap_or_default();
        let state = if rest.is_zero() {
            "paid"
        } else if loan.status == LoanStatus::Closed {
            "settled"
        } else if one.due < today {
            "late"
        } else {
            "to come"
        };
        vec![
            number.saturating_add(1).to_string(),
            describe::day(one.due),
            money(one.amount),
            money(rest),
            state.to_owned(),
        ]
    });
    output::List {
        name: "schedule",
        header: &["number", "due", "amount", "unpaid", "state"],
        rows: rows.collect(),
    }
}

fn funders(loan: &Loan, money: &impl Fn(Amount) -> String) -> output::List {
    let rows = loan.funders.iter().map(|funder| {
        vec![
            funder.account.to_string(),
            describe::percent(funder.share_ppm),
            money(funder.principal),
        ]
    });
    output::List {
        name: "funders",
        header: &["account", "share of interest", "principal"],
        rows: rows.collect(),
    }
}

fn pauses(loan: &Loan) -> output::List {
    let rows = loan.pauses.iter().map(|pause| {
        let stopped = [
            (pause.interest, "interest"),
            (pause.fees, "fees"),
            (pause.ageing, "ageing"),
            (pause.furnishing, "reports"),
        ];
        let stopped = stopped.iter().filter(|(is, _)| *is);
        let stopped: Vec<&str> = stopped.map(|(_, name)| *name).collect();
        vec![
            describe::day(pause.from),
            pause
                .until
                .map_or_else(|| "it is lifted".to_owned(), describe::day),
            stopped.join(", "),
        ]
    });
    output::List {
        name: "pauses",
        header: &["from", "until", "stops"],
        rows: rows.collect(),
    }
}
