//! The ceremony: how organisations that do not trust each other agree on a document.
//!
//! 1. Each organisation writes and signs a [`Contribution`] on its own machine: who it is, its
//!    reserves, its validators. Its policy keys sign, and every voting and network key that it brings,
//!    which shows that it holds them.
//! 2. A coordinator joins the network's terms and the contributions ([`assemble`]). The signatures go
//!    into the document, so that a coordinator who altered a contribution is found out.
//! 3. Each organisation that runs a validator checks the whole and approves its chain id with its
//!    policy keys ([`GenesisDocument::approve`](crate::GenesisDocument::approve)); copies that were
//!    approved apart are joined ([`merge`]).
//! 4. A document with every signature is complete; nodes start from no other
//!    ([`GenesisDocument::complete_record`](crate::GenesisDocument::complete_record)).

mod approval;
mod assembly;
mod contribution;
mod progress;
mod signatures;

pub use approval::merge;
pub use assembly::assemble;
pub use contribution::{
    ContributedReserve, ContributedValidator, Contribution, ContributionProgress,
};
pub use progress::{OrganisationProgress, Progress};
