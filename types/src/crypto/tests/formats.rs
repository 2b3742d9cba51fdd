//! The texts of keys and signatures.

use super::{Case, PublicKey, Signature, secret};
use crate::crypto::HexError;

#[test]
fn text_and_json_come_back() {
    let case = Case::good(1, b"text");
    let text = case.key.to_string();
    assert_eq!(text.len(), 64);
    assert_eq!(text.parse(), Ok(case.key));
    assert_eq!(case.signature.to_string().parse(), Ok(case.signature));
    let json = serde_json::to_string(&(case.key, case.signature)).unwrap();
    assert_eq!(json, format!("[\"{}\",\"{}\"]", case.key, case.signature));
    let back: (PublicKey, Signature) = serde_json::from_str(&json).unwrap();
    assert_eq!(back, (case.key, case.signature));
}

#[test]
fn only_the_printed_form_is_read() {
    let text = secret(1).public_key().to_string();
    let length = |found| {
        Err(HexError::Length {
            expected: 64,
            found,
        })
    };
    assert_eq!(text[1..].parse::<PublicKey>(), length(63));
    assert_eq!(format!("{text}00").parse::<PublicKey>(), length(66));
    assert_eq!("".parse::<PublicKey>(), length(0));
    assert_eq!(
        text.to_uppercase().parse::<PublicKey>(),
        Err(HexError::Digit)
    );
    assert_eq!("é".repeat(32).parse::<PublicKey>(), Err(HexError::Digit));
    assert!(serde_json::from_str::<PublicKey>("\"00\"").is_err());
    assert!(serde_json::from_str::<PublicKey>("[1,2]").is_err());
}

#[test]
fn the_secret_is_not_printed() {
    let secret = secret(1);
    let printed = format!("{secret:?}");
    assert_eq!(printed, format!("SecretKey(of {})", secret.public_key()));
    assert!(!printed.contains(&hex::encode([1u8; 32])));
}
