//! The figures of provisions.

use serde::{Deserialize, Serialize};
use talea_types::conduct::{Notice, Protection};

use crate::pack::{Counted, Hours, Initiators, MinuteOfDay, Scope, Stops, Window};

/// Hours without contact, local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// First minute without contact.
    pub from: MinuteOfDay,
    /// First minute at which contact is allowed again.
    pub until: MinuteOfDay,
    /// Whether hours to which the debtor agreed are excepted.
    #[serde(default)]
    pub unless_agreed: bool,
}

impl QuietHours {
    /// The hours without contact.
    #[must_use]
    pub const fn hours(&self) -> Hours {
        Hours {
            from: self.from,
            until: self.until,
        }
    }
}

/// At most so many contacts in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencyCap {
    /// What is counted.
    pub counted: Counted,
    /// The most that is allowed in any window.
    pub max: u32,
    /// The window.
    pub window: Window,
    /// Over whom is counted.
    pub scope: Scope,
    /// Whose contacts are counted.
    pub initiator: Initiators,
    /// Whether automated calls count, and are refused.
    #[serde(default)]
    pub automated_included: bool,
    /// Contacts with consent at most so many days old are neither refused nor counted; 0: they are.
    #[serde(default)]
    pub consent_days: u32,
}

/// No call for some days after a conversation by call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationWait {
    /// Local calendar days; that of the conversation is the first.
    pub days: u32,
    /// About whom the conversation was.
    pub scope: Scope,
    /// Whose conversations count.
    pub initiator: Initiators,
    /// Contacts with consent at most so many days old are not refused; 0: they are.
    #[serde(default)]
    pub consent_days: u32,
}

/// A notice before the first contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeBefore {
    /// Which.
    pub notice: Notice,
    /// At least so many days (of 24 hours) before the contact; 0: at any time before.
    #[serde(default)]
    pub days: u32,
}

/// A notice soon after the first communication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeWithin {
    /// Which.
    pub notice: Notice,
    /// Within so many days (of 24 hours) of the first communication.
    pub days: u32,
}

/// When a third party may be contacted; any of these is enough. 0 and `false` mean: never for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdPartyConditions {
    /// After so many unanswered calls to the debtor without an answered one between.
    #[serde(default)]
    pub failures: u32,
    /// And not before the local day after the last of these.
    #[serde(default)]
    pub next_day: bool,
    /// The last call found that the number is not in use.
    #[serde(default)]
    pub invalid_contact_point: bool,
    /// The first call of the current run of unanswered ones was so many days (of 24 hours) ago.
    #[serde(default)]
    pub unreachable_days: u32,
    /// The debtor is dead or incapacitated.
    #[serde(default)]
    pub debtor_unable: bool,
}

/// How old the last evaluation of an agency may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluatedWithin {
    /// Days (of 24 hours).
    pub days: u32,
}

/// What a protection stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectionSuspends {
    /// Which.
    pub protection: Protection,
    /// What it stops.
    pub stops: Stops,
    /// How many days it lasts; 0: until it is lifted.
    #[serde(default)]
    pub length_days: u32,
    /// How many days it lasts after what it protects (a treatment) has ended.
    #[serde(default)]
    pub days_after: u32,
    /// At most one in so many months; 0: as often as needed.
    #[serde(default)]
    pub once_in_months: u32,
}

/// How long records are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Years after the last activity.
    pub years: u32,
}

/// When a debt may first be reported; any of these is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurnishingAfter {
    /// After a conversation about the debt.
    pub conversation: bool,
    /// So many days (of 24 hours) after a notice was sent; 0: never for this.
    pub days_after_sending: u32,
}

/// How often a payment authority may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentRetries {
    /// Tries of one payment that may fail.
    pub max: u32,
}

/// How soon a complaint must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplaintClock {
    /// Days until it is acknowledged; 0: no such rule.
    #[serde(default)]
    pub acknowledge_days: u32,
    /// Days until it is resolved.
    pub resolve_days: u32,
}
