//! What each kind of change needs to take effect.

use super::ChangeKind;
use crate::{
    decode::{DecodeError, ascending},
    limits, wire,
};

/// What proposals need, by kind of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GovernancePolicy {
    /// One for each kind, in the order of [`ChangeKind::ALL`].
    terms: Vec<ChangeTerms>,
}

/// What a proposal of one kind needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeTerms {
    /// Of which kind.
    pub kind: ChangeKind,
    /// Organisations that run more than `power_numerator / power_denominator` of the voting power
    /// approve, the initiator's not counted.
    pub power_numerator: u32,
    /// At most [`limits::GOVERNANCE_DENOMINATOR_MAX`].
    pub power_denominator: u32,
    /// Fewest organisations that approve, from 1.
    pub organisations: u32,
    /// Fewest blocks between the approval that is enough and the effect.
    pub notice_blocks: u64,
    /// Least ledger time between them, milliseconds. For rule packs a regulator has this time to veto:
    /// at least [`limits::VETO_MS_MIN`].
    pub notice_ms: u64,
}

impl ChangeTerms {
    /// Whether approvals by so many organisations with so much of the whole power are enough.
    #[must_use]
    pub fn are_met_by(&self, organisations: usize, power: u64, total_power: u64) -> bool {
        let enough = u32::try_from(organisations).is_ok_and(|count| count >= self.organisations);
        let power = u128::from(power).saturating_mul(u128::from(self.power_denominator));
        let needed = u128::from(total_power).saturating_mul(u128::from(self.power_numerator));
        enough && power > needed
    }

    fn check(&self) -> Result<(), DecodeError> {
        let refuse = |field, reason| Err(DecodeError::Range { field, reason });
        let (numerator, denominator) = (self.power_numerator, self.power_denominator);
        if denominator > limits::GOVERNANCE_DENOMINATOR_MAX || numerator >= denominator {
            return refuse(
                "terms.power",
                "a part below 1, with a denominator of at most 100",
            );
        }
        let at_least =
            |over, under| numerator.saturating_mul(under) >= denominator.saturating_mul(over);
        let floor = match self.kind {
            ChangeKind::Validators | ChangeKind::Policy => at_least(2, 3),
            ChangeKind::Participants | ChangeKind::RulePacks | ChangeKind::Limits => at_least(1, 2),
        };
        if !floor {
            return refuse(
                "terms.power",
                "at least one half; for validators and policy at least two thirds",
            );
        }
        let most = u32::try_from(limits::VALIDATORS_MAX).unwrap_or(u32::MAX);
        if self.organisations == 0 || self.organisations > most {
            return refuse("terms.organisations", "1 to 128");
        }
        if self.notice_blocks > limits::GOVERNANCE_NOTICE_BLOCKS_MAX
            || self.notice_ms > limits::GOVERNANCE_NOTICE_MS_MAX
        {
            return refuse("terms.notice", "at most 1,000,000 blocks and 90 days");
        }
        if self.kind == ChangeKind::RulePacks && self.notice_ms < limits::VETO_MS_MIN {
            return refuse(
                "terms.notice_ms",
                "a regulator has at least a day to veto a rule pack",
            );
        }
        Ok(())
    }

    fn to_wire(self) -> wire::ChangeTerms {
        wire::ChangeTerms {
            kind: self.kind.to_wire().into(),
            power_numerator: self.power_numerator,
            power_denominator: self.power_denominator,
            organisations: self.organisations,
            notice_blocks: self.notice_blocks,
            notice_ms: self.notice_ms,
        }
    }
}

impl GovernancePolicy {
    /// A policy of these terms, one for each kind, in the order of [`ChangeKind::ALL`].
    ///
    /// # Errors
    /// [`DecodeError`] naming what is out of its range.
    pub fn new(terms: Vec<ChangeTerms>) -> Result<Self, DecodeError> {
        if !terms.iter().map(|terms| terms.kind).eq(ChangeKind::ALL) {
            return Err(DecodeError::Range {
                field: "policy.terms",
                reason: "one for each kind of change, ascending",
            });
        }
        terms.iter().try_for_each(ChangeTerms::check)?;
        Ok(Self { terms })
    }

