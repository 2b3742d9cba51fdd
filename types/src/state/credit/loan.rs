//! A loan.

use crate::{
    amount::Amount,
    credit::{
        Instalment, Pause, SettlementOffer, amount, code, date, schedule_from_wire,
        schedule_to_wire, share, wire_enum,
    },
    decode::{DecodeError, ascending, optional_array},
    encode::FieldWriter,
    event::EventChain,
    ids::{AccountId, AgreementId, ParticipantId, ProductId},
    limits::{FEES_PER_PRODUCT_MAX, FUNDERS_MAX, PAUSES_PER_LOAN_MAX},
    residence::country,
    state::canonical_object,
    wire,
};

wire_enum! {
    /// Where a loan stands.
    LoanStatus, "loan.status" {
        /// Agreed, not paid out.
        Originated = 1,
        /// Paid out and owed.
        Active = 2,
        /// Given up as an asset, and owed.
        ChargedOff = 3,
        /// Nothing is owed any more.
        Closed = 4,
        /// Not paid out in time: it never will be.
        Lapsed = 5,
    }
}

impl LoanStatus {
    /// Whether nothing can come of it any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Lapsed)
    }
}

/// One who has a claim on a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Funder {
    /// Receives what is repaid.
    pub account: AccountId,
    /// Of interest, parts per million; 0 of a guarantor that took over a part of the claims.
    pub share_ppm: u32,
    /// Principal owed to it.
    pub principal: Amount,
}

/// What was charged of one fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeTotal {
    /// Of the product's fee table.
    pub code: String,
    /// All together.
    pub charged: Amount,
}

/// A loan. Interest is accrued to [`aged_to`](Self::aged_to); what came after follows from the dates, so
/// that no block has to touch every loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// Its published terms.
    pub product: ProductId,
    /// Who funds it; `None` after the debt was sold.
    pub agreement: Option<AgreementId>,
    /// Who lends.
    pub lender: ParticipantId,
    /// Account of the debtor.
    pub borrower: AccountId,
    /// ISO 3166-1 alpha-2.
    pub governing_law: String,
    /// Where it stands.
    pub status: LoanStatus,
    /// A year, parts per million.
    pub rate_ppm: u32,
    /// Business date to which interest is accrued; while it is not paid out, that of the agreement.
    pub aged_to: u32,
    /// Owed.
    pub principal: Amount,
    /// Accrued to `aged_to` and not paid, whole minor units.
    pub interest: Amount,
    /// The rest of it, in parts of a minor unit: 1 / (1,000,000 x days of the year).
    pub interest_fraction: u64,
    /// Charged and not paid.
    pub fees: Amount,
    /// Strictly ascending by code.
    pub fee_totals: Vec<FeeTotal>,
    /// Whose claims it is. Their principal sums to the loan's once it is paid out.
    pub funders: Vec<Funder>,
    /// Receives fees and the servicing fee.
    pub servicer: AccountId,
    /// Part of all interest that goes to the servicer before the funders.
    pub servicing_ppm: u32,
    /// Strictly ascending by due date.
    pub schedule: Vec<Instalment>,
    /// Principal and interest paid since the schedule was made.
    pub paid: Amount,
    /// Due date of the latest instalment with a late fee; 0 for none.
    pub late_fee_due: u32,
    /// Ascending by first day, then by source.
    pub pauses: Vec<Pause>,
    /// An offer that was accepted, with what is still to be paid of it.
    pub settlement: Option<SettlementOffer>,
    /// How many reports went to credit bureaus.
    pub reports: u32,
    /// Whether the loss was shared.
    pub loss_settled: bool,
    /// Its history.
    pub events: EventChain,
}

