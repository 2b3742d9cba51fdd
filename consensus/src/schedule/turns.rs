//! Taking turns in proportion to voting power, as a function of the height alone.
//!
//! The powers (divided by their common divisor) are laid side by side as slots on a circle, and height
//! `h` takes slot `h * stride`. The stride has no divisor in common with the circle, so in as many
//! heights as there are slots every slot has its turn exactly once; it is near the golden section of
//! the circle, so the turns of one validator are spread out.

/// The validators of `members` (places in the set) in the order in which they propose at `height`.
pub fn rotation(powers: &[u64], members: &[usize], height: u64) -> Vec<usize> {
    let power = |member: &usize| powers.get(*member).copied().unwrap_or(0).max(1);
    let divisor = members
        .iter()
        .map(power)
        .fold(0, greatest_common_divisor)
        .max(1);
    let slots = |member: &usize| power(member).checked_div(divisor).unwrap_or(1);
    let circle = members
        .iter()
        .map(slots)
        .fold(0, u64::saturating_add)
        .max(1);
    let slot = slot_of(height, circle);
    let mut end = 0_u64;
    let first = members.iter().position(|member| {
        end = end.saturating_add(slots(member));
        slot < end
    });
    let mut order = members.to_vec();
    order.rotate_left(first.unwrap_or(0));
    order
}

/// `height * stride` on a circle of `circle` slots.
fn slot_of(height: u64, circle: u64) -> u64 {
    let product = u128::from(height).saturating_mul(u128::from(stride(circle)));
    let slot = product.checked_rem(u128::from(circle)).unwrap_or(0);
    u64::try_from(slot).unwrap_or(0)
}

/// The smallest number from the golden section of the circle on that has no divisor in common with it.
fn stride(circle: u64) -> u64 {
    let golden = u128::from(circle).saturating_mul(618) / 1_000;
    let mut stride = u64::try_from(golden).unwrap_or(1).max(1);
    while greatest_common_divisor(stride, circle) != 1 {
        stride = stride.saturating_add(1);
    }
    stride
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}
