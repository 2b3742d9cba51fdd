//! What a node says of the network. Nothing here is proved: for display and for building transactions.

use std::collections::BTreeMap;

use talea_proto::{api, convert};
use talea_types::{
    Asset, ChainId, DecodeError, Hash, ParticipantId, PublicKey, Subject, Timestamp, ValidatorId,
};

use crate::{Client, ClientError};

/// The network as a node sees it.
#[derive(Clone, Debug)]
pub struct NetworkInfo {
    /// Its id.
    pub chain: ChainId,
    /// Its name.
    pub name: String,
    /// Whether it is a trial network.
    pub sandbox: bool,
    /// Newest committed height of the node.
    pub height: u64,
    /// Root of the state after it.
    pub state_root: Hash,
    /// Its time.
    pub ledger_time: Timestamp,
    /// Days since 1970-01-01.
    pub business_date: u32,
    /// Who decides the next height.
    pub validators: Vec<ValidatorInfo>,
    /// Digits after the decimal point of each asset.
    pub decimals: BTreeMap<Asset, u32>,
    /// Version of the node's software.
    pub software_version: String,
    /// Name of the node.
    pub node_name: String,
    /// Key of the node's network identity: a reader's token is for it.
    pub network_key: PublicKey,
    /// Whether the node votes.
    pub role: api::NodeRole,
}

/// A validator in words.
#[derive(Clone, Debug)]
pub struct ValidatorInfo {
    /// Its id.
    pub id: ValidatorId,
    /// Its name.
    pub name: String,
    /// Who runs it.
    pub participant: ParticipantId,
    /// Its voting power.
    pub power: u64,
}

/// Which nonces an author can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceRange {
    /// The lowest that can still be used.
    pub window_start: u64,
    /// This and all above it are unused.
    pub next: u64,
    /// Ledger time of the answer.
    pub ledger_time: Timestamp,
}

impl NetworkInfo {
    pub(crate) fn from_api(info: &api::GetNetworkResponse) -> Result<Self, DecodeError> {
        let state_root =
            <[u8; 32]>::try_from(info.state_root.as_ref()).map_err(|_| DecodeError::Length {
                field: "state_root",
                expected: 32,
                found: info.state_root.len(),
            })?;
        Ok(Self {
            chain: ChainId::from_wire("chain_id", &info.chain_id)?,
            name: info.name.clone(),
            sandbox: info.sandbox,
            height: info.height,
            state_root: Hash(state_root),
            ledger_time: Timestamp::from_millis(info.ledger_time_ms),
            business_date: info.business_date,
            validators: info
                .validators
                .iter()
                .map(|validator| {
                    Ok(ValidatorInfo {
                        id: ValidatorId::from_wire("validator.id", &validator.id)?,
                        name: validator.name.clone(),
                        participant: ParticipantId::from_wire(
                            "validator.participant",
                            &validator.participant,
                        )?,
                        power: validator.power,
                    })
                })
                .collect::<Result<_, DecodeError>>()?,
            decimals: info
                .assets
                .iter()
                .map(|asset| Ok((Asset::new(&asset.code)?, asset.decimals)))
                .collect::<Result<_, DecodeError>>()?,
            software_version: info.software_version.clone(),
            node_name: info.node_name.clone(),
            network_key: <[u8; 32]>::try_from(info.network_key.as_ref())
                .map(PublicKey::from_bytes)
                .map_err(|_| DecodeError::Length {
                    field: "network_key",
                    expected: 32,
                    found: info.network_key.len(),
                })?,
            role: info.node_role(),
        })
    }
}

impl Client {
    /// What a node says of the network.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn network(&self) -> Result<NetworkInfo, ClientError> {
        let (info, node) = self
            .read("the network", |mut ledger| async move {
                ledger.get_network(api::GetNetworkRequest {}).await
            })
            .await?;
        NetworkInfo::from_api(&info).map_err(|error| ClientError::nonsense(&node, &error))
    }

    /// Which nonces an author can use next.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NotFound`] when the author is not on the ledger.
    pub async fn nonces(&self, author: &Subject) -> Result<NonceRange, ClientError> {
        let request = api::GetNoncesRequest {
            author: Some(convert::subject_to_api(author)),
        };
        let (answer, _) = self
            .read(&author.to_string(), |mut ledger| {
                let request = request.clone();
                async move { ledger.get_nonces(request).await }
            })
            .await?;
        Ok(NonceRange {
            window_start: answer.window_start,
            next: answer.next,
            ledger_time: Timestamp::from_millis(answer.ledger_time_ms),
        })
    }
}
