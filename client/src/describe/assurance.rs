//! Operations and events about who knows what about whom, in words.

use talea_types::{
    Hash,
    event::AssuranceEvent,
    operation::{AssuranceOperation, DataFields, DataPurpose, Erasable},
};

use super::{Field, field, time};

pub(super) fn operation(operation: &AssuranceOperation) -> Vec<Field> {
    match operation {
        AssuranceOperation::CredentialAttest(attest) => vec![
            field("account", attest.account),
            field("commitment", attest.commitment),
            field("expires", time(attest.expires_at)),
        ],
        AssuranceOperation::CredentialRevoke(revoke) => vec![field("account", revoke.account)],
        AssuranceOperation::DataGrant(grant) => vec![
            field("to", grant.to),
            field("purpose", grant.purpose.name()),
            field("fields", names(grant.fields)),
            field("expires", time(grant.expires_at)),
        ],
        AssuranceOperation::DataGrantRevoke(revoke) => vec![field("to", revoke.to)],
        AssuranceOperation::AccessLog(log) => log
            .entries
            .iter()
            .map(|entry| {
                let read = read(entry.purpose, entry.fields);
                let at = time(entry.read_at);
                let (reader, subject) = (entry.reader, entry.subject);
                field("read", format!("{reader} of {subject} at {at}: {read}"))
            })
            .collect(),
        AssuranceOperation::EnvelopePut(put) => vec![
            field("account", put.account),
            field("ciphertext's hash", put.ciphertext_hash),
            field("bytes", put.size),
            field("recipients", list(&put.recipients)),
        ],
        AssuranceOperation::ErasureTombstone(tombstone) => vec![
            field("account", tombstone.account),
            field("erased", erased(&tombstone.erased)),
        ],
        AssuranceOperation::LegalHoldPlace(place) => vec![
            field("account", place.account),
            field("reason", place.reason),
        ],
        AssuranceOperation::LegalHoldLift(lift) => vec![
            field("account", lift.account),
            field("placed by", lift.placed_by),
        ],
    }
}

/// An event in one line of words.
pub(super) fn event(event: &AssuranceEvent) -> String {
    match event {
        AssuranceEvent::CredentialAttested(attested) => format!(
            "identity {} attested by {} until {}",
            attested.commitment,
            attested.provider,
            time(attested.expires_at)
        ),
        AssuranceEvent::CredentialRevoked(provider) => {
            format!("identity no longer attested by {provider}")
        }
        AssuranceEvent::DataGrantSet(set) => match set.fields {
            Some(fields) => format!(
                "{} may read until {}: {}",
                set.to,
                time(set.expires_at),
                read(set.purpose, fields)
            ),
            None => format!("{} may no longer read", set.to),
        },
        AssuranceEvent::RecordRead(event) => format!(
            "{} read by {} at {}: {}; recorded by {}",
            event.record,
            event.reader,
            time(event.read_at),
            read(event.purpose, event.fields),
            event.logged_by
        ),
        AssuranceEvent::EnvelopeStored(stored) => format!(
            "envelope {} of {} bytes for {} put by {}",
            stored.ciphertext_hash,
            stored.size,
            list(&stored.recipients),
            stored.put_by
        ),
        AssuranceEvent::Erased(event) => {
            format!("{} erased by {}", erased(&event.erased), event.erased_by)
        }
        AssuranceEvent::LegalHoldSet(set) => match set.lifted_by {
            Some(by) => format!("legal hold of {} lifted by {by}", set.placed_by),
            None => format!("legal hold by {}, reason {}", set.placed_by, set.reason),
        },
    }
}

fn read(purpose: DataPurpose, fields: DataFields) -> String {
    format!("{} for {}", names(fields), purpose.name())
}

fn names(fields: DataFields) -> String {
    fields.names().collect::<Vec<_>>().join(", ")
}

fn list(hashes: &[Hash]) -> String {
    let texts: Vec<String> = hashes.iter().map(Hash::to_string).collect();
    texts.join(" ")
}

fn erased(erased: &Erasable) -> String {
    match erased {
        Erasable::Commitment(hash) => format!("commitment {hash}"),
        Erasable::Envelope(hash) => format!("envelope {hash}"),
    }
}
