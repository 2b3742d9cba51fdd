-- The index: what an auditor asks, and what it needs to go on where it stopped. Every row follows from
-- the blocks; `talea-audit reindex` makes the same rows again from them.
--
-- Ids are their bytes, subjects a byte of kind and 16 of id, times milliseconds since 1970 (UTC).

CREATE TABLE meta (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value BYTEA NOT NULL
);

-- One row a block. `committed` holds its canonical bytes, from which everything else can be made again.
CREATE TABLE block (
    height        BIGINT PRIMARY KEY,
    hash          BYTEA NOT NULL,
    time_ms       BIGINT NOT NULL,
    business_date BIGINT NOT NULL,
    proposer      BYTEA NOT NULL,
    round         BIGINT NOT NULL,
    state_root    BYTEA NOT NULL,
    applied       BIGINT NOT NULL,
    rejected      BIGINT NOT NULL,
    void          BIGINT NOT NULL,
    events        BIGINT NOT NULL,
    -- Of this block and all before it.
    transactions_total BIGINT NOT NULL,
    events_total       BIGINT NOT NULL,
    committed     BYTEA NOT NULL
);
CREATE INDEX block_time ON block (time_ms);

-- One row a transaction; void entries too, so that an id can be there more than once.
CREATE TABLE tx (
    height    BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    id        BYTEA NOT NULL,
    author    BYTEA NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    outcome   BIGINT NOT NULL,
    -- Ids of the rules that spoke, separated by spaces.
    rules     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (height, position)
);
CREATE INDEX tx_id ON tx (id);
CREATE INDEX tx_author ON tx (author, height, position);

-- The references that payments carry (end-to-end ids), each with the transactions that carry it.
CREATE TABLE reference (
    text     TEXT COLLATE "C" NOT NULL,
    height   BIGINT NOT NULL,
    -- Of the transaction in the block.
    position BIGINT NOT NULL,
    PRIMARY KEY (text, height, position)
);

-- How many transactions ended how, so far.
CREATE TABLE outcome_total (
    outcome      BIGINT PRIMARY KEY,
    transactions BIGINT NOT NULL
);

-- One row an event, in the order in which they happened.
CREATE TABLE event (
    height      BIGINT NOT NULL,
    position    BIGINT NOT NULL,
    subject     BYTEA NOT NULL,
    sequence    BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    -- Place of the transaction in the block; absent for what the ledger does by itself.
    transaction_position BIGINT,
    bytes       BYTEA NOT NULL,
    PRIMARY KEY (height, position)
);
CREATE UNIQUE INDEX event_of ON event (subject, sequence);
CREATE INDEX event_kind ON event (kind, height, position);

-- One row a permitted contact.
CREATE TABLE contact (
    permit     BYTEA PRIMARY KEY,
    case_id    BYTEA NOT NULL,
    loan       BYTEA NOT NULL,
    debtor     BYTEA NOT NULL,
    agency     BYTEA NOT NULL,
    lender     BYTEA,
    channel    TEXT COLLATE "C" NOT NULL,
    party      TEXT COLLATE "C" NOT NULL,
    purpose    TEXT COLLATE "C" NOT NULL,
    height     BIGINT NOT NULL,
    granted_ms BIGINT NOT NULL,
    from_ms    BIGINT NOT NULL,
    until_ms   BIGINT NOT NULL,
    -- Of the debtor's day at `from_ms`, 0 to 23; absent where the time zone is unknown.
    local_hour BIGINT,
    -- What came of it, when, and the block in which it was said; absent while it is open.
    result        TEXT COLLATE "C",
    result_ms     BIGINT,
    -- Of the debtor's day at `result_ms`, as `local_hour`.
    result_hour   BIGINT,
    closed_height BIGINT,
    -- The last thing that was wrong with it.
    breach     TEXT COLLATE "C",
    -- When its permit was taken back or cut short.
    revoked_ms BIGINT
);
CREATE INDEX contact_height ON contact (height);
CREATE INDEX contact_debtor ON contact (debtor, granted_ms);
CREATE INDEX contact_agency ON contact (agency, granted_ms);
CREATE INDEX contact_lender ON contact (lender, granted_ms);
CREATE INDEX contact_case ON contact (case_id, granted_ms);

-- One row for each rule that spoke when a permit was refused.
CREATE TABLE refusal (
    height   BIGINT NOT NULL,
    -- Of the transaction in the block; `part` counts its rules from 0.
    position BIGINT NOT NULL,
    part     BIGINT NOT NULL,
    time_ms  BIGINT NOT NULL,
    agency   BYTEA NOT NULL,
    lender   BYTEA NOT NULL,
    debtor   BYTEA NOT NULL,
    case_id  BYTEA NOT NULL,
    channel  TEXT COLLATE "C" NOT NULL,
    outcome  BIGINT NOT NULL,
    rule     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (height, position, part)
);
CREATE INDEX refusal_debtor ON refusal (debtor, height, position);
CREATE INDEX refusal_agency ON refusal (agency, time_ms);
CREATE INDEX refusal_lender ON refusal (lender, time_ms);

