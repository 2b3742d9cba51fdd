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
    let mut held = Vec::with_capacity(count);
    if let Some(first) = first {
        for offset in 0..count {
            let port = u16::try_from(offset)
                .ok()
                .and_then(|offset| first.checked_add(offset))
                .ok_or_else(|| io::Error::other("the ports end at 65535; choose a lower first"))?;
            held.push(listen(port)?);
        }
    } else {
        // Two networks that start at once look in different places.
        let mut random = [0; 2];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let middle = RANGE.start + u16::from_le_bytes(random) % (RANGE.end - RANGE.start);
        let all = (middle..RANGE.end).chain(RANGE.start..middle);
        for port in all {
            if held.len() == count {
                break;
            }
            match listen(port) {
                Ok(listener) => held.push(listener),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
        if held.len() < count {
            return Err(io::Error::other(format!(
                "{count} of {RANGE:?} are needed, {} are free",
                held.len()
            )));
        }
    }
    held.iter().map(TcpListener::local_addr).collect()
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
