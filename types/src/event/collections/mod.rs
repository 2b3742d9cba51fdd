//! What can happen to a debtor, in a case, and to a collector.
//!
//! Where an operation says all there is to say, it is the event.

mod contacts;
mod debtor;
mod remedies;

pub use contacts::{
    Breach, CasePlaced, ContactClosed, ContactPermitted, ContactReported, ContactRevoked,
    NoticeServed,
};
pub use debtor::{DebtorRegistered, ResidenceChanged};
pub use remedies::{ComplaintOpened, PromiseEnded, ProtectionChanged};

use crate::{
    decode::DecodeError,
    encode::FieldWriter,
    operation::{
        CaseRecall, ComplaintAnswer, DisputeOpen, DisputeResolve, PreferenceSet, PromiseToPay,
        RepaymentPlan,
    },
    wire::event::Detail,
};

macro_rules! group {
    ($($tag:literal $(#[$doc:meta])* $name:ident($event:ident) $($written:ident)?)*) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum CollectionsEvent {
            $($(#[$doc])* $name($event),)*
        }

        impl CollectionsEvent {
            /// Its name in logs, tables and documentation.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }

            pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
                match self {
                    $(Self::$name(event) => w.message($tag, |w| group!(@write w event $($written)?)),)*
                }
            }

            /// `None` for a detail of another group.
            pub(super) fn from_wire(detail: &Detail) -> Result<Option<Self>, DecodeError> {
                Ok(Some(match detail {
                    $(Detail::$name(event) => Self::$name($event::from_wire(event)?),)*
                    _ => return Ok(None),
                }))
            }
        }
    };
    (@write $w:ident $event:ident) => {
        $w.whole(&$event.to_wire())
    };
    // What happens most often writes its fields itself.
    (@write $w:ident $event:ident written) => {
        $event.write($w)
    };
}

group! {
    60 /// The holder of an account was registered as a debtor.
    DebtorRegistered(DebtorRegistered)
    61 /// The debtor's residence was changed.
    ResidenceChanged(ResidenceChanged)
    62 /// The debtor said how it wants to be contacted.
    PreferencesSet(PreferenceSet)
    63 /// Loans were given to somebody to collect.
    CasePlaced(CasePlaced)
    64 /// The case was taken back.
    CaseRecalled(CaseRecall)
    65 /// A notice was served.
    NoticeServed(NoticeServed)
    66 /// A contact was permitted.
    ContactPermitted(ContactPermitted) written
    67 /// A permit was taken back or cut short.
    ContactRevoked(ContactRevoked)
    68 /// The collector said what came of a contact.
    ContactClosed(ContactClosed)
    69 /// The debtor said that a contact happened.
    ContactReported(ContactReported)
    70 /// Something was done wrong.
    Breach(Breach)
    71 /// The debtor promised to pay.
    PromiseMade(PromiseToPay)
    72 /// A promise was kept or broken.
    PromiseEnded(PromiseEnded)
    73 /// The lender and the debtor agreed on a plan.
    PlanAgreed(RepaymentPlan)
    74 /// The debtor disputes a debt.
    DisputeOpened(DisputeOpen)
    75 /// A dispute ended.
    DisputeResolved(DisputeResolve)
    76 /// A protection began or ended.
    ProtectionChanged(ProtectionChanged)
    78 /// The debtor complained.
    ComplaintOpened(ComplaintOpened)
    79 /// A complaint was acknowledged or resolved.
    ComplaintAnswered(ComplaintAnswer)
}
