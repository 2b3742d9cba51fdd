//! Who reads, and whether it may: from the token in a call's metadata to an account or an organisation,
//! and from there to a verdict of the ledger.
//!
//! Kept true: a token that is not good is refused and never passes for no token; that its key is one of
//! the reader's is asked of the committed state for every call, so that a key that was rotated away reads
//! nothing more; only that the signature verifies is remembered.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use talea_ledger::{
    Ledger,
    access::{self, ReadRefusal, Record},
};
use talea_proto::{ApiError, READER_METADATA, reason};
use talea_types::{
    Hash, PublicKey, Subject, Timestamp,
    access::{ReaderToken, TokenError},
    hash::tagged,
};
use tonic::metadata::MetadataMap;

use super::service::Service;
use crate::limits::api::READER_TOKENS_KEPT;

/// Who calls: as whom it reads, and the key that showed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    subject: Subject,
    key: PublicKey,
}

impl Service {
    /// Who calls; `None` when it shows nothing.
    ///
    /// # Errors
    /// UNAUTHENTICATED when what it shows is worth nothing.
    pub(super) fn caller(&self, metadata: &MetadataMap) -> Result<Option<Caller>, ApiError> {
        let mut shown = metadata.get_all_bin(READER_METADATA).iter();
        let Some(token) = shown.next() else {
            return Ok(None);
        };
        if shown.next().is_some() {
            return Err(invalid("a call carries one reader's token, not several"));
        }
        let bytes = token.to_bytes();
        let bytes = bytes.map_err(|_| invalid("the reader's token is not base64"))?;
        let token = ReaderToken::decode(bytes).map_err(|error| invalid(error.to_string()))?;
        self.verified(&token).map(Some)
    }

    /// Checks that a record may be read now by whoever calls.
    ///
    /// # Errors
    /// UNAUTHENTICATED when nobody has shown who it is, or with a key that is no longer in force;
    /// PERMISSION_DENIED.
    pub(super) fn check_read(
        &self,
        caller: Option<&Caller>,
        record: &Record,
    ) -> Result<(), ApiError> {
        let ledger = self.context.ledger.read();
        if let Some(caller) = caller {
            check_key(&ledger, caller)?;
        }
        let reader = caller.map(|caller| &caller.subject);
        access::check_read(&ledger, reader, record).map_err(denial)
    }

    fn verified(&self, token: &ReaderToken) -> Result<Caller, ApiError> {
        let statement = token.statement();
        let caller = Caller {
            subject: statement.reader,
            key: statement.key,
        };
        let context = &self.context;
        // The time that `GetNetwork` tells, which tokens are made by: the state can be ahead of it, and where the
        // clock of a sandbox is moved, ahead of all that a token may last.
        let now = self.tip().time;
        token
            .check(&context.chain, &context.network_key, now)
            .map_err(refused)?;
        check_key(&context.ledger.read(), &caller)?;
        let name = tagged("talea/reader-token/v1", &[token.encoded()]);
        if !self.tokens.contains(&name) {
            token.verify_signature().map_err(refused)?;
            self.tokens.insert(name, statement.expires_at, now);
        }
        Ok(caller)
    }
}

/// Checks that a key is one of the caller's now.
fn check_key(ledger: &Ledger, caller: &Caller) -> Result<(), ApiError> {
    let keys = ledger.keys_of(&caller.subject);
    if keys.is_some_and(|keys| keys.contains(&caller.key, ledger.time())) {
        return Ok(());
    }
    Err(ApiError::unauthenticated(
        reason::READER_UNKNOWN,
        format!(
            "{} is no key of {} by the state of this node; use one that is in force",
            caller.key, caller.subject
        ),
    ))
}

fn denial(refusal: ReadRefusal) -> ApiError {
    let message = refusal.to_string();
    match refusal {
        ReadRefusal::ReaderRequired { .. } => {
            ApiError::unauthenticated(reason::READER_REQUIRED, message)
        }
        ReadRefusal::Denied { .. } | ReadRefusal::OtherPurpose { .. } => ApiError::denied(message),
        ReadRefusal::NotLogged { subject, .. } => ApiError::read_not_logged(subject, message),
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::unauthenticated(reason::TOKEN_INVALID, message)
}

fn refused(error: TokenError) -> ApiError {
    match error {
        TokenError::Expired => ApiError::unauthenticated(reason::TOKEN_EXPIRED, error.to_string()),
        error => invalid(error.to_string()),
    }
}

/// Tokens whose signature verified, until they end. Bounded.
#[derive(Debug, Default)]
pub(super) struct VerifiedTokens(Mutex<BTreeMap<Hash, Timestamp>>);

impl VerifiedTokens {
    fn contains(&self, name: &Hash) -> bool {
        self.0.lock().contains_key(name)
    }

    fn insert(&self, name: Hash, expires_at: Timestamp, now: Timestamp) {
        let mut kept = self.0.lock();
        if kept.len() >= READER_TOKENS_KEPT {
            kept.retain(|_, end| *end > now);
        }
        // Full of tokens that are good: what is forgotten is verified again.
        if kept.len() >= READER_TOKENS_KEPT {
            kept.clear();
        }
        kept.insert(name, expires_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let tokens = VerifiedTokens::default();
        let name = |number: usize| tagged("test", &[&number.to_be_bytes()]);
        let end = |number| Timestamp::from_millis(if number == 0 { 10 } else { 30 });
        for number in 0..READER_TOKENS_KEPT {
            tokens.insert(name(number), end(number % 2), Timestamp::default());
        }
        assert_eq!(tokens.0.lock().len(), READER_TOKENS_KEPT);
        let more = READER_TOKENS_KEPT;
        tokens.insert(name(more), end(1), Timestamp::from_millis(20));
        assert_eq!(tokens.0.lock().len(), READER_TOKENS_KEPT / 2 + 1);
        assert!(tokens.contains(&name(1)) && !tokens.contains(&name(0)));
        for number in more..2 * more {
            tokens.insert(name(number), end(1), Timestamp::from_millis(20));
        }
        assert!(tokens.0.lock().len() <= READER_TOKENS_KEPT);
        assert!(tokens.contains(&name(2 * more - 1)));
    }
}
