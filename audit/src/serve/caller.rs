//! Who asks: a reader's token, as a node takes it, or the session that was given for one.
//!
//! Kept true: what is shown and worth nothing is refused and never taken for nothing; that a key is one of the
//! reader's is asked of the verified state for every question.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode, header};
use parking_lot::Mutex;
use talea_client::NetworkInfo;
use talea_ledger::Ledger;
use talea_types::{
    DecodeError, Hash, PublicKey, SecretKey, Subject, Timestamp,
    access::{ReaderStatement, ReaderToken, TokenError},
    hash::tagged,
};

use super::{Desk, answer::Problem, base64};
use crate::limits::TOKENS_KEPT;

/// Who asks: as whom, and the key that showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) subject: Subject,
    pub(super) key: PublicKey,
}

/// Makes a token for a desk, worth something from now until [`TOKEN_MS`] later by the time of the ledger.
///
/// # Errors
/// [`DecodeError`] when the reader is neither an account nor an organisation.
pub fn token(
    network: &NetworkInfo,
    desk: PublicKey,
    reader: Subject,
    key: &SecretKey,
) -> Result<String, DecodeError> {
    let statement = ReaderStatement {
        chain: network.chain,
        reader,
        audience: desk,
        expires_at: network.ledger_time.plus_millis(TOKEN_MS),
        key: key.public_key(),
    };
    Ok(base64::encode(ReaderToken::sign(statement, key)?.encoded()))
}

/// Reads the key of a desk as its page shows it.
#[must_use]
pub fn desk_key(text: &str) -> Option<PublicKey> {
    let bytes = base64::decode(text)?;
    bytes.try_into().ok().map(PublicKey::from_bytes)
}

/// How far ahead of ledger time tokens end: below the ten minutes that are taken at most.
const TOKEN_MS: u64 = 8 * 60_000;

/// What a request shows.
enum Shown<'a> {
    Nothing,
    Token(&'a str),
    Session(&'a str),
}

impl Desk {
    /// Who asks; `None` when nothing is shown.
    pub(super) fn caller(&self, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        let caller = match shown(headers)? {
            Shown::Nothing => return Ok(None),
            Shown::Token(text) => self.by_token(text)?,
            Shown::Session(secret) => self.sessions.find(secret).ok_or_else(|| {
                refused(
                    "SESSION_ENDED",
                    "this session has ended, or was of another run of the desk",
                    "show a reader's token again",
                )
            })?,
        };
        check_key(&self.ledger.read(), &caller)?;
        Ok(Some(caller))
    }

    /// Who shows a token: a session is not enough to begin another.
    pub(super) fn caller_by_token(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let Shown::Token(text) = shown(headers)? else {
            return Err(required());
        };
        let caller = self.by_token(text)?;
        check_key(&self.ledger.read(), &caller)?;
        Ok(caller)
    }

    /// The secret of the session that a request shows.
    pub(super) fn session_of(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
        Ok(match shown(headers)? {
            Shown::Session(secret) => Some(secret),
            Shown::Nothing | Shown::Token(_) => None,
        })
    }

    fn by_token(&self, text: &str) -> Result<Caller, Problem> {
        let invalid = |message: String| {
            refused(
                "TOKEN_INVALID",
                message,
                "make a token for this desk: its network and desk_key are those of /api/network",
            )
        };
        let bytes = base64::decode(text)
            .ok_or_else(|| invalid("the reader's token is not base64url".to_owned()))?;
        let token =
            ReaderToken::decode(bytes.into()).map_err(|error| invalid(error.to_string()))?;
        let now = self.ledger.read().time();
        let wrong = |error: TokenError| match error {
            TokenError::Expired => refused(
                "TOKEN_EXPIRED",
                "the reader's token has expired by the time of the ledger",
                "make a new one: it lasts ten minutes at most, and begins a session of some hours",
            ),
            other => invalid(other.to_string()),
        };
        token.check(&self.chain, &self.key, now).map_err(wrong)?;
        let name = tagged("talea/reader-token/v1", &[token.encoded()]);
        let statement = token.statement();
        if !self.tokens.contains(&name) {
            token.verify_signature().map_err(wrong)?;
            self.tokens.insert(name, statement.expires_at, now);
        }
        Ok(Caller {
            subject: statement.reader,
            key: statement.key,
        })
    }
}

fn shown(headers: &HeaderMap) -> Result<Shown<'_>, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(Shown::Nothing);
    };
    let text = value.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some(("Talea", token)) if values.next().is_none() => Ok(Shown::Token(token.trim())),
        Some(("Desk", secret)) if values.next().is_none() => Ok(Shown::Session(secret.trim())),
        _ => Err(refused(
            "TOKEN_INVALID",
            "the authorization is neither 'Talea TOKEN' nor 'Desk SESSION'",
            "show one of them, once, or nothing",
        )),
    }
}

/// Checks that a key is one of the caller's now.
fn check_key(ledger: &Ledger, caller: &Caller) -> Result<(), Problem> {
    let keys = ledger.keys_of(&caller.subject);
    if keys.is_some_and(|keys| keys.contains(&caller.key, ledger.time())) {
        return Ok(());
    }
    Err(refused(
        "READER_UNKNOWN",
        format!(
            "{} is no key of {} up to the newest verified block",
            caller.key, caller.subject
        ),
        "use a key that is in force",
    ))
}

/// Nobody has shown who asks.
pub(super) fn required() -> Problem {
    refused(
        "READER_REQUIRED",
        "this is not for everybody, and nobody has shown who asks",
        "show a reader's token, signed by a key of an account or an organisation that may see it",
    )
}

fn refused(code: &'static str, message: impl Into<String>, advice: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, message, advice)
}

/// Tokens whose signature verified, until they end. Bounded.
#[derive(Debug, Default)]
pub(super) struct VerifiedTokens(Mutex<BTreeMap<Hash, Timestamp>>);

impl VerifiedTokens {
    fn contains(&self, name: &Hash) -> bool {
        self.0.lock().contains_key(name)
    }

    fn insert(&self, name: Hash, ends: Timestamp, now: Timestamp) {
        let mut kept = self.0.lock();
        kept.retain(|_, end| *end > now);
        // Full of tokens that are good: what is forgotten is verified again.
        if kept.len() >= TOKENS_KEPT {
            kept.clear();
        }
        kept.insert(name, ends);
    }
}
