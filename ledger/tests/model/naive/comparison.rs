//! Whether the ledger is where the model is.

use std::collections::BTreeMap;

use talea_ledger::Ledger;
use talea_types::{Asset, ParticipantId, Subject};

use super::{Naive, units};

impl Naive {
    /// Asserts that the ledger has exactly this state, and that it balances.
    pub fn compare(&self, ledger: &Ledger) {
        assert!(ledger.accounts().map(|(id, _)| id).eq(self.holders.keys()));
        let mut owed: BTreeMap<(ParticipantId, Asset), i128> = BTreeMap::new();
        for (id, account) in ledger.accounts() {
            let holder = &self.holders[id];
            assert_eq!(account.closed, holder.closed);
            for asset in &self.assets {
                let available = holder.available.get(asset).copied().unwrap_or(0);
                let held = holder.held.get(asset).copied().unwrap_or(0);
                assert_eq!(units(account.available(*asset)), available, "{id} {asset}");
                assert_eq!(units(account.held(*asset)), held, "{id} {asset}");
                *owed.entry((holder.sponsor, *asset)).or_default() += available + held;
            }
            let nonces = self.nonces.get(&Subject::Account(*id));
            let base = nonces.map_or(0, |(base, _)| *base);
            assert_eq!(account.nonces.base(), base, "{id}");
        }
        for ((bank, asset), (reserve, liabilities)) in &self.banks {
            let position = ledger.position(bank, *asset).copied().unwrap_or_default();
            assert_eq!(units(position.reserve), *reserve);
            assert_eq!(units(position.liabilities), *liabilities);
            let owed = owed.get(&(*bank, *asset)).copied().unwrap_or(0);
            assert_eq!(owed, *liabilities, "{bank} owes what its accounts hold");
            assert!(liabilities <= reserve);
        }
        let holds = ledger.holds().map(|(id, hold)| (*id, units(hold.amount)));
        assert!(holds.eq(self.holds.iter().map(|(id, hold)| (*id, hold.amount))));
        let rights = ledger.refund_rights();
        let rights = rights.map(|(id, right)| (*id, units(right.refunded)));
        let expected = self
            .rights
            .iter()
            .map(|(id, (_, refunded))| (*id, *refunded));
        assert!(rights.eq(expected));
        for asset in &self.assets {
            let totals = ledger.asset(*asset).unwrap();
            let of_asset = self.banks.iter().filter(|((_, of), _)| of == asset);
            let sums = of_asset.fold((0, 0), |sums: (i128, i128), (_, bank)| {
                (sums.0 + bank.0, sums.1 + bank.1)
            });
            let found = (units(totals.settlement), units(totals.accounts));
            assert_eq!(found, sums, "{asset}");
        }
    }
}
