//! The wire form of provisions.

use talea_types::{
    DecodeError,
    conduct::{Notice, Protection},
    wire::{self, pack_rule::Provision as Wire},
};

use crate::pack::{
    ComplaintClock, ConversationWait, Counted, EvaluatedWithin, FrequencyCap, FurnishingAfter,
    Initiators, MinuteOfDay, NoticeBefore, NoticeWithin, PaymentRetries, ProtectionSuspends,
    Provision, QuietHours, Retention, Scope, Stops, ThirdPartyConditions, Window,
};

const HOLDS: wire::RuleHolds = wire::RuleHolds {};

/// As a wire value.
pub(super) fn to_wire(provision: &Provision) -> Wire {
    match provision {
        Provision::QuietHours(quiet) => Wire::QuietHours(wire::QuietHours {
            from: quiet.from.minute().into(),
            until: quiet.until.minute().into(),
            unless_agreed: quiet.unless_agreed,
        }),
        Provision::FrequencyCap(cap) => Wire::FrequencyCap(cap_to_wire(cap)),
        Provision::ConversationWait(wait) => Wire::ConversationWait(wire::ConversationWait {
            days: wait.days,
            scope: scope_to_wire(wait.scope).into(),
            initiator: initiators_to_wire(wait.initiator).into(),
            consent_days: wait.consent_days,
        }),
        Provision::OptOutStatement => Wire::OptOutStatement(HOLDS),
        Provision::OptOutRespected => Wire::OptOutRespected(HOLDS),
        Provision::CeaseRespected => Wire::CeaseRespected(HOLDS),
        Provision::RepresentationRespected => Wire::RepresentationRespected(HOLDS),
        Provision::DebtorHoursRespected => Wire::DebtorHoursRespected(HOLDS),
        Provision::Forbidden => Wire::Forbidden(HOLDS),
        Provision::RecordingRequired => Wire::RecordingRequired(HOLDS),
        Provision::NoticeBefore(rule) => Wire::NoticeBefore(wire::NoticeBefore {
            notice: rule.notice.to_wire().into(),
            days: rule.days,
        }),
        Provision::NoticeWithin(rule) => Wire::NoticeWithin(wire::NoticeWithin {
            notice: rule.notice.to_wire().into(),
            days: rule.days,
        }),
        Provision::ThirdParty(rule) => Wire::ThirdParty(wire::ThirdPartyConditions {
            failures: rule.failures,
            next_day: rule.next_day,
            invalid_contact_point: rule.invalid_contact_point,
            unreachable_days: rule.unreachable_days,
            debtor_unable: rule.debtor_unable,
        }),
        Provision::LicenceValid => Wire::LicenceValid(HOLDS),
        Provision::ListedPublicly => Wire::ListedPublicly(HOLDS),
        Provision::EvaluatedWithin(rule) => {
            Wire::EvaluatedWithin(wire::EvaluatedWithin { days: rule.days })
        }
        Provision::ForbearanceFirst => Wire::ForbearanceFirst(HOLDS),
        Provision::DisputeSuspends(stops) => Wire::DisputeSuspends(stops_to_wire(*stops)),
        Provision::ComplaintSuspends(stops) => Wire::ComplaintSuspends(stops_to_wire(*stops)),
        Provision::ProtectionSuspends(rule) => Wire::ProtectionSuspends(wire::ProtectionSuspends {
            protection: rule.protection.to_wire().into(),
            stops: Some(stops_to_wire(rule.stops)),
            length_days: rule.length_days,
            days_after: rule.days_after,
            once_in_months: rule.once_in_months,
        }),
        Provision::CollectionFeeForbidden => Wire::CollectionFeeForbidden(HOLDS),
        Provision::ResidualStated => Wire::ResidualStated(HOLDS),
        Provision::Retention(rule) => Wire::Retention(wire::Retention { years: rule.years }),
        Provision::FurnishingAfter(rule) => Wire::FurnishingAfter(wire::FurnishingAfter {
            conversation: rule.conversation,
            days_after_sending: rule.days_after_sending,
        }),
        Provision::PaymentRetries(rule) => {
            Wire::PaymentRetries(wire::PaymentRetries { max: rule.max })
        }
        Provision::ComplaintClock(rule) => Wire::ComplaintClock(wire::ComplaintClock {
            acknowledge_days: rule.acknowledge_days,
            resolve_days: rule.resolve_days,
        }),
    }
}

