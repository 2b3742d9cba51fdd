//! The `Operator` service. Who may call it is asked before, in `guard`.

use std::sync::Arc;

use talea_proto::api::{self, operator_server::Operator};
use tonic::{Request, Response, Status};

use super::{lookups::SOFTWARE_VERSION, service::Service};

/// Answers `talea.api.v1.Operator`.
#[derive(Clone, Debug)]
pub(super) struct OperatorService(pub(super) Arc<Service>);

#[tonic::async_trait]
impl Operator for OperatorService {
    async fn get_status(
        &self,
        _request: Request<api::GetStatusRequest>,
    ) -> Result<Response<api::GetStatusResponse>, Status> {
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
