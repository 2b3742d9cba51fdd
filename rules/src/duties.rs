//! What packs say about other things than contacts: what stops interest, fees and credit reporting,
//! when a debt may be reported, how often a payment authority may be tried, how soon a complaint must be
//! answered, how long a protection lasts and records are kept.
//!
//! As for contacts, every pack that binds speaks and the strictest wins: the longest, the fewest, the
//! earliest.

use talea_types::{
    Timestamp,
    conduct::{Notice, Protection},
    time::DAY_MS,
};

use crate::{
    decision::SpokenRule,
    facts::Facts,
    pack::{ComplaintClock, Pack, Provision, Rule, Stops},
};

/// The rules that bind whoever the facts are about.
#[derive(Clone, Debug)]
pub struct Duties<'p> {
    rules: Vec<(&'p Pack, &'p Rule)>,
}

/// A figure, and every rule that spoke about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty<T> {
    /// The strictest.
    pub figure: T,
    /// Every rule about it.
    pub spoke: Vec<SpokenRule>,
}

/// How long a protection lasts, and how often it can be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProtectionTerms {
    /// What it stops.
    pub stops: Stops,
    /// Days that it lasts; 0: until it is lifted.
    pub length_days: u32,
    /// Days that it lasts after what it protects has ended.
    pub days_after: u32,
    /// At most one in so many months; 0: as often as needed.
    pub once_in_months: u32,
}

