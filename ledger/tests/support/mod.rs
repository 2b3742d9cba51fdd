//! A small network for tests, driven by lines of text. See `tests/tables/README.md` for the language.
#![allow(dead_code, unused_imports, reason = "each test uses its part")]

pub mod access;
pub mod assurance;
pub mod collections;
pub mod governance;
pub mod lending;
pub mod messages;
pub mod network;
pub mod refusal;
pub mod script;
pub mod world;

pub use world::World;
