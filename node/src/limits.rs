//! Tunables of one node: queue sizes, file sizes, intervals. Nothing here is part of the protocol;
//! what validators must agree on lives in `talea_types::limits`.

/// Figures of the storage module.
pub mod storage {
    /// Largest payload of one frame in a log, bytes. What a block gives may be many times what it takes: the preferences of
    /// a debtor with 16 open cases are an event of each, 15 bytes for one of the transaction's. Reading takes memory only
    /// for what the file has.
    pub const FRAME_BYTES_MAX: u32 = 512 << 20;
    const _: () = assert!(FRAME_BYTES_MAX as usize >= 64 * talea_types::limits::BLOCK_BYTES_MAX);
    /// A segment of the block log is closed before it grows past this, bytes.
    pub const BLOCK_SEGMENT_BYTES: u32 = 64 << 20;
    /// A segment of the record log is closed before it grows past this, bytes.
    pub const RECORD_SEGMENT_BYTES: u32 = 64 << 20;
    /// Its newest segments whose every frame is verified at opening: the last may be empty.
    pub const RECORD_SEGMENTS_VERIFIED: usize = 2;
    /// Records that were appended and not synced; with so many they are.
    pub const RECORDS_UNSYNCED_MAX: usize = 1_024;
    /// A segment of the consensus log is closed before it grows past this, bytes.
    pub const CONSENSUS_SEGMENT_BYTES: u32 = 8 << 20;
    /// Appended frames are handed to the operating system when this many bytes are waiting.
    pub const APPEND_BUFFER_BYTES: usize = 1 << 20;
    /// Newest segments whose every frame is verified when a log is opened.
    pub const SEGMENTS_VERIFIED_AT_OPEN: usize = 4;
    /// Bodies kept for one undecided height, one for each round that proposed another block.
    pub const BODIES_PER_HEIGHT_MAX: usize = 4096;
    /// Of how many heights of a log it is known where they are before those of old segments are forgotten and read
    /// from the segment again when asked for.
    pub const HEIGHTS_CACHED: u64 = 4 << 20;
    /// Of one height out of so many the place is held in memory (4 bytes); from there frames are walked.
    pub const HEIGHTS_BETWEEN_MILESTONES: u64 = 16;
    /// Largest content of a durable file, bytes.
    pub const DURABLE_FILE_BYTES_MAX: u64 = 1 << 20;

    /// A value longer than this is split into chunks, bytes. A leaf of sled holds at most 17 entries
    /// and is written as one message; above 131,020 bytes (a quarter of its 512 KiB segment) it goes
    /// to a file of its own, which sled never syncs. 17 chunks of 4 KiB stay well below.
    pub const SLED_CHUNK_BYTES: usize = 4 << 10;
    /// Page cache of sled, bytes. It is 256 caches of a part each that keep at least one leaf.
    pub const SLED_CACHE_BYTES: u64 = 4 << 20;
    /// How often what was read or written is read again, so that a part of the cache drops what it has too much of:
    /// it looks only when leaves of its own were used 64 times. Without it, the readers' store had 51 to 55 MiB while
    /// 1.6 million payments were looked up at random, with it 36. With two a look-up took 1.3 times as long, with
    /// eight 1.7 times.
    pub const SLED_TOUCHES: usize = 4;
    /// What may be written to sled before it is flushed, bytes: two of its buffers of 512 KiB, where seven threads
    /// write them.
    pub const SLED_UNFLUSHED_BYTES_MAX: usize = 1 << 20;
    /// An opening, a change or a flush that takes longer than this is treated as damage, seconds.
    pub const SLED_SECONDS_MAX: u64 = 300;
    /// How long the lock of a store that was just closed here is waited for, milliseconds.
    pub const SLED_LOCK_WAIT_MS: u64 = 5_000;
    /// Quarantined directories that are kept; older ones are removed.
    pub const QUARANTINES_KEPT: usize = 2;
    /// Largest value, bytes.
    pub const VALUE_BYTES_MAX: usize = 64 << 20;

