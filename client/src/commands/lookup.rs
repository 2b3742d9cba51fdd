//! State objects for commands that show them: verified where a genesis document is named, else as a node
//! tells them.

use anyhow::bail;
use bytes::Bytes;
use talea_client::describe::{self, Decimals, Field};
use talea_types::{BlockHeader, DecodeError, Subject, state::StateKey};

use super::context::Context;

/// A state object with the header that proves it, if it was proved.
pub(crate) struct Found<T> {
    /// The object.
    pub(crate) object: T,
    /// The header whose state it is part of; `None` when nothing was verified.
    pub(crate) proved: Option<BlockHeader>,
}

impl<T> Found<T> {
    /// How far it can be believed.
    pub(crate) fn verified(&self) -> Field {
        let words = self.proved.as_ref().map_or_else(
            || "no: give --genesis to verify".to_owned(),
            |header| {
                let time = describe::time(header.time);
                format!("against genesis, at height {}, {time}", header.height)
            },
        );
        ("verified".to_owned(), words)
    }
}

/// Whom an object is about, if it is about somebody.
const fn about(key: &StateKey) -> Option<Subject> {
    Some(match *key {
        StateKey::Account(id)
        | StateKey::Credential(id, _)
        | StateKey::DataGrant(id, _)
        | StateKey::Tombstone(id, _)
        | StateKey::LegalHolds(id) => Subject::Account(id),
        StateKey::Participant(id) => Subject::Participant(id),
        StateKey::Debtor(id) | StateKey::Complaint(id, _) => Subject::Debtor(id),
        StateKey::Loan(id) => Subject::Loan(id),
        StateKey::Case(id) => Subject::Case(id),
        _ => return None,
    })
}

/// The object at a key, or nothing.
pub(crate) async fn find<T>(
    context: &Context,
    key: StateKey,
    decode: impl Fn(&Bytes) -> Result<T, DecodeError>,
) -> anyhow::Result<Option<Found<T>>> {
    let client = context.reading(about(&key))?;
    let (value, proved) = match context.trust_if_named()? {
        Some(trust) => {
            let proof = client.proven_state(&key, &trust).await?;
            let header = proof.header().clone();
            (proof.value, Some(header))
        }
        None => (client.state(&key).await?, None),
    };
    let object = value.as_ref().map(decode).transpose()?;
    Ok(object.map(|object| Found { object, proved }))
}

/// The object at a key, which has to be there.
pub(crate) async fn object<T>(
    context: &Context,
    what: &str,
    key: StateKey,
    decode: impl Fn(&Bytes) -> Result<T, DecodeError>,
) -> anyhow::Result<Found<T>> {
    match find(context, key, decode).await? {
        Some(found) => Ok(found),
        None => bail!("{what} is not on the ledger of this network"),
    }
}

/// Digits after the decimal point of each asset.
pub(crate) async fn decimals(context: &Context) -> anyhow::Result<Decimals> {
    match context.trust_if_named()? {
        Some(trust) => Ok(trust.decimals().clone()),
        None => Ok(context.client()?.network().await?.decimals),
    }
}
