//! Sessions: who has shown a token once is known by a secret for some hours. Bounded, in memory alone: they end
//! with the desk.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use blake3::Hash;
use parking_lot::Mutex;

use super::{base64, caller::Caller};
use crate::limits::{SESSION_MAX, SESSIONS_MAX};

/// Secrets and who holds them.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<BTreeMap<[u8; 32], Session>>);

#[derive(Clone, Copy, Debug)]
struct Session {
    caller: Caller,
    began: Instant,
    /// `None`: as long as the desk runs.
    lasts: Option<Duration>,
}

impl Session {
    fn is_over(&self) -> bool {
        self.lasts
            .is_some_and(|lasts| self.began.elapsed() >= lasts)
    }
}

impl Sessions {
    /// A session of whoever showed a token; gives the secret.
    pub(super) fn begin(&self, caller: Caller) -> String {
        self.add(caller, Some(SESSION_MAX))
    }

    /// The session of whoever started the desk, for as long as it runs.
    pub(super) fn begin_own(&self, caller: Caller) -> String {
        self.add(caller, None)
    }

    fn add(&self, caller: Caller, lasts: Option<Duration>) -> String {
        let mut secret = [0; 32];
        // Without randomness no session is safe, and nothing else of the desk needs any.
        getrandom::fill(&mut secret).unwrap_or_else(|error| panic!("no randomness: {error}"));
        let secret = base64::encode(&secret);
        let mut all = self.0.lock();
        all.retain(|_, session| !session.is_over());
        if all.len() >= SESSIONS_MAX {
            let ending = all.iter().filter(|(_, session)| session.lasts.is_some());
            let oldest = ending.min_by_key(|(_, session)| session.began);
            if let Some(oldest) = oldest.map(|(name, _)| *name) {
                all.remove(&oldest);
            }
        }
        let session = Session {
            caller,
            began: Instant::now(),
            lasts,
        };
        all.insert(name(&secret), session);
        secret
    }

    /// Who holds a secret.
    pub(super) fn find(&self, secret: &str) -> Option<Caller> {
        let all = self.0.lock();
        let found = all.get(&name(secret)).filter(|session| !session.is_over());
        found.map(|session| session.caller)
    }

    /// Ends a session.
    pub(super) fn end(&self, secret: &str) -> bool {
        self.0.lock().remove(&name(secret)).is_some()
    }
}

/// Looked up by its hash, so that how long that takes says nothing of the secret.
fn name(secret: &str) -> [u8; 32] {
    *Hash::as_bytes(&blake3::hash(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use talea_types::{AccountId, SecretKey, Subject};

    use super::*;

    #[test]
    fn they_are_bounded_and_the_own_one_stays() {
        let sessions = Sessions::default();
        let caller = |number: u8| Caller {
            subject: Subject::Account(AccountId::from_bytes([number; 16])),
            key: SecretKey::from_seed([number; 32]).public_key(),
        };
        let own = sessions.begin_own(caller(1));
        let first = sessions.begin(caller(2));
        for _ in 2..SESSIONS_MAX {
            sessions.begin(caller(3));
        }
        assert_eq!(sessions.find(&first), Some(caller(2)));
        let last = sessions.begin(caller(4));
        assert_eq!(sessions.0.lock().len(), SESSIONS_MAX);
        assert_eq!(sessions.find(&first), None);
        assert_eq!(sessions.find(&own), Some(caller(1)));
        assert!(sessions.end(&last) && !sessions.end(&last));
        assert_eq!(sessions.find(&last), None);
    }
}
