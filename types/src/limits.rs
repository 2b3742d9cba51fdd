//! Every limit of the protocol, in one place, with the relations between them asserted at compile time.
//!
//! A change of one of these changes what validators accept: it needs a new protocol version.

/// Version that headers carry.
pub const PROTOCOL_VERSION: u32 = 1;

// ---- transactions ----

/// Largest signed transaction, bytes.
pub const TRANSACTION_BYTES_MAX: usize = 16 * 1024;
/// Most signers of one transaction.
pub const SIGNERS_MAX: usize = 64;
/// Most keys of one key policy.
pub const POLICY_KEYS_MAX: usize = 16;
/// Most legs of an atomic batch.
pub const BATCH_LEGS_MAX: usize = 64;
/// A party's reference (ISO 20022 `Max35Text`), bytes.
pub const REFERENCE_BYTES_MAX: usize = 35;
/// Furthest expiry of a transaction ahead of the block that carries it, milliseconds: one day.
pub const EXPIRY_AHEAD_MS_MAX: u64 = 86_400_000;
/// How many nonces an author can have in flight, in any order.
pub const NONCE_WINDOW: u64 = 1024;
/// How far above the window a nonce may jump (the window then slides up to it).
pub const NONCE_JUMP_MAX: u64 = 1024;
/// Furthest end of a hold or of a refund right, milliseconds: 400 days.
pub const HOLD_AHEAD_MS_MAX: u64 = 400 * 86_400_000;
/// Longest overlap of a key rotation, milliseconds: 30 days.
pub const KEY_OVERLAP_MS_MAX: u64 = 30 * 86_400_000;
/// Longest restriction without renewal, milliseconds: 400 days.
pub const RESTRICTION_MS_MAX: u64 = 400 * 86_400_000;
/// Largest step of a sandbox clock, milliseconds: ten years.
pub const CLOCK_ADVANCE_MS_MAX: u64 = 3_653 * 86_400_000;
/// Most that a sandbox clock may be ahead altogether, milliseconds: a hundred years.
pub const CLOCK_OFFSET_MS_MAX: u64 = 36_525 * 86_400_000;

// ---- batches and blocks ----

/// Largest batch, bytes.
pub const BATCH_BYTES_MAX: usize = 512 * 1024;
/// Most transactions in a batch.
pub const BATCH_TRANSACTIONS_MAX: usize = 2_048;
/// Most batches in a block.
pub const BLOCK_BATCHES_MAX: usize = 64;
/// Most transactions in a block.
pub const BLOCK_TRANSACTIONS_MAX: usize = 16_384;
/// Most bytes of batches in a block.
pub const BLOCK_BYTES_MAX: usize = 6 * 1024 * 1024;
/// Holds and rights that expire by themselves in one block, at most; the rest wait for the next.
pub const EXPIRIES_PER_BLOCK_MAX: usize = 1_024;
/// Largest encoded block with its certificate, bytes.
pub const COMMITTED_BLOCK_BYTES_MAX: usize = BLOCK_BYTES_MAX + 64 * 1024;
/// How far a block's time may be from a voter's clock, milliseconds.
pub const CLOCK_DRIFT_MS_MAX: u64 = 10_000;

// ---- validators and consensus ----

/// Most validators.
pub const VALIDATORS_MAX: usize = 128;
/// Largest voting power of one validator.
pub const VOTING_POWER_MAX: u64 = 1 << 32;
/// Validators whose power one change may touch, of the total power: one third.
pub const VALIDATOR_CHANGE_DIVISOR: u64 = 3;
/// Heights between the block that takes a validator change up and the first that the new set decides:
/// headers name the set after their own.
pub const VALIDATOR_CHANGE_DELAY: u64 = 2;
/// Longest validator name, bytes.
pub const NAME_BYTES_MAX: usize = 32;
/// Largest certificate, bytes.
pub const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;
/// Largest block content (header, certificate, digests), bytes.
pub const BLOCK_CONTENT_BYTES_MAX: usize = 24 * 1024;
/// Largest vote with its signature, bytes.
pub const VOTE_BYTES_MAX: usize = 512;

// ---- governance ----

