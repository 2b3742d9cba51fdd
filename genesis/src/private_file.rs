//! Which files are secret enough to hold a secret: one rule for key files, passphrases and keys of TLS.

use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt as _;

/// Permission bits of a file that others than its owner may read, write or run; `None` when they may not.
#[must_use]
pub fn open_mode(metadata: &Metadata) -> Option<u32> {
    let mode = metadata.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_counts() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (mode, expected) in [
            (0o600, None),
            (0o400, None),
            (0o700, None),
            (0o640, Some(0o640)),
            (0o604, Some(0o604)),
            (0o610, Some(0o610)),
            (0o644, Some(0o644)),
        ] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(file.path(), permissions).unwrap();
            let metadata = file.as_file().metadata().unwrap();
            assert_eq!(open_mode(&metadata), expected, "{mode:o}");
        }
    }
}
