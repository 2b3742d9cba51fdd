//! How far a document is signed, and whether it is complete.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use talea_types::{KeyPolicy, PublicKey};

use super::{approval::approval_message, contribution::Contributed, signatures};
use crate::{
    GenesisDocument, check,
    document::{KeySignature, OrganisationSignatures},
    error::GenesisError,
    problem::Problems,
    record::GenesisRecord,
};

/// Signatures that are there, of those that are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// There, counted up to what is needed.
    pub signed: usize,
    /// Needed.
    pub needed: usize,
}

/// How far one organisation has signed a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrganisationProgress {
    /// Legal Entity Identifier.
    pub lei: String,
    /// Registered name.
    pub name: String,
    /// Signatures over what it contributed.
    pub contribution: Progress,
    /// Signatures over the chain id; none are needed of an organisation without a validator.
    pub approval: Option<Progress>,
}

impl Progress {
    pub(super) fn of_policy(policy: &KeyPolicy, signers: &BTreeSet<PublicKey>) -> Self {
        let needed = usize::try_from(policy.threshold()).unwrap_or(usize::MAX);
        let signed = policy.keys().iter().filter(|key| signers.contains(*key));
        Self {
            signed: signed.count().min(needed),
            needed,
        }
    }

    /// Whether every needed signature is there.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.signed >= self.needed
    }
}

/// What the signatures of a document amount to.
pub(super) struct Standing {
    pub(super) organisations: Vec<OrganisationProgress>,
    pub(super) missing_contributions: Problems,
    pub(super) missing_approvals: Problems,
}

impl GenesisDocument {
    /// How far each organisation has signed.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] when the document is not valid or a signature in it does not match.
    pub fn progress(&self) -> Result<Vec<OrganisationProgress>, GenesisError> {
        let record = self.record()?;
        Ok(self.standing(&record)?.organisations)
    }

    /// What it says, once everybody whose signature it needs has signed it as it is.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] as [`GenesisDocument::progress`]; [`GenesisError::Incomplete`] with every
    /// signature that is missing.
    pub fn complete_record(&self) -> Result<GenesisRecord, GenesisError> {
        let record = self.record()?;
        let standing = self.standing(&record)?;
        let mut missing = standing.missing_contributions;
        missing.append(standing.missing_approvals);
        if missing.is_empty() {
            Ok(record)
        } else {
            Err(GenesisError::Incomplete { missing })
        }
    }

    /// Verifies every signature.
    pub(super) fn standing(&self, record: &GenesisRecord) -> Result<Standing, GenesisError> {
        let mut problems = Problems::new();
        let contributions =
            by_organisation("contributions", &self.contributions, record, &mut problems);
        let approvals = by_organisation("approvals", &self.approvals, record, &mut problems);
        let message = approval_message(&record.chain_id());
        let mut standing = Standing {
            organisations: Vec::new(),
            missing_contributions: Problems::new(),
            missing_approvals: Problems::new(),
        };
        let nothing = ("contributions".to_owned(), &[][..]);
        for participant in record.participants() {
            let lei = participant.lei.as_str();
            let (field, list) = contributions.get(lei).unwrap_or(&nothing);
            let contributed = Contributed::in_record(record, participant);
            let contribution = contributed.progress(record.network(), field, list, &mut problems);
            standing.missing_contributions.append(contribution.missing);

            let runs_validator = record.validators_of(participant.id()).next().is_some();
            let approval = approvals
                .get(lei)
                .map_or_else(BTreeSet::new, |(field, list)| {
                    let allowed = participant.policy.keys().iter().copied().collect();
                    signatures::verify_list(field, list, &allowed, &message, &mut problems)
                });
            let approval =
                runs_validator.then(|| Progress::of_policy(&participant.policy, &approval));
            if let Some(progress) = approval.filter(|progress| !progress.is_complete()) {
                standing.missing_approvals.add(
                    "approvals",
                    format!(
                        "{} of {} needed policy keys of {} have approved",
                        progress.signed, progress.needed, participant.name
                    ),
                    "let the holders review the document and run 'talea-genesis approve'",
                );
            }
            standing.organisations.push(OrganisationProgress {
                lei: participant.lei.clone(),
                name: participant.name.clone(),
                contribution: contribution.progress,
                approval,
            });
        }
        GenesisError::refuse(problems)?;
        Ok(standing)
    }
}

type Lists<'a> = BTreeMap<&'a str, (String, &'a [KeySignature])>;

/// The signatures of each organisation, with the path at which they stand.
fn by_organisation<'a>(
    field: &str,
    lists: &'a [OrganisationSignatures],
    record: &GenesisRecord,
    problems: &mut Problems,
) -> Lists<'a> {
    let mut found = Lists::new();
    for (position, list) in lists.iter().enumerate() {
        let lei = list.participant.as_str();
        let field = format!("{field}[{position}]");
        if !record.participants.contains_key(lei) {
            problems.add(
                format!("{field}.participant"),
                format!("{} is not a participant", check::Shown(lei)),
                "remove the signatures",
            );
        }
        let entry = (format!("{field}.signatures"), list.signatures.as_slice());
        if found.insert(lei, entry).is_some() {
            problems.add(
                format!("{field}.participant"),
                format!("{} is listed twice", check::Shown(lei)),
                "put all its signatures under one entry",
            );
        }
    }
    found
}
