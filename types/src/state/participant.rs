//! An organisation on the network: what it is, what it may do, its keys.

use crate::{
    decode::{DecodeError, ascending},
    encode::{FieldWriter, required},
    event::EventChain,
    ids::ParticipantId,
    key_policy::KeyPolicy,
    limits,
    state::{Keys, NonceWindow, canonical_object},
    time::Timestamp,
    wire,
};

/// What an organisation may do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the wallet; sponsors accounts.
    Operator,
    /// Sponsors accounts.
    Bank,
    /// Sells.
    Merchant,
    /// Collects debts under licence.
    CollectionAgency,
    /// Keeps credit records.
    CreditBureau,
    /// Attests identities.
    KycProvider,
    /// Watches for fraud and money laundering; may restrict accounts.
    Monitor,
    /// Advises debtors.
    Adviser,
    /// A court or another public authority; may restrict accounts.
    Authority,
    /// Supervises; may restrict accounts and lift any restriction.
    Regulator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 10] = [
        Self::Operator,
        Self::Bank,
        Self::Merchant,
        Self::CollectionAgency,
        Self::CreditBureau,
        Self::KycProvider,
        Self::Monitor,
        Self::Adviser,
        Self::Authority,
        Self::Regulator,
    ];

    /// The word for it in documents and matrices; what serde writes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Bank => "bank",
            Self::Merchant => "merchant",
            Self::CollectionAgency => "collection_agency",
            Self::CreditBureau => "credit_bureau",
            Self::KycProvider => "kyc_provider",
            Self::Monitor => "monitor",
            Self::Adviser => "adviser",
            Self::Authority => "authority",
            Self::Regulator => "regulator",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// As a wire value.
    #[must_use]
    pub const fn to_wire(self) -> wire::Role {
        match self {
            Self::Operator => wire::Role::Operator,
            Self::Bank => wire::Role::Bank,
            Self::Merchant => wire::Role::MerchantOrganisation,
            Self::CollectionAgency => wire::Role::CollectionAgency,
            Self::CreditBureau => wire::Role::CreditBureau,
            Self::KycProvider => wire::Role::KycProvider,
            Self::Monitor => wire::Role::Monitor,
            Self::Adviser => wire::Role::Adviser,
            Self::Authority => wire::Role::Authority,
            Self::Regulator => wire::Role::Regulator,
        }
    }

    pub(crate) fn from_wire(role: i32) -> Result<Self, DecodeError> {
        match wire::Role::try_from(role) {
            Ok(wire::Role::Operator) => Ok(Self::Operator),
            Ok(wire::Role::Bank) => Ok(Self::Bank),
            Ok(wire::Role::MerchantOrganisation) => Ok(Self::Merchant),
            Ok(wire::Role::CollectionAgency) => Ok(Self::CollectionAgency),
            Ok(wire::Role::CreditBureau) => Ok(Self::CreditBureau),
            Ok(wire::Role::KycProvider) => Ok(Self::KycProvider),
            Ok(wire::Role::Monitor) => Ok(Self::Monitor),
            Ok(wire::Role::Adviser) => Ok(Self::Adviser),
            Ok(wire::Role::Authority) => Ok(Self::Authority),
            Ok(wire::Role::Regulator) => Ok(Self::Regulator),
            _ => Err(DecodeError::Range {
                field: "participant.roles",
                reason: "no role has this number",
            }),
        }
    }
}

/// What is registered of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Legal Entity Identifier (ISO 17442): 20 capital letters and digits.
    pub lei: String,
    /// Business Identifier Code (ISO 9362): 8 or 11 capital letters and digits, or empty.
    pub bic: String,
    /// Legal name.
    pub name: String,
    /// Country of its registration (ISO 3166-1 alpha-2).
    pub jurisdiction: String,
    /// What it may do; strictly ascending.
    pub roles: Vec<Role>,
    /// Its keys.
    pub policy: KeyPolicy,
    /// When its licence ends; it is not active from then on.
    pub licence_expires_at: Option<Timestamp>,
    /// When it was last evaluated, days since 1970-01-01.
    pub evaluated_on: Option<u32>,
}

