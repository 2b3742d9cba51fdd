//! `talea-node status`.

mod stall;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use serde_json::json;
use talea_node::{config::LoadedConfig, exit_code::EXIT_UNREACHABLE};
use talea_proto::{ApiError, OperatorClient, api};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use super::{failure::Failure, output, small_runtime};
use stall::Diagnosis;

const TIMEOUT: Duration = Duration::from_secs(5);
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  talea-node status http://127.0.0.1:7701
  talea-node status http://127.0.0.1:7701 --why-stalled
  talea-node status /var/lib/talea --json")]
pub(super) struct Status {
    /// Address of the node's gRPC server, or the node's directory on this machine.
    node: String,
    /// Say what keeps the next block from coming: silent and slow validators, the round, what is missing.
    #[arg(long)]
    why_stalled: bool,
    /// Certificate of the authority that signed the node's certificate, PEM, for https.
    #[arg(long, visible_alias = "tls-ca", value_name = "FILE")]
    tls_authority: Option<PathBuf>,
    /// Your own certificate, PEM: it names your organisation.
    #[arg(
        long,
        visible_alias = "tls-cert",
        value_name = "FILE",
        requires = "tls_key"
    )]
    tls_certificate: Option<PathBuf>,
    /// Key of your own certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

impl Status {
    pub(super) fn execute(self, json: bool) -> Result<(), Failure> {
        let address = self.address()?;
        let tls = self.tls()?;
        let status = small_runtime()?.block_on(ask(&address, tls))?;
        let problem = problem(&status);
        if json {
            println!("{}", output::to_json(&to_json(&status, problem.as_deref())));
        } else if self.why_stalled {
            print_stall(&status, &Diagnosis::of(&status));
        } else {
            print(&status);
        }
        match problem {
            None => Ok(()),
            Some(problem) => Err(Failure::new(EXIT_UNREACHABLE, problem)),
        }
    }

    fn address(&self) -> Result<String, Failure> {
        if self.node.contains("://") {
            return Ok(self.node.clone());
        }
        if Path::new(&self.node).is_dir() {
            let config = LoadedConfig::load(Path::new(&self.node), &[])?.config;
            let scheme = config.grpc.tls.map_or("http", |_| "https");
            return Ok(format!("{scheme}://{}", config.grpc.listen));
        }
        Ok(format!("http://{}", self.node))
    }
}

impl Status {
    fn tls(&self) -> Result<ClientTlsConfig, Failure> {
        let mut tls = ClientTlsConfig::new();
        if let Some(authority) = &self.tls_authority {
            tls = tls.ca_certificate(Certificate::from_pem(read(authority)?));
        }
        if let (Some(certificate), Some(key)) = (&self.tls_certificate, &self.tls_key) {
            tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
        }
        Ok(tls)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::new(
            EXIT_UNREACHABLE,
            format!("cannot read {}: {error}", path.display()),
        )
    })
}

async fn ask(address: &str, tls: ClientTlsConfig) -> Result<api::GetStatusResponse, Failure> {
    let unreachable = |error: &dyn std::fmt::Display| {
        Failure::new(
            EXIT_UNREACHABLE,
            format!("cannot reach a node at {address}: {error}; is it running?"),
        )
    };
    let mut endpoint =
        Endpoint::from_shared(address.to_owned()).map_err(|error| unreachable(&error))?;
    if address.starts_with("https://") {
        endpoint = endpoint
            .tls_config(tls)
            .map_err(|error| unreachable(&error))?;
    }
    let channel = endpoint
        .connect_timeout(TIMEOUT)
        .timeout(TIMEOUT)
        .connect()
        .await;
    let mut client = OperatorClient::new(channel.map_err(|error| unreachable(&error))?);
    let answer = client.get_status(api::GetStatusRequest {}).await;
    let answer = answer.map_err(|status| unreachable(&ApiError::from_status(&status)))?;
    Ok(answer.into_inner())
}