/// Most proposals that are open at once.
pub const PROPOSALS_MAX: usize = 128;
/// Most open proposals of one organisation.
pub const PROPOSALS_PER_PARTICIPANT_MAX: usize = 8;
/// Latest effect of a proposal after the block that carries it, blocks.
pub const PROPOSAL_AHEAD_MAX: u64 = 100_000_000;
/// Longest that a proposal waits for its approvals, milliseconds: 90 days.
pub const PROPOSAL_OPEN_MS_MAX: u64 = 90 * 86_400_000;
/// Largest denominator of the part of the voting power that a policy asks for.
pub const GOVERNANCE_DENOMINATOR_MAX: u32 = 100;
/// Most blocks between approval and effect that a policy can ask for.
pub const GOVERNANCE_NOTICE_BLOCKS_MAX: u64 = 1_000_000;
/// Longest time between approval and effect that a policy can ask for, milliseconds: 90 days.
pub const GOVERNANCE_NOTICE_MS_MAX: u64 = 90 * 86_400_000;
/// Shortest time that a policy can leave a regulator to veto a rule pack, milliseconds: one day.
pub const VETO_MS_MIN: u64 = 86_400_000;
/// What a network starts with, milliseconds: seven days.
pub const VETO_MS_INITIAL: u64 = 7 * 86_400_000;
/// Largest document of a rule pack, bytes: it travels in one transaction.
pub const RULE_PACK_BYTES_MAX: usize = 12 * 1024;
/// Longest id of a rule pack, bytes.
pub const RULE_PACK_ID_BYTES_MAX: usize = 32;
/// Most rule packs that a network carries, retired ones among them.
pub const RULE_PACKS_MAX: usize = 64;

// ---- assurance ----

/// Most entries of one record of reads.
pub const ACCESS_ENTRIES_MAX: usize = 32;
/// Longest that a read waits to be recorded, milliseconds: one day.
pub const ACCESS_AGE_MS_MAX: u64 = 86_400_000;
/// Furthest end of a credential, milliseconds: ten years.
pub const CREDENTIAL_AHEAD_MS_MAX: u64 = 3_653 * 86_400_000;
/// Furthest end of a permission to read, milliseconds: 400 days.
pub const DATA_GRANT_AHEAD_MS_MAX: u64 = 400 * 86_400_000;
/// Largest ciphertext of an envelope, bytes: 16 MiB.
pub const ENVELOPE_BYTES_MAX: u32 = 16 * 1024 * 1024;
/// Most recipients of an envelope.
pub const ENVELOPE_RECIPIENTS_MAX: usize = 16;
/// Most legal holds on one account.
pub const LEGAL_HOLDS_MAX: usize = 16;

// ---- reading ----

/// Furthest end of a reader's token, milliseconds: ten minutes.
pub const READER_TOKEN_MS_MAX: u64 = 10 * 60_000;
/// Largest token of a reader, bytes.
pub const READER_TOKEN_BYTES_MAX: usize = 512;
/// How long a recorded read lets its reader read, milliseconds: one day.
pub const READ_LOGGED_MS_MAX: u64 = 86_400_000;

// ---- proofs ----

/// Most set changes in a finality proof.
pub const SET_CHANGES_MAX: usize = 1_024;
/// Deepest path in the tree over a list (2^32 entries).
pub const LIST_DEPTH_MAX: usize = 32;
/// Deepest path in the tree over the state: bits of a path.
pub const MAP_DEPTH_MAX: usize = 256;
/// Slots of the cache of decompressed public keys. A power of two, at most 65,536.
pub const KEY_CACHE_SLOTS: usize = 65_536;
/// Verdicts on signatures that a thread of a long simulation remembers: some 10 MiB. One network has some thousands.
#[cfg(feature = "known-signatures")]
pub(crate) const KNOWN_SIGNATURES_MAX: usize = 65_536;

// ---- state ----

/// Largest encoding of a state object, bytes: the validator schedule and the network are the largest.
pub const STATE_OBJECT_BYTES_MAX: usize = 256 * 1024;

// ---- credit ----

