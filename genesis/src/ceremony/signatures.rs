//! Lists of signatures in a document: verified, joined, kept in one order.

use std::collections::{BTreeMap, BTreeSet};

use talea_types::{PublicKey, SecretKey, crypto::VerifyingKey};

use crate::{
    check,
    document::{KeySignature, OrganisationSignatures},
    problem::Problems,
};

/// The keys whose signatures over `message` are in the list. Whatever else is in it is a problem.
pub(super) fn verify_list(
    field: &str,
    list: &[KeySignature],
    allowed: &BTreeSet<PublicKey>,
    message: &[u8],
    problems: &mut Problems,
) -> BTreeSet<PublicKey> {
    let mut signers = BTreeSet::new();
    for (position, entry) in list.iter().enumerate() {
        let field = format!("{field}[{position}]");
        let key = check::public_key(&format!("{field}.key"), &entry.key, problems);
        let signature = check::signature(&format!("{field}.signature"), &entry.signature, problems);
        let (Some(key), Some(signature)) = (key, signature) else {
            continue;
        };
        if !allowed.contains(&key) {
            problems.add(
                format!("{field}.key"),
                format!("{key} is not a key that may sign here"),
                "remove the signature; the keys are those of the organisation's policy and validators",
            );
        } else if VerifyingKey::try_from(key)
            .is_ok_and(|key| key.verify(message, &signature).is_ok())
        {
            if !signers.insert(key) {
                problems.add(
                    format!("{field}.key"),
                    format!("{key} signed twice"),
                    "remove one signature",
                );
            }
        } else {
            problems.add(
                format!("{field}.signature"),
                "it does not match: what was signed is not what stands here now",
                "restore what was signed (compare with 'talea-genesis diff'), or let it be signed again",
            );
        }
    }
    signers
}

/// Adds the signatures of these keys, in place of older ones by them; ascending by key.
pub(super) fn add(list: &mut Vec<KeySignature>, keys: &[&SecretKey], message: &[u8]) {
    let made = keys.iter().map(|key| KeySignature {
        key: key.public_key().to_string(),
        signature: key.sign(message).to_string(),
    });
    join(list, made);
}

fn join(list: &mut Vec<KeySignature>, more: impl IntoIterator<Item = KeySignature>) {
    let by_key: BTreeMap<String, KeySignature> = std::mem::take(list)
        .into_iter()
        .chain(more)
        .map(|entry| (entry.key.clone(), entry))
        .collect();
    *list = by_key.into_values().collect();
}

/// The signatures of an organisation, made if it has none.
pub(super) fn of_organisation<'a>(
    lists: &'a mut Vec<OrganisationSignatures>,
    lei: &str,
) -> &'a mut Vec<KeySignature> {
    let position = match lists.iter().position(|list| list.participant == lei) {
        Some(position) => position,
        None => {
            lists.push(OrganisationSignatures {
                participant: lei.to_owned(),
                signatures: Vec::new(),
            });
            lists.len() - 1
        }
    };
    &mut lists[position].signatures
}

/// Adds what is in `more`; ascending by organisation.
pub(super) fn merge_lists(
    lists: &mut Vec<OrganisationSignatures>,
    more: &[OrganisationSignatures],
) {
    for list in more {
        join(
            of_organisation(lists, &list.participant),
            list.signatures.iter().cloned(),
        );
    }
    lists.sort_by(|a, b| a.participant.cmp(&b.participant));
}
