//! Free ports on loopback.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

/// So many addresses with free ports: from `first` on, or wherever the system finds them.
pub(super) fn free(count: usize, first: Option<u16>) -> io::Result<Vec<SocketAddr>> {
    // All are held until all are known, so that none is given twice.
    let mut held = Vec::with_capacity(count);
    for offset in 0..count {
        let port = match first {
            Some(first) => u16::try_from(offset)
                .ok()
                .and_then(|offset| first.checked_add(offset))
                .ok_or_else(|| io::Error::other("the ports end at 65535; choose a lower first"))?,
            None => 0,
        };
        held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, port))?);
    }
    held.iter().map(TcpListener::local_addr).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ() {
        let mut ports = free(12, None).unwrap();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 12);
        assert!(free(2, Some(u16::MAX)).is_err());
    }
}
