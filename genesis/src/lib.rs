//! How a chain is born, and the keys that it is born with.

pub mod key_file;
mod passphrase;