/// Why an operator should look.
fn problem(status: &api::GetStatusResponse) -> Option<String> {
    if !stall::is_stalled(status) {
        return None;
    }
    if status.syncing_target > 0 {
        return Some("the node is behind and does not catch up; see its peers above".to_owned());
    }
    let age = output::duration(status.last_block_age_ms);
    Some(format!(
        "no block for {age}; `talea-node status --why-stalled` names what it waits for"
    ))
}

fn print_stall(status: &api::GetStatusResponse, diagnosis: &Diagnosis) {
    let age = output::duration(status.last_block_age_ms);
    if diagnosis.stalled {
        println!("STALLED: height {}, no block for {age}", status.height);
    } else {
        println!("blocks flow: height {}, newest {age} ago", status.height);
    }
    if let Some(agreement) = &status.agreement {
        print_votes(agreement);
    }
    if diagnosis.findings.is_empty() {
        println!("nothing is wrong as far as this node can see");
    }
    for finding in &diagnosis.findings {
        println!("- {}\n    {}", finding.what, finding.advice);
    }
}

fn print_votes(agreement: &api::AgreementStatus) {
    println!(
        "deciding height {}, round {}, for {}",
        agreement.height,
        agreement.round,
        output::duration(agreement.age_ms)
    );
    let mut table = output::table(&["validator", "power", "prevote", "precommit"]);
    let vote = |cast: bool| if cast { "yes" } else { "-" }.to_owned();
    for voter in &agreement.voters {
        let here = if voter.this_node { " (this node)" } else { "" };
        let turn = if voter.validator == agreement.proposer {
            ", proposes"
        } else {
            ""
        };
        table.add_row([
            format!("{}{here}{turn}", voter.name),
            voter.power.to_string(),
            vote(voter.prevoted),
            vote(voter.precommitted),
        ]);
    }
    println!("{table}");
}

fn role(status: &api::GetStatusResponse) -> &'static str {
    match status.role() {
        api::NodeRole::Validator => "validator",
        api::NodeRole::Observer => "observer",
        api::NodeRole::Unspecified => "unknown role",
    }
}

fn print(status: &api::GetStatusResponse) {
    println!(
        "{} ({}), {}",
        status.node_name,
        role(status),
        status.software_version
    );
    println!("chain     {}", hex::encode(&status.chain_id));
    println!("up        {}", output::duration(status.uptime_ms));
    let syncing = match status.syncing_target {
        0 => String::new(),
        target => format!(", catching up to {target}"),
    };
    let age = output::duration(status.last_block_age_ms);
    println!(
        "height    {}, round {}, newest block {age} ago{syncing}",
        status.height, status.round
    );
    if !status.not_voting.is_empty() {
        println!("NOT VOTING {}", status.not_voting);
    }
    if let Some(mempool) = &status.mempool {
        println!(
            "mempool   {} transactions, {} of {}; {} batches",
            mempool.transactions,
            output::bytes(mempool.bytes),
            output::bytes(mempool.bytes_max),
            mempool.batches
        );
    }
    if let Some(storage) = &status.storage {
        println!(
            "storage   blocks {} from height {}, consensus log {}, index {}, free {}",
            output::bytes(storage.block_log_bytes),
            storage.first_height,
            output::bytes(storage.consensus_log_bytes),
            output::bytes(storage.index_bytes),
            output::bytes(storage.free_bytes)
        );
        for repair in &storage.repairs {
            println!("repaired  {repair}");
        }
    }
    let mut table = output::table(&[
        "peer",
        "connected",
        "round trip",
        "queued",
        "dropped",
        "peer id",
    ]);
    for peer in &status.peers {
        table.add_row([
            peer.name.clone(),
            if peer.connected { "yes" } else { "NO" }.to_owned(),
            round_trip(peer),
            output::bytes(peer.queue_bytes),
            peer.dropped.to_string(),
            peer.peer_id.clone(),
        ]);
    }
    println!("{table}");
    for evidence in &status.evidence {
        let validator = hex::encode(&evidence.validator);
        println!(
            "EVIDENCE against {validator} at {}: {}",
            evidence.height, evidence.description
        );
    }
}

