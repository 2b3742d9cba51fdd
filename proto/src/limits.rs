//! Limits of the API: what a node takes in one call and what a client has to be ready for.

/// Largest request, bytes, other than on a submission stream.
pub const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// Most transactions in one message of a submission stream.
pub const SUBMIT_BATCH_TRANSACTIONS_MAX: usize = 1_000;
/// Largest message of a submission stream, bytes.
pub const SUBMIT_BATCH_BYTES_MAX: usize = 1024 * 1024;
/// Longest wait of one `Submit`, milliseconds.
pub const SUBMIT_TIMEOUT_MS_MAX: u32 = 60_000;
/// Wait of a `Submit` that names none, milliseconds.
pub const SUBMIT_TIMEOUT_MS_DEFAULT: u32 = 10_000;
/// Most events in one answer.
pub const EVENTS_PER_PAGE_MAX: u32 = 1_000;
/// Events in one answer when the request names no limit.
pub const EVENTS_PER_PAGE_DEFAULT: u32 = 100;
/// Largest answer, bytes: a block with its results.
pub const RESPONSE_BYTES_MAX: usize = 16 * 1024 * 1024;

const _: () = {
    assert!(talea_types::limits::TRANSACTION_BYTES_MAX < REQUEST_BYTES_MAX);
    assert!(SUBMIT_TIMEOUT_MS_DEFAULT <= SUBMIT_TIMEOUT_MS_MAX);
    assert!(talea_types::limits::COMMITTED_BLOCK_BYTES_MAX < RESPONSE_BYTES_MAX);
    // The smallest answer to a batch still fits a message: a status takes less than 1 KiB.
    assert!(SUBMIT_BATCH_TRANSACTIONS_MAX * 1024 <= RESPONSE_BYTES_MAX);
};
