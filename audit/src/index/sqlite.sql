-- The index: what an auditor asks, and what it needs to go on where it stopped. Every row follows from
-- the blocks; `talea-audit reindex` makes the same rows again from them.
--
-- Ids are their bytes, subjects a byte of kind and 16 of id, times milliseconds since 1970 (UTC).

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
    events        INTEGER NOT NULL,
    -- Of this block and all before it.
    transactions_total INTEGER NOT NULL,
    events_total       INTEGER NOT NULL,
    committed     BLOB NOT NULL
);
CREATE INDEX block_time ON block (time_ms);

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
CREATE INDEX tx_author ON tx (author, height, position);

-- The references that payments carry (end-to-end ids), each with the transactions that carry it.
CREATE TABLE reference (
    text     TEXT NOT NULL,
    height   INTEGER NOT NULL,
    -- Of the transaction in the block.
    position INTEGER NOT NULL,
    PRIMARY KEY (text, height, position)
) WITHOUT ROWID;

-- How many transactions ended how, so far.
CREATE TABLE outcome_total (
    outcome      INTEGER PRIMARY KEY,
    transactions INTEGER NOT NULL
);

-- One row an event, in the order in which they happened.
CREATE TABLE event (
    height      INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    subject     BLOB NOT NULL,
    sequence    INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    -- Place of the transaction in the block; absent for what the ledger does by itself.
    transaction_position INTEGER,
    bytes       BLOB NOT NULL,
    PRIMARY KEY (height, position)
) WITHOUT ROWID;
CREATE UNIQUE INDEX event_of ON event (subject, sequence);
CREATE INDEX event_kind ON event (kind, height, position);