    /// Deltas waiting to be merged into a checkpoint, bytes; a commit waits when it is full.
    pub const CHECKPOINT_QUEUE_BYTES: usize = 64 << 20;
    /// A checkpoint is written once its deltas reach this many bytes.
    pub const CHECKPOINT_DELTA_BYTES: usize = 64 << 20;
    /// A checkpoint is written at the latest after this many blocks.
    pub const CHECKPOINT_BLOCKS: u64 = 20_000;
    /// Page bytes written in one batch.
    pub const CHECKPOINT_BATCH_BYTES: usize = 1 << 20;

    /// Entries gathered in memory before a sorted run of an index is written.
    pub const INDEX_RUN_ENTRIES: usize = 32 << 10;
    /// Bytes of entries in one stored chunk of a run.
    pub const INDEX_CHUNK_BYTES: usize = 15 << 10;
    /// Runs of one level that are merged into one run of the next.
    pub const INDEX_RUNS_PER_LEVEL: usize = 4;
    /// Runs waiting to be written; insertion waits when they are.
    pub const INDEX_RUNS_WAITING: usize = 2;
    /// Largest answer to a range query, entries.
    pub const INDEX_RANGE_MAX: usize = 10_000;
}

/// How the process's allocator is set up, where it is that of glibc. Why: `docs/adr/0056-what-a-payment-leaves.md`.
pub mod allocator {
    /// Arenas at most; without a bound there are eight for each core, and what is freed in one serves no other.
    pub const ARENAS_MAX: i32 = 2;
    /// What is at least this large is mapped by itself and given back when it is freed, bytes. Without a fixed bound it
    /// rises to the largest that was ever freed, and blocks then lie scattered in the arenas. With 128 KiB, mapping costs
    /// a fifth more processor time.
    pub const MAPPED_BYTES_MIN: i32 = 4 << 20;
    /// Free bytes at the end of an arena above which they are given back.
    pub const TRIMMED_BYTES_MIN: i32 = 16 << 20;
    /// How often what is free between blocks in use is given back: it takes some milliseconds of one core, and what is
    /// needed again costs a page fault for each 4 KiB.
    pub const GIVEN_BACK_EVERY: std::time::Duration = std::time::Duration::from_secs(60);
}

/// Figures of snapshots.
pub mod snapshot {
    /// Bytes of objects in one frame before the next is begun.
    pub const OBJECTS_FRAME_BYTES: usize = 256 << 10;
    /// Largest payload of a frame, bytes: a frame of objects and the largest object, or a proof.
    pub const FRAME_BYTES_MAX: usize = 8 << 20;
    /// Frames are handed to the operating system when this many bytes are waiting.
    pub const WRITE_BUFFER_BYTES: usize = 1 << 20;
    /// Headers below the height: more than one term of the schedule of proposers.
    pub const HEADERS_MAX: usize = 4_096;
    /// Newest snapshots that a node keeps, beside the one its history begins after and, where old blocks are dropped, the
    /// one that it will begin after next.
    pub const SNAPSHOTS_KEPT: usize = 3;
    /// Free bytes of the disk below which the doctor warns.
    pub const FREE_BYTES_LOW: u64 = 4 << 30;
    /// Free bytes of the disk below which a node should not be started.
    pub const FREE_BYTES_MIN: u64 = 256 << 20;
    /// Fewest newest blocks that a node keeps when it is told to drop old ones: an hour of idle blocks and more.
    pub const RETENTION_BLOCKS_MIN: u64 = 10_000;
}

/// Figures of snapshots that peers send each other.
pub mod bootstrap {
    /// Bytes of a snapshot in one message; its last chunk is shorter.
    pub const CHUNK_BYTES: u64 = 256 << 10;
    /// Longest request, bytes.
    pub const REQUEST_BYTES_MAX: usize = 128;
    /// Longest reply, bytes: a chunk with its envelope.
    pub const REPLY_BYTES_MAX: usize = CHUNK_BYTES as usize + 1_024;
    /// Longest snapshot that is offered or fetched, bytes.
    pub const SNAPSHOT_BYTES_MAX: u64 = 1 << 40;
    /// Snapshots that a peer offers at most, the newest.
    pub const SNAPSHOTS_OFFERED_MAX: usize = 8;
    /// Chunks of one peer that are asked for and not there yet at most.
    pub const CHUNKS_ASKED_MAX: usize = 4;

