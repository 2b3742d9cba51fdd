//! Tunables of one node: queue sizes, file sizes, intervals. Nothing here is part of the protocol;
//! what validators must agree on lives in `talea_types::limits`.

/// Figures of the storage module.
pub mod storage {
    /// Largest payload of one frame in a log, bytes.
    pub const FRAME_BYTES_MAX: u32 = 48 << 20;
    /// A segment of the block log is closed before it grows past this, bytes.
    pub const BLOCK_SEGMENT_BYTES: u32 = 64 << 20;
    /// A segment of the consensus log is closed before it grows past this, bytes.
    pub const CONSENSUS_SEGMENT_BYTES: u32 = 8 << 20;
    /// Appended frames are handed to the operating system when this many bytes are waiting.
    pub const APPEND_BUFFER_BYTES: usize = 1 << 20;
    /// Newest segments whose every frame is verified when a log is opened.
    pub const SEGMENTS_VERIFIED_AT_OPEN: usize = 4;
    /// Bodies kept for one undecided height, one for each round that proposed another block.
    pub const BODIES_PER_HEIGHT_MAX: usize = 4096;
    /// Block positions held in memory (8 bytes each) before those of old segments are forgotten and
    /// read from the segment again when asked for.
    pub const BLOCK_POSITIONS_CACHED: usize = 4 << 20;
    /// Largest content of a durable file, bytes.
    pub const DURABLE_FILE_BYTES_MAX: u64 = 1 << 20;

    /// A value longer than this is split into chunks, bytes. A leaf of sled holds at most 17 entries
    /// and is written as one message; above 131,020 bytes (a quarter of its 512 KiB segment) it goes
    /// to a file of its own, which sled never syncs. 17 chunks of 4 KiB stay well below.
    pub const SLED_CHUNK_BYTES: usize = 4 << 10;
    /// Page cache of sled, bytes.
    pub const SLED_CACHE_BYTES: u64 = 64 << 20;
    /// An opening that takes longer than this is treated as damage, seconds.
    pub const SLED_OPEN_SECONDS_MAX: u64 = 300;
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
    pub const INDEX_RUN_ENTRIES: usize = 128 << 10;
    /// Bytes of entries in one stored chunk of a run.
    pub const INDEX_CHUNK_BYTES: usize = 15 << 10;
    /// Runs of one level that are merged into one run of the next.
    pub const INDEX_RUNS_PER_LEVEL: usize = 4;
    /// Runs waiting to be written; insertion waits when they are.
    pub const INDEX_RUNS_WAITING: usize = 2;
    /// Largest answer to a range query, entries.
    pub const INDEX_RANGE_MAX: usize = 10_000;
}
