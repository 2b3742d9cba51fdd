use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// The definition, without an idea of how to store it.
#[derive(Default)]
struct Naive {
    base: u64,
    used: BTreeSet<u64>,
}

impl Naive {
    fn try_use(&mut self, nonce: u64) -> Result<(), NonceRefusal> {
        if nonce < self.base {
            return Err(NonceRefusal::Below);
        }
        if nonce - self.base >= NONCE_WINDOW + NONCE_JUMP_MAX || nonce == u64::MAX {
            return Err(NonceRefusal::TooFar);
        }
        if !self.used.insert(nonce) {
            return Err(NonceRefusal::Used);
        }
        self.base = self.base.max((nonce + 1).saturating_sub(NONCE_WINDOW));
        while self.used.contains(&self.base) {
            self.base += 1;
        }
        Ok(())
    }
}

fn written(window: &NonceWindow) -> NonceWindow {
    let mut bytes = Vec::new();
    window.write(9, &mut FieldWriter::new(&mut bytes));
    let account = <wire::Account as prost::Message>::decode(bytes.as_slice()).unwrap();
    NonceWindow::from_wire(account.nonces.as_ref()).unwrap()
}

#[test]
fn table() {
    const W: u64 = NONCE_WINDOW;
    const J: u64 = NONCE_JUMP_MAX;
    use NonceRefusal::{Below, TooFar, Used};
    // Nonces in order, what each gives, and the base after it.
    let steps: &[(u64, Result<(), NonceRefusal>, u64)] = &[
        (0, Ok(()), 1),
        (0, Err(Below), 1),
        (3, Ok(()), 1),
        (3, Err(Used), 1),
        (2, Ok(()), 1),
        (1, Ok(()), 4),
        (4 + W - 1, Ok(()), 4),
        (4 + W - 1, Err(Used), 4),
        (4 + W + J, Err(TooFar), 4),
        (4 + W + J - 1, Ok(()), 4 + J),
        (4 + J - 1, Err(Below), 4 + J),
        (4 + W - 1, Err(Below), 4 + J),
        (4 + J, Ok(()), 5 + J),
        (u64::MAX, Err(TooFar), 5 + J),
    ];
    let mut window = NonceWindow::default();
    for (nonce, expected, base) in steps {
        assert_eq!(window.try_use(*nonce), *expected, "nonce {nonce}");
        assert_eq!(window.base(), *base, "base after {nonce}");
    }
}

#[test]
fn the_end_of_the_numbers_is_refused() {
    let mut window = NonceWindow {
        base: u64::MAX - 1,
        used: Vec::new(),
    };
    assert_eq!(window.try_use(u64::MAX), Err(NonceRefusal::TooFar));
    assert_eq!(window.try_use(u64::MAX - 1), Ok(()));
    assert_eq!(window.base(), u64::MAX);
    assert_eq!(window.try_use(u64::MAX), Err(NonceRefusal::TooFar));
}

proptest! {
    #[test]
    fn agrees_with_a_naive_set(steps in prop::collection::vec(
        prop_oneof![3 => 0u64..70, 2 => 0u64..2_100, 1 => 1_000u64..1_030], 1..400,
    )) {
        let mut window = NonceWindow::default();
        let mut naive = Naive::default();
        let mut cursor = 0;
        for (index, step) in steps.iter().enumerate() {
            if index % 16 == 0 {
                cursor = window.base().saturating_sub(5);
            }
            let nonce = cursor + step;
            prop_assert_eq!(window.try_use(nonce), naive.try_use(nonce));
            prop_assert_eq!(window.base(), naive.base);
            prop_assert!(window.used.len() <= 16);
            prop_assert!(window.used.last() != Some(&0));
            prop_assert!(window.used.first().is_none_or(|word| word & 1 == 0));
        }
        prop_assert_eq!(written(&window), window);
    }
}
