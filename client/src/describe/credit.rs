//! Operations and events of loans, in words. Amounts of a loan are minor units of its product's asset, which
//! only the product names.

use talea_types::{
    Amount,
    credit::{
        AgreementTerms, Component, DayCount, FeeGround, Instalment, Modification, ProductTerms,
        ReportKind, ResidualFate, ScheduleKind,
    },
    event::{CreditEvent, LoanEntry, LoanEntryKind},
    operation::{CreditOperation, LoanOriginate},
};

use super::{Decimals, Field, day, field, money};

fn units(amount: Amount) -> String {
    format!("{amount} minor units")
}

/// Parts per million as text: `12.9000 %`.
#[must_use]
pub fn percent(ppm: u32) -> String {
    format!("{}.{:04} %", ppm / 10_000, ppm % 10_000)
}

pub(super) fn operation(operation: &CreditOperation, decimals: &Decimals) -> Vec<Field> {
    match operation {
        CreditOperation::ProductPublish(publish) => product(&publish.terms, decimals),
        CreditOperation::AgreementRegister(register) => agreement(&register.terms, decimals),
        CreditOperation::LoanOriginate(originate) => loan(originate),
        CreditOperation::LoanDisburse(disburse) => vec![field("loan", disburse.loan)],
        CreditOperation::RepaymentApply(repayment) => vec![
            field("loan", repayment.loan),
            field("payer", repayment.payer),
            field("amount", units(repayment.amount)),
        ],
        CreditOperation::InquiryAuthorise(authorise) => vec![
            field("lender", authorise.lender),
            field("until", day(authorise.until)),
        ],
        CreditOperation::FeeAssess(fee) => vec![
            field("loan", fee.loan),
            field("fee", &fee.code),
            field("ground", ground(fee.ground)),
        ],
        CreditOperation::BusinessDateAdvance(advance) => {
            vec![field("business date", day(advance.to))]
        }
        CreditOperation::LoanModify(modify) => vec![
            field("loan", modify.loan),
            field("modification", modification(&modify.modification)),
        ],
        CreditOperation::ChargeOff(off) => vec![field("loan", off.loan)],
        CreditOperation::LossShareSettle(settle) => vec![field("loan", settle.loan)],
        CreditOperation::DebtAssign(assign) => vec![
            field("loan", assign.loan),
            field("new lender", assign.lender),
            field("buyer", assign.buyer),
            field("price", units(assign.price)),
            field("notice commitment", assign.notice_commitment),
        ],
        CreditOperation::CreditFurnish(furnish) => vec![
            field("loan", furnish.loan),
            field("bureau", furnish.bureau),
            field("report", report(furnish.kind)),
            field("days past due", furnish.days_past_due),
            field("of report", furnish.of_report),
        ],
    }
}

fn product(terms: &ProductTerms, decimals: &Decimals) -> Vec<Field> {
    let policy = &terms.delinquency;
    let mut fields = vec![
        field("asset", terms.asset),
        field("schedule", schedule_kind(terms.schedule)),
        field("down payment", percent(terms.down_payment_ppm)),
        field("lowest rate", percent(terms.rate_ppm_min)),
        field("highest rate", percent(terms.rate_ppm_max)),
        field("days", day_count(terms.day_count)),
        field(
            "smallest loan",
            money(terms.principal_min, terms.asset, decimals),
        ),
        field(
            "largest loan",
            money(terms.principal_max, terms.asset, decimals),
        ),
        field("most instalments", terms.instalments_max),
        field(
            "payments go to",
            terms.waterfall.map(component).join(", then "),
        ),
        field("cap of yearly cost", percent(terms.apr_cap_ppm)),
        field("grace", format!("{} days", policy.grace_days)),
        field(
            "charge-off from",
            format!("{} days past due", policy.charge_off_days),
        ),
    ];
    fields.extend(
        policy
            .category_days
            .map(|days| field("categories from days past due", format!("{days:?}"))),
    );
    let fees = terms.fees.iter().map(|fee| {
        let amount = money(fee.amount, terms.asset, decimals);
        let cap = money(fee.cap, terms.asset, decimals);
        field(
            &format!("fee {}", fee.code),
            format!("{amount}, at most {cap}, for {}", ground(fee.ground)),
        )
    });
    fields.extend(fees);
    fields
}

