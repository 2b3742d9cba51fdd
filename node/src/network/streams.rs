//! The behaviour that gives every connection its streams: on each side three that it writes, one
//! for each priority, and three that it reads.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol,
    core::{
        Endpoint,
        transport::PortUse,
        upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo},
    },
    swarm::{
        ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
        NetworkBehaviour, StreamUpgradeError, SubstreamProtocol, THandler, THandlerInEvent,
        THandlerOutEvent, ToSwarm,
        handler::{
            ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
        },
    },
};

use super::{PerPriority, Priority};
use crate::limits::network::STREAMS_TIMEOUT;

/// The protocol name of each priority's stream on one chain.
pub(super) type Protocols = Arc<PerPriority<StreamProtocol>>;

/// What happened to a stream of a connection.
#[derive(Debug)]
pub(super) enum StreamEvent {
    /// A stream to write on is open: the peer accepted it.
    Opened(Priority, Stream),
    /// The peer did not accept a stream, or did not answer in time.
    Refused(Priority),
    /// The connection failed while a stream was being opened.
    Failed,
    /// The peer opened a stream for us to read.
    Accepted(Priority, Stream),
    /// The peer opened another stream of a priority that it already has.
    Duplicate(Priority),
}

/// Negotiates one of the given protocols and does no more.
#[derive(Clone, Debug)]
pub(super) struct StreamUpgrade {
    protocols: Protocols,
    priorities: &'static [Priority],
}

impl UpgradeInfo for StreamUpgrade {
    type Info = PriorityProtocol;
    type InfoIter = std::vec::IntoIter<PriorityProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        let named = |priority: &Priority| PriorityProtocol {
            priority: *priority,
            name: self.protocols.get(*priority).clone(),
        };
        self.priorities
            .iter()
            .map(named)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// A protocol name and what it stands for.
#[derive(Clone, Debug)]
pub(super) struct PriorityProtocol {
    priority: Priority,
    name: StreamProtocol,
}

impl AsRef<str> for PriorityProtocol {
    fn as_ref(&self) -> &str {
        self.name.as_ref()
    }
}

impl InboundUpgrade<Stream> for StreamUpgrade {
    type Output = (Priority, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, stream: Stream, chosen: Self::Info) -> Self::Future {
        ready(Ok((chosen.priority, stream)))
    }
}

impl OutboundUpgrade<Stream> for StreamUpgrade {
    type Output = (Priority, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_outbound(self, stream: Stream, chosen: Self::Info) -> Self::Future {
        ready(Ok((chosen.priority, stream)))
    }
}

/// Opens and accepts the streams of one connection.
#[derive(Debug)]
pub(super) struct StreamHandler {
    protocols: Protocols,
    to_open: std::slice::Iter<'static, Priority>,
    accepted: PerPriority<bool>,
    /// At most one event for each stream; a peer that opens more meets the muxer's bound.
    events: VecDeque<StreamEvent>,
    waker: Option<Waker>,
}

impl StreamHandler {
    fn new(protocols: Protocols) -> Self {
        Self {
            protocols,
            to_open: Priority::ALL.iter(),
            accepted: PerPriority::default(),
            events: VecDeque::new(),
            waker: None,
        }
    }

    fn on_event(&mut self, event: StreamEvent) {
        self.events.push_back(event);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn upgrade(&self, priorities: &'static [Priority]) -> StreamUpgrade {
        StreamUpgrade {
            protocols: Arc::clone(&self.protocols),
            priorities,
        }
    }
}

impl ConnectionHandler for StreamHandler {
    type FromBehaviour = Infallible;
    type ToBehaviour = StreamEvent;
    type InboundProtocol = StreamUpgrade;
    type OutboundProtocol = StreamUpgrade;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Priority;

    fn listen_protocol(&self) -> SubstreamProtocol<StreamUpgrade> {
        SubstreamProtocol::new(self.upgrade(&Priority::ALL), ()).with_timeout(STREAMS_TIMEOUT)
    }

    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<StreamUpgrade, Priority, StreamEvent>> {
        if let Some(priority) = self.to_open.next() {
            let upgrade = self.upgrade(std::slice::from_ref(priority));
            let protocol = SubstreamProtocol::new(upgrade, *priority).with_timeout(STREAMS_TIMEOUT);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        if let Some(event) = self.events.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(event));
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, event: Infallible) {
        match event {}
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<'_, StreamUpgrade, StreamUpgrade, (), Priority>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: (priority, stream),
                ..
            }) => self.on_event(StreamEvent::Opened(priority, stream)),
            ConnectionEvent::DialUpgradeError(DialUpgradeError {
                info: priority,
                error,
            }) => {
                self.on_event(match error {
                    StreamUpgradeError::Timeout | StreamUpgradeError::NegotiationFailed => {
                        StreamEvent::Refused(priority)
                    }
                    StreamUpgradeError::Io(_) => StreamEvent::Failed,
                    StreamUpgradeError::Apply(never) => match never {},
                });
            }
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (priority, stream),
                ..
            }) => {
                let accepted = self.accepted.get_mut(priority);
                if *accepted {
                    self.on_event(StreamEvent::Duplicate(priority));
                } else {
                    *accepted = true;
                    self.on_event(StreamEvent::Accepted(priority, stream));
                }
            }
            _ => {}
        }
    }
}

/// Reports the streams of all connections.
pub(super) struct StreamsBehaviour {
    protocols: Protocols,
    /// Filled by connections one event at a time and emptied before the next is taken.
    events: VecDeque<(PeerId, ConnectionId, StreamEvent)>,
}

impl StreamsBehaviour {
    pub(super) fn new(protocols: Protocols) -> Self {
        Self {
            protocols,
            events: VecDeque::new(),
        }
    }
}

impl NetworkBehaviour for StreamsBehaviour {
    type ConnectionHandler = StreamHandler;
    type ToSwarm = (PeerId, ConnectionId, StreamEvent);

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(StreamHandler::new(Arc::clone(&self.protocols)))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(StreamHandler::new(Arc::clone(&self.protocols)))
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.events.push_back((peer, connection, event));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        // The swarm polls again after it hands over an event of a connection: no waker needed.
        match self.events.pop_front() {
            Some(event) => Poll::Ready(ToSwarm::GenerateEvent(event)),
            None => Poll::Pending,
        }
    }
}