/// Reads a wire value.
pub(super) fn from_wire(provision: &Wire) -> Result<Provision, DecodeError> {
    Ok(match provision {
        Wire::QuietHours(quiet) => Provision::QuietHours(QuietHours {
            from: MinuteOfDay::new(quiet.from)?,
            until: MinuteOfDay::new(quiet.until)?,
            unless_agreed: quiet.unless_agreed,
        }),
        Wire::FrequencyCap(cap) => Provision::FrequencyCap(cap_from_wire(cap)?),
        Wire::ConversationWait(wait) => Provision::ConversationWait(ConversationWait {
            days: wait.days,
            scope: scope_from_wire(wait.scope)?,
            initiator: initiators_from_wire(wait.initiator)?,
            consent_days: wait.consent_days,
        }),
        Wire::OptOutStatement(_) => Provision::OptOutStatement,
        Wire::OptOutRespected(_) => Provision::OptOutRespected,
        Wire::CeaseRespected(_) => Provision::CeaseRespected,
        Wire::RepresentationRespected(_) => Provision::RepresentationRespected,
        Wire::DebtorHoursRespected(_) => Provision::DebtorHoursRespected,
        Wire::Forbidden(_) => Provision::Forbidden,
        Wire::RecordingRequired(_) => Provision::RecordingRequired,
        Wire::NoticeBefore(rule) => Provision::NoticeBefore(NoticeBefore {
            notice: Notice::from_wire(rule.notice)?,
            days: rule.days,
        }),
        Wire::NoticeWithin(rule) => Provision::NoticeWithin(NoticeWithin {
            notice: Notice::from_wire(rule.notice)?,
            days: rule.days,
        }),
        Wire::ThirdParty(rule) => Provision::ThirdParty(ThirdPartyConditions {
            failures: rule.failures,
            next_day: rule.next_day,
            invalid_contact_point: rule.invalid_contact_point,
            unreachable_days: rule.unreachable_days,
            debtor_unable: rule.debtor_unable,
        }),
        Wire::LicenceValid(_) => Provision::LicenceValid,
        Wire::ListedPublicly(_) => Provision::ListedPublicly,
        Wire::EvaluatedWithin(rule) => {
            Provision::EvaluatedWithin(EvaluatedWithin { days: rule.days })
        }
        Wire::ForbearanceFirst(_) => Provision::ForbearanceFirst,
        Wire::DisputeSuspends(stops) => Provision::DisputeSuspends(stops_from_wire(stops)),
        Wire::ComplaintSuspends(stops) => Provision::ComplaintSuspends(stops_from_wire(stops)),
        Wire::ProtectionSuspends(rule) => Provision::ProtectionSuspends(ProtectionSuspends {
            protection: Protection::from_wire(rule.protection)?,
            stops: stops_from_wire(rule.stops.as_ref().ok_or(DecodeError::Missing {
                field: "protection_suspends.stops",
            })?),
            length_days: rule.length_days,
            days_after: rule.days_after,
            once_in_months: rule.once_in_months,
        }),
        Wire::CollectionFeeForbidden(_) => Provision::CollectionFeeForbidden,
        Wire::ResidualStated(_) => Provision::ResidualStated,
        Wire::Retention(rule) => Provision::Retention(Retention { years: rule.years }),
        Wire::FurnishingAfter(rule) => Provision::FurnishingAfter(FurnishingAfter {
            conversation: rule.conversation,
            days_after_sending: rule.days_after_sending,
        }),
        Wire::PaymentRetries(rule) => Provision::PaymentRetries(PaymentRetries { max: rule.max }),
        Wire::ComplaintClock(rule) => Provision::ComplaintClock(ComplaintClock {
            acknowledge_days: rule.acknowledge_days,
            resolve_days: rule.resolve_days,
        }),
    })
}

