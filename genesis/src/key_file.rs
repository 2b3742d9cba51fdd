//! Key files: an Ed25519 key as encrypted PKCS#8 in PEM (RFC 5958, RFC 7468), which other tools read too.
//!
//! The public key stands in plain text above the encrypted part, so that it can be shown without the
//! passphrase; [`load`] refuses a file whose plain line and key differ.
//!
//! Kept true: a file is created with mode 0600 and never replaced; one that others can read is
//! refused; secrets are erased from memory when dropped.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use ed25519_dalek::SigningKey;
use pkcs8::{
    DecodePrivateKey, EncryptedPrivateKeyInfo, LineEnding, SecretDocument,
    der::asn1::OctetStringRef,
    pkcs5::{pbes2::Parameters, scrypt},
};
use talea_types::{PublicKey, SecretKey};
use zeroize::Zeroizing;

use crate::private_file::open_mode;

pub use crate::passphrase::{Passphrase, PassphraseError};

const PUBLIC_LINE: &str = "Public-Key: ";
const PEM_LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// Key files are below one KiB; nothing longer is read.
const FILE_BYTES_MAX: u64 = 16 * 1024;
/// scrypt: N = 2^14, r = 8, p = 5 (16 MiB; one of the equivalent minima of the OWASP password storage
/// guide, and the largest N that OpenSSL reads by default).
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 5;

/// Why a key file was not made or not read.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is one already.
    #[error(
        "{} exists and is not replaced; choose another name or move it away", path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// There is none.
    #[error("there is no key file {}; make one with 'talea keys new'", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner can read or write it.
    #[error(
        "{} has mode {mode:04o}: others may read the key; run 'chmod 600' on it, and replace the key if they could have",
        path.display()
    )]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The passphrase does not open it.
    #[error("the passphrase does not open {}, or the file is damaged", path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// It is not a key file.
    #[error("{} is not a key file: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// The passphrase is missing or too short.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {source}")]
    Random {
        /// What the system said.
        source: getrandom::Error,
    },
    /// The system refused to read or write it.
    #[error("cannot access {}: {source}", path.display())]
    Access {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Makes a new key and writes it.
///
/// # Errors
/// [`KeyFileError`]; nothing is left behind.
pub fn generate(path: &Path, passphrase: &Passphrase) -> Result<PublicKey, KeyFileError> {
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(random()?);
    let key = SecretKey::from_seed(*seed);
    store(path, &key, passphrase)?;
    Ok(key.public_key())
}

/// Writes a key that exists into a new file.
///
/// # Errors
/// [`KeyFileError`]; nothing is left behind.
pub fn store(path: &Path, key: &SecretKey, passphrase: &Passphrase) -> Result<(), KeyFileError> {
    passphrase.check_new()?;
    let text = encrypt(path, key, passphrase)?;
    let access = |source| KeyFileError::Access {
        path: path.to_owned(),
        source,
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists {
                path: path.to_owned(),
            },
            _ => access(source),
        })?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| sync_folder(path));
    written.map_err(|source| {
        // What is half written must not look like a key. A failure to remove it adds nothing.
        let _ = fs::remove_file(path);
        access(source)
    })
}

/// Reads a key.
///
/// # Errors
/// [`KeyFileError`].
pub fn load(path: &Path, passphrase: &Passphrase) -> Result<SecretKey, KeyFileError> {
    let text = read(path)?;
    let public = public_line(path, &text)?;
    let (label, document) =
        SecretDocument::from_pem(pem_part(path, &text)?).map_err(|_| KeyFileError::Format {
            path: path.to_owned(),
            reason: "the PEM part is damaged",
        })?;
    if label != PEM_LABEL {
        return Err(KeyFileError::Format {
            path: path.to_owned(),
            reason: "it is not encrypted; only encrypted PKCS#8 is read",
        });
    }
    let key = SigningKey::from_pkcs8_encrypted_der(document.as_bytes(), passphrase.as_bytes())
        .map_err(|_| KeyFileError::WrongPassphrase {
            path: path.to_owned(),
        })?;
    let key = SecretKey::from(key);
    if key.public_key() != public {
        return Err(KeyFileError::Format {
            path: path.to_owned(),
            reason: "the public key in its first line is not that of the key inside",
        });
    }
    Ok(key)
}

/// Reads the public key, without the passphrase. Only [`load`] proves that it belongs to the key inside.
///
/// # Errors
/// [`KeyFileError`].
pub fn public_key(path: &Path) -> Result<PublicKey, KeyFileError> {
    public_line(path, &read(path)?)
}

