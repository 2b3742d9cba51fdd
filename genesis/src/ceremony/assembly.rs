//! Assembly: from terms and contributions to a document.

use super::{contribution::Contribution, signatures};
use crate::{
    GenesisDocument, document::OrganisationSignatures, error::GenesisError, problem::Problems,
};

/// Adds contributions to a document of terms, or to an earlier draft, in which each replaces what its
/// organisation contributed before. Approvals are dropped: what they approved has changed.
///
/// # Errors
/// [`GenesisError::Invalid`] with every problem of the contributions and of the whole. Missing
/// signatures are none yet.
pub fn assemble(
    mut document: GenesisDocument,
    contributions: &[Contribution],
) -> Result<GenesisDocument, GenesisError> {
    let mut problems = Problems::new();
    for (position, contribution) in contributions.iter().enumerate() {
        let field = format!(
            "contribution {} ({})",
            position + 1,
            contribution.participant.name
        );
        if contribution.network != document.network.name {
            problems.add(
                format!("{field}: network"),
                format!("it is for {}", contribution.network),
                format!("let it be made again for {}", document.network.name),
            );
        }
        match contribution.check() {
            Ok(_) => {}
            Err(GenesisError::Invalid { problems: found }) => problems.append_under(&field, found),
            Err(other) => return Err(other),
        }
    }
    GenesisError::refuse(problems)?;
    for contribution in contributions {
        replace(&mut document, contribution);
    }
    document.approvals.clear();
    document.progress()?;
    Ok(document)
}

fn replace(document: &mut GenesisDocument, contribution: &Contribution) {
    let lei = contribution.participant.lei.as_str();
    document.participants.retain(|terms| terms.lei != lei);
    document.reserves.retain(|terms| terms.participant != lei);
    document.validators.retain(|terms| terms.participant != lei);
    document
        .contributions
        .retain(|list| list.participant != lei);
    document.participants.push(contribution.participant.clone());
    document.reserves.extend(contribution.reserve_terms());
    document.validators.extend(contribution.validator_terms());
    let list = OrganisationSignatures {
        participant: lei.to_owned(),
        signatures: contribution.signatures.clone(),
    };
    signatures::merge_lists(&mut document.contributions, &[list]);
    document.participants.sort_by(|a, b| a.lei.cmp(&b.lei));
    document
        .reserves
        .sort_by(|a, b| (&a.participant, &a.asset).cmp(&(&b.participant, &b.asset)));
    document.validators.sort_by(|a, b| a.name.cmp(&b.name));
}
