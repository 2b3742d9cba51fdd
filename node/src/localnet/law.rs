//! What a local network needs beside banks to play the law of contacts: agencies, an adviser, a credit
//! bureau, currencies of their debtors, and the packs of rules that the project ships.

use talea_genesis::localnet::Member;
use talea_types::{RulePackId, operation::RulePackActivate, state::Role};

use super::{LocalnetError, LocalnetOptions};

/// A sample of one lender's policy, which would bind nobody here.
const SAMPLE: &str = "lender-sample";
/// Of the debtors whom the packs bind, beside those that every local network has.
const CURRENCIES: [&str; 2] = ["CNY", "GBP"];
/// Name, role and jurisdiction.
const MEMBERS: [(&str, Role, &str); 4] = [
    ("agency-1", Role::CollectionAgency, "US"),
    ("agency-2", Role::CollectionAgency, "US"),
    ("adviser", Role::Adviser, "GB"),
    ("bureau", Role::CreditBureau, "US"),
];

impl LocalnetOptions {
    /// The same network with two agencies, an adviser of debtors and a credit bureau, and with the packs
    /// of laws and codes in force from the first block.
    ///
    /// # Errors
    /// [`LocalnetError::Pack`]; never with the packs of this build.
    pub fn with_collections(mut self) -> Result<Self, LocalnetError> {
        let refuse = |error: &dyn std::fmt::Display| LocalnetError::Pack {
            reason: error.to_string(),
        };
        let packs = talea_rules::packs::all().map_err(|error| refuse(&error))?;
        for pack in packs.into_iter().filter(|pack| pack.id != SAMPLE) {
            self.additions.rule_packs.push(RulePackActivate {
                pack: RulePackId::new(&pack.id).map_err(|error| refuse(&error))?,
                version: pack.version,
                document: pack.encode().into(),
            });
        }
        let member = |(name, role, jurisdiction): (&str, Role, &str)| Member {
            name: name.to_owned(),
            role,
            jurisdiction: jurisdiction.to_owned(),
            evaluated: role == Role::CollectionAgency,
        };
        self.additions.members.extend(MEMBERS.map(member));
        let currencies = CURRENCIES.map(str::to_owned);
        self.additions.currencies.extend(currencies);
        Ok(self)
    }
}
