//! A disk whose power can be cut: an ext4 image on a loop device, shut down without its journal.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted image.
pub struct Volume {
    image: PathBuf,
    mounted: PathBuf,
}

impl Volume {
    /// Makes and mounts an image in a directory.
    ///
    /// # Errors
    /// Why it cannot be done here.
    pub fn create(directory: &Path) -> Result<Self, String> {
        let volume = Self {
            image: directory.join("image"),
            mounted: directory.join("mounted"),
        };
        if !std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
            return Err("a loop device can be mounted only by root".to_owned());
        }
        let image = std::fs::File::create(&volume.image).map_err(|error| error.to_string())?;
        image
            .set_len(512 << 20)
            .map_err(|error| error.to_string())?;
        std::fs::create_dir(&volume.mounted).map_err(|error| error.to_string())?;
        run(Command::new("mkfs.ext4").arg("-q").arg(&volume.image))?;
        run(Command::new("perl").args(["-e", "1"]))?;
        volume.mount()?;
        Ok(volume)
    }

    /// Mounts it over a directory instead, whose content it takes along.
    pub fn move_to(&mut self, directory: &Path) {
        run(Command::new("cp")
            .arg("-a")
            .arg(directory.join("."))
            .arg(&self.mounted))
        .expect("copies");
        run(Command::new("umount").arg(&self.mounted)).expect("nobody uses it");
        directory.clone_into(&mut self.mounted);
        self.mount().expect("mounts");
    }

    /// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: nothing more reaches the image, the journal in
    /// memory neither.
    pub fn shut_down(&self) {
        let script = r#"open(my $d, "<", $ARGV[0]) or die "open: $!";
            my $flags = pack("L", 2);
            ioctl($d, 0x8004587d, $flags) or die "ioctl: $!";"#;
        run(Command::new("perl").args(["-e", script]).arg(&self.mounted)).expect("shuts down");
    }

    /// What is left after the power is back.
    pub fn mount_again(&self) {
        run(Command::new("umount").arg(&self.mounted)).expect("nobody uses it any more");
        self.mount().expect("mounts again");
    }

    fn mount(&self) -> Result<(), String> {
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(&self.image)
            .arg(&self.mounted))
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily: a failed assertion may leave a process that holds files open.
        let _ = run(Command::new("umount").arg("-l").arg(&self.mounted));
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}
