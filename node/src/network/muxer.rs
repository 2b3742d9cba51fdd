//! Yamux with the bounds of a registered but untrusted peer.
//!
//! libp2p's own wrapper leaves the receive window of a connection at 1 GiB and does not tell a
//! flood of streams from other errors. A peer that delays its answers can grow its windows to
//! that limit and then fill them; here the limit is small enough to grant every peer.

use std::{
    collections::VecDeque,
    future::{Ready, ready},
    io, iter,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Instant,
};

use futures::{AsyncRead, AsyncWrite};
use libp2p::core::{
    muxing::{StreamMuxer, StreamMuxerEvent},
    upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade, UpgradeInfo},
};
use thiserror::Error;

use crate::limits::network as limits;

/// Why a multiplexed connection ended.
#[derive(Debug, Error)]
pub(super) enum MuxerError {
    /// The peer opened more streams than allowed.
    #[error("the peer opened more streams than a connection may have")]
    StreamFlood,
    /// The connection failed or was closed.
    #[error(transparent)]
    Yamux(#[from] yamux::ConnectionError),
}

/// Streams that the peer may still open: a bucket that refills slowly.
#[derive(Debug)]
struct StreamAllowance {
    left: u32,
    refilled_at: Instant,
}

impl StreamAllowance {
    fn new(now: Instant) -> Self {
        Self {
            left: limits::INBOUND_STREAMS_BURST,
            refilled_at: now,
        }
    }

    fn try_take(&mut self, now: Instant) -> Result<(), MuxerError> {
        while self.left < limits::INBOUND_STREAMS_BURST
            && now.saturating_duration_since(self.refilled_at) >= limits::INBOUND_STREAM_REFILL
        {
            self.left = self.left.saturating_add(1);
            self.refilled_at = self
                .refilled_at
                .checked_add(limits::INBOUND_STREAM_REFILL)
                .unwrap_or(now);
        }
        if self.left == limits::INBOUND_STREAMS_BURST {
            self.refilled_at = now;
        }
        self.left = self.left.checked_sub(1).ok_or(MuxerError::StreamFlood)?;
        Ok(())
    }
}

/// A multiplexed connection.
pub(super) struct Muxer<C> {
    connection: yamux::Connection<C>,
    allowance: StreamAllowance,
    /// Streams that arrived while none was asked for: at most as many as may be open.
    waiting: VecDeque<yamux::Stream>,
    asked: Option<Waker>,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Muxer<C> {
    fn new(socket: C, mode: yamux::Mode) -> Self {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(limits::STREAMS_PER_CONNECTION_MAX);
        config.set_max_connection_receive_window(Some(limits::CONNECTION_WINDOW_BYTES_MAX));
        Self {
            connection: yamux::Connection::new(socket, config, mode),
            allowance: StreamAllowance::new(Instant::now()),
            waiting: VecDeque::new(),
            asked: None,
        }
    }

    /// Lets the connection make progress until it has a new stream of the peer.
    fn poll_connection(&mut self, cx: &mut Context<'_>) -> Poll<Result<yamux::Stream, MuxerError>> {
        match self.connection.poll_next_inbound(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(Err(yamux::ConnectionError::Closed.into())),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Err(error.into())),
            Poll::Ready(Some(Ok(stream))) => {
                Poll::Ready(self.allowance.try_take(Instant::now()).map(|()| stream))
            }
        }
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> StreamMuxer for Muxer<C> {
    type Substream = yamux::Stream;
    type Error = MuxerError;

    fn poll_inbound(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::Substream, Self::Error>> {
        let muxer = self.get_mut();
        if let Some(stream) = muxer.waiting.pop_front() {
            return Poll::Ready(Ok(stream));
        }
        let polled = muxer.poll_connection(cx);
        if polled.is_pending() {
            muxer.asked = Some(cx.waker().clone());
        }
        polled
    }

    fn poll_outbound(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::Substream, Self::Error>> {
        self.get_mut()
            .connection
            .poll_new_outbound(cx)
            .map_err(MuxerError::from)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.get_mut()
            .connection
            .poll_close(cx)
            .map_err(MuxerError::from)
    }

    fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<StreamMuxerEvent, Self::Error>> {
        let muxer = self.get_mut();
        match muxer.poll_connection(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(stream)) => {
                muxer.waiting.push_back(stream);
                if let Some(waker) = muxer.asked.take() {
                    waker.wake();
                }
                // More may be ready; let others run first.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

/// The upgrade of an encrypted connection to a [`Muxer`].
#[derive(Clone, Debug)]
pub(super) struct BoundedYamux;

impl UpgradeInfo for BoundedYamux {
    type Info = &'static str;
    type InfoIter = iter::Once<Self::Info>;

    fn protocol_info(&self) -> Self::InfoIter {
        iter::once("/yamux/1.0.0")
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> InboundConnectionUpgrade<C> for BoundedYamux {
    type Output = Muxer<C>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, socket: C, _: Self::Info) -> Self::Future {
        ready(Ok(Muxer::new(socket, yamux::Mode::Server)))
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> OutboundConnectionUpgrade<C> for BoundedYamux {
    type Output = Muxer<C>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_outbound(self, socket: C, _: Self::Info) -> Self::Future {
        ready(Ok(Muxer::new(socket, yamux::Mode::Client)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_bounds_a_burst_and_refills_slowly() {
        let mut now = Instant::now();
        let mut allowance = StreamAllowance::new(now);
        for _ in 0..limits::INBOUND_STREAMS_BURST {
            allowance.try_take(now).unwrap();
        }
        assert!(allowance.try_take(now).is_err());
        for _ in 0..100 {
            now += limits::INBOUND_STREAM_REFILL;
            allowance.try_take(now).unwrap();
            assert!(allowance.try_take(now).is_err());
        }
        now += limits::INBOUND_STREAM_REFILL * 1000;
        for _ in 0..limits::INBOUND_STREAMS_BURST {
            allowance.try_take(now).unwrap();
        }
        assert!(allowance.try_take(now).is_err());
    }
}
