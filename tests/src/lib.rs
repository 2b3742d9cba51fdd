//! What the tests and the benchmark share: a workload of payments, and how much processor time other
//! processes used.

pub mod processor;
pub mod programs;
pub mod workload;
