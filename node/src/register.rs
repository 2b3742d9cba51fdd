//! Who may connect: the peers of the settings, and every validator that the ledger names.
//!
//! The ledger decides who votes, so it decides who may speak: an organisation that joins is let in by all
//! others once a change of the validator set that names its network key is accepted, before it votes, so that
//! it can catch up. Nobody edits settings for that; the newcomer knows addresses of the others and dials them.
//! A validator that leaves stays a peer only where the settings name it.

use std::collections::{BTreeMap, BTreeSet};

use talea_ledger::Ledger;
use talea_types::{PublicKey, Validator, operation::Change, state::ValidatorSchedule};

use crate::{
    config::{PeerEntry, PeerKey},
    limits::network::PEERS_MAX,
    network::{PeerConfig, PeerRole},
};

/// The settings' part of the register.
#[derive(Clone, Debug)]
pub struct Register {
    own: PublicKey,
    configured: Vec<PeerEntry>,
}

/// Validators that the ledger names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedValidators {
    /// Those that decide the next two heights.
    pub schedule: ValidatorSchedule,
    /// Those that accepted proposals take in later, or change.
    pub joining: Vec<Validator>,
}

impl NamedValidators {
    /// Those of a ledger's state.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        Self {
            schedule: ledger.validator_schedule().clone(),
            joining: joining(ledger).cloned().collect(),
        }
    }

    /// Whether a ledger's state names the same.
    #[must_use]
    pub fn are_of(&self, ledger: &Ledger) -> bool {
        self.schedule == *ledger.validator_schedule() && self.joining.iter().eq(joining(ledger))
    }
}

fn joining(ledger: &Ledger) -> impl Iterator<Item = &Validator> {
    let accepted = ledger
        .proposals()
        .filter(|(_, proposal)| proposal.accepted.is_some());
    accepted.flat_map(|(_, proposal)| match &proposal.change {
        Change::ValidatorSetChange(change) => change.upserts.as_slice(),
        _ => &[],
    })
}

/// A peer with its network key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredPeer {
    /// The key that it proves.
    pub key: PublicKey,
    /// What the network is told.
    pub config: PeerConfig,
}

impl Register {
    /// Of a node with this network key, whose settings name these peers.
    #[must_use]
    pub const fn new(own: PublicKey, configured: Vec<PeerEntry>) -> Self {
        Self { own, configured }
    }

    /// Everybody who may connect while the ledger names these, at most [`PEERS_MAX`]; validators come
    /// first, those that join last. Broadcasts to validators reach those that decide the next two heights.
    #[must_use]
    pub fn peers(&self, named: &NamedValidators) -> Vec<RegisteredPeer> {
        let schedule = &named.schedule;
        let deciding = schedule.current.iter().chain(schedule.next.iter());
        let deciding = deciding.map(|(_, validator)| validator);
        let deciding: BTreeMap<PublicKey, &Validator> = by_network_key(deciding);
        let joining = by_network_key(named.joining.iter());
        let configured: BTreeMap<PublicKey, &PeerEntry> = self
            .configured
            .iter()
            .map(|entry| (entry.key.key(), entry))
            .collect();

        let of_settings = self.configured.iter().map(|entry| entry.key.key_ref());
        let keys = deciding.keys().chain(of_settings).chain(joining.keys());
        let mut seen = BTreeSet::from([self.own]);
        let mut peers = Vec::new();
        for key in keys.filter(|key| seen.insert(**key)) {
            let entry = configured.get(key);
            let validator = deciding.get(key).or_else(|| joining.get(key));
            let name = validator.map(|validator| &validator.name);
            let name = name.or_else(|| entry.map(|entry| &entry.name));
            let Ok(identity) = PeerKey::try_from(*key) else {
                tracing::warn!(%key, "a validator's network key is no Ed25519 key; it cannot connect");
                continue;
            };
            let role = match deciding.contains_key(key) {
                true => PeerRole::Validator,
                false => PeerRole::Observer,
            };
            let config = PeerConfig {
                name: name.cloned().unwrap_or_default(),
                peer_id: identity.peer_id(),
                addresses: entry.map_or_else(Vec::new, |entry| entry.addresses.clone()),
                role,
            };
            peers.push(RegisteredPeer { key: *key, config });
        }
        if peers.len() > PEERS_MAX {
            tracing::warn!(
                count = peers.len(),
                "too many peers are registered; the last are left out"
            );
            peers.truncate(PEERS_MAX);
        }
        peers
    }
}

