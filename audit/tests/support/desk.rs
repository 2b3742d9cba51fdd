//! A desk over a chain in memory, and a client that speaks HTTP by hand.

use std::{collections::BTreeMap, net::SocketAddr, ops::Deref, time::Duration};

use serde_json::Value;
use talea_audit::{
    IndexPlace, Source,
    serve::{DeskOptions, Following, FollowingState, Serving, serve},
};
use talea_types::{
    PublicKey, SecretKey, Subject, Timestamp,
    access::{ReaderStatement, ReaderToken},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Network, Node};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A desk that runs, with its files.
pub struct Desk {
    pub serving: Serving,
    pub directory: TempDir,
    browser: Browser,
}

/// Who asks a desk at an address.
pub struct Browser {
    pub address: SocketAddr,
}

impl Deref for Desk {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.browser
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Desk {
    /// Opens a desk that follows a node to its end, asked by the regulator of the network.
    pub async fn open(network: &Network, node: Node) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self::open_in(directory, network, node).await
    }

    pub async fn open_in(directory: TempDir, network: &Network, node: Node) -> Self {
        let place = IndexPlace::File(directory.path().join("index.db"));
        Self::open_at(directory, place, network, node).await
    }

    /// With an index anywhere.
    pub async fn open_at(
        directory: TempDir,
        index: IndexPlace,
        network: &Network,
        node: impl Source,
    ) -> Self {
        let regulator = network.localnet.regulator();
        let options = DeskOptions {
            genesis: network.localnet.document.to_toml().into(),
            record: network.record().clone(),
            index,
            looks: directory.path().join("looks"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            node: "a node of a test".to_owned(),
            network: None,
            own: Some((
                Subject::Participant(regulator.id),
                regulator.key.public_key(),
            )),
        };
        let serving = serve(options, node).await.unwrap();
        let browser = Browser {
            address: serving.address,
        };
        Self {
            serving,
            directory,
            browser,
        }
    }

    /// Waits until following is so.
    pub async fn until(&self, wanted: impl FnMut(&Following) -> bool) -> Following {
        let mut following = self.serving.following.clone();
        let seen = tokio::time::timeout(PATIENCE, following.wait_for(wanted)).await;
        seen.expect("following comes to it").unwrap().clone()
    }

    pub async fn until_height(&self, height: u64) {
        self.until(|one| one.height == height).await;
    }

    pub async fn until_ended(&self) -> Following {
        self.until(|one| matches!(one.state, FollowingState::Ended(_)))
            .await
    }

    /// The authorization of whoever opened the desk.
    pub fn own(&self) -> String {
        format!("Desk {}", self.serving.own_session.as_ref().unwrap())
    }
}

impl Browser {
    /// An authorization by a token.
    pub async fn token(&self, network: &Network, subject: Subject, key: &SecretKey) -> String {
        let shown = self.get("/api/network", "").await.json();
        let now = shown["time_ms"].as_u64().unwrap();
        self.token_until(network, subject, key, now + 60_000).await
    }

    /// The same, worth something until this time of the ledger, milliseconds since 1970.
    pub async fn token_until(
        &self,
        network: &Network,
        subject: Subject,
        key: &SecretKey,
        until: u64,
    ) -> String {
        let shown = self.get("/api/network", "").await.json();
        let bytes = base64(shown["desk_key"].as_str().unwrap());
        let audience = PublicKey::from_bytes(bytes.try_into().unwrap());
        let statement = ReaderStatement {
            chain: network.chain(),
            reader: subject,
            audience,
            expires_at: Timestamp::from_millis(until),
            key: key.public_key(),
        };
        let token = ReaderToken::sign(statement, key).unwrap();
        format!("Talea {}", base64_of(token.encoded()))
    }

    pub async fn get(&self, path: &str, authorization: &str) -> Answer {
        self.send("GET", path, authorization, &[]).await
    }

    /// What must be answered.
    pub async fn json(&self, path: &str, authorization: &str) -> Value {
        let answer = self.get(path, authorization).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub async fn send(&self, method: &str, path: &str, authorization: &str, body: &[u8]) -> Answer {
        let mut stream = self.begin(method, path, authorization, body).await;
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        let _ = read.expect("an answer comes");
        Answer::read(&bytes)
    }

    /// Asks, and gives whatever comes until the connection ends.
    pub async fn rest_of(&self, path: &str, authorization: &str) -> Vec<u8> {
        let mut stream = self.begin("GET", path, authorization, &[]).await;
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        // A process that ends does not close its connections well.
        let _ = read.expect("the connection ends");
        bytes
    }

    /// What comes first of an answer that does not end: its head, and perhaps a part of its body.
    pub async fn head_of(&self, path: &str, authorization: &str) -> Answer {
        let mut stream = self.begin("GET", path, authorization, &[]).await;
        let mut bytes = Vec::new();
        while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
            let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut bytes)).await;
            assert!(read.expect("an answer comes").unwrap() > 0);
        }
        Answer::read(&bytes)
    }

    async fn begin(&self, method: &str, path: &str, authorization: &str, body: &[u8]) -> TcpStream {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        if !authorization.is_empty() {
            head.push_str(&format!("Authorization: {authorization}\r\n"));
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A body that is too large is answered before it was sent.
        let _ = stream.write_all(body).await;
        stream
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        Self {
            status: status.parse().unwrap(),
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The name of the problem.
    pub fn code(&self) -> String {
        let json = self.json();
        let error = &json["error"];
        assert!(!error["message"].as_str().unwrap().is_empty());
        assert!(!error["advice"].as_str().unwrap().is_empty());
        error["code"].as_str().unwrap().to_owned()
    }
}

pub fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .unwrap()
}

pub fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
