//! Whose key signed an export, by the verified ledger: the keys that organisations were registered with, and every
//! rotation since.

use bytes::Bytes;
use talea_genesis::GenesisRecord;
use talea_types::{Event, EventDetail, KeyPolicy, ParticipantId, PublicKey, Subject, Timestamp};

use super::VerifyError;
use crate::{Index, IndexError};

/// What becomes of an export that a key signed which is nobody's on the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// It does not verify.
    Refused,
    /// It does, and the signer has no name.
    Allowed,
}

/// Who signed an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The key.
    pub key: PublicKey,
    /// Whose it is: an organisation, its name, and the block from which it was its key; `None` for a stranger.
    pub of: Option<(ParticipantId, String, u64)>,
}

/// The keys of an organisation from a block on.
struct Policy {
    height: u64,
    policy: KeyPolicy,
    /// Until when the policy before it suffices too.
    overlap_until: Timestamp,
}

impl Signer {
    /// Whose a key is at the last block of an export, or later: who signs an export of last year has today's key.
    pub(super) fn find(
        key: PublicKey,
        record: &GenesisRecord,
        index: Option<&Index>,
        height: u64,
        strangers: Strangers,
    ) -> Result<Self, VerifyError> {
        let mut organisations: Vec<(ParticipantId, String, Vec<Policy>)> = record
            .participants()
            .map(|one| {
                (
                    one.id(),
                    one.name.clone(),
                    vec![Policy::first(0, &one.policy)],
                )
            })
            .collect();
        let mut time = Timestamp::default();
        if let Some(index) = index {
            add_changes(index, &mut organisations)?;
            time = time_of(index, height)?;
        }
        let mut ended = None;
        for (id, name, policies) in organisations {
            for (at, one) in policies.iter().enumerate() {
                if !one.policy.contains(&key) {
                    continue;
                }
                let next = policies.get(at + 1);
                if next.is_none_or(|next| next.height > height || next.overlap_until > time) {
                    let of = Some((id, name, one.height));
                    return Ok(Self { key, of });
                }
                ended = next.map(|next| (name.clone(), next.height));
            }
        }
        if strangers == Strangers::Allowed {
            return Ok(Self { key, of: None });
        }
        let why = match (ended, index) {
            (Some((name, height)), _) => {
                format!("{name} replaced by another in block {height}, before the export ends")
            }
            (None, Some(_)) => "no organisation has or had by the verified ledger".to_owned(),
            (None, None) => {
                "no organisation has by the genesis document; --index tells of keys that came later"
                    .to_owned()
            }
        };
        Err(VerifyError::Stranger { key, why })
    }
}

impl Policy {
    fn first(height: u64, policy: &KeyPolicy) -> Self {
        Self {
            height,
            policy: policy.clone(),
            overlap_until: Timestamp::default(),
        }
    }
}

/// Adds the organisations that came after genesis, and all rotations of keys, in the order in which they happened.
fn add_changes(
    index: &Index,
    organisations: &mut Vec<(ParticipantId, String, Vec<Policy>)>,
) -> Result<(), VerifyError> {
    const ASK: &str = "SELECT height, bytes FROM event WHERE kind = $1 ORDER BY height, position";
    for kind in ["Registered", "KeysRotated"] {
        index.each(ASK, &[kind.into()], |row| {
            let height = row.integer(0)?.unsigned_abs();
            let event = Event::decode(&Bytes::copy_from_slice(row.bytes(1)?))?;
            let Subject::Participant(id) = event.subject else {
                return Ok(());
            };
            let known = organisations.iter_mut().find(|(one, ..)| *one == id);
            match (&*event.detail, known) {
                (EventDetail::Registered(registered), None) => {
                    let terms = &registered.registration;
                    let first = Policy::first(height, &terms.policy);
                    organisations.push((id, terms.name.clone(), vec![first]));
                }
                (EventDetail::KeysRotated(rotated), Some((_, _, policies))) => {
                    policies.push(Policy {
                        height,
                        policy: rotated.policy.clone(),
                        overlap_until: rotated.overlap_until,
                    });
                }
                _ => {}
            }
            Ok::<_, VerifyError>(())
        })?;
    }
    Ok(())
}

fn time_of(index: &Index, height: u64) -> Result<Timestamp, IndexError> {
    let rows = index.ask(
        "SELECT time_ms FROM block WHERE height = $1",
        &[height.into()],
    )?;
    let time = rows.first().map(|row| row.integer(0)).transpose()?;
    Ok(Timestamp::from_millis(
        time.unwrap_or_default().unsigned_abs(),
    ))
}
