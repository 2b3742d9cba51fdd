//! The manifest: which runs an index consists of, and up to which height it is complete.

use super::IndexError;
use super::entry::Layout;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunRecord {
    pub(super) number: u64,
    pub(super) level: u32,
    pub(super) chunks: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Manifest {
    /// Every block up to this height is in the runs.
    pub(super) complete_to: Option<u64>,
    pub(super) next_run: u64,
    /// Oldest first.
    pub(super) runs: Vec<RunRecord>,
    /// Runs being written or no longer needed, of which chunks may lie in the store.
    pub(super) garbage: Vec<u64>,
}

impl Manifest {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.complete_to.is_some())];
        bytes.extend_from_slice(&self.complete_to.unwrap_or(0).to_be_bytes());
        bytes.extend_from_slice(&self.next_run.to_be_bytes());
        bytes.extend_from_slice(&(self.runs.len() as u64).to_be_bytes());
        for run in &self.runs {
            bytes.extend_from_slice(&run.number.to_be_bytes());
            bytes.extend_from_slice(&run.level.to_be_bytes());
            bytes.extend_from_slice(&run.chunks.to_be_bytes());
        }
        for number in &self.garbage {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    pub(super) fn decode(layout: Layout, bytes: &[u8]) -> Result<Manifest, IndexError> {
        decode(bytes).ok_or_else(|| IndexError::Damaged {
            index: layout.name,
            reason: "its manifest is unreadable".to_owned(),
        })
    }

    /// A number for a new run, which is garbage until it is complete.
    pub(super) fn begin_run(&mut self) -> u64 {
        let number = self.next_run;
        self.next_run += 1;
        self.garbage.push(number);
        number
    }

    pub(super) fn is_garbage(&mut self, number: u64, is_garbage: bool) {
        self.garbage.retain(|other| *other != number);
        if is_garbage {
            self.garbage.push(number);
        }
    }
}

fn decode(bytes: &[u8]) -> Option<Manifest> {
    let (has_height, rest) = bytes.split_first()?;
    let (height, rest) = split_u64(rest)?;
    let (next_run, rest) = split_u64(rest)?;
    let (count, rest) = split_u64(rest)?;
    let runs_bytes = usize::try_from(count).ok()?.checked_mul(16)?;
    let (runs, garbage) = rest.split_at_checked(runs_bytes)?;
    let mut manifest = Manifest {
        complete_to: (*has_height == 1).then_some(height),
        next_run,
        ..Manifest::default()
    };
    for run in runs.as_chunks::<16>().0 {
        let (number, rest) = split_u64(run)?;
        let (level, chunks) = rest.split_first_chunk()?;
        manifest.runs.push(RunRecord {
            number,
            level: u32::from_be_bytes(*level),
            chunks: u32::from_be_bytes(*chunks.first_chunk()?),
        });
    }
    manifest.garbage = garbage
        .as_chunks()
        .0
        .iter()
        .map(|bytes| u64::from_be_bytes(*bytes))
        .collect();
    Some(manifest)
}

fn split_u64(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first_chunk()?;
    Some((u64::from_be_bytes(*first), rest))
}
