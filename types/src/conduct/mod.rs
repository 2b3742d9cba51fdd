//! Words of conduct towards debtors: channels, parties, purposes, results, notices, protections, and the
//! counters of contacts. Rules that use them are in the crate `talea-rules`.

mod tallies;
mod tally_key;

pub use tallies::{ContactTallies, Slot, TallyKind, TallyMeasure};
pub use tally_key::TallyKey;

use crate::{decode::DecodeError, wire};

/// A closed list of words with their wire values and their names in text.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident, $wire:ident, $field:literal,
        $( $(#[$variant_doc:meta])* $variant:ident = $text:literal, )+
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $( $(#[$variant_doc])* $variant, )+
        }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// As a wire value.
            #[must_use]
            pub const fn to_wire(self) -> wire::$wire {
                match self {
                    $( Self::$variant => wire::$wire::$variant, )+
                }
            }

            /// Reads a wire value.
            ///
            /// # Errors
            /// [`DecodeError::Range`] when nothing has this number.
            pub fn from_wire(value: i32) -> Result<Self, DecodeError> {
                match wire::$wire::try_from(value) {
                    $( Ok(wire::$wire::$variant) => Ok(Self::$variant), )+
                    _ => Err(DecodeError::Range {
                        field: $field,
                        reason: "nothing has this number",
                    }),
                }
            }

            /// Its name in text, as packs and commands write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = DecodeError;

            fn from_str(text: &str) -> Result<Self, DecodeError> {
                Self::ALL
                    .iter()
                    .find(|word| word.as_str() == text)
                    .copied()
                    .ok_or(DecodeError::Text {
                        field: $field,
                        reason: "nothing has this name",
                    })
            }
        }
    };
}

words! {
    /// How a debtor is contacted.
    Channel, ContactChannel, "channel",
    /// A person calls.
    VoiceCall = "voice_call",
    /// A machine calls and speaks.
    AutomatedCall = "automated_call",
    /// SMS and the like.
    TextMessage = "text_message",
    /// Electronic mail.
    Email = "email",
    /// A message in the wallet or a messenger.
    AppMessage = "app_message",
    /// Post.
    Letter = "letter",
    /// In person.
    Visit = "visit",
}

impl Channel {
    /// Whether it rings.
    #[must_use]
    pub const fn is_call(self) -> bool {
        matches!(self, Self::VoiceCall | Self::AutomatedCall)
    }

    /// Whether it is an electronic message.
    #[must_use]
    pub const fn is_message(self) -> bool {
        matches!(self, Self::TextMessage | Self::Email | Self::AppMessage)
    }
}

words! {
    /// Who is contacted.
    Party, ContactParty, "party",
    /// Who owes.
    Debtor = "debtor",
    /// An attorney or adviser who acts for the debtor.
    Representative = "representative",
    /// Anybody else.
    ThirdParty = "third_party",
}

words! {
    /// What for.
    Purpose, ContactPurpose, "purpose",
    /// To ask for payment.
    Payment = "payment",
    /// To offer a plan, forbearance or another help.
    Arrangement = "arrangement",
    /// To tell what the law obliges to tell.
    RequiredNotice = "required_notice",
    /// To answer a dispute.
    DisputeAnswer = "dispute_answer",
    /// To learn where the debtor is.
    Location = "location",
    /// To sue, or to threaten it.
    LegalAction = "legal_action",
}

words! {
    /// Who began a contact.
    Initiator, ContactInitiator, "initiator",
    /// A lender's desk or an agency.
    Collector = "collector",
    /// The debtor.
    Debtor = "debtor",
}

words! {
    /// What came of a contact.
    ContactResult, ContactResult, "contact result",
    /// Nobody answered.
    NoAnswer = "no_answer",
    /// The number or address is not in use.
    InvalidContactPoint = "invalid_contact_point",
    /// Somebody answered; the debt was not spoken about.
    Connected = "connected",
    /// An effective conversation about the debt.
    Conversation = "conversation",
    /// A message or letter left.
    Sent = "sent",
}

words! {
    /// What must be told in writing.
    Notice, ContactNotice, "notice",
    /// What is owed, to whom, and how to dispute it (12 CFR 1006.34).
    Validation = "validation",
    /// That an agency will collect.
    Placement = "placement",
    /// That the debt has a new owner.
    Assignment = "assignment",
}

words! {
    /// What protects a debtor.
    Protection, DebtorProtection, "protection",
    /// A moratorium of fixed length.
    BreathingSpace = "breathing_space",
    /// A moratorium for a mental health crisis treatment.
    MentalHealthCrisis = "mental_health_crisis",
    /// Hardship that was recognised.
    Hardship = "hardship",
    /// Insolvency or bankruptcy.
    Insolvency = "insolvency",
    /// The debtor is dead.
    Death = "death",
    /// The claim can no longer be enforced in court.
    TimeBarred = "time_barred",
}

words! {
    /// How a dispute ends.
    DisputeResolution, DisputeResolution, "dispute resolution",
    /// The debtor is right.
    Upheld = "upheld",
    /// The debtor is not right.
    Rejected = "rejected",
    /// The debtor no longer disputes.
    Withdrawn = "withdrawn",
}

words! {
    /// How a complaint goes on.
    ComplaintStep, ComplaintStep, "complaint step",
    /// The complaint was received and is looked at.
    Acknowledged = "acknowledged",
    /// It is answered.
    Resolved = "resolved",
}

words! {
    /// What a debtor's report says about the permit.
    ReportFinding, ReportFinding, "report finding",
    /// The permit covers the contact.
    Permitted = "permitted",
    /// The debtor began the contact.
    BegunByDebtor = "begun_by_debtor",
    /// The debtor knows of no permit.
    NoPermit = "no_permit",
    /// Another channel or time than that of the permit.
    OutsidePermit = "outside_permit",
    /// The collector reported that nobody was reached.
    Contradicted = "contradicted",
}

words! {
    /// What a collector did wrong.
    BreachKind, BreachKind, "breach",
    /// A permit was not closed in time.
    PermitNotClosed = "permit_not_closed",
    /// The debtor reports a contact without a permit.
    NoPermit = "no_permit",
    /// The debtor reports a contact by another channel or at another time than permitted.
    OutsidePermit = "outside_permit",
    /// The debtor reports a contact, the collector that there was none.
    ContradictedResult = "contradicted_result",
    /// A complaint was not answered in time.
    ComplaintOverdue = "complaint_overdue",
}

words! {
    /// Where a permit stands.
    PermitStatus, PermitStatus, "permit status",
    /// The contact may happen, or its result is awaited.
    Open = "open",
    /// Its result is known.
    Closed = "closed",
    /// Its time passed without a result: it counts as an attempt.
    NotClosed = "not_closed",
    /// Taken back before its window began.
    Revoked = "revoked",
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! reads_back {
        ($($name:ident),+) => {
            $(
                for word in $name::ALL {
                    assert_eq!($name::from_wire(word.to_wire().into()), Ok(*word));
                    assert_eq!(word.to_string().parse(), Ok(*word));
                    let text = serde_json::to_string(word).unwrap();
                    assert_eq!(text, format!("\"{word}\""));
                }
                assert!($name::from_wire(0).is_err());
                assert!($name::from_wire(99).is_err());
                assert!("nothing".parse::<$name>().is_err());
            )+
        };
    }

    #[test]
    fn every_word_reads_back() {
        reads_back!(
            Channel,
            Party,
            Purpose,
            Initiator,
            ContactResult,
            Notice,
            Protection,
            DisputeResolution,
            ComplaintStep,
            ReportFinding,
            BreachKind,
            PermitStatus
        );
    }
}