/// Largest principal of a loan, minor units: with it every sum of interest fits an amount.
pub const LOAN_PRINCIPAL_MAX: u64 = 1 << 42;
/// Highest rate a year, parts per million: 1000 %.
pub const RATE_PPM_MAX: u32 = 10_000_000;
/// Last business date: in the year 4840.
pub const BUSINESS_DATE_MAX: u32 = 1 << 20;
/// How far the business date may be ahead of the day of ledger time (UTC).
pub const BUSINESS_DATE_AHEAD_MAX: u32 = 1;
/// Most instalments of a loan: monthly for forty years.
pub const INSTALMENTS_MAX: usize = 480;
/// Most lines of a fee table.
pub const FEES_PER_PRODUCT_MAX: usize = 16;
/// Longest code of a fee, bytes.
pub const FEE_CODE_BYTES_MAX: usize = 16;
/// Longest grace, days.
pub const GRACE_DAYS_MAX: u32 = 90;
/// Most funders of an agreement.
pub const FUNDERS_MAX: usize = 8;
/// Most pauses that a loan remembers.
pub const PAUSES_PER_LOAN_MAX: usize = 8;
/// Furthest end of a pause by agreement, and of a right to inquire, days.
pub const PAUSE_DAYS_MAX: u32 = 400;

// ---- conduct ----

/// Contacts of one kind that a tally keeps: the newest.
pub const TALLY_ENTRIES_MAX: usize = 32;
/// Largest count that a frequency cap may allow: half of what a tally keeps, so that reservations after
/// a contact do not push out the contacts before it.
pub const CAP_COUNT_MAX: usize = 16;
/// Longest window of a cap or wait, days.
pub const CAP_DAYS_MAX: u32 = 366;
/// Unanswered calls whose times are kept: the first of the current run.
pub const FAILURES_KEPT_MAX: usize = 8;
/// Longest window of a contact permit, milliseconds: one day.
pub const PERMIT_WINDOW_MS_MAX: u64 = 86_400_000;
/// Furthest start of a contact permit ahead of the block that grants it, milliseconds: two days.
pub const PERMIT_AHEAD_MS_MAX: u64 = 2 * 86_400_000;
/// Consent at most so many days old is fresh (12 CFR 1006.14(b)(3)(i) and its commentary).
pub const CONSENT_FRESH_DAYS: u32 = 7;
/// Most rules of a pack.
pub const RULES_PER_PACK_MAX: usize = 64;
/// Longest id of a pack or a rule, bytes.
pub const RULE_ID_BYTES_MAX: usize = 64;
/// Longest title, source or address of a rule, bytes.
pub const RULE_TEXT_BYTES_MAX: usize = 512;
/// Most places that a pack or a rule lists.
pub const RULE_PLACES_MAX: usize = 64;
/// Steps of the search for when a contact becomes possible.
pub const POSSIBLE_STEPS_MAX: usize = 256;

// ---- debtors ----

/// Days within which a loan is paid out, and not after its first instalment is due; else it lapses.
pub const DISBURSEMENT_DAYS_MAX: u32 = 30;
/// Most loans of one debtor that are not closed.
pub const LOANS_PER_DEBTOR_MAX: usize = 32;
/// Most time zones in which a debtor may be.
pub const TIME_ZONES_PER_DEBTOR_MAX: usize = 2;
/// Most cases of one debtor that were not recalled.
pub const CASES_PER_DEBTOR_MAX: usize = 16;
/// Most permits about one debtor that are not closed. With [`CAP_COUNT_MAX`] it bounds what a tally must
/// keep: reservations for later never push out what a cap still counts.
pub const PERMITS_PER_DEBTOR_MAX: usize = 16;
/// Most permits of one case that are not closed.
pub const PERMITS_PER_CASE_MAX: u32 = 8;
/// Most contact points of one debtor, over all collectors.
pub const CONTACT_POINTS_PER_DEBTOR_MAX: usize = 64;
/// Most disputes of one debtor that are open.
pub const DISPUTES_PER_DEBTOR_MAX: usize = LOANS_PER_DEBTOR_MAX;
/// Most protections of one debtor: one of each kind, and one for each of as many loans as can be open.
pub const PROTECTIONS_PER_DEBTOR_MAX: usize = 5 + LOANS_PER_DEBTOR_MAX;
/// Most complaints of one debtor that are open.
pub const COMPLAINTS_PER_DEBTOR_MAX: usize = 8;
/// Most things that one debtor opts out of.
pub const OPT_OUTS_PER_DEBTOR_MAX: usize = 16;
/// Most ranges of hours that one debtor refuses.
pub const REFUSED_HOURS_PER_DEBTOR_MAX: usize = 4;
/// Most collectors to whom one debtor consents.
pub const CONSENTS_PER_DEBTOR_MAX: usize = 8;
/// Most notices of one case.
pub const NOTICES_PER_CASE_MAX: usize = 16;
/// How long after the end of its window a permit can be closed, milliseconds: two days.
pub const PERMIT_GRACE_MS: u64 = 2 * 86_400_000;
/// How long a permit is kept after it was closed, milliseconds: 30 days.
pub const PERMIT_KEPT_MS: u64 = 30 * 86_400_000;
/// How old a contact may be when a debtor reports it, milliseconds: 400 days.
pub const REPORT_AGE_MS_MAX: u64 = 400 * 86_400_000;
/// Furthest day of a promise to pay, days.
pub const PROMISE_DAYS_MAX: u32 = 400;
/// Furthest end of a protection that is set for a time, milliseconds: 400 days.
pub const PROTECTION_MS_MAX: u64 = 400 * 86_400_000;
/// Most rules that a result names.
pub const RULES_NAMED_MAX: usize = 16;
/// Longest IANA name of a time zone, bytes.
pub const TIME_ZONE_BYTES_MAX: usize = 32;
/// Longest language tag (BCP 47), bytes.
pub const LANGUAGE_BYTES_MAX: usize = 35;

