//! The lines of a log: how a look is written, and how all of them are read and verified.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use serde_json::Value;
use talea_types::{Hash, hash::tagged};

use super::{Look, LookHead, LooksError};

/// Longest line: a look is much shorter.
const LINE_BYTES_MAX: u64 = 4_096;

/// Where a line stands in the file, and what it is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Of its first byte.
    offset: u64,
    /// The first half of the BLAKE3 hash of its bytes.
    check: [u8; 16],
}

impl Place {
    pub(super) fn of(offset: u64, line: &[u8]) -> Self {
        let hash = blake3::hash(line);
        let mut check = [0; 16];
        check.copy_from_slice(&hash.as_bytes()[..16]);
        Self { offset, check }
    }
}

impl Look {
    /// The line after one with this hash, and its own hash.
    pub(super) fn line(&self, previous: &Hash) -> (String, Hash) {
        // Written by hand: the bytes are what is hashed, whatever a library makes of the order of names.
        let look = format!(
            "{{\"number\":{},\"time_ms\":{},\"height\":{},\"reader\":\"{}\",\"debtor\":\"{}\",\
             \"subject\":\"{}\",\"shown\":{}}}",
            self.number,
            self.time_ms,
            self.height,
            self.reader,
            self.debtor,
            self.subject,
            Value::from(self.shown.as_str()),
        );
        let hash = tagged("talea/look/v1", &[previous.as_bytes(), look.as_bytes()]);
        (format!("{{\"hash\":\"{hash}\",\"look\":{look}}}\n"), hash)
    }

    fn from_json(value: &Value) -> Option<Self> {
        let number = |name: &str| value.get(name)?.as_u64();
        let text = |name: &str| value.get(name)?.as_str();
        Some(Self {
            number: number("number")?,
            time_ms: number("time_ms")?,
            height: number("height")?,
            reader: text("reader")?.parse().ok()?,
            debtor: text("debtor")?.parse().ok()?,
            subject: text("subject")?.parse().ok()?,
            shown: text("shown")?.to_owned(),
        })
    }
}

/// Reads the lines at some places, each of the look with this number; the others are not read.
pub(super) fn read_at(path: &Path, places: &[(u64, Place)]) -> Result<Vec<Look>, LooksError> {
    let name = || path.display().to_string();
    let failed = |reason| LooksError::File {
        path: name(),
        reason,
    };
    let mut looks = Vec::with_capacity(places.len());
    if places.is_empty() {
        return Ok(looks);
    }
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut line = Vec::new();
    for (number, place) in places {
        line.clear();
        file.seek(SeekFrom::Start(place.offset)).map_err(failed)?;
        let mut bounded = (&mut file).take(LINE_BYTES_MAX);
        bounded.read_until(b'\n', &mut line).map_err(failed)?;
        let is_written = Place::of(place.offset, &line) == *place;
        let value: Option<Value> = serde_json::from_slice(&line).ok().filter(|_| is_written);
        let look = value.as_ref().and_then(|value| value.get("look"));
        let look = look.and_then(Look::from_json);
        looks.push(look.ok_or_else(|| LooksError::Altered {
            path: name(),
            line: *number,
            reason: "is not what was written".to_owned(),
        })?);
    }
    Ok(looks)
}

/// Reads every finished line, and tells the look, its hash and its place; gives the head and the bytes that they have.
pub(super) fn read(
    path: &Path,
    mut on_look: impl FnMut(Look, Hash, Place),
) -> Result<(LookHead, u64), LooksError> {
    let name = || path.display().to_string();
    let failed = |reason| LooksError::File {
        path: name(),
        reason,
    };
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut head = LookHead::default();
    let mut length = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut bounded = (&mut file).take(LINE_BYTES_MAX);
        bounded.read_until(b'\n', &mut line).map_err(failed)?;
        let torn = (line.len() as u64) < LINE_BYTES_MAX && line.last() != Some(&b'\n');
        if torn {
            break;
        }
        let due = head.number + 1;
        let altered = |reason: &str| LooksError::Altered {
            path: name(),
            line: due,
            reason: reason.to_owned(),
        };
        let value: Value = serde_json::from_slice(&line).map_err(|_| altered("is no look"))?;
        let look = value.get("look").and_then(Look::from_json);
        let look = look.ok_or_else(|| altered("is no look"))?;
        let (written, hash) = look.line(&head.hash);
        if look.number != due {
            return Err(altered(&format!("has number {}", look.number)));
        }
        if written.as_bytes() != line {
            return Err(altered("does not follow from the lines before it"));
        }
        head = LookHead { number: due, hash };
        let place = Place::of(length, &line);
        length += line.len() as u64;
        on_look(look, hash, place);
    }
    Ok((head, length))
}
