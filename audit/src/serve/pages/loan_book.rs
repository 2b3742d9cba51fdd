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

use tokio::{sync::Mutex as AsyncMutex, task::spawn_blocking};

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
    let ledger = Arc::clone(&desk.ledger);
    let book = desk.book.get(move || Book::count(&ledger.read())).await?;
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

/// The newest book. It is counted by one at a time, and whoever asks meanwhile waits for that one.
#[derive(Default)]
pub(in crate::serve) struct Counted(Arc<AsyncMutex<Option<Arc<Book>>>>);

impl Counted {
    async fn get(
        &self,
        count: impl FnOnce() -> Book + Send + 'static,
    ) -> Result<Arc<Book>, Problem> {
        let mut known = Arc::clone(&self.0).lock_owned().await;
        let fresh = known
            .as_ref()
            .filter(|book| book.counted.elapsed() < BOOK_MAX_AGE);
        if let Some(book) = fresh {
            return Ok(Arc::clone(book));
        }
        // The turn goes with the counting: who asked may be gone before it ends.
        let counting = spawn_blocking(move || {
            let book = Arc::new(count());
            *known = Some(Arc::clone(&book));
            book
        });
        let counted = counting.await;
        counted.map_err(|_| Problem::internal("the book cannot be counted"))
    }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn one_counts_and_the_others_wait_for_it() {
        let (counted, times) = (Counted::default(), Arc::new(AtomicU32::new(0)));
        let ask = || {
            let times = Arc::clone(&times);
            counted.get(move || {
                times.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(50));
                Book {
                    counted: Instant::now(),
                    height: 7,
                    business_date: 0,
                    rows: BTreeMap::new(),
                }
            })
        };
        // Somebody who goes away while it is counted.
        assert!(
            tokio::time::timeout(Duration::from_millis(5), ask())
                .await
                .is_err()
        );
        let (first, second, third) = tokio::join!(ask(), ask(), ask());
        for book in [first, second, third] {
            assert_eq!(book.unwrap().height, 7);
        }
        assert_eq!(times.load(Ordering::SeqCst), 1);
    }
}
