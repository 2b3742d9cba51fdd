//! What all clients share, and how much of it one may hold: at most as much as is left.
//!
//! So one client gets half, two get a third each, and whoever holds nothing yet finds something free, however much
//! the others want (A. K. Choudhury, E. L. Hahne, "Dynamic queue length thresholds for shared-memory packet
//! switches", 1998, with a factor of 1). There is nothing to set: a node with a single client serves it well, and what is left
//! for the next follows from how many there are. Why clients are told apart as they are: `docs/adr/0073-one-client-never-takes-all.md`.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::IpAddr,
    sync::Arc,
};

use parking_lot::Mutex;
use talea_types::ParticipantId;

/// Who counts as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ClientId {
    /// Named by a certificate that was verified.
    Organisation(ParticipantId),
    /// An address of IPv4, or what one subscriber of IPv6 is given at least: the first 64 bits of it.
    Address(IpAddr),
    /// The system did not say where it calls from.
    Unknown,
}

impl ClientId {
    pub(super) fn of_address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                [a, b, c, d, 0, 0, 0, 0].into()
            }
            address => address,
        })
    }
}

/// Something of which there is so much for all clients together.
#[derive(Debug)]
pub(super) struct Shared {
    max: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    sum: usize,
    /// Only those who hold something.
    by_client: BTreeMap<ClientId, usize>,
}

/// What one client holds of it; given back when dropped.
#[derive(Debug)]
pub(super) struct Share {
    of: Arc<Shared>,
    client: ClientId,
    units: usize,
}

impl Shared {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            held: Mutex::default(),
        })
    }

    /// Takes so many units; `None` when the client would then hold more than was left.
    pub(super) fn try_take(self: &Arc<Self>, client: ClientId, units: usize) -> Option<Share> {
        let mut held = self.held.lock();
        let own = held.by_client.get(&client).copied().unwrap_or_default();
        let free = self.max.saturating_sub(held.sum);
        let own = own.checked_add(units).filter(|own| *own <= free)?;
        held.sum = held.sum.saturating_add(units);
        held.by_client.insert(client, own);
        drop(held);
        Some(Share {
            of: Arc::clone(self),
            client,
            units,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.of.held.lock();
        held.sum = held.sum.saturating_sub(self.units);
        if let Entry::Occupied(mut own) = held.by_client.entry(self.client) {
            let left = own.get().saturating_sub(self.units);
            if left == 0 {
                own.remove();
            } else {
                own.insert(left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> ClientId {
        ClientId::of_address(text.parse().unwrap())
    }

    /// Takes single units until it is told no.
    fn take_all(shared: &Arc<Shared>, client: ClientId) -> Vec<Share> {
        std::iter::from_fn(|| shared.try_take(client, 1)).collect()
    }

    #[test]
    fn one_client_gets_half_and_the_next_always_finds_something() {
        let shared = Shared::new(1_024);
        let mut shares = Vec::new();
        for (number, expected) in [(1, 512), (2, 256), (3, 128), (4, 64)] {
            let own = take_all(&shared, client(&format!("10.0.0.{number}")));
            assert_eq!(own.len(), expected);
            shares.push(own);
        }
        // What one gives back is for whoever holds least.
        shares.remove(0);
        let next = take_all(&shared, client("10.0.0.5"));
        assert_eq!(next.len(), 288);
        drop((shares, next));
        assert!(shared.held.lock().by_client.is_empty());
        assert_eq!(shared.held.lock().sum, 0);
    }

    #[test]
    fn the_smallest_pools_serve_somebody_and_an_empty_one_nobody() {
        for (max, expected) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2)] {
            assert_eq!(
                take_all(&Shared::new(max), client("10.0.0.1")).len(),
                expected
            );
        }
    }

    #[test]
    fn units_are_counted() {
        let shared = Shared::new(100);
        let one = client("10.0.0.1");
        assert!(shared.try_take(one, 101).is_none());
        let first = shared.try_take(one, 40).unwrap();
        assert!(shared.try_take(one, 21).is_none(), "60 are left");
        let second = shared.try_take(one, 20).unwrap();
        assert!(shared.try_take(client("10.0.0.2"), usize::MAX).is_none());
        drop(first);
        assert!(shared.try_take(one, 61).is_none());
        drop((shared.try_take(one, 60).unwrap(), second));
    }

    #[test]
    fn a_client_is_an_address_and_a_subscriber_of_ipv6() {
        assert_eq!(client("::ffff:10.0.0.1"), client("10.0.0.1"));
        assert_ne!(client("10.0.0.2"), client("10.0.0.1"));
        assert_eq!(client("2001:db8:1:2:3::4"), client("2001:db8:1:2::9"));
        assert_ne!(client("2001:db8:1:3::4"), client("2001:db8:1:2::4"));
    }
}