    /// Requests of all peers that the serving thread has not looked at yet at most.
    pub const REQUESTS_WAITING_MAX: usize = 256;
    /// Peers that are sent a snapshot at once at most.
    pub const SERVED_AT_ONCE_MAX: usize = 4;
    /// Sent to all peers together, bytes per second.
    pub const SERVED_BYTES_PER_SECOND: u64 = 16 << 20;
    /// Sent without a pause, bytes.
    pub const SERVED_BYTES_AT_ONCE: u64 = 1 << 20;
    /// The place of a peer that asks nothing for this long is free again, milliseconds.
    pub const READER_IDLE_MS: u64 = 30_000;

    /// More than the head of a snapshot has, bytes. Beyond it a certificate must have been seen.
    pub const HEAD_BYTES_MAX: u64 = 64 << 20;
    /// After the first list of a peer the others are waited for this long, milliseconds.
    pub const LISTS_PATIENCE_MS: u64 = 3_000;
    /// A peer that has not said what it has is asked again after this, milliseconds: on the lane of the lowest
    /// priority a message may give way.
    pub const LIST_AGAIN_MS: u64 = 5_000;
    /// The next chunk is waited for this long, milliseconds.
    pub const CHUNK_PATIENCE_MS: u64 = 20_000;
    /// A peer that is busy is asked again after this, milliseconds.
    pub const BUSY_DELAY_MS: u64 = 5_000;
    /// Times that a peer may say that it is busy: a quarter of an hour.
    pub const BUSY_MAX: u32 = 180;
    /// A peer that did not deliver is asked again after this, milliseconds.
    pub const FAILURE_DELAY_MS: u64 = 2_000;
    /// Times that a peer may not deliver.
    pub const FAILURES_MAX: u32 = 5;
    /// Chunks that a peer delivers to make good for one failure and one time of being busy.
    pub const CHUNKS_MAKING_GOOD: u32 = 256;
    /// A fetch in which nothing happens for this long is given up, milliseconds.
    pub const FETCH_PATIENCE_MS: u64 = 60_000;

    const _: () = {
        assert!(CHUNK_BYTES <= SERVED_BYTES_AT_ONCE);
        assert!(REPLY_BYTES_MAX + 16 <= super::network::BULK_MESSAGE_BYTES_MAX);
        assert!(REQUEST_BYTES_MAX + 16 <= super::network::CONTROL_MESSAGE_BYTES_MAX);
    };
}

/// Bounds of the peer-to-peer network.
pub mod network {
    use std::time::Duration;

    const KIB: usize = 1024;
    const MIB: usize = 1024 * KIB;

    /// Registered peers at most, in count.
    pub const PEERS_MAX: usize = 256;
    /// Addresses of one registered peer at most, in count.
    pub const ADDRESSES_PER_PEER_MAX: usize = 8;

    /// Payload of one vote message at most, in bytes.
    pub const VOTE_MESSAGE_BYTES_MAX: usize = 64 * KIB;
    /// Payload of one control message at most, in bytes.
    pub const CONTROL_MESSAGE_BYTES_MAX: usize = MIB;
    /// Payload of one bulk message at most, in bytes.
    pub const BULK_MESSAGE_BYTES_MAX: usize = 8 * MIB;
    /// A reader's buffer grows by at least this much at a time, never to the announced length at
    /// once, in bytes.
    pub const READ_STEP_BYTES: usize = 64 * KIB;
    /// What a queued message is charged beside its payload, in bytes: it bounds the count of small
    /// messages by the same budget.
    pub const MESSAGE_OVERHEAD_BYTES: usize = 256;

    /// Vote messages waiting to be sent to one peer at most, in bytes and in count.
    pub const VOTE_SEND_QUEUE: (usize, usize) = (MIB, 4096);
    /// Control messages waiting to be sent to one peer at most, in bytes and in count.
    pub const CONTROL_SEND_QUEUE: (usize, usize) = (8 * MIB, 4096);
    /// Bulk messages waiting to be sent to one peer at most, in bytes and in count.
    pub const BULK_SEND_QUEUE: (usize, usize) = (32 * MIB, 1024);

