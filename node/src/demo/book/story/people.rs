//! Who the story is about: borrowers that are added to a book.

use std::collections::BTreeMap;

use anyhow::Context;
use talea_types::{Amount, credit::add_months};

use crate::demo::book::{
    mirror::LoanTerms,
    plan::{Book, BookLoan, Intents, Pay},
    source::residence,
};

/// Positions of their loans in the book.
#[derive(Clone, Copy, Debug)]
pub struct People {
    /// Lives in Boston; Regulation F binds.
    pub ada: usize,
    /// Lives in Shanghai; GB/T 45251 binds.
    pub bo: usize,
    /// Lives in Leeds; CONC 7 and the breathing space bind.
    pub dee: usize,
    /// Lives in Denver; never pays.
    pub eli: usize,
}

/// Name and place, region, portfolio, principal in minor units, instalments that are paid.
const CAST: [(&str, &str, usize, u64, usize); 4] = [
    ("Ada (Boston)", "US-MA", 0, 600_000, 2),
    ("Bo (Shanghai)", "CN-SH", 1, 2_000_000, 2),
    ("Dee (Leeds)", "GB-ENG", 2, 400_000, 2),
    ("Eli (Denver)", "US-CO", 0, 1_500_000, 0),
];
/// What became of their loans is told in the story.
pub const OF_THE_STORY: &str = "the four of the story";
/// 14 % in three years.
const RATE_PPM: u32 = 140_000;
const MONTHS: u32 = 36;
/// Days of the book from one instalment to the next.
const DAYS_A_MONTH: usize = 2;

/// Adds them to a book: they borrow on its first day, and stop paying.
///
/// # Errors
/// When the book has no days.
pub fn people(book: &mut Book) -> anyhow::Result<People> {
    let begin = *book.days.first().context("a book without days")?;
    let mut places = [0; CAST.len()];
    for (place, (name, region, portfolio, principal, paid)) in places.iter_mut().zip(CAST) {
        *place = book.loans.len();
        let pay = |number: usize| {
            let intents = Intents {
                pay: Some(Pay::Due),
                ..Intents::default()
            };
            (number * DAYS_A_MONTH, intents)
        };
        book.loans.push(BookLoan {
            name: name.to_owned(),
            residence: residence(region),
            portfolio,
            product: 0,
            terms: LoanTerms {
                principal: Amount::new(principal).context("an amount above the largest")?,
                rate_ppm: RATE_PPM,
                instalments: MONTHS,
                first_due: add_months(begin, 1),
                schedule: Vec::new(),
            },
            start: 0,
            intents: (1..=paid).map(pay).collect::<BTreeMap<_, _>>(),
            outcome: OF_THE_STORY,
        });
    }
    let [ada, bo, dee, eli] = places;
    Ok(People { ada, bo, dee, eli })
}
