//! What a manifest says was left out: believed only where leaving out can be.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    sheet::{PastRetention, SHEETS},
    verify::{VerifyError, unreadable},
};

/// Rows that may no longer be kept, as a manifest counts them. That they are so old is held by its signature alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// For how many years records are kept; `None` where no pack says anything, and all of them are.
    pub years: Option<u64>,
    /// Rows that are not in the files, by sheet.
    pub rows: BTreeMap<String, u64>,
    /// Rows that are there without what says whose they are, by sheet.
    pub redacted: BTreeMap<String, u64>,
}

impl LeftOut {
    /// Of a manifest.
    pub(super) fn of(manifest: &Json) -> Result<Self, VerifyError> {
        let told = &manifest["left_out"];
        let years = match &told["retention_years"] {
            Json::Null => None,
            years => Some(
                years
                    .as_u64()
                    .ok_or_else(|| unreadable("its retention is no number of years"))?,
            ),
        };
        let counted = |name: &str, wanted| counted(&told[name], years, wanted);
        Ok(Self {
            rows: counted("rows", PastRetention::LeftOut)?,
            redacted: counted("redacted", PastRetention::Redacted)?,
            years,
        })
    }
}

fn counted(
    told: &Json,
    years: Option<u64>,
    wanted: PastRetention,
) -> Result<BTreeMap<String, u64>, VerifyError> {
    let each = told
        .as_object()
        .ok_or_else(|| unreadable("it does not say what was left out"))?
        .iter();
    let each = each.map(|(sheet, rows)| {
        let rows = rows
            .as_u64()
            .ok_or_else(|| unreadable("it does not say how many rows were left out"))?;
        let refused = |reason| VerifyError::LeftOut {
            sheet: sheet.clone(),
            rows,
            reason,
        };
        let known = SHEETS.iter().find(|one| one.name == sheet);
        if known.is_none_or(|one| one.past_retention != wanted) {
            return Err(refused("no export leaves out anything of this kind"));
        }
        match years {
            None if rows > 0 => Err(refused("it names no retention, so that all is kept")),
            _ => Ok((sheet.clone(), rows)),
        }
    });
    each.collect()
}