fn agreement(terms: &AgreementTerms, decimals: &Decimals) -> Vec<Field> {
    let mut fields = vec![field("asset", terms.asset)];
    let funders = terms.funders.iter();
    fields.extend(funders.map(|funder| {
        field(
            "funder",
            format!("{}: {}", funder.account, percent(funder.share_ppm)),
        )
    }));
    fields.extend([
        field("least share", percent(terms.floor_ppm)),
        field("servicer", terms.servicer),
        field("servicing fee of interest", percent(terms.servicing_ppm)),
        field("largest loan", money(terms.loan_max, terms.asset, decimals)),
        field(
            "most outstanding",
            money(terms.outstanding_max, terms.asset, decimals),
        ),
    ]);
    fields.extend(terms.guarantor.map(|(account, most)| {
        let most = money(most, terms.asset, decimals);
        field("first loss", format!("{account}, at most {most}"))
    }));
    fields
}

fn loan(originate: &LoanOriginate) -> Vec<Field> {
    let mut fields = vec![
        field("product", originate.product),
        field("agreement", originate.agreement),
        field("borrower", originate.borrower),
        field("principal", units(originate.principal)),
        field("rate", percent(originate.rate_ppm)),
        field("governing law", &originate.governing_law),
    ];
    if originate.schedule.is_empty() {
        fields.push(field("instalments", originate.instalments));
        fields.push(field("first due", day(originate.first_due)));
    }
    fields.extend(originate.schedule.iter().map(instalment));
    fields
}

fn instalment(instalment: &Instalment) -> Field {
    field(
        "instalment",
        format!("{} on {}", units(instalment.amount), day(instalment.due)),
    )
}

fn modification(modification: &Modification) -> String {
    match modification {
        Modification::Forbear {
            until,
            interest_stops,
        } => {
            let interest = if *interest_stops { "no" } else { "with" };
            format!("forbearance until {}, {interest} interest", day(*until))
        }
        Modification::ReAge { first_due } => format!("re-aged, first due {}", day(*first_due)),
        Modification::ReAmortise {
            rate_ppm,
            instalments,
            first_due,
        } => format!(
            "re-amortised at {} in {instalments} instalments, first due {}",
            percent(*rate_ppm),
            day(*first_due)
        ),
        Modification::InterestPause { until } => format!("no interest until {}", day(*until)),
        Modification::Settlement(offer) => {
            let fate = match offer.residual {
                ResidualFate::Waived => "is waived",
                ResidualFate::Remains => "remains owed",
            };
            format!(
                "settled by {} until {}; the rest {fate}",
                units(offer.amount),
                day(offer.pay_by)
            )
        }
    }
}

const fn schedule_kind(kind: ScheduleKind) -> &'static str {
    match kind {
        ScheduleKind::Annuity => "annuity",
        ScheduleKind::EqualPrincipal => "equal principal",
        ScheduleKind::DownPayment => "instalments with a down payment",
        ScheduleKind::Bullet => "bullet",
        ScheduleKind::LenderSupplied => "supplied by the lender",
    }
}

const fn day_count(convention: DayCount) -> &'static str {
    match convention {
        DayCount::Act365 => "ACT/365",
        DayCount::Act360 => "ACT/360",
        DayCount::Thirty360 => "30E/360",
    }
}

const fn component(component: Component) -> &'static str {
    match component {
        Component::Fees => "fees",
        Component::Interest => "interest",
        Component::Principal => "principal",
    }
}

