//! The gRPC server: services, bounds, TLS, health, reflection.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use talea_proto::{FILE_DESCRIPTOR_SET, LedgerServer, OperatorServer, limits};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::server::HealthReporter;

use super::{
    NodeContext, guard::GuardLayer, ledger_service::LedgerService, listener::Clients,
    meter::MeterLayer, operator_service::OperatorService, refused_log::RefusedLog,
    service::Service, tls::Tls,
};
use crate::{
    config::GrpcConfig,
    limits::api::{
        ANSWER_BEFORE_DEADLINE, CONNECTION_WINDOW_BYTES, HEADER_BYTES_MAX, KEEPALIVE_INTERVAL,
        KEEPALIVE_TIMEOUT, LOCAL_ERROR_RESETS_MAX, PENDING_RESETS_MAX, STOP_GRACE,
        STREAM_WINDOW_BYTES,
    },
};

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ApiServerError {
    /// The address is taken or not ours.
    #[error("cannot listen on grpc.listen = {address}: {source}; choose a free port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A TLS file cannot be read.
    #[error("cannot read {}, named in [grpc.tls]: {source}", path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others can read the key.
    #[error(
        "{} has mode {mode:04o}: others may read the key of [grpc.tls]; run 'chmod 600' on it, and replace the key \
         if they could have",
        path.display()
    )]
    TlsKeyMode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The TLS files do not fit.
    #[error("[grpc.tls] is refused: {reason}; certificate and key must be PEM and belong together")]
    Tls {
        /// What the library said.
        reason: String,
    },
}

/// The running server.
#[derive(Debug)]
pub struct ApiServer {
    /// Where it listens.
    pub address: SocketAddr,
    serving: ServingSwitch,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl ApiServer {
    /// Starts the server. Health says *not serving* until [`ServingSwitch::set`].
    ///
    /// # Errors
    /// [`ApiServerError`].
    pub async fn start(config: GrpcConfig, context: NodeContext) -> Result<Self, ApiServerError> {
        let listening = |source| ApiServerError::Listen {
            address: config.listen,
            source,
        };
        let metrics = Arc::clone(&context.metrics);
        let clients = Clients::bind(config.listen, config.connections_max, Arc::clone(&metrics))
            .await
            .map_err(listening)?;
        let address = clients.address().map_err(listening)?;
        let guard = GuardLayer::new(context.ledger.clone(), context.network_key);
        let refused = Arc::new(RefusedLog::default());
        let mut builder = bounded_builder(&config)
            .layer(MeterLayer::new(metrics, Arc::clone(&refused)))
            .layer(guard);
        let stop = CancellationToken::new();
        let tls = config.tls.clone().map(Tls::load).transpose()?;
        if let Some(tls) = &tls {
            tokio::spawn(Arc::clone(tls).follow(stop.clone()));
        }
        let service = Arc::new(Service::new(context, config, refused, stop.clone()));
        tokio::spawn(Arc::clone(&service).follow());
        let ledger = LedgerServer::new(LedgerService(Arc::clone(&service)))
            .max_decoding_message_size(SUBMIT_MESSAGE_BYTES_MAX)
            .max_encoding_message_size(limits::RESPONSE_BYTES_MAX);
        let operator = OperatorServer::new(OperatorService(service))
            .max_decoding_message_size(limits::REQUEST_BYTES_MAX);
        let (health, health_service) = tonic_health::server::health_reporter();
        let serving = ServingSwitch(health);
        serving.set(false).await;
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .build_v1()
            .unwrap_or_else(|error| unreachable!("the contract was compiled in: {error}"));
        let routes = builder
            .add_service(ledger)
            .add_service(operator)
            .add_service(health_service)
            .add_service(reflection);
        let stopped = stop.clone().cancelled_owned();
        let connections = clients.connections(tls, stop.clone());
        let task = tokio::spawn(async move {
            let served = routes.serve_with_incoming_shutdown(connections, stopped);
            if let Err(error) = served.await {
                tracing::error!(reason = reason(&error), "the gRPC server ended");
            }
        });
        Ok(Self {
            address,
            serving,
            stop,
            task,
        })
    }

    /// Says in the health service whether clients should come here.
    #[must_use]
    pub fn serving_switch(&self) -> ServingSwitch {
        self.serving.clone()
    }

    /// Tells open calls that the node stops, waits for them a bounded time, and ends.
    pub async fn stop(mut self) {
        self.serving.set(false).await;
        self.stop.cancel();
        if tokio::time::timeout(STOP_GRACE, &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
        }
    }
}

/// Says in the health service whether clients should come here. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ServingSwitch(HealthReporter);

impl ServingSwitch {
    /// Says so.
    pub async fn set(&self, serving: bool) {
        if serving {
            self.0.set_serving::<LedgerServer<LedgerService>>().await;
        } else {
            self.0
                .set_not_serving::<LedgerServer<LedgerService>>()
                .await;
        }
    }
}

/// A message of a submission stream with the framing of its transactions. It is also the bound of
/// the other calls: what they take in is smaller by its fields.
const SUBMIT_MESSAGE_BYTES_MAX: usize =
    limits::SUBMIT_BATCH_BYTES_MAX + limits::SUBMIT_BATCH_TRANSACTIONS_MAX * 8;

fn bounded_builder(config: &GrpcConfig) -> Server {
    // The last resort: calls answer before their deadline by themselves.
    let timeout = Duration::from_millis(config.deadline_ms_max) + ANSWER_BEFORE_DEADLINE;
    Server::builder()
        .timeout(timeout)
        .max_concurrent_streams(config.streams_per_connection_max)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
        .http2_max_local_error_reset_streams(Some(LOCAL_ERROR_RESETS_MAX))
        .http2_max_header_list_size(HEADER_BYTES_MAX)
}

/// An error with what caused it.
fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
