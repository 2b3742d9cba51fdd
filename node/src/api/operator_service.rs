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

#[cfg(test)]
mod tests {
    use tonic::{Code, transport::server::TcpConnectInfo};

    use super::*;

    fn from(address: &str) -> Result<(), ApiError> {
        let mut request = Request::new(());
        let remote_addr = Some(address.parse().unwrap());
        request.extensions_mut().insert(TcpConnectInfo {
            local_addr: None,
            remote_addr,
        });
        check_caller(&request)
    }

    #[test]
    fn strangers_are_denied_by_default() {
        for local in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            from(local).unwrap();
        }
        for remote in [
            "10.0.0.1:1",
            "[::ffff:10.0.0.1]:1",
            "0.0.0.0:1",
            "[fe80::1]:1",
        ] {
            assert_eq!(
                from(remote).unwrap_err().code,
                Code::PermissionDenied,
                "{remote}"
            );
        }
        assert!(
            check_caller(&Request::new(())).is_err(),
            "an unknown address is a stranger's"
        );
    }
}
