//! An account: whose it is, what it may do, what is on it.

use crate::{
    amount::Amount,
    asset::Asset,
    decode::{DecodeError, array, ascending, optional_array},
    encode::FieldWriter,
    event::EventChain,
    hash::Hash,
    ids::ParticipantId,
    operation::{AccountKind, Restriction},
    state::{Keys, NonceWindow, amount, canonical_object},
    time::Timestamp,
    wire,
};

/// An account of a wallet user, a merchant or a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What it is for.
    pub kind: AccountKind,
    /// The bank or operator that did the KYC and whose liability the balances are.
    pub sponsor: ParticipantId,
    /// The holder's keys.
    pub keys: Keys,
    /// Index into the network's tiers.
    pub tier: u32,
    /// Commitment to the holder's identity record.
    pub holder_commitment: Option<Hash>,
    /// Whether it was closed, for ever.
    pub closed: bool,
    /// What was restricted last; see [`Account::restriction_at`].
    pub restriction: Option<AccountRestriction>,
    /// Holds placed on it that are not resolved.
    pub open_holds: u32,
    /// Nonces of the transactions that it authors.
    pub nonces: NonceWindow,
    /// Its history.
    pub events: EventChain,
    /// Strictly ascending by asset. An asset that it never had is not there.
    pub balances: Vec<Balance>,
}

/// A restriction that lapses by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRestriction {
    /// What the account may not do; never [`Restriction::None`].
    pub restriction: Restriction,
    /// Code of the published list of reasons.
    pub reason: u32,
    /// Commitment to the notice that the holder was sent.
    pub notice_commitment: Hash,
    /// It has no effect from this ledger time on.
    pub review_by: Timestamp,
    /// Who placed it.
    pub placed_by: ParticipantId,
}

/// What is on an account in one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The asset.
    pub asset: Asset,
    /// Can be spent.
    pub available: Amount,
    /// Reserved by holds.
    pub held: Amount,
    /// Counts against the tier's limits; default while nothing was counted.
    pub spending: Spending,
}

/// What was debited on a day and in a month of ledger time (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// The day, counted from 1970-01-01.
    pub day: u32,
    /// Debited on that day.
    pub day_amount: Amount,
    /// The month, counted from January 1970.
    pub month: u32,
    /// Debited in that month.
    pub month_amount: Amount,
}

impl Spending {
    /// Debited on the day of `now`.
    #[must_use]
    pub fn on_day_of(&self, now: Timestamp) -> Amount {
        if self.day == now.day() {
            self.day_amount
        } else {
            Amount::ZERO
        }
    }

    /// Debited in the month of `now`.
    #[must_use]
    pub fn in_month_of(&self, now: Timestamp) -> Amount {
        if self.month == now.month() {
            self.month_amount
        } else {
            Amount::ZERO
        }
    }
}

impl Account {
    /// Its balance in an asset, or `None` if it never had any.
    #[must_use]
    pub fn balance(&self, asset: Asset) -> Option<&Balance> {
        self.balances.iter().find(|balance| balance.asset == asset)
    }

    /// What it can spend of an asset.
    #[must_use]
    pub fn available(&self, asset: Asset) -> Amount {
        self.balance(asset)
            .map_or(Amount::ZERO, |balance| balance.available)
    }

    /// What is reserved by holds of an asset.
    #[must_use]
    pub fn held(&self, asset: Asset) -> Amount {
        self.balance(asset)
            .map_or(Amount::ZERO, |balance| balance.held)
    }

