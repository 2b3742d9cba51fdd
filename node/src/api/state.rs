//! The committed state, with proofs.

use talea_ledger::access::Record;
use talea_proto::{ApiError, api};
use talea_types::{
    Hash, Subject, limits::NONCE_WINDOW, receipt::map_proof_to_wire, state::NonceWindow,
};

use super::{lookups::subject, reader::Caller, receipts::finality, service::Service};

/// What `GetNetwork` says of the state.
pub(super) struct NetworkState {
    pub(super) root: Hash,
    pub(super) business_date: u32,
    pub(super) validators: Vec<api::ValidatorInfo>,
    pub(super) assets: Vec<api::AssetInfo>,
}

impl Service {
    /// Height of the committed state. The history follows it.
    pub(super) fn state_height(&self) -> u64 {
        self.context.ledger.read().clock().height
    }

    /// Height of the state, and how many events a subject has then; none if it is not there.
    pub(super) fn history_length(&self, subject: &Subject) -> (u64, u64) {
        let ledger = self.context.ledger.read();
        let events = ledger.events_of(subject);
        (ledger.height(), events.map_or(0, |events| events.length()))
    }

    /// `GetNonces`.
    pub(super) fn nonces(
        &self,
        request: api::GetNoncesRequest,
    ) -> Result<api::GetNoncesResponse, ApiError> {
        let author = subject("author", request.author)?;
        let ledger = self.context.ledger.read();
        let window = match author {
            Subject::Account(id) => ledger.account(&id).map(|account| &account.nonces),
            Subject::Participant(id) => ledger.participant(&id).map(|one| &one.nonces),
            Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => None,
        };
        let window = window.ok_or_else(|| {
            let height = ledger.height();
            ApiError::not_found(format!("{author} is not on the ledger at height {height}"))
        })?;
        Ok(api::GetNoncesResponse {
            window_start: window.base(),
            next: next_nonce(window),
            ledger_time_ms: ledger.time().millis(),
        })
    }

    /// `GetState`.
    pub(super) async fn state(
        &self,
        request: api::GetStateRequest,
        caller: Option<Caller>,
    ) -> Result<api::GetStateResponse, ApiError> {
        let key = talea_proto::convert::state_key_from_api(request.key.as_ref())?;
        self.check_read(caller.as_ref(), &Record::Object(key))?;
        let (value, path, height) = {
            let ledger = self.context.ledger.read();
            let (value, path) = ledger.prove(&key);
            (
                value.unwrap_or_default(),
                request.prove.then_some(path),
                ledger.height(),
            )
        };
        let mut answer = api::GetStateResponse {
            value: value.into(),
            height,
            ..Default::default()
        };
        if let Some(path) = path {
            if height == 0 {
                return Err(ApiError::not_found(
                    "nothing can be proved before the first block; try again shortly",
                ));
            }
            self.reach(height).await?;
            let record = self.block(height).await?;
            let changes = self
                .read(move |history| history.set_changes_before(height))
                .await?;
            answer.proof = Some(api::StateProof {
                map: Some(map_proof_to_wire(&path)),
                finality: Some(finality(&record, changes).to_wire()),
            });
        }
        Ok(answer)
    }

    /// The state's part of `GetNetwork`.
    pub(super) fn network_state(&self) -> NetworkState {
        let ledger = self.context.ledger.read();
        let validators = ledger
            .validators()
            .iter()
            .map(|(id, one)| api::ValidatorInfo {
                id: id.to_wire(),
                name: one.name.clone(),
                participant: one.participant.to_wire(),
                power: one.power,
            });
        let assets = ledger.assets().map(|(asset, totals)| api::AssetInfo {
            code: asset.as_str().to_owned(),
            decimals: totals.decimals.into(),
        });
        NetworkState {
            root: ledger.state_root(),
            business_date: ledger.business_date(),
            validators: validators.collect(),
            assets: assets.collect(),
        }
    }
}

/// One above the highest nonce that was used.
fn next_nonce(window: &NonceWindow) -> u64 {
    let base = window.base();
    let used = |nonce: &u64| window.check(*nonce) == Err(talea_types::state::NonceRefusal::Used);
    let highest = (base..base.saturating_add(NONCE_WINDOW)).rev().find(used);
    highest.map_or(base, |nonce| nonce.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_nonce_is_above_every_used_one() {
        let mut window = NonceWindow::default();
        assert_eq!(next_nonce(&window), 0);
        window.try_use(0).unwrap();
        assert_eq!((window.base(), next_nonce(&window)), (1, 1));
        window.try_use(900).unwrap();
        assert_eq!((window.base(), next_nonce(&window)), (1, 901));
        window.try_use(1_500).unwrap();
        assert_eq!(next_nonce(&window), 1_501);
    }
}
