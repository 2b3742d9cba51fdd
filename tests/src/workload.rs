//! A workload of payments, signed before anything is measured.

use talea_genesis::localnet::LocalnetOrganisation;
use talea_types::operation::{AccountKind, AccountOpen, Issue, Purpose, Transfer};
use talea_types::{
    AccountId, Amount, Asset, ChainId, KeyPolicy, Operation, SecretKey, SignedTransaction, Subject,
    Timestamp, TransactionBody, hash::tagged,
};

/// An organisation that opens accounts and issues money, with its next nonce.
#[derive(Debug)]
pub struct Sponsor {
    /// Its id and key.
    pub organisation: LocalnetOrganisation,
    next_nonce: u64,
}

/// An account that pays, with its next nonce.
#[derive(Clone, Debug)]
pub struct Payer {
    /// Its id.
    pub account: AccountId,
    key: SecretKey,
    next_nonce: u64,
}

impl Payer {
    /// Signs for it.
    #[must_use]
    pub const fn key(&self) -> &SecretKey {
        &self.key
    }
}

/// Makes signed transactions for one network.
#[derive(Debug)]
pub struct Workload {
    chain: ChainId,
    asset: Asset,
    expires_at: Timestamp,
}

impl Sponsor {
    /// A sponsor whose first transaction has nonce 0.
    #[must_use]
    pub const fn new(organisation: LocalnetOrganisation) -> Self {
        Self {
            organisation,
            next_nonce: 0,
        }
    }
}

impl Workload {
    /// Transactions of `asset` that expire at a ledger time.
    #[must_use]
    pub const fn new(chain: ChainId, asset: Asset, expires_at: Timestamp) -> Self {
        Self {
            chain,
            asset,
            expires_at,
        }
    }

    /// Signs any operation.
    ///
    /// # Panics
    /// When it breaks a limit of the protocol: the workload keeps them.
    #[must_use]
    pub fn sign(
        &self,
        author: Subject,
        nonce: u64,
        operation: Operation,
        keys: &[&SecretKey],
    ) -> SignedTransaction {
        let mut signers: Vec<_> = keys.iter().map(|key| key.public_key()).collect();
        signers.sort_unstable();
        let body = TransactionBody {
            signers,
            author,
            nonce,
            expires_at: self.expires_at,
            operation,
        };
        SignedTransaction::sign(&self.chain, &body, keys)
            .expect("the workload keeps the protocol's limits")
    }

    /// Opens account number `number` of a sponsor; keys follow from the number.
    #[must_use]
    pub fn open(
        &self,
        sponsor: &mut Sponsor,
        number: u64,
        tier: u32,
    ) -> (SignedTransaction, Payer) {
        let seed = tagged(
            "talea/workload-key/v1",
            &[sponsor.organisation.id.as_bytes(), &number.to_be_bytes()],
        );
        let key = SecretKey::from_seed(seed.0);
        let open = AccountOpen {
            kind: AccountKind::Wallet,
            policy: KeyPolicy::single(key.public_key()),
            tier,
            holder_commitment: None,
        };
        let author = Subject::Participant(sponsor.organisation.id);
        let keys = [&sponsor.organisation.key, &key];
        let transaction = self.sign(
            author,
            sponsor.next_nonce,
            Operation::AccountOpen(open),
            &keys,
        );
        sponsor.next_nonce += 1;
        let account = AccountId::opened_by(transaction.id());
        (
            transaction,
            Payer {
                account,
                key,
                next_nonce: 0,
            },
        )
    }

    /// Puts money on an account.
    #[must_use]
    pub fn issue(
        &self,
        sponsor: &mut Sponsor,
        account: AccountId,
        amount: u64,
    ) -> SignedTransaction {
        let issue = Issue {
            account,
            asset: self.asset,
            amount: amount_of(amount),
            end_to_end_id: String::new(),
        };
        let author = Subject::Participant(sponsor.organisation.id);
        let transaction = self.sign(
            author,
            sponsor.next_nonce,
            Operation::Issue(issue),
            &[&sponsor.organisation.key],
        );
        sponsor.next_nonce += 1;
        transaction
    }

    /// Pays from one account to another.
    #[must_use]
    pub fn pay(&self, from: &mut Payer, to: AccountId, amount: u64) -> SignedTransaction {
        let transfer = Transfer {
            from: from.account,
            to,
            asset: self.asset,
            amount: amount_of(amount),
            purpose: Purpose::PersonToPerson,
            end_to_end_id: format!("PAY-{:06}", from.next_nonce),
            travel_rule_commitment: None,
            refundable_until: Timestamp::from_millis(0),
        };
        let author = Subject::Account(from.account);
        let transaction = self.sign(
            author,
            from.next_nonce,
            Operation::Transfer(transfer),
            &[&from.key],
        );
        from.next_nonce += 1;
        transaction
    }
}

fn amount_of(minor_units: u64) -> Amount {
    Amount::new(minor_units).expect("the workload pays small amounts")
}