// ---- genesis ----

/// Largest genesis document or contribution as text, bytes.
pub const GENESIS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most organisations in a genesis document.
pub const GENESIS_PARTICIPANTS_MAX: usize = 1_024;
/// Most assets in a genesis document.
pub const GENESIS_ASSETS_MAX: usize = 64;
/// Most limit tiers.
pub const TIERS_MAX: usize = 32;
/// Most digits after the decimal point of an asset.
pub const ASSET_DECIMALS_MAX: u8 = 8;
/// Longest name of an organisation (ISO 20022 `Max140Text`), bytes.
pub const ORGANISATION_NAME_BYTES_MAX: usize = 140;
/// Most roles of an organisation: there are no more.
pub const ROLES_MAX: usize = 10;

const _: () = {
    assert!(TRANSACTION_BYTES_MAX < BATCH_BYTES_MAX);
    assert!(BATCH_BYTES_MAX <= BLOCK_BYTES_MAX);
    assert!(BATCH_TRANSACTIONS_MAX <= BLOCK_TRANSACTIONS_MAX);
    assert!(POLICY_KEYS_MAX <= SIGNERS_MAX);
    assert!(VALIDATORS_MAX * 96 + 128 <= CERTIFICATE_BYTES_MAX);
    assert!(CERTIFICATE_BYTES_MAX + BLOCK_BATCHES_MAX * 34 + 1024 <= BLOCK_CONTENT_BYTES_MAX);
    assert!(
        BLOCK_BYTES_MAX + BLOCK_CONTENT_BYTES_MAX + CERTIFICATE_BYTES_MAX
            <= COMMITTED_BLOCK_BYTES_MAX
    );
    assert!(SIGNERS_MAX * (32 + 64 + 4) < TRANSACTION_BYTES_MAX);
    assert!(VALIDATOR_CHANGE_DELAY >= 2);
    assert!(VALIDATOR_CHANGE_DELAY < PROPOSAL_AHEAD_MAX);
    assert!(RULE_PACK_BYTES_MAX + 4 * 1024 <= TRANSACTION_BYTES_MAX);
    assert!(TRANSACTION_BYTES_MAX < STATE_OBJECT_BYTES_MAX);
    assert!(VETO_MS_MIN <= VETO_MS_INITIAL && VETO_MS_INITIAL <= GOVERNANCE_NOTICE_MS_MAX);
    assert!(PROPOSALS_PER_PARTICIPANT_MAX <= PROPOSALS_MAX);
    assert!(CLOCK_ADVANCE_MS_MAX <= CLOCK_OFFSET_MS_MAX);
    assert!(NONCE_WINDOW.is_multiple_of(64));
    // Interest in parts of a minor unit, and every sum of it in minor units, cannot overflow.
    let interest =
        (LOAN_PRINCIPAL_MAX as u128) * (RATE_PPM_MAX as u128) * (BUSINESS_DATE_MAX as u128);
    assert!(interest / 360_000_000 < (1 << 62));
    assert!(INSTALMENTS_MAX * 16 < TRANSACTION_BYTES_MAX);
    assert!(CAP_COUNT_MAX * 2 <= TALLY_ENTRIES_MAX);
    assert!(CAP_COUNT_MAX + PERMITS_PER_DEBTOR_MAX <= TALLY_ENTRIES_MAX);
    assert!(RULE_PACK_BYTES_MAX < STATE_OBJECT_BYTES_MAX);
};