fn round_trip(peer: &api::PeerStatus) -> String {
    match peer {
        peer if !peer.connected => "-".to_owned(),
        peer if peer.rtt_ms == 0 => "< 1 ms".to_owned(),
        peer => format!("{} ms", peer.rtt_ms),
    }
}

fn to_json(status: &api::GetStatusResponse, problem: Option<&str>) -> serde_json::Value {
    let mempool = status.mempool.unwrap_or_default();
    let timeouts = status.timeouts.unwrap_or_default();
    let storage = status.storage.clone().unwrap_or_default();
    json!({
        "node": status.node_name,
        "role": role(status),
        "chain_id": hex::encode(&status.chain_id),
        "software_version": status.software_version,
        "uptime_ms": status.uptime_ms,
        "height": status.height,
        "round": status.round,
        "syncing_target": status.syncing_target,
        "last_block_age_ms": status.last_block_age_ms,
        "ledger_time_ms": status.ledger_time_ms,
        "problem": problem,
        "not_voting": (!status.not_voting.is_empty()).then_some(&status.not_voting),
        "peers": status.peers.iter().map(|peer| json!({
            "name": peer.name,
            "peer_id": peer.peer_id,
            "validator": (!peer.validator.is_empty()).then(|| hex::encode(&peer.validator)),
            "connected": peer.connected,
            "round_trip_ms": peer.rtt_ms,
            "queue_bytes": peer.queue_bytes,
            "dropped": peer.dropped,
            "height": peer.height,
            "last_heard_ms": (peer.last_heard_ms > 0).then_some(peer.last_heard_ms),
        })).collect::<Vec<_>>(),
        "mempool": {
            "transactions": mempool.transactions,
            "bytes": mempool.bytes,
            "batches": mempool.batches,
            "bytes_max": mempool.bytes_max,
        },
        "timeouts_ms": {
            "propose": timeouts.propose_ms,
            "prevote": timeouts.prevote_ms,
            "precommit": timeouts.precommit_ms,
            "heartbeat": timeouts.heartbeat_ms,
        },
        "agreement": status.agreement.as_ref().map(agreement_to_json),
        "stall": Diagnosis::of(status),
        "evidence": status.evidence.iter().map(|one| json!({
            "validator": hex::encode(&one.validator),
            "height": one.height,
            "description": one.description,
        })).collect::<Vec<_>>(),
        "storage": {
            "block_log_bytes": storage.block_log_bytes,
            "consensus_log_bytes": storage.consensus_log_bytes,
            "index_bytes": storage.index_bytes,
            "free_bytes": storage.free_bytes,
            "first_height": storage.first_height,
            "repairs": storage.repairs,
        },
    })
}

fn agreement_to_json(agreement: &api::AgreementStatus) -> serde_json::Value {
    json!({
        "height": agreement.height,
        "round": agreement.round,
        "phase": agreement.phase().as_str_name(),
        "age_ms": agreement.age_ms,
        "proposer": hex::encode(&agreement.proposer),
        "awaits_proposal": agreement.awaits_proposal,
        "voters": agreement.voters.iter().map(|voter| json!({
            "validator": hex::encode(&voter.validator),
            "name": voter.name,
            "power": voter.power,
            "this_node": voter.this_node,
            "prevoted": voter.prevoted,
            "precommitted": voter.precommitted,
        })).collect::<Vec<_>>(),
        "missing_batches": agreement.missing_batches.iter().map(|missing| json!({
            "digest": hex::encode(&missing.digest),
            "asked": missing.asked.iter().map(hex::encode).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}
