//! Counts and bounds requests, whatever service they are for.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use futures::future::BoxFuture;
use tonic::{Code, Status, body::Body, codegen::http};
use tower::{Layer, Service};

use super::{
    body::BoundedBody,
    connection::Peer,
    refusals::held_enough,
    refused_log::RefusedLog,
    shares::{ClientId, Shared},
};
use crate::{
    limits::api::{READ_REQUESTS_MAX, REQUESTS_BYTES_MAX, SUBMISSIONS_MAX},
    telemetry::{Metrics, RequestLabels},
};

/// Wraps a service.
#[derive(Clone, Debug)]
pub(super) struct MeterLayer {
    metrics: Arc<Metrics>,
    refused: Arc<RefusedLog>,
    submissions: Arc<Shared>,
    /// All others: they wait for the disk, so that few of them are worth waiting for.
    reads: Arc<Shared>,
    reading: Arc<Shared>,
}

impl MeterLayer {
    pub(super) fn new(metrics: Arc<Metrics>, refused: Arc<RefusedLog>) -> Self {
        Self {
            metrics,
            refused,
            submissions: Shared::new(SUBMISSIONS_MAX),
            reads: Shared::new(READ_REQUESTS_MAX),
            reading: Shared::new(REQUESTS_BYTES_MAX),
        }
    }
}

impl<S> Layer<S> for MeterLayer {
    type Service = Meter<S>;

    fn layer(&self, inner: S) -> Meter<S> {
        Meter {
            inner,
            layer: self.clone(),
        }
    }
}

/// The wrapped service.
#[derive(Clone, Debug)]
pub(super) struct Meter<S> {
    inner: S,
    layer: MeterLayer,
}

impl<S> Service<http::Request<Body>> for Meter<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = method_name(request.uri().path());
        let metrics = Arc::clone(&self.layer.metrics);
        let refused = Arc::clone(&self.layer.refused);
        let peer = request.extensions().get::<Arc<Peer>>().cloned();
        let client = peer.as_deref().map_or(ClientId::Unknown, Peer::client);
        let open = match method {
            "Ledger/Submit" | SUBMIT_STREAM => &self.layer.submissions,
            _ => &self.layer.reads,
        };
        let Some(share) = open.try_take(client, 1) else {
            let labels = RequestLabels {
                method,
                code: code_name(Code::ResourceExhausted),
            };
            metrics.on_request(&labels, None);
            let status: Status = held_enough("requests").into();
            refused.on_refused(peer.as_deref(), method, status.message(), 1);
            return Box::pin(async move { Ok(status.into_http()) });
        };
        // The messages of this one are bounded one by one; all others have a single one.
        let request = match method {
            SUBMIT_STREAM => request,
            _ => {
                let reading = Arc::clone(&self.layer.reading);
                request.map(|body| Body::new(BoundedBody::new(body, reading, client)))
            }
        };
        let begun = Instant::now();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            drop(share);
            // An answer that begins well says how it ended in its trailers.
            let status = answer
                .as_ref()
                .map(|answer| Status::from_header_map(answer.headers()));
            let code = status.as_ref().map_or(Code::Unknown, |status| {
                status.as_ref().map_or(Code::Ok, Status::code)
            });
            if let Ok(Some(status)) = status
                && RefusedLog::is_of_interest(code)
            {
                refused.on_refused(peer.as_deref(), method, status.message(), 1);
            }
            let elapsed = (!is_stream(method)).then(|| begun.elapsed());
            metrics.on_request(
                &RequestLabels {
                    method,
                    code: code_name(code),
                },
                elapsed,
            );
            answer
        })
    }
}

/// The one request of many messages.
pub(super) const SUBMIT_STREAM: &str = "Ledger/SubmitStream";

pub(super) const METHODS: &[&str] = &[
    "Ledger/Submit",
    SUBMIT_STREAM,
    "Ledger/GetTransaction",
    "Ledger/GetReceipt",
    "Ledger/GetNonces",
    "Ledger/GetState",
    "Ledger/ListEvents",
    "Ledger/WatchEvents",
    "Ledger/WatchBlocks",
    "Ledger/GetBlock",
    "Ledger/GetNetwork",
    "Ledger/GetGenesis",
    "Operator/GetStatus",
];

/// As the matrix of methods names it.
pub(super) fn method_name(path: &str) -> &'static str {
    let known = path
        .strip_prefix("/talea.api.v1.")
        .and_then(|called| METHODS.iter().find(|method| **method == called));
    match known {
        Some(method) => method,
        None if path.starts_with("/grpc.health.v1.") => "health",
        None if path.starts_with("/grpc.reflection.v1.") => "reflection",
        None => "unknown",
    }
}

fn is_stream(method: &str) -> bool {
    method.contains("Stream") || method.contains("Watch")
}

/// As the gRPC specification writes it.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_contract_has_its_name() {
        // The descriptor holds the names as text; a full decoder is not needed to find them.
        let text = String::from_utf8_lossy(talea_proto::FILE_DESCRIPTOR_SET);
        for method in METHODS {
            let name = method.split('/').nth(1).unwrap();
            assert!(text.contains(name), "{method} is not in the contract");
            assert_eq!(method_name(&format!("/talea.api.v1.{method}")), *method);
        }
        assert_eq!(method_name("/talea.api.v1.Ledger/../../etc"), "unknown");
        assert!(is_stream("Ledger/WatchBlocks") && !is_stream("Ledger/Submit"));
    }
}
