//! The law of contacts: what a pack of rules is, and what all packs that bind a debtor say about a
//! contact. Pure: no clock, no I/O, no floats; same inputs, same verdict, on every validator and in
//! every wallet.
//!
//! | to find | look in |
//! | --- | --- |
//! | a pack, its rules, their figures and sources | [`pack`] |
//! | the packs that come with Talea | [`packs`] |
//! | a proposed contact, and what is known of the debtor | [`contact`], [`facts`] |
//! | whether the contact may happen, which rules refuse it, when it may | [`decision`] |
//! | what stops interest, fees and credit reporting; records, complaints | [`duties`] |
//! | local time | [`time_zone`] |
//! | faults of a pack before it is proposed | [`lint`](mod@lint) |
//! | every rule's answer about a contact | [`explain`](mod@explain) |
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::disallowed_types,
        clippy::disallowed_methods
    )
)]

pub mod contact;
pub mod decision;
pub mod duties;
pub mod explain;
pub mod facts;
pub mod lint;
pub mod pack;
pub mod packs;
pub mod place;
pub mod time_zone;

pub use contact::Contact;
pub use decision::{Decision, SpokenRule, Verdict, decide, refusals};
pub use explain::explain;
pub use facts::{Collector, Facts, Licence, OptOut, ProtectionInForce, ServedNotice, Tallies};
pub use lint::lint;
pub use pack::{Effect, Pack, PackError, Provision, Rule, Stops};
pub use place::Place;
pub use time_zone::{TZ_VERSION, Zone};