const fn ground(ground: FeeGround) -> &'static str {
    match ground {
        FeeGround::LatePayment => "a missed instalment",
        FeeGround::Inquiry => "a credit inquiry",
        FeeGround::Service => "a service",
        FeeGround::Collection => "collection",
    }
}

const fn report(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Positive => "paid as agreed",
        ReportKind::Adverse => "past due",
        ReportKind::Correction => "correction",
        ReportKind::DisputeFlag => "disputed",
    }
}

/// An event in one line of words.
pub(super) fn event(event: &CreditEvent) -> String {
    match event {
        CreditEvent::ProductPublished(published) => format!("{} published", published.product),
        CreditEvent::AgreementRegistered(registered) => {
            format!("{} registered", registered.agreement)
        }
        CreditEvent::LoanOriginated(originated) => format!(
            "{} agreed with {}: {} at {} in {} instalments",
            originated.loan,
            originated.lender,
            units(originated.principal),
            percent(originated.rate_ppm),
            originated.schedule.len()
        ),
        CreditEvent::LoanEntry(entry) => self::entry(entry),
        CreditEvent::InquiryAuthorised(authorised) => {
            format!(
                "one inquiry by {} allowed until {}",
                authorised.lender,
                day(authorised.until)
            )
        }
        CreditEvent::BusinessDateAdvanced(advanced) => {
            format!(
                "business date moved from {} to {}",
                day(advanced.from),
                day(advanced.to)
            )
        }
        CreditEvent::LoanModified(modified) => {
            format!(
                "{}: {}",
                modified.loan,
                modification(&modified.modification)
            )
        }
        CreditEvent::LossShared(shared) => format!(
            "{}: loss of {} shared, first loss {}",
            shared.loan,
            units(shared.loss),
            units(shared.first_loss)
        ),
        CreditEvent::DebtAssigned(assigned) => {
            format!(
                "{} sold by {} to {}",
                assigned.loan, assigned.from, assigned.to
            )
        }
        CreditEvent::CreditFurnished(furnished) => format!(
            "{}: report {} to {}: {}, {} days past due",
            furnished.loan,
            furnished.number,
            furnished.bureau,
            report(furnished.kind),
            furnished.days_past_due
        ),
        CreditEvent::LoanPaused(paused) => {
            let pause = &paused.pause;
            let stopped = [
                (pause.interest, "interest"),
                (pause.fees, "fees"),
                (pause.ageing, "ageing"),
                (pause.furnishing, "reports"),
            ];
            let stopped: Vec<&str> = stopped
                .iter()
                .filter(|(is, _)| *is)
                .map(|(_, name)| *name)
                .collect();
            let until = pause
                .until
                .map_or_else(String::new, |until| format!(" until {}", day(until)));
            format!(
                "{}: {} stopped from {}{until}",
                paused.loan,
                stopped.join(", "),
                day(pause.from)
            )
        }
        CreditEvent::LoanResumed(resumed) => {
            format!("{}: goes on from {}", resumed.loan, day(resumed.date))
        }
    }
}

fn entry(entry: &LoanEntry) -> String {
    let what = match entry.kind {
        LoanEntryKind::Disbursed => "paid out",
        LoanEntryKind::Repaid => "repaid",
        LoanEntryKind::FeeCharged => "fee charged",
        LoanEntryKind::WaivedResidual => "residual waived",
        LoanEntryKind::ChargedOff => "charged off",
        LoanEntryKind::Lapsed => "lapsed, not paid out in time",
    };
    let code = if entry.code.is_empty() {
        String::new()
    } else {
        format!(" {}", entry.code)
    };
    format!(
        "{}: {what}{code} on {}: principal {}, interest {}, fees {}; owed {}, {}, {}",
        entry.loan,
        day(entry.date),
        entry.principal,
        entry.interest,
        entry.fees,
        entry.principal_owed,
        entry.interest_owed,
        entry.fees_owed
    )
}
