//! Faults of real processes: networks of `talea-node` under load, and what an outsider sees of them.
//!
//! | to find | look in |
//! | --- | --- |
//! | a network, its accounts, how its nodes are started | `field` |
//! | payments while faults happen | `load` |
//! | what must hold at the end, as clients see it | `checks` |
//! | what goes wrong, kind by kind | `kill`, `stop`, `disk`, `partition`, `delay`, `clock`, `backup`, `lose`, `byzantine`, `soak` |
//! | the machinery of these | `metrics`, `memory`, `volume`, `throttle`, `namespaces`, `proxy`, `liar_process` |
//! | what a run found | `report` |
//!
//! Kept true: a run needs nothing but this machine and leaves nothing behind; where the machine lacks what a
//! kind needs, it is skipped with the reason. Invariants are checked from outside, with the SDK and the logs.

mod backup;
mod byzantine;
mod checks;
mod clock;
mod delay;
mod disk;
mod field;
mod kill;
mod liar_process;
mod load;
mod lose;
pub mod memory;
pub mod metrics;
mod namespaces;
mod partition;
mod proxy;
mod report;
mod run;
mod soak;
mod stop;
mod system;
mod throttle;
mod volume;

pub use liar_process::run_liar;
pub use report::Report;
pub use run::{Kind, Plan, run};
pub use volume::Volume;

use std::time::Duration;

/// How long anything may take that is not meant to take long. It only turns a hang into a failure.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a validator that begins with nothing may take longer for each block that it has to go through again. Beside
/// compilers it was seen to take 3 ms.
const PATIENCE_PER_BLOCK: Duration = Duration::from_millis(10);

/// Why a kind of fault cannot be tried on this machine.
#[derive(Debug, thiserror::Error)]
#[error("skipped: {0}")]
pub struct Skipped(pub String);