impl Loan {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        let chain = |events: &EventChain| {
            if events.length() == 0 {
                return wire::EventChain::default();
            }
            wire::EventChain {
                head: bytes::Bytes::copy_from_slice(events.head().as_bytes()),
                length: events.length(),
            }
        };
        let funder = |funder: &Funder| wire::Funder {
            account: funder.account.to_wire(),
            share_ppm: funder.share_ppm,
            principal: funder.principal.minor_units(),
        };
        let total = |total: &FeeTotal| wire::FeeTotal {
            code: total.code.clone(),
            charged: total.charged.minor_units(),
        };
        w.whole(&wire::Loan {
            product: self.product.to_wire(),
            agreement: self.agreement.map(|id| id.to_wire()).unwrap_or_default(),
            lender: self.lender.to_wire(),
            borrower: self.borrower.to_wire(),
            governing_law: self.governing_law.clone(),
            status: self.status.to_wire(),
            rate_ppm: self.rate_ppm,
            aged_to: self.aged_to,
            principal: self.principal.minor_units(),
            interest: self.interest.minor_units(),
            interest_fraction: self.interest_fraction,
            fees: self.fees.minor_units(),
            fee_totals: self.fee_totals.iter().map(total).collect(),
            funders: self.funders.iter().map(funder).collect(),
            servicer: self.servicer.to_wire(),
            servicing_ppm: self.servicing_ppm,
            schedule: schedule_to_wire(&self.schedule),
            paid: self.paid.minor_units(),
            late_fee_due: self.late_fee_due,
            pauses: self.pauses.iter().map(|pause| pause.to_wire()).collect(),
            settlement: self.settlement.map(SettlementOffer::to_wire),
            reports: self.reports,
            loss_settled: self.loss_settled,
            events: Some(chain(&self.events)),
        });
    }

    fn from_wire(loan: &wire::Loan) -> Result<Self, DecodeError> {
        let too_many = |field| DecodeError::Range {
            field,
            reason: "too many entries",
        };
        // One more than an agreement has: a guarantor that took over a part of the claims.
        if loan.funders.len() > FUNDERS_MAX.saturating_add(1) {
            return Err(too_many("loan.funders"));
        }
        if loan.pauses.len() > PAUSES_PER_LOAN_MAX {
            return Err(too_many("loan.pauses"));
        }
        let funder = |funder: &wire::Funder| {
            Ok(Funder {
                account: AccountId::from_wire("funder.account", &funder.account)?,
                share_ppm: share("funder.share_ppm", funder.share_ppm)?,
                principal: amount("funder.principal", funder.principal)?,
            })
        };
        ascending(
            "loan.fee_totals",
            &loan.fee_totals,
            FEES_PER_PRODUCT_MAX,
            |total| code("fee_total.code", &total.code),
        )?;
        let total = |total: &wire::FeeTotal| {
            Ok(FeeTotal {
                code: total.code.clone(),
                charged: amount("fee_total.charged", total.charged)?,
            })
        };
        let settlement = loan.settlement.as_ref();
        Ok(Self {
            product: ProductId::from_wire("loan.product", &loan.product)?,
            agreement: optional_array("loan.agreement", &loan.agreement)?
                .map(AgreementId::from_bytes),
            lender: ParticipantId::from_wire("loan.lender", &loan.lender)?,
            borrower: AccountId::from_wire("loan.borrower", &loan.borrower)?,
            governing_law: country("loan.governing_law", &loan.governing_law)?,
            status: LoanStatus::from_wire(loan.status)?,
            rate_ppm: loan.rate_ppm,
            aged_to: date("loan.aged_to", loan.aged_to)?,
            principal: amount("loan.principal", loan.principal)?,
            interest: amount("loan.interest", loan.interest)?,
            interest_fraction: loan.interest_fraction,
            fees: amount("loan.fees", loan.fees)?,
            fee_totals: loan
                .fee_totals
                .iter()
                .map(total)
                .collect::<Result<_, DecodeError>>()?,
            funders: loan
                .funders
                .iter()
                .map(funder)
                .collect::<Result<_, DecodeError>>()?,
            servicer: AccountId::from_wire("loan.servicer", &loan.servicer)?,
            servicing_ppm: share("loan.servicing_ppm", loan.servicing_ppm)?,
            schedule: schedule_from_wire(&loan.schedule)?,
            paid: amount("loan.paid", loan.paid)?,
            late_fee_due: date("loan.late_fee_due", loan.late_fee_due)?,
            pauses: loan
                .pauses
                .iter()
                .map(Pause::from_wire)
                .collect::<Result<_, _>>()?,
            settlement: settlement.map(SettlementOffer::from_wire).transpose()?,
            reports: loan.reports,
            loss_settled: loan.loss_settled,
            events: EventChain::from_wire(loan.events.as_ref())?,
        })
    }
}

canonical_object!(Loan, "loan");
