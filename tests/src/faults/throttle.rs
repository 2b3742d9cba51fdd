//! A device that is slow for one process: the block controller of the system's control groups (version 1) lets it write
//! so often a second.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

const CONTROLLER: &str = "/sys/fs/cgroup/blkio";
const WRITES: &str = "blkio.throttle.write_iops_device";
const PROCESSES: &str = "cgroup.procs";

/// Slow until it is dropped.
#[derive(Debug)]
pub struct Throttle {
    group: PathBuf,
    device: String,
    process: u32,
}

impl Throttle {
    /// Whether this machine can.
    #[must_use]
    pub fn is_possible() -> bool {
        Path::new(CONTROLLER).join(WRITES).exists()
    }

    /// Lets a process write so often a second to the device under a directory.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin(directory: &Path, process: u32, per_second: u32) -> anyhow::Result<Self> {
        let device = std::fs::metadata(directory)?.dev();
        let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
        let throttle = Self {
            group: Path::new(CONTROLLER).join(format!("talea-faults-{}", std::process::id())),
            device: format!("{major}:{minor}"),
            process,
        };
        std::fs::create_dir_all(&throttle.group)?;
        throttle.allow(per_second)?;
        std::fs::write(throttle.group.join(PROCESSES), process.to_string())
            .context("putting a process into a control group")?;
        Ok(throttle)
    }

    /// 0 for any number.
    fn allow(&self, per_second: u32) -> anyhow::Result<()> {
        let limit = format!("{} {per_second}", self.device);
        std::fs::write(self.group.join(WRITES), limit).context("making a disk slow")
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        // The process may have ended, and the group goes with the last of it.
        let _ = self.allow(0);
        let all = Path::new(CONTROLLER).join(PROCESSES);
        let _ = std::fs::write(all, self.process.to_string());
        let _ = std::fs::remove_dir(&self.group);
    }
}
