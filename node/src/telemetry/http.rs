//! `/metrics` and `/healthz` over plain HTTP.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::Metrics;

/// Whether the node does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Serving,
    /// It does not yet, or no longer.
    NotServing {
        /// What it does instead.
        reason: &'static str,
    },
}

/// Asks the node how it is.
pub type HealthSource = Arc<dyn Fn() -> Health + Send + Sync>;

/// The running server. Dropping it stops the server.
#[derive(Debug)]
pub struct MetricsServer {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

impl MetricsServer {
    /// Stops it and waits until it has.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A panic of the task was reported by the runtime, and there is nothing left to stop.
        let _ = self.task.await;
    }
}

#[derive(Clone)]
struct Sources {
    metrics: Arc<Metrics>,
    health: HealthSource,
}

/// Serves until stopped.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(
    listen: SocketAddr,
    metrics: Arc<Metrics>,
    health: HealthSource,
) -> io::Result<MetricsServer> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let (stop, mut stopped) = watch::channel(false);
    let routes = Router::new()
        .route("/metrics", get(show_metrics))
        .route("/healthz", get(show_health))
        .with_state(Sources { metrics, health });
    let task = tokio::spawn(async move {
        let server = axum::serve(listener, routes);
        // Open connections are not waited for: a scraper that keeps one must not hold up the node.
        tokio::select! {
            ended = server.into_future() => ended,
            _ = stopped.changed() => Ok(()),
        }
    });
    Ok(MetricsServer {
        address,
        stop,
        task,
    })
}

async fn show_metrics(State(sources): State<Sources>) -> impl IntoResponse {
    const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, FORMAT)], sources.metrics.encode())
}

async fn show_health(State(sources): State<Sources>) -> impl IntoResponse {
    match (sources.health)() {
        Health::Serving => (StatusCode::OK, "serving\n".to_owned()),
        Health::NotServing { reason } => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}
