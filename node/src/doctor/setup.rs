//! The genesis document and the keys.

use talea_genesis::GenesisRecord;
use talea_types::ValidatorId;

use super::Finding;
use crate::{
    config::{NodeConfig, NodeRole},
    process::load_genesis,
};

pub(super) fn examine(config: &NodeConfig) -> (Option<GenesisRecord>, Vec<Finding>) {
    let genesis = match load_genesis(config) {
        Ok((_, genesis)) => Some(genesis),
        Err(error) => {
            let advice = "get the document from another organisation and compare its hash";
            let finding = Finding::bad("genesis", error.to_string(), Some(advice));
            return (None, vec![finding]);
        }
    };
    let mut findings = Vec::new();
    if let Some(genesis) = &genesis {
        let sandbox = if genesis.is_sandbox() {
            ", a SANDBOX"
        } else {
            ""
        };
        let text = format!(
            "network {}{sandbox}, chain {}",
            genesis.network(),
            genesis.chain_id()
        );
        findings.push(Finding::good("genesis", text));
    }
    let (voting, network) = match config.keys.public_keys(config.role) {
        Ok(keys) => keys,
        Err(error) => {
            findings.push(Finding::bad("keys", error.to_string(), None));
            return (genesis, findings);
        }
    };
    let validators = genesis.as_ref().map(|genesis| genesis.validator_set());
    let named = |key| {
        let id = ValidatorId::from_voting_key(key);
        validators
            .and_then(|set| set.get(&id))
            .map(|validator| (id, validator))
    };
    findings.push(match (config.role, voting.as_ref().and_then(named)) {
        (NodeRole::Observer, _) => Finding::good("keys", format!("network key {network}")),
        (NodeRole::Validator, Some((id, validator))) if validator.network_key == network => {
            Finding::good("keys", format!("validator {} ({id})", validator.name))
        }
        (NodeRole::Validator, Some(_)) => Finding::note(
            "keys",
            "the network key is not the one of the genesis document",
            "peers must have the new key in their registers (p2p.peers)",
        ),
        (NodeRole::Validator, None) => Finding::note(
            "keys",
            "the voting key is not in the genesis document",
            "fine if it joined later; otherwise check keys.voting",
        ),
    });
    (genesis, findings)
}