    /// What a network starts with: more than two thirds of the power and two organisations for
    /// everything; seven days to veto a rule pack.
    #[must_use]
    pub fn initial() -> Self {
        let terms = |kind| ChangeTerms {
            kind,
            power_numerator: 2,
            power_denominator: 3,
            organisations: 2,
            notice_blocks: 0,
            notice_ms: match kind {
                ChangeKind::RulePacks => limits::VETO_MS_INITIAL,
                _ => 0,
            },
        };
        Self {
            terms: ChangeKind::ALL.into_iter().map(terms).collect(),
        }
    }

    /// What a kind of change needs.
    #[must_use]
    pub fn terms(&self, kind: ChangeKind) -> &ChangeTerms {
        let found = self.terms.iter().find(|terms| terms.kind == kind);
        found.unwrap_or_else(|| unreachable!("a policy has terms for each kind"))
    }

    /// All terms, in the order of [`ChangeKind::ALL`].
    #[must_use]
    pub fn all(&self) -> &[ChangeTerms] {
        &self.terms
    }

    pub(crate) fn to_wire(&self) -> wire::GovernancePolicy {
        wire::GovernancePolicy {
            terms: self.terms.iter().map(|terms| terms.to_wire()).collect(),
        }
    }

    pub(crate) fn from_wire(policy: &wire::GovernancePolicy) -> Result<Self, DecodeError> {
        let kinds = ChangeKind::ALL.len();
        ascending("policy.terms", &policy.terms, kinds, |terms| {
            ChangeKind::from_wire(terms.kind)
        })?;
        let terms = policy.terms.iter().map(|terms| {
            Ok(ChangeTerms {
                kind: ChangeKind::from_wire(terms.kind)?,
                power_numerator: terms.power_numerator,
                power_denominator: terms.power_denominator,
                organisations: terms.organisations,
                notice_blocks: terms.notice_blocks,
                notice_ms: terms.notice_ms,
            })
        });
        Self::new(terms.collect::<Result<_, DecodeError>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_policy_reads_back() {
        let policy = GovernancePolicy::initial();
        assert_eq!(GovernancePolicy::from_wire(&policy.to_wire()), Ok(policy));
    }

    #[test]
    fn terms_are_met_above_the_part_only() {
        let terms = *GovernancePolicy::initial().terms(ChangeKind::Validators);
        assert!(!terms.are_met_by(3, 8, 12));
        assert!(terms.are_met_by(3, 9, 12));
        assert!(!terms.are_met_by(1, 9, 12));
        assert!(terms.are_met_by(2, u64::MAX, u64::MAX));
    }

    #[test]
    fn floors_hold() {
        let with = |kind: ChangeKind, change: &dyn Fn(&mut ChangeTerms)| {
            let mut terms = GovernancePolicy::initial().terms;
            terms
                .iter_mut()
                .filter(|terms| terms.kind == kind)
                .for_each(change);
            GovernancePolicy::new(terms).is_ok()
        };
        let part = |numerator, denominator| {
            move |terms: &mut ChangeTerms| {
                terms.power_numerator = numerator;
                terms.power_denominator = denominator;
            }
        };
        assert!(with(ChangeKind::Limits, &part(1, 2)));
        assert!(!with(ChangeKind::Limits, &part(49, 99)));
        assert!(!with(ChangeKind::Limits, &part(1, 1)));
        assert!(!with(ChangeKind::Limits, &part(0, 0)));
        assert!(!with(ChangeKind::Limits, &part(101, 150)));
        assert!(!with(ChangeKind::Validators, &part(1, 2)));
        assert!(!with(ChangeKind::Policy, &part(65, 98)));
        assert!(with(ChangeKind::Policy, &part(3, 4)));
        assert!(!with(ChangeKind::Limits, &|terms| terms.organisations = 0));
        assert!(!with(ChangeKind::RulePacks, &|terms| terms.notice_ms = 1));
        assert!(!with(ChangeKind::Limits, &|terms| terms.notice_blocks = u64::MAX));
        let mut short = GovernancePolicy::initial().terms;
        short.pop();
        assert!(GovernancePolicy::new(short).is_err());
    }
}
