//! What those who fund loans together agree on.

use super::{amount, share};
use crate::{
    amount::Amount,
    asset::Asset,
    decode::{DecodeError, ascending, optional_array},
    ids::AccountId,
    limits::FUNDERS_MAX,
    wire,
};

/// One who funds, and how much of each loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunderShare {
    /// Pays out, and receives what is repaid.
    pub account: AccountId,
    /// Parts per million.
    pub share_ppm: u32,
}

/// The terms of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementTerms {
    /// Of its loans.
    pub asset: Asset,
    /// Strictly ascending by account; one at least.
    pub funders: Vec<FunderShare>,
    /// No share may be below.
    pub floor_ppm: u32,
    /// Receives fees and the servicing fee.
    pub servicer: AccountId,
    /// Part of all interest that goes to the servicer before the funders.
    pub servicing_ppm: u32,
    /// Largest loan.
    pub loan_max: Amount,
    /// Most principal that may be owed under the agreement at once.
    pub outstanding_max: Amount,
    /// Who bears the first loss, and how much at most, of all loans together.
    pub guarantor: Option<(AccountId, Amount)>,
}

impl AgreementTerms {
    pub(crate) fn to_wire(&self) -> wire::AgreementTerms {
        let funder = |funder: &FunderShare| wire::FunderShare {
            account: funder.account.to_wire(),
            share_ppm: funder.share_ppm,
        };
        let guarantor = self.guarantor.as_ref();
        wire::AgreementTerms {
            asset: self.asset.to_string(),
            funders: self.funders.iter().map(funder).collect(),
            floor_ppm: self.floor_ppm,
            servicer: self.servicer.to_wire(),
            servicing_ppm: self.servicing_ppm,
            loan_max: self.loan_max.minor_units(),
            outstanding_max: self.outstanding_max.minor_units(),
            guarantor: guarantor.map(|(id, _)| id.to_wire()).unwrap_or_default(),
            first_loss_max: guarantor.map_or(0, |(_, most)| most.minor_units()),
        }
    }

    pub(crate) fn from_wire(terms: Option<&wire::AgreementTerms>) -> Result<Self, DecodeError> {
        let terms = terms.ok_or(DecodeError::Missing { field: "terms" })?;
        ascending("terms.funders", &terms.funders, FUNDERS_MAX, |funder| {
            AccountId::from_wire("funder.account", &funder.account)
        })?;
        if terms.funders.is_empty() {
            return Err(DecodeError::Missing {
                field: "terms.funders",
            });
        }
        let funder = |funder: &wire::FunderShare| {
            Ok(FunderShare {
                account: AccountId::from_wire("funder.account", &funder.account)?,
                share_ppm: share("funder.share_ppm", funder.share_ppm)?,
            })
        };
        let guarantor = optional_array("terms.guarantor", &terms.guarantor)?;
        let first_loss_max = amount("terms.first_loss_max", terms.first_loss_max)?;
        if guarantor.is_none() != first_loss_max.is_zero() {
            return Err(DecodeError::Range {
                field: "terms.first_loss_max",
                reason: "required with a guarantor, 0 without",
            });
        }
        Ok(Self {
            asset: Asset::new(&terms.asset)?,
            funders: terms
                .funders
                .iter()
                .map(funder)
                .collect::<Result<_, DecodeError>>()?,
            floor_ppm: share("terms.floor_ppm", terms.floor_ppm)?,
            servicer: AccountId::from_wire("terms.servicer", &terms.servicer)?,
            servicing_ppm: share("terms.servicing_ppm", terms.servicing_ppm)?,
            loan_max: amount("terms.loan_max", terms.loan_max)?,
            outstanding_max: amount("terms.outstanding_max", terms.outstanding_max)?,
            guarantor: guarantor.map(|id| (AccountId::from_bytes(id), first_loss_max)),
        })
    }
}
