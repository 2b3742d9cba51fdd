//! What a payment goes to.

use talea_types::{Amount, credit::Component};

/// What is owed, or what was paid, by component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Fees that were charged.
    pub fees: Amount,
    /// Interest that has accrued.
    pub interest: Amount,
    /// Principal.
    pub principal: Amount,
}

impl Owed {
    /// One component.
    #[must_use]
    pub const fn of(&self, component: Component) -> Amount {
        match component {
            Component::Fees => self.fees,
            Component::Interest => self.interest,
            Component::Principal => self.principal,
        }
    }

    const fn of_mut(&mut self, component: Component) -> &mut Amount {
        match component {
            Component::Fees => &mut self.fees,
            Component::Interest => &mut self.interest,
            Component::Principal => &mut self.principal,
        }
    }

    /// All together; `None` above the largest amount.
    #[must_use]
    pub fn total(&self) -> Option<Amount> {
        self.fees.try_add(self.interest)?.try_add(self.principal)
    }
}

/// Splits a payment: it goes to the first component until nothing of it is owed, then to the next. The
/// parts sum to the amount. `None` when it is more than is owed.
#[must_use]
pub fn waterfall(amount: Amount, owed: &Owed, order: &[Component; 3]) -> Option<Owed> {
    let mut left = amount;
    let mut parts = Owed::default();
    for component in order {
        let part = left.min(owed.of(*component));
        *parts.of_mut(*component) = part;
        left = left.try_sub(part)?;
    }
    left.is_zero().then_some(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn owed([fees, interest, principal]: [u64; 3]) -> Owed {
        let [fees, interest, principal] =
            [fees, interest, principal].map(|one| Amount::new(one).unwrap());
        Owed {
            fees,
            interest,
            principal,
        }
    }

    #[test]
    fn in_the_order_of_the_product() {
        use Component::{Fees, Interest, Principal};
        let due = owed([30, 200, 1_000]);
        let paid = |amount, order| waterfall(Amount::new(amount).unwrap(), &due, &order);
        assert_eq!(
            paid(250, [Fees, Interest, Principal]),
            Some(owed([30, 200, 20]))
        );
        assert_eq!(
            paid(250, [Principal, Interest, Fees]),
            Some(owed([0, 0, 250]))
        );
        assert_eq!(paid(1_230, [Interest, Principal, Fees]), Some(due));
        assert_eq!(paid(1_231, [Interest, Principal, Fees]), None);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_payment(fees in 0_u64..99, interest in 0_u64..9_999, principal in 0_u64..99_999, amount in 0_u64..120_000) {
            let due = owed([fees, interest, principal]);
            let order = [Component::Fees, Component::Interest, Component::Principal];
            match waterfall(Amount::new(amount).unwrap(), &due, &order) {
                Some(parts) => prop_assert_eq!(parts.total().unwrap().minor_units(), amount),
                None => prop_assert!(amount > fees + interest + principal),
            }
        }
    }
}
