//! The consensus engine's outputs, carried to where they belong.

use talea_consensus::Input as EngineInput;
use talea_consensus::catch_up::CatchUpInput;
use talea_consensus::{Lane as EngineLane, Output as EngineOutput, PeerFault};

use super::blocks::Asked;
use super::{Audience, HaltReason, Lane, NodeMessage, Output, Replica};

impl Replica {
    pub(super) fn engine_step(&mut self, input: EngineInput) {
        for output in self.engine.step(self.now.monotonic_ms, input) {
            self.on_engine_output(output);
        }
    }

    fn on_engine_output(&mut self, output: EngineOutput) {
        match output {
            EngineOutput::Persist(record) => self.outputs.push(Output::AppendLog(record)),
            EngineOutput::Broadcast { lane, bytes } => {
                let lane = match lane {
                    EngineLane::Votes => Lane::Vote,
                    EngineLane::Proposals => Lane::Control,
                };
                self.broadcast(Audience::Validators, lane, NodeMessage::Consensus(bytes));
            }
            EngineOutput::BuildProposal {
                height,
                round,
                deadline,
            } => {
                self.on_build_proposal(height, round, deadline);
            }
            EngineOutput::CheckContent {
                height,
                lock_round,
                block_hash,
                content_digest,
                proposer,
                content,
                ..
            } => {
                let asked = Asked {
                    height,
                    hash: block_hash,
                    digest: content_digest,
                    proposer,
                    lock_round,
                };
                self.on_check_content(asked, &content);
            }
            EngineOutput::Decided {
                height,
                block_hash,
                certificate,
                content,
                ..
            } => {
                self.on_decided(height, block_hash, &certificate, content.as_ref());
            }
            EngineOutput::WakeAt(at) => self.engine_wake = Some(at),
            EngineOutput::Evidence(evidence) => {
                self.outputs.push(Output::Evidence(Box::new(evidence)));
            }
            EngineOutput::PeerFault { from, fault } => match fault {
                PeerFault::Malformed(_) | PeerFault::BadSignature => {
                    self.fault(from, fault.to_string());
                }
                // Two nodes that stand at the two sides of a validator change see this of each other.
                PeerFault::Stranger(_) | PeerFault::NotProposer { .. } => {
                    self.disappointed(from, fault.to_string());
                }
            },
            EngineOutput::PeerBehind { peer, .. } => {
                self.catch_up_step(CatchUpInput::TellPeer { peer });
            }
            EngineOutput::PeerAhead { peer, height } => {
                self.catch_up_step(CatchUpInput::Status {
                    peer,
                    height: height.saturating_sub(1),
                });
            }
            EngineOutput::CertificateRefused { height, error } => {
                tracing::warn!(height, %error, "a certificate from catch-up proves nothing");
                self.syncing = None;
                self.catch_up_step(CatchUpInput::BlockRefused { height });
            }
            EngineOutput::Halt(error) => self.outputs.push(Output::Halt(HaltReason::Engine(error))),
        }
    }
}
