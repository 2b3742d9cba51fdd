//! The `Operator` service. Kept true: it answers callers on this machine, and callers with a client
//! certificate of the configured authority; nobody else.

use std::{net::IpAddr, sync::Arc};

use talea_proto::{
    ApiError,
    api::{self, operator_server::Operator},
};
use tonic::{Request, Response, Status};

use super::{lookups::SOFTWARE_VERSION, service::Service};

/// Answers `talea.api.v1.Operator`.
#[derive(Clone, Debug)]
pub(super) struct OperatorService(pub(super) Arc<Service>);

#[tonic::async_trait]
impl Operator for OperatorService {
    async fn get_status(
        &self,
        request: Request<api::GetStatusRequest>,
    ) -> Result<Response<api::GetStatusResponse>, Status> {
        check_caller(&request)?;
        let context = &self.0.context;
        let status = (context.status)().await;
        Ok(Response::new(api::GetStatusResponse {
            node_name: context.node_name.clone(),
            role: self.0.role().into(),
            chain_id: context.chain.to_wire(),
            software_version: SOFTWARE_VERSION.to_owned(),
            ..status.into_wire()
        }))
    }
}

fn check_caller<T>(request: &Request<T>) -> Result<(), ApiError> {
    let is_local = request
        .remote_addr()
        .is_some_and(|address| is_local(address.ip()));
    // Certificates are only there when they were verified.
    if is_local || request.peer_certs().is_some_and(|chain| !chain.is_empty()) {
        return Ok(());
    }
    Err(ApiError::denied(
        "this call is for the node's operator: call from the node's machine, or configure \
         grpc.tls.client_ca and show a client certificate",
    ))
}

fn is_local(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
