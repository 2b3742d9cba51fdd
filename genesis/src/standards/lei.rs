//! Legal Entity Identifiers (ISO 17442): 18 capital letters and digits, then two check digits of
//! ISO/IEC 7064 MOD 97-10.

/// Whether the text is an identifier with matching check digits.
#[must_use]
pub fn is_valid(lei: &str) -> bool {
    let check_digits_are_digits = lei.bytes().skip(18).all(|byte| byte.is_ascii_digit());
    lei.len() == 20 && check_digits_are_digits && remainder(lei) == Some(1)
}

/// The identifier whose first 18 characters are these.
///
/// # Errors
/// `None` unless they are 18 capital letters and digits.
#[must_use]
pub fn with_check_digits(first: &str) -> Option<String> {
    if first.len() != 18 {
        return None;
    }
    let check = 98 - remainder(&format!("{first}00"))?;
    Some(format!("{first}{check:02}"))
}

/// The number that the text spells (A = 10 .. Z = 35), modulo 97.
fn remainder(text: &str) -> Option<u32> {
    text.bytes().try_fold(0, |remainder, byte| match byte {
        b'0'..=b'9' => Some((remainder * 10 + u32::from(byte - b'0')) % 97),
        b'A'..=b'Z' => Some((remainder * 100 + u32::from(byte - b'A') + 10) % 97),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_identifiers_and_slips_of_the_hand() {
        // Deutsche Bank, Apple and GLEIF itself, from the public register.
        for lei in [
            "7LTWFZYICNSX8D621K86",
            "HWUPKR0MPOU8FGXBT394",
            "506700GE1G29325QX363",
        ] {
            assert!(is_valid(lei), "{lei}");
            assert_eq!(with_check_digits(&lei[..18]).as_deref(), Some(lei));
            for position in 0..20 {
                let mut changed = lei.as_bytes().to_vec();
                changed[position] = if changed[position] == b'7' {
                    b'8'
                } else {
                    b'7'
                };
                assert!(!is_valid(std::str::from_utf8(&changed).unwrap()));
            }
        }
        for refused in [
            "",
            "7LTWFZYICNSX8D621K8",
            "7ltwfzyicnsx8d621k86",
            "7LTWFZYICNSX8D621K861",
        ] {
            assert!(!is_valid(refused), "{refused}");
        }
        assert_eq!(with_check_digits("short"), None);
        assert_eq!(with_check_digits("TALEASANDBOX00000é"), None);
    }
}