    /// Received vote messages of one peer not yet taken by the node, overhead included, in bytes.
    pub const VOTE_RECEIVE_BUDGET_BYTES: usize = MIB;
    /// Received control messages of one peer not yet taken by the node, overhead included, in bytes.
    pub const CONTROL_RECEIVE_BUDGET_BYTES: usize = 4 * MIB;
    /// Received bulk messages of one peer not yet taken by the node, overhead included, in bytes.
    pub const BULK_RECEIVE_BUDGET_BYTES: usize = 32 * MIB;

    const _: () = {
        assert!(VOTE_SEND_QUEUE.0 >= VOTE_MESSAGE_BYTES_MAX);
        assert!(CONTROL_SEND_QUEUE.0 >= CONTROL_MESSAGE_BYTES_MAX);
        assert!(BULK_SEND_QUEUE.0 >= BULK_MESSAGE_BYTES_MAX);
        assert!(VOTE_RECEIVE_BUDGET_BYTES >= VOTE_MESSAGE_BYTES_MAX + MESSAGE_OVERHEAD_BYTES);
        assert!(CONTROL_RECEIVE_BUDGET_BYTES >= CONTROL_MESSAGE_BYTES_MAX + MESSAGE_OVERHEAD_BYTES);
        assert!(BULK_RECEIVE_BUDGET_BYTES >= BULK_MESSAGE_BYTES_MAX + MESSAGE_OVERHEAD_BYTES);
        assert!(BULK_RECEIVE_BUDGET_BYTES < u32::MAX as usize);
    };

    /// Fault events waiting for the node at most, in count; later ones are only counted.
    pub const FAULT_EVENTS_MAX: usize = 1024;
    /// Faults reported by the node and not yet weighed at most, in count.
    pub const FAULT_REPORTS_MAX: usize = 256;

    /// Inbound connections in their handshake at most, in count.
    pub const PENDING_INBOUND_MAX: u32 = 64;
    /// Outbound connections in their handshake at most, in count.
    pub const PENDING_OUTBOUND_MAX: u32 = 256;
    /// Established connections with one peer at most: the one in use and one that replaces it.
    pub const CONNECTIONS_PER_PEER_MAX: u32 = 2;
    /// Established connections at most, in count.
    pub const CONNECTIONS_MAX: u32 = 512;
    /// From the first byte of a connection to an authenticated, multiplexed one at most.
    pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
    /// From an established connection to its streams at most.
    pub const STREAMS_TIMEOUT: Duration = Duration::from_secs(5);

    /// Streams open on one connection at most, ours and the peer's, in count.
    pub const STREAMS_PER_CONNECTION_MAX: usize = 32;
    /// Streams a peer may open on one connection at once, in count: three for messages, one for
    /// pings, and some for pings that are opened again or protocols we do not speak.
    pub const INBOUND_STREAMS_BURST: u32 = 16;
    /// A peer may open one more stream each time this passes.
    pub const INBOUND_STREAM_REFILL: Duration = Duration::from_secs(10);
    /// Inbound streams of one connection in negotiation at most, in count.
    pub const NEGOTIATING_STREAMS_MAX: usize = 8;
    /// Bytes received on all streams of one connection and not yet read at most. The first 256 KiB
    /// of every stream are the multiplexer's minimum.
    pub const CONNECTION_WINDOW_BYTES_MAX: usize = 16 * MIB;

    const _: () = {
        assert!(CONNECTION_WINDOW_BYTES_MAX >= STREAMS_PER_CONNECTION_MAX * 256 * KIB);
        assert!((INBOUND_STREAMS_BURST as usize) < STREAMS_PER_CONNECTION_MAX);
    };

    /// Between two pings on one connection.
    pub const PING_INTERVAL: Duration = Duration::from_secs(2);
    /// A connection without an answered ping for this long is closed.
    pub const SILENCE_MAX: Duration = Duration::from_secs(10);

    /// Wait before the first attempt to reconnect.
    pub const BACKOFF_MIN: Duration = Duration::from_millis(100);
    /// Wait between attempts to reconnect at most.
    pub const BACKOFF_MAX: Duration = Duration::from_secs(5);
    /// The peer with the higher id waits this long before its first dial, so that a pair rarely
    /// dials each other at the same moment.
    pub const FIRST_DIAL_DELAY: Duration = Duration::from_millis(150);
    /// A connection that lived this long resets the backoff.
    pub const CONNECTION_STABLE: Duration = Duration::from_secs(10);
    /// Two connections of a pair established within this time are taken for simultaneous dials.
    pub const SIMULTANEOUS_DIAL: Duration = Duration::from_secs(2);
    /// After the end of a stream, how long its connection may take to end as well before the end
    /// counts as the peer's fault.
    pub const STREAM_END_GRACE: Duration = Duration::from_secs(1);