impl Registration {
    /// The id that follows from the LEI.
    #[must_use]
    pub fn id(&self) -> ParticipantId {
        ParticipantId::from_lei(&self.lei)
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::ParticipantRegister {
        wire::ParticipantRegister {
            lei: self.lei.clone(),
            bic: self.bic.clone(),
            name: self.name.clone(),
            jurisdiction: self.jurisdiction.clone(),
            roles: self
                .roles
                .iter()
                .map(|role| role.to_wire().into())
                .collect(),
            policy: Some(self.policy.to_wire()),
            licence_expires_at_ms: self.licence_expires_at.unwrap_or_default().millis(),
            evaluated_on: self.evaluated_on.unwrap_or_default(),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(registration: &wire::ParticipantRegister) -> Result<Self, DecodeError> {
        let policy = required("participant.policy", registration.policy.as_ref())?;
        let registration = Self {
            lei: registration.lei.clone(),
            bic: registration.bic.clone(),
            name: registration.name.clone(),
            jurisdiction: registration.jurisdiction.clone(),
            roles: roles_from_wire(&registration.roles)?,
            policy: KeyPolicy::from_wire(policy)?,
            licence_expires_at: Timestamp::optional(registration.licence_expires_at_ms),
            evaluated_on: day_from_wire(registration.evaluated_on),
        };
        registration.check()?;
        Ok(registration)
    }

    /// Checks the form of every field. Check digits and registers are not looked at.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn check(&self) -> Result<(), DecodeError> {
        check_form(
            &self.lei,
            &self.bic,
            &self.name,
            &self.jurisdiction,
            &self.roles,
        )
    }
}

/// An organisation in the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Legal Entity Identifier (ISO 17442).
    pub lei: String,
    /// Business Identifier Code (ISO 9362), or empty.
    pub bic: String,
    /// Legal name.
    pub name: String,
    /// Country of its registration (ISO 3166-1 alpha-2).
    pub jurisdiction: String,
    /// What it may do; strictly ascending.
    pub roles: Vec<Role>,
    /// When its licence ends.
    pub licence_expires_at: Option<Timestamp>,
    /// Its keys.
    pub keys: Keys,
    /// Nonces of the transactions that it authors.
    pub nonces: NonceWindow,
    /// Its history.
    pub events: EventChain,
    /// Not active while suspended.
    pub suspended: bool,
    /// When it was last evaluated, days since 1970-01-01.
    pub evaluated_on: Option<u32>,
}

impl Participant {
    /// A newly registered organisation.
    #[must_use]
    pub fn registered(registration: &Registration) -> Self {
        Self {
            lei: registration.lei.clone(),
            bic: registration.bic.clone(),
            name: registration.name.clone(),
            jurisdiction: registration.jurisdiction.clone(),
            roles: registration.roles.clone(),
            licence_expires_at: registration.licence_expires_at,
            keys: Keys::new(registration.policy.clone()),
            nonces: NonceWindow::default(),
            events: EventChain::default(),
            suspended: false,
            evaluated_on: registration.evaluated_on,
        }
    }

    /// Whether it has a role.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether it may sponsor accounts.
    #[must_use]
    pub fn is_sponsor(&self) -> bool {
        self.has_role(Role::Bank) || self.has_role(Role::Operator)
    }

    /// Whether it is not suspended and its licence has not ended.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        !self.suspended && self.licence_expires_at.is_none_or(|end| now < end)
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, &self.lei);
        w.bytes(2, &self.bic);
        w.bytes(3, &self.name);
        w.bytes(4, &self.jurisdiction);
        // A list of numbers is packed; each role fits one byte.
        let roles: Vec<u8> = self
            .roles
            .iter()
            .filter_map(|role| u8::try_from(i32::from(role.to_wire())).ok())
            .collect();
        w.bytes(5, roles);
        w.time(6, self.licence_expires_at.unwrap_or_default());
        self.keys.write(7, w);
        self.nonces.write(8, w);
        self.events.write(9, w);
        w.number(10, self.suspended);
        w.number(11, self.evaluated_on.unwrap_or_default());
    }

    fn from_wire(participant: &wire::Participant) -> Result<Self, DecodeError> {
        let roles = roles_from_wire(&participant.roles)?;
        check_form(
            &participant.lei,
            &participant.bic,
            &participant.name,
            &participant.jurisdiction,
            &roles,
        )?;
        Ok(Self {
            lei: participant.lei.clone(),
            bic: participant.bic.clone(),
            name: participant.name.clone(),
            jurisdiction: participant.jurisdiction.clone(),
            roles,
            licence_expires_at: Timestamp::optional(participant.licence_expires_at_ms),
            keys: Keys::from_wire(participant.keys.as_ref())?,
            nonces: NonceWindow::from_wire(participant.nonces.as_ref())?,
            events: EventChain::from_wire(participant.events.as_ref())?,
            suspended: participant.suspended,
            evaluated_on: day_from_wire(participant.evaluated_on),
        })
    }
}

canonical_object!(Participant, "participant");

fn roles_from_wire(roles: &[i32]) -> Result<Vec<Role>, DecodeError> {
    ascending("participant.roles", roles, limits::ROLES_MAX, |role| {
        Role::from_wire(*role)
    })
}

fn day_from_wire(day: u32) -> Option<u32> {
    Some(day).filter(|day| *day > 0)
}

fn check_form(
    lei: &str,
    bic: &str,
    name: &str,
    jurisdiction: &str,
    roles: &[Role],
) -> Result<(), DecodeError> {
    let capitals = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let refuse = |field, reason| Err(DecodeError::Text { field, reason });
    if lei.len() != 20 || !capitals(lei) {
        return refuse("participant.lei", "20 capital letters and digits");
    }
    if !matches!(bic.len(), 0 | 8 | 11) || !capitals(bic) {
        return refuse("participant.bic", "8 or 11 capital letters and digits");
    }
    if name.is_empty()
        || name.len() > limits::ORGANISATION_NAME_BYTES_MAX
        || name.chars().any(char::is_control)
    {
        return refuse("participant.name", "1 to 140 bytes of printable text");
    }
    if jurisdiction.len() != 2 || !jurisdiction.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return refuse("participant.jurisdiction", "two capital letters");
    }
    if roles.is_empty() || !roles.is_sorted_by(|a, b| a < b) {
        return Err(DecodeError::Order {
            field: "participant.roles",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_serde() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.word());
            assert_eq!(Role::from_word(role.word()), Some(role));
        }
        assert_eq!(Role::from_word("king"), None);
    }
}
