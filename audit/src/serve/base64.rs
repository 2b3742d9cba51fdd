//! Base64url without padding, as JSON and headers carry bytes.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// As text.
pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .ok()
}
