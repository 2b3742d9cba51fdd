//! Division among several, to the last minor unit.

use talea_types::Amount;

/// Parts of an amount in proportion to weights: each rounded down, and what that leaves over goes one
/// minor unit each to the first that have a weight. The parts sum to the amount. Where the weights are
/// claims and the amount is at most their sum, no part exceeds its claim.
///
/// # Panics
/// When there is something to divide and no weight: a bug of the caller.
#[must_use]
pub fn split(amount: Amount, weights: &[u64]) -> Vec<Amount> {
    let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    assert!(
        total > 0 || amount.is_zero(),
        "{amount} cannot be divided among nobody"
    );
    let units = amount.minor_units();
    let part = |weight: &u64| {
        let product = u128::from(units).saturating_mul((*weight).into());
        u64::try_from(product.checked_div(total).unwrap_or_default()).unwrap_or_default()
    };
    let mut parts: Vec<u64> = weights.iter().map(part).collect();
    let given = parts
        .iter()
        .fold(0_u64, |sum, part| sum.saturating_add(*part));
    let mut left = units.saturating_sub(given);
    for (part, weight) in parts.iter_mut().zip(weights) {
        if left > 0 && *weight > 0 {
            *part = part.saturating_add(1);
            left = left.saturating_sub(1);
        }
    }
    assert!(left == 0, "{left} of {amount} were not divided");
    parts.into_iter().filter_map(Amount::new).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(amount: u64, weights: &[u64]) -> Vec<u64> {
        let parts = split(Amount::new(amount).unwrap(), weights);
        parts.iter().map(|part| part.minor_units()).collect()
    }

    #[test]
    fn what_is_left_over_goes_to_the_first() {
        assert_eq!(parts(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(parts(2, &[0, 1, 1, 1]), [0, 1, 1, 0]);
        assert_eq!(parts(0, &[0, 0]), [0, 0]);
        assert_eq!(parts(7, &[300_000, 700_000]), [3, 4]);
    }

    proptest! {
        #[test]
        fn parts_sum_and_stay_within_their_claims(
            claims in prop::collection::vec(0_u64..1 << 42, 1..9),
            tenths in 0_u64..=10,
        ) {
            let total: u64 = claims.iter().sum();
            prop_assume!(total > 0);
            let amount = total / 10 * tenths + if tenths == 10 { total % 10 } else { 0 };
            let parts = parts(amount, &claims);
            prop_assert_eq!(parts.iter().sum::<u64>(), amount);
            prop_assert!(parts.iter().zip(&claims).all(|(part, claim)| part <= claim));
        }
    }
}