fn cap_to_wire(cap: &FrequencyCap) -> wire::FrequencyCap {
    let (rolling_days, local_days) = match cap.window {
        Window::RollingDays(days) => (days, 0),
        Window::LocalDays(days) => (0, days),
    };
    let counted = match cap.counted {
        Counted::Attempts => wire::CapCounted::Attempts,
        Counted::Connected => wire::CapCounted::Connected,
        Counted::Conversations => wire::CapCounted::Conversations,
        Counted::Messages => wire::CapCounted::Messages,
        Counted::Visits => wire::CapCounted::Visits,
    };
    wire::FrequencyCap {
        counted: counted.into(),
        max: cap.max,
        rolling_days,
        local_days,
        scope: scope_to_wire(cap.scope).into(),
        initiator: initiators_to_wire(cap.initiator).into(),
        automated_included: cap.automated_included,
        consent_days: cap.consent_days,
    }
}

fn cap_from_wire(cap: &wire::FrequencyCap) -> Result<FrequencyCap, DecodeError> {
    Ok(FrequencyCap {
        counted: match wire::CapCounted::try_from(cap.counted) {
            Ok(wire::CapCounted::Attempts) => Counted::Attempts,
            Ok(wire::CapCounted::Connected) => Counted::Connected,
            Ok(wire::CapCounted::Conversations) => Counted::Conversations,
            Ok(wire::CapCounted::Messages) => Counted::Messages,
            Ok(wire::CapCounted::Visits) => Counted::Visits,
            _ => return Err(out_of_range("frequency_cap.counted")),
        },
        max: cap.max,
        window: match (cap.rolling_days, cap.local_days) {
            (days, 0) if days > 0 => Window::RollingDays(days),
            (0, days) if days > 0 => Window::LocalDays(days),
            _ => return Err(out_of_range("frequency_cap.rolling_days or local_days")),
        },
        scope: scope_from_wire(cap.scope)?,
        initiator: initiators_from_wire(cap.initiator)?,
        automated_included: cap.automated_included,
        consent_days: cap.consent_days,
    })
}

const fn scope_to_wire(scope: Scope) -> wire::CapScope {
    match scope {
        Scope::Person => wire::CapScope::Person,
        Scope::Debt => wire::CapScope::Debt,
        Scope::ContactPoint => wire::CapScope::ContactPoint,
        Scope::Case => wire::CapScope::Case,
    }
}

fn scope_from_wire(scope: i32) -> Result<Scope, DecodeError> {
    match wire::CapScope::try_from(scope) {
        Ok(wire::CapScope::Person) => Ok(Scope::Person),
        Ok(wire::CapScope::Debt) => Ok(Scope::Debt),
        Ok(wire::CapScope::ContactPoint) => Ok(Scope::ContactPoint),
        Ok(wire::CapScope::Case) => Ok(Scope::Case),
        _ => Err(out_of_range("scope")),
    }
}

const fn initiators_to_wire(initiators: Initiators) -> wire::CapInitiator {
    match initiators {
        Initiators::Collector => wire::CapInitiator::Collector,
        Initiators::Anyone => wire::CapInitiator::Anyone,
    }
}

fn initiators_from_wire(initiators: i32) -> Result<Initiators, DecodeError> {
    match wire::CapInitiator::try_from(initiators) {
        Ok(wire::CapInitiator::Collector) => Ok(Initiators::Collector),
        Ok(wire::CapInitiator::Anyone) => Ok(Initiators::Anyone),
        _ => Err(out_of_range("initiator")),
    }
}

const fn stops_to_wire(stops: Stops) -> wire::RuleStops {
    wire::RuleStops {
        contact: stops.contact,
        interest: stops.interest,
        fees: stops.fees,
        furnishing: stops.furnishing,
    }
}

const fn stops_from_wire(stops: &wire::RuleStops) -> Stops {
    Stops {
        contact: stops.contact,
        interest: stops.interest,
        fees: stops.fees,
        furnishing: stops.furnishing,
    }
}

const fn out_of_range(field: &'static str) -> DecodeError {
    DecodeError::Range {
        field,
        reason: "nothing has this number",
    }
}
