//! The auditor against chains in memory: what it verifies, keeps, exports, shows and refuses. One program, because
//! linking each costs as much as all of its tests.

mod answers;
mod conduct;
mod example_queries;
mod export;
mod index;
mod lies;
mod month_ends;
mod postgresql;
mod serve;
mod statement;
#[path = "../support/mod.rs"]
mod support;
