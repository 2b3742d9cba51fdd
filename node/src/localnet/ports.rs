//! Free ports on loopback.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    ops::Range,
};

/// Where free ports are looked for: below those that systems give to connections by themselves (from 32,768 on Linux, from
/// 49,152 elsewhere), so that no connection takes the port of a node that is about to start again.
const RANGE: Range<u16> = 20_000..32_768;

/// So many addresses with free ports: from `first` on, or any.
///
/// # Errors
/// A port from `first` on is taken; there are not enough.
pub fn free_ports(count: usize, first: Option<u16>) -> io::Result<Vec<SocketAddr>> {
    // All are held until all are known, so that none is given twice.
    let held = match first {
        Some(first) => listen_from(first, count)?,
        None => listen_anywhere(count)?,
    };
    held.iter().map(TcpListener::local_addr).collect()
}

fn listen_from(first: u16, count: usize) -> io::Result<Vec<TcpListener>> {
    let port = |offset| first.checked_add(u16::try_from(offset).ok()?);
    let ports = (0..count).map(|offset| {
        port(offset)
            .ok_or_else(|| io::Error::other("the ports end at 65535; choose a lower first"))
            .and_then(listen)
    });
    ports.collect()
}

fn listen_anywhere(count: usize) -> io::Result<Vec<TcpListener>> {
    // Two networks that start at once look in different places.
    let mut random = [0; 2];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let middle = RANGE.start + u16::from_le_bytes(random) % (RANGE.end - RANGE.start);
    let ports = (middle..RANGE.end).chain(RANGE.start..middle).map(listen);
    let free = ports
        .filter(|port| !matches!(port, Err(error) if error.kind() == io::ErrorKind::AddrInUse));
    let held: Vec<TcpListener> = free.take(count).collect::<io::Result<_>>()?;
    if held.len() < count {
        return Err(io::Error::other(format!(
            "{count} of {RANGE:?} are needed, {} are free",
            held.len()
        )));
    }
    Ok(held)
}

fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ() {
        let mut ports = free_ports(12, None).unwrap();
        assert!(ports.iter().all(|one| RANGE.contains(&one.port())));
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 12);
        assert!(free_ports(2, Some(u16::MAX)).is_err());
    }
}