fn by_network_key<'a>(
    validators: impl Iterator<Item = &'a Validator>,
) -> BTreeMap<PublicKey, &'a Validator> {
    validators
        .map(|validator| (validator.network_key, validator))
        .collect()
}

#[cfg(test)]
mod tests {
    use talea_types::{ParticipantId, SecretKey, ValidatorSet};

    use super::*;

    fn key(number: u8) -> PublicKey {
        SecretKey::from_seed([number; 32]).public_key()
    }

    fn set(numbers: &[u8]) -> ValidatorSet {
        let validator = |number: &u8| Validator {
            participant: ParticipantId::from_bytes([*number; 16]),
            voting_key: key(*number + 100),
            power: 1,
            network_key: key(*number),
            name: format!("validator-{number}"),
        };
        ValidatorSet::new(numbers.iter().map(validator)).unwrap()
    }

    fn unchanging(numbers: &[u8]) -> NamedValidators {
        NamedValidators {
            schedule: ValidatorSchedule::unchanging(set(numbers)),
            joining: Vec::new(),
        }
    }

    fn entry(number: u8) -> PeerEntry {
        PeerEntry {
            name: format!("entry-{number}"),
            key: PeerKey::try_from(key(number)).unwrap(),
            addresses: vec![format!("/ip4/127.0.0.1/tcp/{number}").parse().unwrap()],
        }
    }

    fn names(register: &Register, named: &NamedValidators) -> BTreeMap<String, (PeerRole, usize)> {
        let peers = register.peers(named).into_iter();
        peers
            .map(|peer| {
                (
                    peer.config.name,
                    (peer.config.role, peer.config.addresses.len()),
                )
            })
            .collect()
    }

    #[test]
    fn the_ledger_lets_validators_in_and_says_who_votes() {
        use PeerRole::{Observer, Validator};
        let register = Register::new(key(1), vec![entry(2), entry(3), entry(9)]);
        let mut named = unchanging(&[1, 2, 3]);
        let expected = |list: &[(&str, PeerRole, usize)]| -> BTreeMap<_, _> {
            let list = list.iter();
            list.map(|(name, role, addresses)| ((*name).to_owned(), (*role, *addresses)))
                .collect()
        };
        let before = [
            ("validator-2", Validator, 1),
            ("validator-3", Validator, 1),
            ("entry-9", Observer, 1),
        ];
        assert_eq!(names(&register, &named), expected(&before));

        named.joining = set(&[4]).iter().map(|(_, one)| one.clone()).collect();
        let mut pending = before.to_vec();
        pending.push(("validator-4", Observer, 0));
        assert_eq!(names(&register, &named), expected(&pending));

        named.schedule.next = set(&[1, 2, 4]);
        named.joining.clear();
        pending[3].1 = Validator;
        assert_eq!(names(&register, &named), expected(&pending));

        named.schedule.current = set(&[1, 2, 4]);
        let after = [
            ("validator-2", Validator, 1),
            ("validator-4", Validator, 0),
            ("entry-3", Observer, 1),
            ("entry-9", Observer, 1),
        ];
        assert_eq!(names(&register, &named), expected(&after));
    }

    #[test]
    fn validators_come_before_what_does_not_fit() {
        let entries = (0..PEERS_MAX).map(|number| {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&number.to_be_bytes());
            let key = SecretKey::from_seed(seed).public_key();
            PeerEntry {
                name: "entry".to_owned(),
                key: PeerKey::try_from(key).unwrap(),
                addresses: Vec::new(),
            }
        });
        let register = Register::new(key(1), entries.collect());
        let peers = register.peers(&unchanging(&[1, 2, 3]));
        assert_eq!(peers.len(), PEERS_MAX);
        let validators = peers
            .iter()
            .filter(|peer| peer.config.role == PeerRole::Validator);
        assert_eq!(validators.count(), 2);
    }
}
