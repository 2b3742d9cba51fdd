//! What the tests, the benchmark, the simulator and the fault runs share: a workload of payments, where the
//! programs are, how much processor time other processes used, simulated networks, and real ones with faults.

pub mod faults;
pub mod processor;
pub mod programs;
pub mod sim;
pub mod workload;
