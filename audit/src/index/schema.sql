-- The index: what an auditor asks, and what it needs to go on where it stopped. Every row follows from
-- the blocks; `talea-audit reindex` makes the same rows again from them.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- One row a block. `committed` holds its canonical bytes, from which everything else can be made again.
CREATE TABLE block (
    height        INTEGER PRIMARY KEY,
    hash          BLOB NOT NULL,
    time_ms       INTEGER NOT NULL,
    business_date INTEGER NOT NULL,
    proposer      BLOB NOT NULL,
    round         INTEGER NOT NULL,
    state_root    BLOB NOT NULL,
    applied       INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    void          INTEGER NOT NULL,
    committed     BLOB NOT NULL
);

-- One row a transaction; void entries too, so that an id can be there more than once.
CREATE TABLE tx (
    height    INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    id        BLOB NOT NULL,
    author    BLOB NOT NULL,
    operation TEXT NOT NULL,
    outcome   INTEGER NOT NULL,
    -- Ids of the rules that spoke, separated by spaces.
    rules     TEXT NOT NULL,
    PRIMARY KEY (height, position)
) WITHOUT ROWID;
CREATE INDEX tx_id ON tx (id);

-- One row an event, in the order in which they happened.
CREATE TABLE event (
    height      INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    -- Kind and id, 17 bytes.
    subject     BLOB NOT NULL,
    sequence    INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    -- Place of the transaction in the block; absent for what the ledger does by itself.
    transaction_position INTEGER,
    bytes       BLOB NOT NULL,
    PRIMARY KEY (height, position)
) WITHOUT ROWID;
CREATE UNIQUE INDEX event_of ON event (subject, sequence);

-- The state after the newest block, object by object.
CREATE TABLE state (
    key   BLOB PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