-- One row a permitted contact.
CREATE TABLE contact (
    permit     BLOB PRIMARY KEY,
    case_id    BLOB NOT NULL,
    loan       BLOB NOT NULL,
    debtor     BLOB NOT NULL,
    agency     BLOB NOT NULL,
    lender     BLOB,
    channel    TEXT NOT NULL,
    party      TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    height     INTEGER NOT NULL,
    granted_ms INTEGER NOT NULL,
    from_ms    INTEGER NOT NULL,
    until_ms   INTEGER NOT NULL,
    -- Of the debtor's day at `from_ms`, 0 to 23; absent where the time zone is unknown.
    local_hour INTEGER,
    -- What came of it, when, and the block in which it was said; absent while it is open.
    result        TEXT,
    result_ms     INTEGER,
    -- Of the debtor's day at `result_ms`, as `local_hour`.
    result_hour   INTEGER,
    closed_height INTEGER,
    -- The last thing that was wrong with it.
    breach     TEXT,
    -- When its permit was taken back or cut short.
    revoked_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX contact_height ON contact (height);
CREATE INDEX contact_debtor ON contact (debtor, granted_ms);
CREATE INDEX contact_agency ON contact (agency, granted_ms);
CREATE INDEX contact_lender ON contact (lender, granted_ms);
CREATE INDEX contact_case ON contact (case_id, granted_ms);

-- One row for each rule that spoke when a permit was refused.
CREATE TABLE refusal (
    height   INTEGER NOT NULL,
    -- Of the transaction in the block; `part` counts its rules from 0.
    position INTEGER NOT NULL,
    part     INTEGER NOT NULL,
    time_ms  INTEGER NOT NULL,
    agency   BLOB NOT NULL,
    lender   BLOB NOT NULL,
    debtor   BLOB NOT NULL,
    case_id  BLOB NOT NULL,
    channel  TEXT NOT NULL,
    outcome  INTEGER NOT NULL,
    rule     TEXT NOT NULL,
    PRIMARY KEY (height, position, part)
) WITHOUT ROWID;
CREATE INDEX refusal_debtor ON refusal (debtor, height, position);
CREATE INDEX refusal_agency ON refusal (agency, time_ms);
CREATE INDEX refusal_lender ON refusal (lender, time_ms);

-- Rules as `refusal` and `tx` cite them (rule@version), of every version that ever came into force.
CREATE TABLE rule (
    cited      TEXT PRIMARY KEY,
    pack       TEXT NOT NULL,
    title      TEXT NOT NULL,
    -- The legal source.
    source     TEXT NOT NULL,
    -- 1 where a figure or its source was not verified against the text of the law.
    unverified INTEGER NOT NULL
) WITHOUT ROWID;

-- One row for each thing that was done wrong.
CREATE TABLE breach (
    height    INTEGER NOT NULL,
    -- Of the debtor's event in the block.
    position  INTEGER NOT NULL,
    time_ms   INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    agency    BLOB NOT NULL,
    lender    BLOB,
    debtor    BLOB NOT NULL,
    case_id   BLOB,
    permit    BLOB,
    -- Number of the complaint; 0 for none.
    complaint INTEGER NOT NULL,
    PRIMARY KEY (height, position)
) WITHOUT ROWID;
CREATE INDEX breach_debtor ON breach (debtor, time_ms);
CREATE INDEX breach_agency ON breach (agency, time_ms);
CREATE INDEX breach_lender ON breach (lender, time_ms);

-- One row a dispute, complaint or protection; its id is that of the transaction that opened it.
CREATE TABLE remedy (
    id        BLOB PRIMARY KEY,
    kind      TEXT NOT NULL,
    debtor    BLOB NOT NULL,
    -- What at most one that is open has: the loan of a dispute, the number of a complaint, the name (and
    -- loan) of a protection.
    topic     TEXT NOT NULL,
    loan      BLOB,
    agency    BLOB,
    lender    BLOB,
    -- Code of the reason, or the protection.
    what      TEXT NOT NULL,
    height    INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL,
    acknowledge_by_ms INTEGER,
    -- By when a complaint must be resolved, when a protection ends; absent where nothing says.
    due_ms    INTEGER,
    acknowledged_ms INTEGER,
    -- When the first of its clocks ran out.
    overdue_ms INTEGER,
    -- A protection that nobody lifts ends at `due_ms` and stays open here until another follows it.
    closed_ms INTEGER,
    result    TEXT
) WITHOUT ROWID;
CREATE INDEX remedy_debtor ON remedy (debtor, kind, topic);
CREATE INDEX remedy_agency ON remedy (agency, opened_ms);
CREATE INDEX remedy_lender ON remedy (lender, opened_ms);

-- Counts by day (UTC, days since 1970), so that a scorecard reads days and not contacts. `lender` is empty
-- where it is unknown. Measures and their labels: granted (channel), revoked, refused (channel), rule
-- (rule@version), breach (kind); and, on the day of the contact itself, result (contact result), hour and
-- reported_hour (local, two digits, or unknown) of contacts other than letters, as collectors and as debtors say.
CREATE TABLE conduct_day (
    day     INTEGER NOT NULL,
    agency  BLOB NOT NULL,
    lender  BLOB NOT NULL,
    measure TEXT NOT NULL,
    label   TEXT NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (agency, day, lender, measure, label)
) WITHOUT ROWID;
CREATE INDEX conduct_day_lender ON conduct_day (lender, day);

-- Ends of months that the business date has passed (days since 1970), each with the block that moved it on.
CREATE TABLE month_end (
    date   INTEGER PRIMARY KEY,
    height INTEGER NOT NULL
);
CREATE INDEX month_end_height ON month_end (height);

-- One row a loan and month end: of all that are owed, and once of each that was paid off.
CREATE TABLE loan_month (
    loan      BLOB NOT NULL,
    month_end INTEGER NOT NULL,
    lender    BLOB NOT NULL,
    product   BLOB NOT NULL,
    -- At the month end before: a standing, or new.
    was       TEXT NOT NULL,
    -- A bucket of days past due, charged_off or paid_off.
    standing  TEXT NOT NULL,
    PRIMARY KEY (loan, month_end)
) WITHOUT ROWID;
CREATE INDEX loan_month_end ON loan_month (month_end);

-- How many loans went from where to where by a month end, so that roll rates read months and not loans.
CREATE TABLE loan_roll (
    month_end INTEGER NOT NULL,
    lender    BLOB NOT NULL,
    product   BLOB NOT NULL,
    was       TEXT NOT NULL,
    standing  TEXT NOT NULL,
    loans     INTEGER NOT NULL,
    PRIMARY KEY (month_end, lender, product, was, standing)
) WITHOUT ROWID;

-- The state after the newest block, object by object.
CREATE TABLE state (
    key   BLOB PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
