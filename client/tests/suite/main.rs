//! The SDK and the command against a network in the test's own process: real blocks, certificates and
//! receipts, signed with the keys of a trial network, behind nodes whose misbehaviour a test chooses.

mod bulk;
mod chain;
mod command;
mod node;
mod submission;
mod verification;
mod watching;
