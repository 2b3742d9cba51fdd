//! `/api/loan-book`: loans by product and by how late they are, as of the business date.
//!
//! Who may see blocks whole sees every book; a lender sees its own.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::State;
use serde_json::{Value, json};
use talea_ledger::{Ledger, access::Record};
use talea_types::{
    Amount, ParticipantId, ProductId,
    credit::{Bucket, age, days_past_due},
    state::Loan,
};

use super::{Answer, Asked, Shared, scorecard::whose};
use crate::serve::{
    answer::{Problem, json_answer},
    words,
};

/// How long a counted book is shown before it is counted again.
const BOOK_MAX_AGE: Duration = Duration::from_secs(10);

/// Loans of a lender, a product, a bucket; whether they were charged off.
type Key = (ParticipantId, ProductId, Bucket, bool);

/// A book as it was counted.
pub(in crate::serve) struct Book {
    counted: Instant,
    height: u64,
    business_date: u32,
    rows: BTreeMap<Key, Line>,
}

#[derive(Clone, Copy, Default)]
struct Line {
    loans: u64,
    /// Minor units.
    outstanding: u128,
}

/// The loan book.
pub(super) async fn loan_book(State(desk): State<Shared>, asked: Asked) -> Answer {
    let whole = desk.may(asked.caller.as_ref(), &Record::Body);
    let own = whose(whole, asked.caller.as_ref())?;
    let wanted: Option<ParticipantId> = asked.query.parse("lender")?;
    let known = desk.book.lock().clone();
    let book = match known.filter(|book| book.counted.elapsed() < BOOK_MAX_AGE) {
        Some(book) => book,
        None => {
            let ledger = Arc::clone(&desk.ledger);
            let counted = tokio::task::spawn_blocking(move || Book::count(&ledger.read())).await;
            let counted = counted.map_err(|_| Problem::internal("the book cannot be counted"))?;
            let book = Arc::new(counted);
            *desk.book.lock() = Some(Arc::clone(&book));
            book
        }
    };
    let ledger = desk.ledger.read();
    let shown = |id: &ParticipantId| own.is_none_or(|own| own == *id);
    let lenders: std::collections::BTreeSet<&ParticipantId> = book
        .rows
        .keys()
        .map(|(lender, ..)| lender)
        .filter(|id| shown(id))
        .collect();
    let lenders: Vec<Value> = lenders
        .into_iter()
        .map(|id| words::participant(&ledger, id))
        .collect();
    let rows = book
        .rows
        .iter()
        .filter(|((lender, ..), _)| shown(lender) && wanted.is_none_or(|wanted| wanted == *lender));
    let rows: Vec<Value> = rows.map(|(key, line)| line.to_json(&ledger, key)).collect();
    json_answer(&json!({
        "height": book.height,
        "business_date": book.business_date,
        "lenders": lenders,
        "rows": rows,
        "next": null,
    }))
}

impl Book {
    fn count(ledger: &Ledger) -> Self {
        let date = ledger.business_date();
        let mut rows: BTreeMap<Key, Line> = BTreeMap::new();
        for (_, loan) in ledger.loans() {
            let Some(product) = ledger.product(&loan.product) else {
                continue;
            };
            if loan.status.is_over() {
                continue;
            }
            let mut loan: Loan = loan.clone();
            age(&mut loan, &product.terms, date);
            let bucket = Bucket::of(days_past_due(&loan, &product.terms, date));
            let off = loan.status == talea_types::state::LoanStatus::ChargedOff;
            let line = rows
                .entry((loan.lender, loan.product, bucket, off))
                .or_default();
            line.loans += 1;
            let owed = [loan.principal, loan.interest, loan.fees];
            line.outstanding += owed
                .map(|one| u128::from(one.minor_units()))
                .iter()
                .sum::<u128>();
        }
        Self {
            counted: Instant::now(),
            height: ledger.height(),
            business_date: date,
            rows,
        }
    }
}

impl Line {
    fn to_json(self, ledger: &Ledger, (lender, product, bucket, off): &Key) -> Value {
        let asset = ledger.product(product).map(|one| one.terms.asset);
        let sum = u64::try_from(self.outstanding).ok().and_then(Amount::new);
        let outstanding = asset.zip(sum);
        let outstanding = outstanding.map(|(asset, sum)| words::amount(ledger, sum, asset));
        json!({
            "product": product.to_string(),
            "asset": asset.map(|asset| asset.to_string()),
            "lender": words::participant(ledger, lender),
            "bucket": bucket.name(),
            "charged_off": off,
            "loans": self.loans,
            // Beyond what an amount can say there is none.
            "outstanding": outstanding,
        })
    }
}
