//! Says what is refused, and to which organisation. Figures count refusals by method and reason, because labels must not
//! come from clients. Kept true: one line an interval, however many are refused, about the last of them: who is refused
//! most is told of most. An address may be that of a person and is in no log (ADR 40).

use std::time::Instant;

use parking_lot::Mutex;
use tonic::Code;

use super::{connection::Peer, shares::ClientId};
use crate::limits::api::REFUSED_LOG_INTERVAL;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct RefusedLog(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    since_last: u64,
    last: Option<Instant>,
}

impl RefusedLog {
    /// Whether a refusal is about how a client behaves.
    pub(super) const fn is_of_interest(code: Code) -> bool {
        matches!(code, Code::ResourceExhausted | Code::InvalidArgument)
    }

    /// Counts refusals of one client, for one reason.
    pub(super) fn on_refused(&self, peer: Option<&Peer>, method: &str, why: &str, count: u64) {
        if let Some(refused) = self.0.lock().due(count, Instant::now()) {
            let last = name(peer.map_or(ClientId::Unknown, Peer::client));
            tracing::info!(refused, last, method, why, "clients are refused");
        }
    }
}

/// What the log may say of a client.
fn name(client: ClientId) -> String {
    match client {
        ClientId::Organisation(id) => format!("organisation {id}"),
        ClientId::Address(_) | ClientId::Unknown => "somebody without a certificate".to_owned(),
    }
}

impl Counted {
    /// How many to tell of, when it is time for a line.
    fn due(&mut self, count: u64, now: Instant) -> Option<u64> {
        self.since_last = self.since_last.saturating_add(count);
        let passed = |last| now.saturating_duration_since(last) >= REFUSED_LOG_INTERVAL;
        self.last.is_none_or(passed).then(|| {
            self.last = Some(now);
            std::mem::take(&mut self.since_last)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use talea_types::ParticipantId;

    use super::*;

    #[test]
    fn an_organisation_is_named_and_an_address_is_not() {
        let address = ClientId::of_address("192.0.2.7".parse().unwrap());
        assert!(!name(address).contains("192"));
        let id = ParticipantId::from_bytes([7; 16]);
        assert!(name(ClientId::Organisation(id)).contains(&id.to_string()));
    }

    #[test]
    fn one_line_an_interval_tells_of_all() {
        let begin = Instant::now();
        let mut counted = Counted::default();
        assert_eq!(counted.due(3, begin), Some(3), "the first at once");
        let soon = begin + REFUSED_LOG_INTERVAL - Duration::from_millis(1);
        assert_eq!(counted.due(4, begin), None);
        assert_eq!(counted.due(5, soon), None);
        assert_eq!(counted.due(1, begin + REFUSED_LOG_INTERVAL), Some(10));
    }
}
