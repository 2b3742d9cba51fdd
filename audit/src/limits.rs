//! Everything that is bounded, in one place.

use std::time::Duration;

/// Rows of one answer of an index. A question about more has a `LIMIT` and is asked in pages.
pub const ANSWER_ROWS_MAX: usize = 100_000;

/// Blocks that are fetched and checked ahead of the one that is executed.
pub const AHEAD_BLOCKS: usize = 8;
/// Blocks that are written at once, at most.
pub const GROUP_BLOCKS: usize = 32;
/// Encoded blocks that were executed and are not written yet, KiB: with their events they take some ten times as much.
pub const WAITING_KIB_MAX: u32 = 16 * 1024;
/// Pages of an SQLite index that its writer keeps in memory, KiB.
pub const INDEX_CACHE_KIB: i64 = 64 * 1024;
/// Pages of 4 KiB in the write-ahead log of an SQLite index before they go to their places.
pub const INDEX_LOG_PAGES: i64 = 8 * 1024;

/// Clients that are connected to the desk at a time.
pub const CONNECTIONS_MAX: usize = 256;
/// Streams of live news at a time, each of which keeps a connection.
pub const LIVE_STREAMS_MAX: usize = 128;
/// How long a client may take to send the head of a request.
pub const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// How long open connections may finish once the desk is told to end.
pub const END_PATIENCE: Duration = Duration::from_secs(3);
/// Bytes of a request's body: more than any signed transaction.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Questions that are put to the index at a time.
pub const READERS_MAX: usize = 4;
/// How long a question waits for its turn.
pub const READER_PATIENCE: Duration = Duration::from_secs(10);
/// How long a question may take once it has its turn: a server that takes it and says nothing must not hold the page.
pub const READER_ANSWER_PATIENCE: Duration = Duration::from_secs(60);

/// Rows of a list where nobody asks for another number.
pub const ROWS_DEFAULT: i64 = 50;
/// Most rows of a list.
pub const ROWS_MAX: i64 = 200;
/// Longest name by which a rule is cited: its id, and its version behind an `@`.
pub const CITED_BYTES_MAX: usize = talea_types::limits::RULE_ID_BYTES_MAX + 1 + 10;
/// Months whose rolls are shown where nobody asks for another number.
pub const ROLL_MONTHS_DEFAULT: i64 = 12;
/// Most months of rolls.
pub const ROLL_MONTHS_MAX: i64 = 36;
/// Blocks by which validators are judged to be silent.
pub const RECENT_BLOCKS: usize = 100;
/// A validator whose signature none of so many newest blocks carries is called silent. A certificate needs two
/// thirds of the power, so that a good validator is missing from some.
pub const SILENT_BLOCKS: usize = 10;
/// A network without a new block for so long stands still: an idle one makes blocks too.
pub const STALLED_AFTER: Duration = Duration::from_secs(30);

/// Open complaints whose clocks a scorecard shows of each organisation, the oldest first.
pub const CLOCKS_SHOWN_MAX: i64 = 20;
/// The same of all organisations together.
pub const CLOCKS_TOTAL_MAX: i64 = 10_000;

/// Sessions at a time. The oldest ends when there are more.
pub const SESSIONS_MAX: usize = 1_024;
/// How long a session lasts.
pub const SESSION_MAX: Duration = Duration::from_secs(8 * 3_600);
/// Tokens whose signature is remembered.
pub const TOKENS_KEPT: usize = 1_024;

/// Looks of which is kept in memory where they stand in the log, the newest, some hundred bytes each; for older ones all of
/// it is read.
pub const LOOKS_PLACED_MAX: usize = 250_000;
/// Readings of the whole log at a time.
pub const LOOKS_READINGS_MAX: usize = 1;

/// How long the network may take with a transaction that the desk hands over.
pub const SUBMIT_PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait before a node that did not answer is asked again.
pub const NODE_PAUSE: Duration = Duration::from_secs(2);
/// How long to wait before a server of the index that went away is asked again: at first, and at most.
pub const INDEX_PAUSE_MIN: Duration = Duration::from_secs(1);
/// See [`INDEX_PAUSE_MIN`].
pub const INDEX_PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long each address of a server of the index may take with a connection, where its URL says nothing.
pub const INDEX_CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// How long a server of the index may leave what it was sent unacknowledged, or a quiet connection may go unproved,
/// before the connection counts as gone, where its URL says nothing.
pub const INDEX_SILENCE: Duration = Duration::from_secs(30);
/// Events that a desk puts into one proof file.
pub const PROOF_EVENTS_MAX: u64 = 50_000;
/// Entries of one statement of an account. More are asked for in shorter periods.
pub const STATEMENT_ENTRIES_MAX: usize = 100_000;

/// Rows of one row group of a Parquet file: those that are in memory at a time.
pub const EXPORT_GROUP_ROWS: usize = 20_000;

/// Events that a node is asked for at once when its answers are compared: as many as nodes give.
pub const COMPARED_PAGE_EVENTS: u32 = 1_000;
/// Subjects that one comparison takes by chance. All of them are `--all`.
pub const COMPARED_SAMPLE_MAX: usize = 100_000;
