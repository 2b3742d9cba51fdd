//! A fifth node, set up as an organisation does that joins a running network: `talea-node init` with the
//! genesis document and the addresses of the others, then `talea-node run`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use talea_client::{Client, Options};
use talea_node::localnet::{Localnet, free_ports};
use talea_types::{ParticipantId, PublicKey, Validator};

use crate::network::node_program;

/// The node. Dropping it ends its process.
pub struct Joiner {
    home: PathBuf,
    grpc: SocketAddr,
    metrics: SocketAddr,
    /// As the change of the validator set names it.
    pub validator: Validator,
    process: Option<Child>,
}

impl Joiner {
    /// Sets it up in a directory, to be run by an organisation.
    pub fn prepare(directory: &Path, network: &Localnet, participant: ParticipantId) -> Self {
        let home = directory.join("validator-5");
        let mut command = Command::new(node_program());
        command
            .args(["init", "--json", "--name", "validator-5"])
            .arg(&home);
        command.arg("--genesis").arg(network.genesis());
        command
            .arg("--passphrase-file")
            .arg(network.passphrase_file());
        for node in network.nodes() {
            let (name, address) = (&node.entry().name, node.entry().p2p);
            let address = format!("{name}=/ip4/{}/tcp/{}", address.ip(), address.port());
            command.arg("--peer").arg(address);
        }
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let keys: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let key = |name: &str| keys[name].as_str().unwrap().parse::<PublicKey>().unwrap();
        let ports = free_ports(2, None).unwrap();
        Self {
            home,
            grpc: ports[0],
            metrics: ports[1],
            validator: Validator {
                participant,
                voting_key: key("voting_key"),
                power: 1,
                network_key: key("network_key"),
                name: "validator-5".to_owned(),
            },
            process: None,
        }
    }

    /// Starts its process.
    pub fn start(&mut self) {
        let log = std::fs::OpenOptions::new();
        let log = log
            .clone()
            .create(true)
            .append(true)
            .open(self.home.join("node.log"));
        let mut command = Command::new(node_program());
        command.arg("run").arg(&self.home).arg("--stop-with-parent");
        // It dials the others; nobody knows its address.
        command.args(["--set", "p2p.listen=[]"]);
        command.args(["--set", &format!("grpc.listen={}", self.grpc)]);
        command.args(["--set", &format!("metrics.listen={}", self.metrics)]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log.unwrap());
        self.process = Some(command.spawn().unwrap());
    }

    /// Kills it without warning.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Where clients reach it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.grpc)
    }

    pub fn client(&self) -> Client {
        Client::new(&Options::new([self.endpoint()])).unwrap()
    }

    /// The height that it has committed; 0 while it does not answer.
    pub async fn height(&self) -> u64 {
        let network = self.client().network().await;
        network.map_or(0, |network| network.height)
    }
}

impl Drop for Joiner {
    fn drop(&mut self) {
        self.kill();
    }
}
