//! The tables, for what goes over all of them: writing, hashing.

/// A table with its columns.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// All of them, in the order in which they are written and hashed.
    pub(super) columns: &'static [&'static str],
    /// Columns by which its rows are in order, each row once.
    pub(super) key: &'static str,
}

pub(super) const META: Table = Table {
    name: "meta",
    columns: &["name", "value"],
    key: "name",
};
pub(super) const BLOCK: Table = Table {
    name: "block",
    columns: &[
        "height",
        "hash",
        "time_ms",
        "business_date",
        "proposer",
        "round",
        "state_root",
        "applied",
        "rejected",
        "void",
        "events",
        "transactions_total",
        "events_total",
        "committed",
    ],
    key: "height",
};
pub(super) const TX: Table = Table {
    name: "tx",
    columns: &[
        "height",
        "position",
        "id",
        "author",
        "operation",
        "outcome",
        "rules",
    ],
    key: "height, position",
};
pub(super) const REFERENCE: Table = Table {
    name: "reference",
    columns: &["text", "height", "position"],
    key: "text, height, position",
};
pub(super) const OUTCOME_TOTAL: Table = Table {
    name: "outcome_total",
    columns: &["outcome", "transactions"],
    key: "outcome",
};
pub(super) const EVENT: Table = Table {
    name: "event",
    columns: &[
        "height",
        "position",
        "subject",
        "sequence",
        "kind",
        "transaction_position",
        "bytes",
    ],
    key: "height, position",
};
pub(super) const CONTACT: Table = Table {
    name: "contact",
    columns: &[
        "permit",
        "case_id",
        "loan",
        "debtor",
        "agency",
        "lender",
        "channel",
        "party",
        "purpose",
        "height",
        "granted_ms",
        "from_ms",
        "until_ms",
        "local_hour",
        "result",
        "result_ms",
        "result_hour",
        "closed_height",
        "breach",
        "revoked_ms",
    ],
    key: "permit",
};
pub(super) const REFUSAL: Table = Table {
    name: "refusal",
    columns: &[
        "height", "position", "part", "time_ms", "agency", "lender", "debtor", "case_id",
        "channel", "outcome", "rule",
    ],
    key: "height, position, part",
};
pub(super) const RULE: Table = Table {
    name: "rule",
    columns: &["cited", "pack", "title", "source", "unverified"],
    key: "cited",
};
pub(super) const BREACH: Table = Table {
    name: "breach",
    columns: &[
        "height",
        "position",
        "time_ms",
        "kind",
        "agency",
        "lender",
        "debtor",
        "case_id",
        "permit",
        "complaint",
    ],
    key: "height, position",
};
pub(super) const REMEDY: Table = Table {
    name: "remedy",
    columns: &[
        "id",
        "kind",
        "debtor",
        "topic",
        "loan",
        "agency",
        "lender",
        "what",
        "height",
        "opened_ms",
        "acknowledge_by_ms",
        "due_ms",
        "acknowledged_ms",
        "overdue_ms",
        "closed_ms",
        "result",
    ],
    key: "id",
};
pub(super) const CONDUCT_DAY: Table = Table {
    name: "conduct_day",
    columns: &["day", "agency", "lender", "measure", "label", "counted"],
    key: "agency, day, lender, measure, label",
};
pub(super) const MONTH_END: Table = Table {
    name: "month_end",
    columns: &["date", "height"],
    key: "date",
};
pub(super) const LOAN_MONTH: Table = Table {
    name: "loan_month",
    columns: &["loan", "month_end", "lender", "product", "was", "standing"],
    key: "loan, month_end",
};
pub(super) const LOAN_ROLL: Table = Table {
    name: "loan_roll",
    columns: &["month_end", "lender", "product", "was", "standing", "loans"],
    key: "month_end, lender, product, was, standing",
};
pub(super) const STATE: Table = Table {
    name: "state",
    columns: &["key", "value"],
    key: "key",
};

/// Every table.
pub(super) const TABLES: [&Table; 16] = [
    &META,
    &BLOCK,
    &TX,
    &REFERENCE,
    &OUTCOME_TOTAL,
    &EVENT,
    &CONTACT,
    &REFUSAL,
    &RULE,
    &BREACH,
    &REMEDY,
    &CONDUCT_DAY,
    &MONTH_END,
    &LOAN_MONTH,
    &LOAN_ROLL,
    &STATE,
];

impl Table {
    /// All rows, each once, in the order of the key.
    pub(super) fn all(&self) -> String {
        let columns = self.columns.join(", ");
        format!("SELECT {columns} FROM {} ORDER BY {}", self.name, self.key)
    }

    /// Adds a row.
    pub(super) fn insert(&self) -> String {
        let places: Vec<String> = (1..=self.columns.len())
            .map(|number| format!("${number}"))
            .collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({})",
            self.name,
            self.columns.join(", "),
            places.join(", ")
        )
    }
}
