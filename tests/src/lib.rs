//! What the tests, the benchmark and the simulator share: a workload of payments, where the programs are, how
//! much processor time other processes used, and the simulated networks.

pub mod processor;
pub mod programs;
pub mod sim;
pub mod workload;