    /// Fault points at which a peer is disconnected and penalised.
    pub const FAULT_POINTS_MAX: u32 = 100;
    /// One fault point is forgiven each time this passes.
    pub const FAULT_POINT_DECAY: Duration = Duration::from_secs(1);
    /// The first penalty; each further one is twice as long.
    pub const PENALTY_MIN: Duration = Duration::from_secs(1);
    /// A penalty at most.
    pub const PENALTY_MAX: Duration = Duration::from_secs(60);
    /// Penalties start from the shortest again after this long without one.
    pub const PENALTY_FORGOTTEN: Duration = Duration::from_secs(600);
}

/// Figures of the replica and the driver that carries out what it says.
pub mod replica {
    /// Largest message between nodes, bytes: a committed block with its envelope.
    pub const MESSAGE_BYTES_MAX: usize = talea_types::limits::COMMITTED_BLOCK_BYTES_MAX + 64 * 1024;
    /// How long a proposer waits for batches that are known but not yet held by a quorum,
    /// milliseconds.
    pub const BUILD_PATIENCE_MS: u64 = 25;
    /// Proposals whose batches or time are waited for.
    pub const PENDING_CHECKS_MAX: usize = 16;
    /// Events that the driver takes before it carries out what came of them.
    pub const EVENTS_AT_ONCE: usize = 64;
    /// Submissions waiting for the driver.
    pub const SUBMISSIONS_MAX: usize = 256;
    /// Blocks published and not yet stored by the history; a commit waits when it is full.
    pub const HISTORY_QUEUE_BLOCKS: usize = 256;
    /// Committed blocks that live subscribers may lag behind before they are sent to the history.
    pub const COMMITS_BUFFERED: usize = 256;
    /// Missing batches that `status` names.
    pub const STATUS_BATCHES_MAX: usize = 64;
    /// Committed blocks kept in memory for readers.
    pub const RECENT_BLOCKS: usize = 256;
    /// Bytes of the committed blocks kept in memory for readers.
    pub const RECENT_BYTES: usize = 64 << 20;
}

/// Bounds of the mempool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MempoolLimits {
    /// Most bytes of transactions that are not final.
    pub bytes_max: usize,
    /// Most transactions of one author that are not final.
    pub author_transactions_max: usize,
    /// A batch is sealed once it has this many bytes.
    pub batch_bytes: usize,
    /// A batch is sealed once it has this many transactions.
    pub batch_transactions: usize,
    /// Own batches on their way below which the next is sealed after the short delay.
    pub batches_ahead: usize,
    /// Longest wait of a transaction for company, milliseconds.
    pub seal_delay_ms: u64,
    /// The same while own batches are still on their way.
    pub seal_delay_busy_ms: u64,
}

/// Figures of kept evidence.
pub mod evidence {
    /// Files at most.
    pub const FILES_MAX: usize = 1_024;
    /// Files against one validator at most.
    pub const FILES_PER_VALIDATOR_MAX: usize = 16;
    /// Bytes of one file that are read; two signed statements are a tenth of it.
    pub const FILE_BYTES_MAX: usize = 16 << 10;
}

/// Figures of the admission of transactions.
pub mod admission {
    use crate::allowance::Terms;

    /// Peers' batches waiting for their signatures to be verified at most, bytes.
    pub const BATCH_QUEUE_BYTES_MAX: usize = 64 << 20;
    /// What a waiting transaction is charged beside its bytes, bytes.
    pub const TRANSACTION_OVERHEAD_BYTES: usize = 512;
    /// Transactions of one connection whose signatures do not verify: a client with a wrong key in a bulk
    /// upload hears of it and goes on within a minute, and each connection of an attacker costs a thousandth of a core once it owes.
    pub(crate) const BAD_SIGNATURES: Terms = Terms {
        burst: 256,
        per_second: 32,
        owed_max: 1_920,
    };
}

