//! How a chain is born: the genesis document, its validation, the ceremony in which organisations
//! that do not trust each other make it, and the keys that it is born with.
//!
//! | to find | look in |
//! | --- | --- |
//! | the document as people write it | [`document`] |
//! | what it says, its canonical bytes and the chain id | [`record`] |
//! | what each organisation signs | [`ceremony`] |
//! | a network for trials, made in one call | [`localnet`] |
//! | encrypted key files | [`key_file`] |
//! | which files may hold a secret | [`private_file`] |
//! | identifiers of other standards | [`standards`] |

mod check;
mod file;
mod passphrase;

pub mod ceremony;
pub mod document;
pub mod error;
pub mod key_file;
pub mod localnet;
pub mod private_file;
pub mod problem;
pub mod record;
pub mod standards;

pub use document::{GenesisDocument, RulePackTerms};
pub use error::GenesisError;
pub use problem::{Problem, Problems};
pub use record::GenesisRecord;