impl<'p> Duties<'p> {
    /// Those of the packs that bind.
    #[must_use]
    pub fn new(packs: impl IntoIterator<Item = &'p Pack>, facts: &Facts<'_>) -> Self {
        let binding = packs.into_iter().filter(|pack| pack.binds(facts));
        let rules = binding.flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)));
        Self {
            rules: rules.filter(|(_, rule)| rule.is_for(facts)).collect(),
        }
    }

    /// Folds what the rules say that `read` understands; `None` when there are none.
    fn fold<T>(
        &self,
        read: impl Fn(&Provision) -> Option<T>,
        strictest: impl Fn(T, T) -> T,
    ) -> Option<Duty<T>> {
        let mut duty: Option<Duty<T>> = None;
        for (pack, rule) in &self.rules {
            let Some(figure) = read(&rule.provision) else {
                continue;
            };
            let spoken = SpokenRule {
                pack: pack.id.clone(),
                version: pack.version,
                number: rule.number,
                rule: rule.id.clone(),
                effect: rule.effect,
            };
            duty = Some(match duty {
                None => Duty {
                    figure,
                    spoke: vec![spoken],
                },
                Some(Duty {
                    figure: so_far,
                    mut spoke,
                }) => {
                    spoke.push(spoken);
                    Duty {
                        figure: strictest(so_far, figure),
                        spoke,
                    }
                }
            });
        }
        duty
    }

    /// What an open dispute stops.
    #[must_use]
    pub fn dispute(&self) -> Option<Duty<Stops>> {
        let read = |provision: &Provision| match provision {
            Provision::DisputeSuspends(stops) => Some(*stops),
            _ => None,
        };
        self.fold(read, Stops::or)
    }

    /// What an open complaint stops.
    #[must_use]
    pub fn complaint(&self) -> Option<Duty<Stops>> {
        let read = |provision: &Provision| match provision {
            Provision::ComplaintSuspends(stops) => Some(*stops),
            _ => None,
        };
        self.fold(read, Stops::or)
    }

    /// The terms of a protection. The longest length wins; "until it is lifted" is longer than any. The
    /// debtor may have it as often as the most generous rule says.
    #[must_use]
    pub fn protection(&self, kind: Protection) -> Option<Duty<ProtectionTerms>> {
        let read = |provision: &Provision| match provision {
            Provision::ProtectionSuspends(rule) if rule.protection == kind => {
                Some(ProtectionTerms {
                    stops: rule.stops,
                    length_days: rule.length_days,
                    days_after: rule.days_after,
                    once_in_months: rule.once_in_months,
                })
            }
            _ => None,
        };
        self.fold(read, |one, other| ProtectionTerms {
            stops: one.stops.or(other.stops),
            length_days: if one.length_days == 0 || other.length_days == 0 {
                0
            } else {
                one.length_days.max(other.length_days)
            },
            days_after: one.days_after.max(other.days_after),
            once_in_months: one.once_in_months.min(other.once_in_months),
        })
    }

    /// The rules that forbid a fee because of collection; `None` when it is not forbidden.
    #[must_use]
    pub fn collection_fee_forbidden(&self) -> Option<Duty<()>> {
        let read = |provision: &Provision| {
            matches!(provision, Provision::CollectionFeeForbidden).then_some(())
        };
        self.fold(read, |(), ()| ())
    }

    /// The rules by which a debtor must be told that an agency will collect.
    #[must_use]
    pub fn placement_notice(&self) -> Option<Duty<()>> {
        let read = |provision: &Provision| match provision {
            Provision::NoticeBefore(rule) => (rule.notice == Notice::Placement).then_some(()),
            _ => None,
        };
        self.fold(read, |(), ()| ())
    }

    /// The rules by which a settlement must say what becomes of the rest.
    #[must_use]
    pub fn residual_stated(&self) -> Option<Duty<()>> {
        let read =
            |provision: &Provision| matches!(provision, Provision::ResidualStated).then_some(());
        self.fold(read, |(), ()| ())
    }

    /// Years that records are kept after the last activity.
    #[must_use]
    pub fn retention_years(&self) -> Option<Duty<u32>> {
        let read = |provision: &Provision| match provision {
            Provision::Retention(rule) => Some(rule.years),
            _ => None,
        };
        self.fold(read, u32::max)
    }

    /// Tries of one payment that may fail.
    #[must_use]
    pub fn payment_retries(&self) -> Option<Duty<u32>> {
        let read = |provision: &Provision| match provision {
            Provision::PaymentRetries(rule) => Some(rule.max),
            _ => None,
        };
        self.fold(read, u32::min)
    }

    /// When a complaint that is opened at `opened` must be acknowledged (if it must) and resolved.
    #[must_use]
    pub fn complaint_deadlines(
        &self,
        opened: Timestamp,
    ) -> Option<Duty<(Option<Timestamp>, Timestamp)>> {
        let after = |days: u32| opened.plus_millis(u64::from(days).saturating_mul(DAY_MS));
        let read = |provision: &Provision| match provision {
            Provision::ComplaintClock(ComplaintClock {
                acknowledge_days,
                resolve_days,
            }) => {
                let acknowledge = (*acknowledge_days > 0).then(|| after(*acknowledge_days));
                Some((acknowledge, after(*resolve_days)))
            }
            _ => None,
        };
        self.fold(read, |one, other| {
            let acknowledge = one.0.into_iter().chain(other.0).min();
            (acknowledge, one.1.min(other.1))
        })
    }

    /// When a debt may first be reported to a credit bureau, by every rule: `figure` is `None` while
    /// time alone does not help. `conversation_at` is when the debt was first spoken about, `sent_at`
    /// when a notice about it was sent.
    #[must_use]
    pub fn furnishing_from(
        &self,
        conversation_at: Option<Timestamp>,
        sent_at: Option<Timestamp>,
    ) -> Option<Duty<Option<Timestamp>>> {
        let read = |provision: &Provision| match provision {
            Provision::FurnishingAfter(rule) => {
                let spoken = conversation_at.filter(|_| rule.conversation);
                let length = u64::from(rule.days_after_sending).saturating_mul(DAY_MS);
                let sent = sent_at.filter(|_| length > 0);
                let waited = sent.map(|sent| sent.plus_millis(length));
                Some(spoken.into_iter().chain(waited).min())
            }
            _ => None,
        };
        self.fold(read, |one, other| {
            one.zip(other).map(|(one, other)| one.max(other))
        })
    }
}