/// Figures of the gRPC server.
pub mod api {
    use std::time::Duration;

    use crate::allowance::Terms;

    /// An answer is sent this long before the client's own deadline.
    pub const ANSWER_BEFORE_DEADLINE: Duration = Duration::from_millis(100);
    /// Transactions accepted here and not final yet that are remembered at most.
    pub const PENDING_MAX: usize = 262_144;
    /// Clients waiting for one transaction at most.
    pub const WAITERS_PER_TRANSACTION_MAX: usize = 64;
    /// Messages of a stream waiting for a slow reader at most.
    pub const STREAM_MESSAGES_WAITING_MAX: usize = 64;
    /// A reader that takes nothing for this long while messages wait for it is dropped.
    pub const SLOW_READER_MAX: Duration = Duration::from_secs(10);
    /// Reads of history and state at once, each on a thread of its own.
    pub const READS_MAX: usize = 32;
    /// Submissions with their answer still to be made, of all clients together, at most: each may wait for a block.
    pub const SUBMISSIONS_MAX: usize = 16_384;
    /// Other requests with their answer still to be made, of all clients together, at most: what one client may
    /// hold, half of them, is done with in well under a second.
    pub const READ_REQUESTS_MAX: usize = 1_024;
    /// Bytes of requests being read, of all clients together, at most. Streams of submissions have their own.
    pub const REQUESTS_BYTES_MAX: usize = 64 << 20;
    /// A request of one message comes whole within this: 256 KiB at 26 KB/s.
    pub const REQUEST_READ_MAX: Duration = Duration::from_secs(10);
    /// Between two lines of the log about clients that are refused.
    pub const REFUSED_LOG_INTERVAL: Duration = Duration::from_secs(10);
    /// Streams of submissions at once at most: each may hold a message and its window.
    pub const SUBMIT_STREAMS_MAX: usize = 256;
    /// Messages of one submission stream being admitted at once at most.
    pub const STREAM_ADMISSIONS_MAX: usize = 4;
    /// Between two messages that are read of a submission stream whose connection owes for invalid signatures.
    pub const OWING_PAUSE: Duration = Duration::from_millis(250);
    /// Events that a watcher is sent in one message at most.
    pub const EVENTS_PER_MESSAGE: usize = 100;
    /// A client that says nothing for this long after it connected is closed.
    pub const FIRST_BYTE_MAX: Duration = Duration::from_secs(10);
    /// From a TLS client's first byte to the end of its handshake at most.
    pub const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
    /// Connections that the server has not taken yet at most.
    pub const CONNECTIONS_WAITING_MAX: usize = 64;
    /// Between two looks at the files of certificates.
    pub const TLS_CHECK_INTERVAL: Duration = Duration::from_secs(5);
    /// Bytes of a file of certificates that are read.
    pub const TLS_FILE_BYTES_MAX: u64 = 1 << 20;
    /// Between two pings of an idle connection.
    pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
    /// A connection whose ping is not answered for this long is closed.
    pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
    /// Streams that a client may open and reset before the server looked at them (HTTP/2 rapid
    /// reset) at most.
    pub const PENDING_RESETS_MAX: usize = 32;
    /// Errors that a client may cause on one connection at most.
    pub const LOCAL_ERROR_RESETS_MAX: usize = 256;
    /// Readers' tokens that are remembered as verified at most.
    pub const READER_TOKENS_KEPT: usize = 4_096;
    /// Frames of one connection that carry no request, such as pings: far above what a client needs to keep a
    /// connection alive and measure it. In units of one update of a window, of which bulk answers need many.
    pub(crate) const CONTROL_FRAMES: Terms = Terms {
        burst: 64_000,
        per_second: 16_000,
        owed_max: 160_000,
    };
    /// What a control frame other than an update of a window costs.
    pub const CONTROL_FRAME_COST: i64 = 16;
    /// Headers of one request at most, bytes.
    pub const HEADER_BYTES_MAX: u32 = 16 << 10;
    /// Bytes of one connection received and not yet read at most.
    pub const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;
    /// Bytes of one stream received and not yet read at most.
    pub const STREAM_WINDOW_BYTES: u32 = 1 << 20;
    /// Open requests are given this long when the node stops.
    pub const STOP_GRACE: Duration = Duration::from_secs(5);
}
