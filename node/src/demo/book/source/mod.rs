//! Where the loans come from: files of real lenders, or made up in the same shape.

mod consumer_loan;
mod czech_bank;
mod lending_club;
mod regions;
mod synthetic;

pub use consumer_loan::{ConsumerLoan, Paid, Status};
pub use czech_bank::{CzechLoan, CzechStatus};
pub use regions::residence;
pub use synthetic::synthetic;

/// A decimal as a whole number of its last place, rounded half up; never through a float. `None` for
/// anything else than digits with one point.
#[must_use]
pub fn decimal(text: &str, places: usize) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let kept = fraction.chars().chain(std::iter::repeat('0')).take(places);
    let number: u64 = whole.chars().chain(kept).collect::<String>().parse().ok()?;
    let next = fraction.as_bytes().get(places);
    number.checked_add(u64::from(next.is_some_and(|digit| *digit >= b'5')))
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_are_rounded_half_up() {
        for (text, places, number) in [
            ("12008.86333", 2, Some(1_200_886)),
            ("21.10000003", 2, Some(2_110)),
            ("0.005", 2, Some(1)),
            ("5.32", 4, Some(53_200)),
            ("15", 2, Some(1_500)),
            ("1e5", 2, None),
            ("-1", 2, None),
            ("", 2, Some(0)),
        ] {
            assert_eq!(decimal(text, places), number, "{text}");
        }
    }
}
