//! Everything that is bounded, in one place.

/// Rows of one answer of an index. A question about more has a `LIMIT` and is asked in pages.
pub const ANSWER_ROWS_MAX: usize = 100_000;

/// Entries of one statement of an account. More are asked for in shorter periods.
pub const STATEMENT_ENTRIES_MAX: usize = 100_000;

/// Rows of one row group of a Parquet file: those that are in memory at a time.
pub const EXPORT_GROUP_ROWS: usize = 20_000;