    /// What it may not do at `now`.
    #[must_use]
    pub fn restriction_at(&self, now: Timestamp) -> Restriction {
        match &self.restriction {
            Some(placed) if now < placed.review_by => placed.restriction,
            _ => Restriction::None,
        }
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.enumeration(1, self.kind.to_wire().into());
        w.bytes(2, self.sponsor.as_bytes());
        self.keys.write(3, w);
        w.number(4, self.tier);
        w.hash(5, self.holder_commitment.as_ref());
        w.number(6, self.closed);
        if let Some(placed) = &self.restriction {
            w.message(7, |w| {
                w.enumeration(1, placed.restriction.to_wire().into());
                w.number(2, placed.reason);
                w.bytes(3, placed.notice_commitment.as_bytes());
                w.time(4, placed.review_by);
                w.bytes(5, placed.placed_by.as_bytes());
            });
        }
        w.number(8, self.open_holds);
        self.nonces.write(9, w);
        self.events.write(10, w);
        for balance in &self.balances {
            w.message(11, |w| balance.write(w));
        }
    }

    fn from_wire(account: &wire::Account) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: AccountKind::from_wire(account.kind)?,
            sponsor: ParticipantId::from_wire("account.sponsor", &account.sponsor)?,
            keys: Keys::from_wire(account.keys.as_ref())?,
            tier: account.tier,
            holder_commitment: optional_array(
                "account.holder_commitment",
                &account.holder_commitment,
            )?
            .map(Hash),
            closed: account.closed,
            restriction: account
                .restriction
                .as_ref()
                .map(AccountRestriction::from_wire)
                .transpose()?,
            open_holds: account.open_holds,
            nonces: NonceWindow::from_wire(account.nonces.as_ref())?,
            events: EventChain::from_wire(account.events.as_ref())?,
            balances: balances_from_wire(&account.balances)?,
        })
    }
}

canonical_object!(Account, "account");

impl AccountRestriction {
    fn from_wire(placed: &wire::AccountRestriction) -> Result<Self, DecodeError> {
        let restriction = Restriction::from_wire(placed.restriction)?;
        if restriction == Restriction::None {
            return Err(DecodeError::Range {
                field: "account.restriction",
                reason: "debits or all",
            });
        }
        Ok(Self {
            restriction,
            reason: placed.reason,
            notice_commitment: array("account.notice_commitment", &placed.notice_commitment)
                .map(Hash)?,
            review_by: Timestamp::from_millis(placed.review_by_ms),
            placed_by: ParticipantId::from_wire("account.placed_by", &placed.placed_by)?,
        })
    }
}

impl Balance {
    /// Nothing of an asset.
    #[must_use]
    pub fn empty(asset: Asset) -> Self {
        Self {
            asset,
            available: Amount::ZERO,
            held: Amount::ZERO,
            spending: Spending::default(),
        }
    }

    fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.asset.as_str());
        w.number(2, self.available.minor_units());
        w.number(3, self.held.minor_units());
        let spending = &self.spending;
        if *spending != Spending::default() {
            w.message(4, |w| {
                w.number(1, spending.day);
                w.number(2, spending.day_amount.minor_units());
                w.number(3, spending.month);
                w.number(4, spending.month_amount.minor_units());
            });
        }
    }

    fn from_wire(balance: &wire::Balance) -> Result<Self, DecodeError> {
        let spending = match &balance.spending {
            None => Spending::default(),
            Some(spending) => Spending {
                day: spending.day,
                day_amount: amount("spending.day_amount", spending.day_amount)?,
                month: spending.month,
                month_amount: amount("spending.month_amount", spending.month_amount)?,
            },
        };
        if balance.spending.is_some() && spending == Spending::default() {
            return Err(DecodeError::NotCanonical { what: "spending" });
        }
        Ok(Self {
            asset: Asset::new(&balance.asset)?,
            available: amount("balance.available", balance.available)?,
            held: amount("balance.held", balance.held)?,
            spending,
        })
    }
}

fn balances_from_wire(balances: &[wire::Balance]) -> Result<Vec<Balance>, DecodeError> {
    ascending("account.balances", balances, balances.len(), |balance| {
        Asset::new(&balance.asset)
    })?;
    balances.iter().map(Balance::from_wire).collect()
}
