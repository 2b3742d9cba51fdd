//! The holder of an account as a debtor.

use crate::{
    conduct::ContactTallies,
    decode::{DecodeError, ascending},
    encode::FieldWriter,
    event::EventChain,
    ids::{CaseId, LoanId, PermitId},
    limits::{
        CASES_PER_DEBTOR_MAX, COMPLAINTS_PER_DEBTOR_MAX, DISPUTES_PER_DEBTOR_MAX,
        LOANS_PER_DEBTOR_MAX, PERMITS_PER_DEBTOR_MAX, PROTECTIONS_PER_DEBTOR_MAX,
    },
    operation::Preferences,
    residence::Residence,
    state::{ContactPoints, OpenDispute, ProtectionEntry, canonical_object},
    time::Timestamp,
    wire,
};

/// A debtor. Its id is that of the wallet account; its history is apart from the account's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debtor {
    /// Where the debtor lives.
    pub residence: Residence,
    /// Loans that are not closed, strictly ascending.
    pub loans: Vec<LoanId>,
    /// Its history.
    pub events: EventChain,
    /// How the debtor wants to be contacted, and when it said so.
    pub preferences: Option<(Preferences, Timestamp)>,
    /// Cases that were not recalled, strictly ascending.
    pub cases: Vec<CaseId>,
    /// Permits that are not closed, strictly ascending.
    pub permits: Vec<PermitId>,
    /// Strictly ascending by [`ProtectionEntry::key`].
    pub protections: Vec<ProtectionEntry>,
    /// Strictly ascending by loan.
    pub disputes: Vec<OpenDispute>,
    /// Numbers of the complaints that are open, strictly ascending.
    pub complaints: Vec<u32>,
    /// How many complaints there were.
    pub complaints_opened: u32,
    /// Where it was contacted, by all collectors.
    pub contact_points: ContactPoints,
    /// Counts all contacts about it, whoever was contacted. It stands here rather than in an object of its
    /// own because whatever counts a contact writes the debtor as well.
    pub contacts: ContactTallies,
}

impl Debtor {
    /// A debtor about whom nothing else is known yet.
    #[must_use]
    pub fn registered(residence: Residence) -> Self {
        Self {
            residence,
            loans: Vec::new(),
            events: EventChain::default(),
            preferences: None,
            cases: Vec::new(),
            permits: Vec::new(),
            protections: Vec::new(),
            disputes: Vec::new(),
            complaints: Vec::new(),
            complaints_opened: 0,
            contact_points: ContactPoints::default(),
            contacts: ContactTallies::default(),
        }
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        self.residence.write(1, w);
        for loan in &self.loans {
            w.element(2, loan.as_bytes());
        }
        self.events.write(3, w);
        if let Some((preferences, at)) = &self.preferences {
            w.message(4, |w| w.whole(&preferences.to_wire()));
            w.time(5, *at);
        }
        for case in &self.cases {
            w.element(6, case.as_bytes());
        }
        for permit in &self.permits {
            w.element(7, permit.as_bytes());
        }
        for protection in &self.protections {
            protection.write(8, w);
        }
        for dispute in &self.disputes {
            dispute.write(9, w);
        }
        w.packed(10, self.complaints.iter().copied().map(u64::from));
        w.number(11, self.complaints_opened);
        self.contact_points.write(12, w);
        self.contacts.write_field(13, w);
    }

    fn from_wire(debtor: &wire::Debtor) -> Result<Self, DecodeError> {
        let at = Timestamp::from_millis(debtor.preferences_at_ms);
        let preferences = match &debtor.preferences {
            Some(preferences) => Some((Preferences::from_wire(preferences)?, at)),
            None if debtor.preferences_at_ms == 0 => None,
            None => {
                return Err(DecodeError::Missing {
                    field: "debtor.preferences",
                });
            }
        };
        Ok(Self {
            residence: Residence::from_wire(debtor.residence.as_ref())?,
            loans: ascending("debtor.loans", &debtor.loans, LOANS_PER_DEBTOR_MAX, |id| {
                LoanId::from_wire("debtor.loans", id)
            })?,
            events: EventChain::from_wire(debtor.events.as_ref())?,
            preferences,
            cases: ascending("debtor.cases", &debtor.cases, CASES_PER_DEBTOR_MAX, |id| {
                CaseId::from_wire("debtor.cases", id)
            })?,
            permits: ascending(
                "debtor.permits",
                &debtor.permits,
                PERMITS_PER_DEBTOR_MAX,
                |id| PermitId::from_wire("debtor.permits", id),
            )?,
            protections: read_by_key(
                "debtor.protections",
                &debtor.protections,
                PROTECTIONS_PER_DEBTOR_MAX,
                ProtectionEntry::from_wire,
                ProtectionEntry::key,
            )?,
            disputes: read_by_key(
                "debtor.disputes",
                &debtor.disputes,
                DISPUTES_PER_DEBTOR_MAX,
                OpenDispute::from_wire,
                |dispute| dispute.loan,
            )?,
            complaints: ascending(
                "debtor.complaints",
                &debtor.complaints,
                COMPLAINTS_PER_DEBTOR_MAX,
                |number| Ok(*number),
            )?,
            complaints_opened: debtor.complaints_opened,
            contact_points: ContactPoints::from_wire(&debtor.contact_points)?,
            contacts: ContactTallies::from_field(debtor.contacts.as_ref())?,
        })
    }
}

/// Reads a list that is strictly ascending by a key.
fn read_by_key<W, T, K: Ord>(
    field: &'static str,
    entries: &[W],
    max: usize,
    read: impl Fn(&W) -> Result<T, DecodeError>,
    key: impl Fn(&T) -> K,
) -> Result<Vec<T>, DecodeError> {
    if entries.len() > max {
        return Err(DecodeError::Range {
            field,
            reason: "too many entries",
        });
    }
    let entries: Vec<T> = entries.iter().map(read).collect::<Result<_, _>>()?;
    if !entries.is_sorted_by(|one, other| key(one) < key(other)) {
        return Err(DecodeError::Order { field });
    }
    Ok(entries)
}

canonical_object!(Debtor, "debtor");
