//! Files that people hand to a program: settings, genesis documents, rule packs, proofs, envelopes, transactions on their way.

use std::path::Path;

use bytes::Bytes;
use talea_client::privacy::SealedEnvelope;
use talea_client::{Envelope, ProofFile};
use talea_genesis::GenesisDocument;
use talea_genesis::ceremony::Contribution;
use talea_node::config::LoadedConfig;
use talea_rules::Pack;
use talea_types::limits::RULE_PACK_BYTES_MAX;

use super::{Bound, Target, memory::uncounted, seeds};

/// A text is read by whoever starts the program with it, once: its tree costs more than its bytes, for a
/// key of one letter as much as for a long one.
const TEXT: Bound = Bound {
    times: 256,
    constant: 512 << 10,
};

/// A file that somebody verifies at a desk: an event of 40 bytes is an object of some hundred, beside its bytes.
const PROOF: Bound = Bound {
    times: 16,
    constant: 64 << 10,
};

pub(super) fn targets() -> Vec<Target> {
    let strict = Bound::STRICT;
    vec![
        Target::new(
            "rule-pack",
            RULE_PACK_BYTES_MAX + 64,
            strict,
            seeds::packs,
            pack,
        ),
        Target::new(
            "proof-file",
            256 << 10,
            PROOF,
            seeds::proof_files,
            proof_file,
        ),
        Target::new("envelope", 256 << 10, strict, seeds::envelopes, envelope),
        Target::new(
            "rule-pack-text",
            16 << 10,
            TEXT,
            seeds::pack_texts,
            pack_text,
        ),
        Target::new(
            "genesis-document",
            16 << 10,
            TEXT,
            seeds::genesis_documents,
            genesis,
        ),
        Target::new(
            "contribution",
            16 << 10,
            TEXT,
            seeds::contributions,
            contribution,
        ),
        Target::new(
            "transaction-file",
            64 << 10,
            strict,
            seeds::transaction_files,
            transaction_file,
        ),
        Target::new("settings", 16 << 10, TEXT, seeds::settings, settings),
    ]
}

fn pack(bytes: &Bytes) -> bool {
    let Ok(pack) = Pack::decode(bytes) else {
        return false;
    };
    uncounted(|| assert_eq!(pack.encode(), bytes.as_ref()));
    true
}

fn proof_file(bytes: &Bytes) -> bool {
    let Ok(file) = ProofFile::decode(bytes) else {
        return false;
    };
    uncounted(|| assert_eq!(file.encode(), bytes.as_ref()));
    // What `talea verify` does next.
    uncounted(|| file.verify(seeds::trust()).is_ok());
    true
}

fn envelope(bytes: &Bytes) -> bool {
    let Ok(envelope) = SealedEnvelope::decode(bytes.clone()) else {
        return false;
    };
    uncounted(|| assert_eq!(envelope.encoded(), bytes));
    // The reader of an envelope opens it.
    uncounted(|| envelope.open(&seeds::envelope_key()).is_ok());
    true
}

fn text(bytes: &Bytes) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn pack_text(bytes: &Bytes) -> bool {
    text(bytes).is_some_and(|text| {
        // What the linter finds is for its author; it must not fall over.
        let _ = talea_rules::lint(text);
        Pack::from_toml(text).is_ok()
    })
}

fn genesis(bytes: &Bytes) -> bool {
    text(bytes).is_some_and(|text| {
        let document = GenesisDocument::parse(text);
        document.is_ok_and(|document| document.record().is_ok())
    })
}

fn contribution(bytes: &Bytes) -> bool {
    text(bytes).is_some_and(|text| Contribution::parse(text).is_ok())
}

/// A transaction between its signers: what is read is written again as the same.
fn transaction_file(bytes: &Bytes) -> bool {
    let Some(Ok(file)) = text(bytes).map(Envelope::from_text) else {
        return false;
    };
    uncounted(|| {
        let again = Envelope::from_text(&file.to_text());
        assert_eq!(again.ok().as_ref(), Some(&file));
        file.assemble().is_ok()
    })
}

fn settings(bytes: &Bytes) -> bool {
    text(bytes).is_some_and(|text| LoadedConfig::from_text(text, Path::new("node")).is_ok())
}
