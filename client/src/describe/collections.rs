//! Operations and events about debtors, in words.

use talea_types::{Residence, event::CollectionsEvent, operation::CollectionsOperation};

use super::{Field, field, optional};

pub(super) fn operation(operation: &CollectionsOperation) -> Vec<Field> {
    match operation {
        CollectionsOperation::DebtorRegister(register) => {
            let mut fields = vec![field("account", register.account)];
            fields.extend(residence(&register.residence));
            fields
        }
        CollectionsOperation::ResidenceSet(set) => {
            let mut fields = vec![field("debtor", set.debtor)];
            fields.extend(residence(&set.residence));
            fields
        }
    }
}

fn residence(residence: &Residence) -> Vec<Field> {
    let mut fields = vec![field("country", &residence.country)];
    fields.extend(optional("subdivision", &residence.subdivision));
    fields.push(field("time zones", residence.time_zones.join(" ")));
    fields.push(field("language", &residence.language));
    fields
}

/// An event in one line of words.
pub(super) fn event(event: &CollectionsEvent) -> String {
    let words = |residence: &Residence| {
        let place = match residence.subdivision.as_str() {
            "" => &residence.country,
            subdivision => subdivision,
        };
        let zones = residence.time_zones.join(", ");
        format!("{place}, time of {zones}, language {}", residence.language)
    };
    match event {
        CollectionsEvent::DebtorRegistered(registered) => format!(
            "registered as a debtor by {}: {}",
            registered.sponsor,
            words(&registered.residence)
        ),
        CollectionsEvent::ResidenceChanged(changed) => {
            format!(
                "residence changed by {}: {}",
                changed.by,
                words(&changed.residence)
            )
        }
    }
}
