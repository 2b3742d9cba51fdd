//! A disk whose power can be cut, that fills up, or whose writes fail: an ext4 image on a loop device, kept in
//! a file system in memory that can be made too small for it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Skipped;
use super::system::{require, run};
use super::throttle::Throttle;

/// What the file system in memory holds at most, in words of `mount`.
const ROOM: &str = "size=6g";
/// The size that the image seems to have. An hour of a soak leaves some hundred MiB of blocks and indexes, and more of
/// what was set aside; with less than 256 MiB free the doctor rightly says that there is too little room.
const IMAGE_BYTES: u64 = 4 << 30;
/// Left free when the disk is filled: nothing fits that matters.
const SLACK_BYTES: u64 = 64 << 10;

/// Attempts to take room away before somebody is faster.
const RESIZES: u32 = 50;

/// A mounted image.
#[derive(Debug)]
pub struct Volume {
    memory: PathBuf,
    mounted: PathBuf,
    /// What is mounted and unmounted under it is so for processes in network namespaces too: each of them has a view of
    /// its own, and one that still showed the image would keep a file system alive that was to lose power.
    shared: Option<PathBuf>,
}

impl Volume {
    /// Makes and mounts an image in a directory.
    ///
    /// # Errors
    /// [`Skipped`] when it cannot be done here.
    pub fn create(directory: &Path) -> anyhow::Result<Self> {
        require(
            "disks that fail",
            &["mkfs.ext4", "e2fsck", "fstrim", "perl", "mount"],
        )?;
        let volume = Self {
            memory: directory.join("memory"),
            mounted: directory.join("mounted"),
            shared: None,
        };
        std::fs::create_dir(&volume.memory)?;
        std::fs::create_dir(&volume.mounted)?;
        let skipped = |error: anyhow::Error| anyhow::Error::from(Skipped(error.to_string()));
        run(["mount", "-t", "tmpfs", "-o", ROOM, "tmpfs"]
            .map(Path::new)
            .into_iter()
            .chain([volume.memory.as_path()]))
        .map_err(skipped)?;
        std::fs::File::create(volume.image())?.set_len(IMAGE_BYTES)?;
        // A failed write makes the file system read-only, as on most servers.
        run([
            "mkfs.ext4",
            "-q",
            "-m",
            "0",
            "-e",
            "remount-ro",
            "-E",
            "lazy_itable_init=1,discard",
        ]
        .map(Path::new)
        .into_iter()
        .chain([volume.image().as_path()]))?;
        volume.mount().map_err(skipped)?;
        Ok(volume)
    }

    fn image(&self) -> PathBuf {
        self.memory.join("image")
    }

    /// Mounts it over a directory instead, whose content it takes along.
    ///
    /// # Errors
    /// What the system says.
    pub fn move_to(&mut self, directory: &Path) -> anyhow::Result<()> {
        run([
            Path::new("cp"),
            Path::new("-a"),
            &directory.join("."),
            &self.mounted,
        ])?;
        run([Path::new("umount"), &self.mounted])?;
        let above = directory.parent().context("it is in a directory")?;
        run([Path::new("mount"), Path::new("--bind"), above, above])?;
        self.shared = Some(above.to_owned());
        run([Path::new("mount"), Path::new("--make-shared"), above])?;
        directory.clone_into(&mut self.mounted);
        self.mount()
    }

    /// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: nothing more reaches the image, the journal in
    /// memory neither.
    ///
    /// # Errors
    /// What the system says.
    pub fn shut_down(&self) -> anyhow::Result<()> {
        let script = r#"open(my $d, "<", $ARGV[0]) or die "open: $!";
            my $flags = pack("L", 2);
            ioctl($d, 0x8004587d, $flags) or die "ioctl: $!";"#;
        run([
            Path::new("perl"),
            Path::new("-e"),
            Path::new(script),
            &self.mounted,
        ])
    }

    /// Takes all free space.
    ///
    /// # Errors
    /// What the system says.
    pub fn fill(&self) -> anyhow::Result<()> {
        let space = rustix::fs::statvfs(&self.mounted)?;
        let free = (space.f_bavail * space.f_frsize).saturating_sub(SLACK_BYTES);
        let length = free.to_string();
        run([
            Path::new("fallocate"),
            Path::new("-l"),
            Path::new(&length),
            &self.filler(),
        ])
    }

    /// Gives it back.
    ///
    /// # Errors
    /// What the system says.
    pub fn empty(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.filler())?)
    }

    /// Not in a directory of the node.
    fn filler(&self) -> PathBuf {
        self.mounted.join("lost+found").join("filler")
    }

    /// Takes the room away in which the image grows: its next writes fail in the device, and so does `fdatasync`.
    ///
    /// # Errors
    /// What the system says.
    pub fn fail_writes(&self) -> anyhow::Result<()> {
        // What files left behind has room in the device, and writes that fall there would go well for long.
        run([Path::new("fstrim"), &self.mounted])?;
        let mut resized = Ok(());
        // It may grow between the look and the change.
        for _ in 0..RESIZES {
            let space = rustix::fs::statvfs(&self.memory)?;
            let used = (space.f_blocks - space.f_bfree) * space.f_frsize;
            resized = self.resize(&format!("size={used}"));
            if resized.is_ok() {
                break;
            }
        }
        resized
    }

    fn resize(&self, size: &str) -> anyhow::Result<()> {
        let option = format!("remount,{size}");
        run([
            Path::new("mount"),
            Path::new("-o"),
            Path::new(&option),
            &self.memory,
        ])
    }

    /// Makes it slow for a process until what is returned is dropped: so many writes a second.
    ///
    /// # Errors
    /// What the system says.
    pub fn slow_down(&self, process: u32, per_second: u32) -> anyhow::Result<Throttle> {
        Throttle::begin(&self.mounted, process, per_second)
    }

    /// What is left after the disk works again.
    ///
    /// # Errors
    /// What the system says.
    pub fn mount_again(&self) -> anyhow::Result<()> {
        self.resize(ROOM)?;
        run([Path::new("umount"), &self.mounted])?;
        // It repairs what it can, and says so by its exit code: 1.
        let _ = run([Path::new("e2fsck"), Path::new("-p"), &self.image()]);
        self.mount()
    }

    fn mount(&self) -> anyhow::Result<()> {
        run([
            Path::new("mount"),
            Path::new("-o"),
            Path::new("loop"),
            &self.image(),
            &self.mounted,
        ])
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily: a failed run may leave a process that holds files open.
        let _ = run([Path::new("umount"), Path::new("-l"), &self.mounted]);
        if let Some(shared) = &self.shared {
            let _ = run([Path::new("umount"), Path::new("-l"), shared]);
        }
        let _ = run([Path::new("umount"), Path::new("-l"), &self.memory]);
    }
}