fn encrypt(
    path: &Path,
    key: &SecretKey,
    passphrase: &Passphrase,
) -> Result<Zeroizing<String>, KeyFileError> {
    let format = |reason| KeyFileError::Format {
        path: path.to_owned(),
        reason,
    };
    // Without the public key inside: version 1 of the structure, which more tools read.
    let bytes = ed25519_dalek::pkcs8::KeypairBytes {
        secret_key: key.as_signing_key().to_bytes(),
        public_key: None,
    };
    let plain = pkcs8::EncodePrivateKey::to_pkcs8_der(&bytes)
        .map_err(|_| format("the key cannot be encoded"))?;
    let cost = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P)
        .unwrap_or_else(|_| unreachable!("the constants are valid parameters"));
    let salt: [u8; 16] = random()?;
    let parameters = Parameters::generate_scrypt_aes256cbc(cost, &salt, random()?)
        .map_err(|_| format("the key cannot be encrypted"))?;
    let encrypted = parameters
        .encrypt(passphrase.as_bytes(), plain.as_bytes())
        .map_err(|_| format("the key cannot be encrypted"))?;
    let info = EncryptedPrivateKeyInfo {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(&encrypted)
            .map_err(|_| format("the key cannot be encoded"))?,
    };
    let pem = SecretDocument::try_from(&info)
        .and_then(|document| Ok(document.to_pem(PEM_LABEL, LineEnding::LF)?))
        .map_err(|_| format("the key cannot be encoded"))?;
    Ok(Zeroizing::new(format!(
        "{PUBLIC_LINE}{}\n{}",
        key.public_key(),
        pem.as_str()
    )))
}

fn read(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let access = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyFileError::NotFound {
            path: path.to_owned(),
        },
        _ => KeyFileError::Access {
            path: path.to_owned(),
            source,
        },
    };
    let metadata = fs::metadata(path).map_err(access)?;
    if let Some(mode) = open_mode(&metadata) {
        return Err(KeyFileError::Mode {
            path: path.to_owned(),
            mode,
        });
    }
    if metadata.len() > FILE_BYTES_MAX {
        return Err(KeyFileError::Format {
            path: path.to_owned(),
            reason: "it is too long",
        });
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(access)
}

fn public_line(path: &Path, text: &str) -> Result<PublicKey, KeyFileError> {
    text.lines()
        .find_map(|line| line.strip_prefix(PUBLIC_LINE))
        .and_then(|key| key.trim().parse().ok())
        .ok_or_else(|| KeyFileError::Format {
            path: path.to_owned(),
            reason: "the line 'Public-Key: <64 hexadecimal digits>' is missing or damaged",
        })
}

fn pem_part<'a>(path: &Path, text: &'a str) -> Result<&'a str, KeyFileError> {
    text.find("-----BEGIN ")
        .and_then(|start| text.get(start..))
        .ok_or_else(|| KeyFileError::Format {
            path: path.to_owned(),
            reason: "the PEM part is missing",
        })
}

fn random<const N: usize>() -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| KeyFileError::Random { source })?;
    Ok(bytes)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn passphrase() -> Passphrase {
        Passphrase::new("correct horse".to_owned())
    }

    #[test]
    fn a_key_comes_back_only_with_its_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet.key");
        let public = generate(&path, &passphrase()).unwrap();
        assert_eq!(public_key(&path).unwrap(), public);
        assert_eq!(load(&path, &passphrase()).unwrap().public_key(), public);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        let wrong = load(&path, &Passphrase::new("incorrect horse".into())).unwrap_err();
        assert!(
            matches!(wrong, KeyFileError::WrongPassphrase { .. }),
            "{wrong}"
        );
    }

    #[test]
    fn refusals_say_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet.key");
        let error = load(&path, &passphrase()).unwrap_err();
        assert!(matches!(error, KeyFileError::NotFound { .. }), "{error}");
        generate(&path, &passphrase()).unwrap();
        let error = generate(&path, &passphrase()).unwrap_err();
        assert!(matches!(error, KeyFileError::Exists { .. }), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = public_key(&path).unwrap_err();
        assert!(error.to_string().contains("0640"), "{error}");
        let error = generate(&folder.path().join("b"), &Passphrase::new("short".into()));
        assert!(matches!(error, Err(KeyFileError::Passphrase(_))));
        assert!(!folder.path().join("b").exists());
    }

    #[test]
    fn a_swapped_public_line_and_damage_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet.key");
        let public = generate(&path, &passphrase()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let other = SecretKey::from_seed([7; 32]).public_key();
        fs::write(&path, text.replace(&public.to_string(), &other.to_string())).unwrap();
        let error = load(&path, &passphrase()).unwrap_err();
        assert!(error.to_string().contains("first line"), "{error}");
        fs::write(&path, text.replace("ENCRYPTED ", "")).unwrap();
        let error = load(&path, &passphrase()).unwrap_err();
        assert!(error.to_string().contains("not encrypted"), "{error}");
        fs::write(&path, "hello").unwrap();
        assert!(matches!(
            public_key(&path),
            Err(KeyFileError::Format { .. })
        ));
    }
}