-- Rules as `refusal` and `tx` cite them (rule@version), of every version that ever came into force.
CREATE TABLE rule (
    cited      TEXT COLLATE "C" PRIMARY KEY,
    pack       TEXT COLLATE "C" NOT NULL,
    title      TEXT COLLATE "C" NOT NULL,
    -- The legal source.
    source     TEXT COLLATE "C" NOT NULL,
    -- 1 where a figure or its source was not verified against the text of the law.
    unverified BIGINT NOT NULL
);

-- One row for each thing that was done wrong.
CREATE TABLE breach (
    height    BIGINT NOT NULL,
    -- Of the debtor's event in the block.
    position  BIGINT NOT NULL,
    time_ms   BIGINT NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    agency    BYTEA NOT NULL,
    lender    BYTEA,
    debtor    BYTEA NOT NULL,
    case_id   BYTEA,
    permit    BYTEA,
    -- Number of the complaint; 0 for none.
    complaint BIGINT NOT NULL,
    PRIMARY KEY (height, position)
);
CREATE INDEX breach_debtor ON breach (debtor, time_ms);
CREATE INDEX breach_agency ON breach (agency, time_ms);
CREATE INDEX breach_lender ON breach (lender, time_ms);

-- One row a dispute, complaint or protection; its id is that of the transaction that opened it.
CREATE TABLE remedy (
    id        BYTEA PRIMARY KEY,
    kind      TEXT COLLATE "C" NOT NULL,
    debtor    BYTEA NOT NULL,
    -- What at most one that is open has: the loan of a dispute, the number of a complaint, the name (and
    -- loan) of a protection.
    topic     TEXT COLLATE "C" NOT NULL,
    loan      BYTEA,
    agency    BYTEA,
    lender    BYTEA,
    -- Code of the reason, or the protection.
    what      TEXT COLLATE "C" NOT NULL,
    height    BIGINT NOT NULL,
    opened_ms BIGINT NOT NULL,
    acknowledge_by_ms BIGINT,
    -- By when a complaint must be resolved, when a protection ends; absent where nothing says.
    due_ms    BIGINT,
    acknowledged_ms BIGINT,
    -- When the first of its clocks ran out.
    overdue_ms BIGINT,
    -- A protection that nobody lifts ends at `due_ms` and stays open here until another follows it.
    closed_ms BIGINT,
    result    TEXT COLLATE "C"
);
CREATE INDEX remedy_debtor ON remedy (debtor, kind, topic);
CREATE INDEX remedy_agency ON remedy (agency, opened_ms);
CREATE INDEX remedy_lender ON remedy (lender, opened_ms);

-- Counts by day (UTC, days since 1970), so that a scorecard reads days and not contacts. `lender` is empty
-- where it is unknown. Measures and their labels: granted (channel), revoked, refused (channel), rule
-- (rule@version), breach (kind); and, on the day of the contact itself, result (contact result), hour and
-- reported_hour (local, two digits, or unknown) of contacts other than letters, as collectors and as debtors say.
CREATE TABLE conduct_day (
    day     BIGINT NOT NULL,
    agency  BYTEA NOT NULL,
    lender  BYTEA NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    label   TEXT COLLATE "C" NOT NULL,
    counted BIGINT NOT NULL,
    PRIMARY KEY (agency, day, lender, measure, label)
);
CREATE INDEX conduct_day_lender ON conduct_day (lender, day);

-- Ends of months that the business date has passed (days since 1970), each with the block that moved it on.
CREATE TABLE month_end (
    date   BIGINT PRIMARY KEY,
    height BIGINT NOT NULL
);
CREATE INDEX month_end_height ON month_end (height);

-- One row a loan and month end: of all that are owed, and once of each that was paid off.
CREATE TABLE loan_month (
    loan      BYTEA NOT NULL,
    month_end BIGINT NOT NULL,
    lender    BYTEA NOT NULL,
    product   BYTEA NOT NULL,
    -- At the month end before: a standing, or new.
    was       TEXT COLLATE "C" NOT NULL,
    -- A bucket of days past due, charged_off or paid_off.
    standing  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (loan, month_end)
);
CREATE INDEX loan_month_end ON loan_month (month_end);

-- How many loans went from where to where by a month end, so that roll rates read months and not loans.
CREATE TABLE loan_roll (
    month_end BIGINT NOT NULL,
    lender    BYTEA NOT NULL,
    product   BYTEA NOT NULL,
    was       TEXT COLLATE "C" NOT NULL,
    standing  TEXT COLLATE "C" NOT NULL,
    loans     BIGINT NOT NULL,
    PRIMARY KEY (month_end, lender, product, was, standing)
);

-- The state after the newest block, object by object.
CREATE TABLE state (
    key   BYTEA PRIMARY KEY,
    value BYTEA NOT NULL
);
