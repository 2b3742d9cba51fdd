//! What the tests, the benchmark, the simulator and the fault runs share: a workload of payments, where the
//! programs are, how much processor time other processes used, simulated networks, real ones with faults,
//! permits of a real one against a checker written apart, every decoder under a fuzzer, and how long runs tell where
//! they are.

pub mod faults;
pub mod fuzz;
pub mod long_run;
pub mod permits;
pub mod processor;
pub mod programs;
pub mod sim;
mod state_objects;
pub mod supply;
pub mod workload;
