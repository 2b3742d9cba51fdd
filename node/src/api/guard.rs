//! Asks the matrix of methods before any service sees a request. Kept true: a caller is known by its address
//! or by a certificate that was verified in this connection, and an organisation counts only while the
//! ledger has it as active.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use talea_ledger::Ledger;
use talea_proto::ApiError;
use talea_types::{ParticipantId, PublicKey};
use tonic::{Status, body::Body, codegen::http};
use tower::{Layer, Service};

use super::connection::Peer;
use super::meter::method_name;
use super::methods::{Column, may_call};
use crate::interface::SharedLedger;

/// Wraps a service.
#[derive(Clone)]
pub(super) struct GuardLayer {
    ledger: SharedLedger,
    /// Of the node itself: names the validator that it is, and so the organisation.
    network_key: PublicKey,
}

impl GuardLayer {
    pub(super) const fn new(ledger: SharedLedger, network_key: PublicKey) -> Self {
        Self {
            ledger,
            network_key,
        }
    }

    fn check(&self, method: &'static str, peer: Option<&Peer>) -> Result<(), ApiError> {
        // Most calls are for anybody: the ledger is not asked.
        if may_call(method, &[]) {
            return Ok(());
        }
        let columns = peer.map_or_else(Vec::new, |peer| {
            columns(peer, &self.ledger.read(), &self.network_key)
        });
        if may_call(method, &columns) {
            return Ok(());
        }
        Err(ApiError::denied(format!(
            "{method} is not for this caller: call from the node's machine, or show a certificate of the \
             authority in grpc.tls.client_ca that names a registered organisation which may call it"
        )))
    }
}

/// Where a caller stands.
fn columns(peer: &Peer, ledger: &Ledger, network_key: &PublicKey) -> Vec<Column> {
    let mut columns = Vec::new();
    if peer.is_local() {
        columns.push(Column::Local);
    }
    let organisation = peer.organisation.as_ref();
    let active = organisation.and_then(|id| {
        let found = ledger.participant(id);
        found
            .filter(|one| one.is_active(ledger.time()))
            .map(|one| (id, one))
    });
    if let Some((id, participant)) = active {
        columns.extend(participant.roles.iter().map(|role| Column::Role(*role)));
        if runs(ledger, id, network_key) {
            columns.push(Column::Own);
        }
    }
    columns
}

/// Whether the node with this network key is a validator of the organisation.
fn runs(ledger: &Ledger, id: &ParticipantId, network_key: &PublicKey) -> bool {
    let schedule = ledger.validator_schedule();
    let mut validators = schedule.current.iter().chain(schedule.next.iter());
    validators.any(|(_, one)| one.participant == *id && one.network_key == *network_key)
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard {
            inner,
            layer: self.clone(),
        }
    }
}

/// The wrapped service.
#[derive(Clone)]
pub(super) struct Guard<S> {
    inner: S,
    layer: GuardLayer,
}

impl<S> Service<http::Request<Body>> for Guard<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = method_name(request.uri().path());
        let peer = request.extensions().get::<Arc<Peer>>();
        match self.layer.check(method, peer.map(AsRef::as_ref)) {
            Ok(()) => Box::pin(self.inner.call(request)),
            Err(error) => {
                let status: Status = error.into();
                Box::pin(async move { Ok(status.into_http()) })
            }
        }
    }
}
