//! What a rule can provide: a closed list. The wire form is `PackRule` in `rules.proto`.

pub mod figures;

use std::fmt;

use serde::{Deserialize, Serialize};

use figures::{
    ComplaintClock, ConversationWait, EvaluatedWithin, FrequencyCap, FurnishingAfter, NoticeBefore,
    NoticeWithin, PaymentRetries, ProtectionSuspends, QuietHours, Retention, ThirdPartyConditions,
};

/// What a rule provides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provision {
    // ---- contacts: the decision ----
    /// No contact in these hours of the debtor's local time.
    QuietHours(QuietHours),
    /// At most so many contacts in a window.
    FrequencyCap(FrequencyCap),
    /// After a conversation, no contact for some local days.
    ConversationWait(ConversationWait),
    /// A message must tell how to opt out.
    OptOutStatement,
    /// What the debtor opted out of is not used.
    OptOutRespected,
    /// After a demand to cease, no contact.
    CeaseRespected,
    /// Who is represented is contacted through the representative alone.
    RepresentationRespected,
    /// No contact at hours that the debtor refused.
    DebtorHoursRespected,
    /// Such contacts are forbidden.
    Forbidden,
    /// Such contacts must be recorded.
    RecordingRequired,
    /// A notice must have been served so many days before.
    NoticeBefore(NoticeBefore),
    /// A notice must be served within so many days of the first communication.
    NoticeWithin(NoticeWithin),
    /// A third party may be contacted only if the debtor cannot be, and never once it has refused.
    ThirdParty(ThirdPartyConditions),
    /// Who collects for others must have a licence that is valid during the whole window.
    LicenceValid,
    /// Who collects for others must be on the public list.
    ListedPublicly,
    /// Who collects for others must have been evaluated not long ago.
    EvaluatedWithin(EvaluatedWithin),
    /// Forbearance must have been considered.
    ForbearanceFirst,
    // ---- contacts and duties ----
    /// What an open dispute stops.
    DisputeSuspends(Stops),
    /// What an open complaint stops.
    ComplaintSuspends(Stops),
    /// What a protection stops, and how long it lasts.
    ProtectionSuspends(ProtectionSuspends),
    // ---- duties ----
    /// No fee because of, or in the name of, collection.
    CollectionFeeForbidden,
    /// A settlement at a discount must say what becomes of the rest.
    ResidualStated,
    /// How long records are kept.
    Retention(Retention),
    /// When a debt may first be reported to a credit bureau.
    FurnishingAfter(FurnishingAfter),
    /// How often a payment authority may be tried again.
    PaymentRetries(PaymentRetries),
    /// How soon a complaint must be answered.
    ComplaintClock(ComplaintClock),
}

/// What stops while a dispute, a complaint or a protection is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stops {
    /// Contacts that the rule is about.
    pub contact: bool,
    /// Interest.
    pub interest: bool,
    /// Fees.
    pub fees: bool,
    /// Reports to credit bureaus, other than that there is a dispute.
    pub furnishing: bool,
}

impl Stops {
    /// What either stops.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            contact: self.contact || other.contact,
            interest: self.interest || other.interest,
            fees: self.fees || other.fees,
            furnishing: self.furnishing || other.furnishing,
        }
    }
}

/// What a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Calls, answered or not.
    Attempts,
    /// Calls that somebody answered.
    Connected,
    /// Effective conversations by call.
    Conversations,
    /// Electronic messages.
    Messages,
    /// Visits.
    Visits,
}

/// Over whom a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All contacts about the debtor.
    Person,
    /// All contacts about the debt.
    Debt,
    /// All contacts at the number or address.
    ContactPoint,
    /// All contacts of the case.
    Case,
}

/// Whose contacts a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initiators {
    /// Those that collectors began.
    Collector,
    /// All.
    Anyone,
}

/// How long back, and ahead, a cap looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// So many times 24 hours, to the millisecond.
    RollingDays(u32),
    /// So many consecutive days of the debtor's local calendar.
    LocalDays(u32),
}

impl Window {
    /// Its length in days.
    #[must_use]
    pub const fn days(self) -> u32 {
        match self {
            Self::RollingDays(days) | Self::LocalDays(days) => days,
        }
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attempts => "calls attempted",
            Self::Connected => "calls answered",
            Self::Conversations => "conversations",
            Self::Messages => "messages",
            Self::Visits => "visits",
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "debtor",
            Self::Debt => "debt",
            Self::ContactPoint => "contact point",
            Self::Case => "case",
        })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RollingDays(days) => write!(f, "{days} x 24 hours"),
            Self::LocalDays(1) => f.write_str("a local day"),
            Self::LocalDays(days) => write!(f, "{days} local days"),
        }
    }
}
