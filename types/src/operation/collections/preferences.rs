//! How a debtor wants to be contacted.

use bytes::Bytes;

use super::{optional_hash, optional_hash_bytes};
use crate::{
    conduct::Channel,
    decode::{DecodeError, ascending},
    encode::required,
    hash::Hash,
    ids::{AccountId, ParticipantId},
    limits::{CONSENTS_PER_DEBTOR_MAX, OPT_OUTS_PER_DEBTOR_MAX, REFUSED_HOURS_PER_DEBTOR_MAX},
    wire,
};

/// Hours by the clock on the wall; over midnight when the end is not after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalHours {
    /// First minute since local midnight, 0 to 1,440.
    pub from: u32,
    /// The minute after the last, 0 to 1,440.
    pub until: u32,
}

/// What a debtor does not want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OptOut {
    /// A channel, or all.
    pub channel: Option<Channel>,
    /// Commitment to a number or address, or all.
    pub contact_point: Option<Hash>,
}

/// How a debtor wants to be contacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Strictly ascending.
    pub opt_outs: Vec<OptOut>,
    /// No contact in these.
    pub refused_hours: Vec<LocalHours>,
    /// Contact in these although they are quiet by law.
    pub agreed_hours: Option<LocalHours>,
    /// All contact shall cease.
    pub cease: bool,
    /// An attorney or adviser acts for the debtor.
    pub represented: bool,
    /// Who may call, strictly ascending. The consent is as old as the preferences.
    pub consents: Vec<ParticipantId>,
}

/// Replaces all preferences of a debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferenceSet {
    /// Whose.
    pub debtor: AccountId,
    /// From now on.
    pub preferences: Preferences,
}

impl LocalHours {
    const fn to_wire(self) -> wire::LocalHours {
        wire::LocalHours {
            from: self.from,
            until: self.until,
        }
    }

    fn from_wire(hours: &wire::LocalHours) -> Result<Self, DecodeError> {
        if hours.from > 1_440 || hours.until > 1_440 {
            return Err(DecodeError::Range {
                field: "hours",
                reason: "minutes of a day: 0 to 1440",
            });
        }
        Ok(Self {
            from: hours.from,
            until: hours.until,
        })
    }
}

impl OptOut {
    fn to_wire(self) -> wire::ContactOptOut {
        wire::ContactOptOut {
            channel: self.channel.map_or(0, |channel| channel.to_wire().into()),
            contact_point: optional_hash_bytes(self.contact_point.as_ref()),
        }
    }

    fn from_wire(opt_out: &wire::ContactOptOut) -> Result<Self, DecodeError> {
        Ok(Self {
            channel: match opt_out.channel {
                0 => None,
                channel => Some(Channel::from_wire(channel)?),
            },
            contact_point: optional_hash("opt_out.contact_point", &opt_out.contact_point)?,
        })
    }
}

impl Preferences {
    pub(crate) fn to_wire(&self) -> wire::DebtorPreferences {
        let bytes = |id: &ParticipantId| -> Bytes { id.to_wire() };
        wire::DebtorPreferences {
            opt_outs: self.opt_outs.iter().map(|one| one.to_wire()).collect(),
            refused_hours: self.refused_hours.iter().map(|one| one.to_wire()).collect(),
            agreed_hours: self.agreed_hours.map(LocalHours::to_wire),
            cease: self.cease,
            represented: self.represented,
            consents: self.consents.iter().map(bytes).collect(),
        }
    }

    pub(crate) fn from_wire(preferences: &wire::DebtorPreferences) -> Result<Self, DecodeError> {
        if preferences.refused_hours.len() > REFUSED_HOURS_PER_DEBTOR_MAX {
            return Err(DecodeError::Range {
                field: "preferences.refused_hours",
                reason: "too many entries",
            });
        }
        let refused = preferences.refused_hours.iter();
        Ok(Self {
            opt_outs: ascending(
                "preferences.opt_outs",
                &preferences.opt_outs,
                OPT_OUTS_PER_DEBTOR_MAX,
                OptOut::from_wire,
            )?,
            refused_hours: refused
                .map(LocalHours::from_wire)
                .collect::<Result<_, _>>()?,
            agreed_hours: preferences
                .agreed_hours
                .as_ref()
                .map(LocalHours::from_wire)
                .transpose()?,
            cease: preferences.cease,
            represented: preferences.represented,
            consents: ascending(
                "preferences.consents",
                &preferences.consents,
                CONSENTS_PER_DEBTOR_MAX,
                |id| ParticipantId::from_wire("preferences.consents", id),
            )?,
        })
    }
}

impl PreferenceSet {
    pub(crate) fn to_wire(&self) -> wire::PreferenceSet {
        wire::PreferenceSet {
            debtor: self.debtor.to_wire(),
            preferences: Some(self.preferences.to_wire()),
        }
    }

    pub(crate) fn from_wire(operation: &wire::PreferenceSet) -> Result<Self, DecodeError> {
        let preferences = required("preferences", operation.preferences.as_ref())?;
        Ok(Self {
            debtor: AccountId::from_wire("debtor", &operation.debtor)?,
            preferences: Preferences::from_wire(preferences)?,
        })
    }
}
