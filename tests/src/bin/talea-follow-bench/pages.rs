//! Every page's JSON, asked for as the regulator, and how long the slowest answer took.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    PATIENCE,
    auditor::Desk,
    stage::Stage,
    year::{LONG_FILE, reference},
};

/// One page.
#[derive(Debug, Serialize)]
pub struct Page {
    /// What is asked.
    pub page: String,
    /// The slowest of all answers, milliseconds.
    pub slowest_ms: f64,
    /// Size of an answer, bytes.
    pub bytes: usize,
}

/// Asks for everything. The names are those of `audit/web/desk/API.md`.
pub async fn ask_all(desk: &Desk, stage: &Stage, asks: u32) -> anyhow::Result<Vec<Page>> {
    let mut pages = Vec::new();
    for (name, path) in addresses(desk, stage).await? {
        let mut page = Page {
            page: name.to_owned(),
            slowest_ms: 0.0,
            bytes: 0,
        };
        for _ in 0..asks {
            let begun = Instant::now();
            let body = get(desk, &path)
                .await
                .with_context(|| format!("GET {path}"))?;
            page.slowest_ms = page.slowest_ms.max(begun.elapsed().as_secs_f64() * 1_000.0);
            page.bytes = body.len();
        }
        pages.push(page);
    }
    pages.push(what_if(desk, stage, asks).await?);
    Ok(pages)
}

async fn addresses(desk: &Desk, stage: &Stage) -> anyhow::Result<Vec<(&'static str, String)>> {
    let network = json_of(desk, "/api/network").await?;
    let middle = network["height"].as_u64().context("a height")? / 2;
    let block = json_of(desk, &format!("/api/block/{middle}")).await?;
    let payment = block["transactions"]["rows"][0]["id"].as_str();
    let payment = payment
        .map(str::to_owned)
        .context("a transaction in the middle")?;
    let (long, other) = (&stage.people[LONG_FILE], &stage.people[1]);
    let case = other.case.context("a case")?;
    let bank = stage.banks[0].organisation();
    let loan = other.loans[0];
    Ok(vec![
        ("network", "/api/network".to_owned()),
        ("blocks", "/api/blocks".to_owned()),
        (
            "blocks, in the middle",
            format!("/api/blocks?cursor={middle}.0&limit=200"),
        ),
        ("block", format!("/api/block/{middle}")),
        (
            "block, last part",
            format!("/api/block/{middle}?part=events&cursor=2000"),
        ),
        ("transaction", format!("/api/transaction/{payment}")),
        ("account", format!("/api/account/{}", other.account)),
        ("participant", format!("/api/participant/{bank}")),
        ("loan", format!("/api/loan/{loan}")),
        ("case", format!("/api/case/{case}")),
        (
            "events of an account",
            format!("/api/events/{}", other.account),
        ),
        ("events of a bank", format!("/api/events/{bank}")),
        (
            "events of a debtor",
            format!("/api/events/debtor:{}", long.account),
        ),
        ("case file", format!("/api/case-file/{}", other.account)),
        (
            "case file, the long one",
            format!("/api/case-file/{}", long.account),
        ),
        (
            "case file, what the long one has not",
            format!("/api/case-file/{}?kinds=protection", long.account),
        ),
        ("scorecard of agencies", "/api/scorecard".to_owned()),
        (
            "scorecard of lenders",
            "/api/scorecard?by=lender".to_owned(),
        ),
        ("loan book", "/api/loan-book".to_owned()),
        ("rolls", "/api/loan-rolls?months=36".to_owned()),
        ("settlement", "/api/settlement".to_owned()),
        ("packs", "/api/packs".to_owned()),
        ("pack", "/api/pack/us-reg-f".to_owned()),
        ("search, a name", "/api/search?q=bank".to_owned()),
        (
            "search, a reference",
            format!("/api/search?q={}", reference(0)),
        ),
        ("search, a transaction", format!("/api/search?q={payment}")),
        ("me", "/api/me".to_owned()),
        ("genesis", "/api/genesis".to_owned()),
        (
            "proof of a transaction",
            format!("/api/proof/transaction/{payment}"),
        ),
        (
            "proof of a debtor",
            format!("/api/proof/debtor/{}", other.account),
        ),
        (
            "proof of a debtor, the long file",
            format!("/api/proof/debtor/{}", long.account),
        ),
    ])
}

/// The what-if is asked with a body.
async fn what_if(desk: &Desk, stage: &Stage, asks: u32) -> anyhow::Result<Page> {
    let network = json_of(desk, "/api/network").await?;
    let now = network["time_ms"].as_u64().context("a time")?;
    let about = &stage.people[LONG_FILE];
    let question = json!({
        "case": about.case.context("a case")?.to_string(),
        "loan": about.loans[0].to_string(),
        "channel": "voice_call",
        "party": "debtor",
        "purpose": "payment",
        "contact_point": "",
        "from_ms": now,
        "until_ms": now + 900_000,
    });
    let question = question.to_string();
    let (mut slowest, mut bytes) = (Duration::ZERO, 0);
    for _ in 0..asks {
        let begun = Instant::now();
        let body = send(desk, "POST", "/api/explain", question.as_bytes()).await?;
        slowest = slowest.max(begun.elapsed());
        bytes = body.len();
    }
    Ok(Page {
        page: "what if".to_owned(),
        slowest_ms: slowest.as_secs_f64() * 1_000.0,
        bytes,
    })
}

async fn json_of(desk: &Desk, path: &str) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&get(desk, path).await?)?)
}

/// The body of an answer that is one.
pub async fn get(desk: &Desk, path: &str) -> anyhow::Result<Vec<u8>> {
    send(desk, "GET", path, &[]).await
}

async fn send(desk: &Desk, method: &str, path: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Desk {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        desk.address,
        desk.secret,
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(&desk.address).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        anyhow::Ok(answer)
    };
    let mut answer = timeout(PATIENCE, exchange).await.context("no answer")??;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else {
        bail!("an answer without an end of its head")
    };
    let body = answer.split_off(end + 4);
    ensure!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}: {}",
        String::from_utf8_lossy(&answer)
            .lines()
            .next()
            .unwrap_or_default(),
        String::from_utf8_lossy(&body)
    );
    Ok(body)
}
