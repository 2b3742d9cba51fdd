//! Decimal text with one form for each number, for what is signed before the decimals of an asset are
//! known.

/// Most digits before the point: those of the largest amount.
const WHOLE_DIGITS_MAX: usize = 19;

/// The one form of a number such as `0012.50`: `12.5`.
///
/// # Errors
/// `None` for other text than digits with perhaps a point between, and for more digits than an amount has.
#[must_use]
pub fn normal(text: &str) -> Option<String> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let decimals_max = usize::from(talea_types::limits::ASSET_DECIMALS_MAX);
    if whole.len() > WHOLE_DIGITS_MAX || fraction.len() > decimals_max {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form() {
        for (text, form) in [
            ("0", "0"),
            ("0.00", "0"),
            ("12", "12"),
            ("0012.50", "12.5"),
            ("0.07", "0.07"),
            ("9223372036854775807", "9223372036854775807"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(form), "{text}");
            assert_eq!(normal(form).as_deref(), Some(form), "{form}");
        }
        for refused in [
            "",
            ".",
            ".5",
            "5.",
            "-1",
            "1,0",
            "1e3",
            "1.2.3",
            " 1",
            "92233720368547758070",
            "0.000000001",
        ] {
            assert_eq!(normal(refused), None, "{refused}");
        }
    }
}
