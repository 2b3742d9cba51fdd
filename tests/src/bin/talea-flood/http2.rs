//! HTTP/2 frames written by hand (RFC 9113), to say what no library would.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A connection from an address of this machine.
async fn open(address: SocketAddr, from: Ipv4Addr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(address).await
}

/// A connection that has said hello.
pub async fn connect(address: SocketAddr, from: Ipv4Addr) -> std::io::Result<TcpStream> {
    let mut socket = open(address, from).await?;
    socket
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await?;
    socket.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    Ok(socket)
}

/// A connection that takes no bytes on any stream: its windows are 0.
pub async fn connect_taking_nothing(
    address: SocketAddr,
    from: Ipv4Addr,
) -> std::io::Result<TcpStream> {
    let mut socket = open(address, from).await?;
    socket
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await?;
    // SETTINGS_INITIAL_WINDOW_SIZE.
    socket
        .write_all(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]))
        .await?;
    Ok(socket)
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    let head = [&length[1..], &[kind, flags]].concat();
    [&head[..], &stream.to_be_bytes(), payload].concat()
}

/// The headers of a gRPC call in HPACK without a table.
pub fn call(method: &str) -> Vec<u8> {
    let path = format!("/talea.api.v1.{method}");
    // :method POST, :scheme http.
    let mut block = vec![0x83, 0x86, 0x04];
    put(&mut block, path.as_bytes());
    // :authority, content-type.
    block.push(0x01);
    put(&mut block, b"node");
    block.extend([0x0f, 0x10]);
    put(&mut block, b"application/grpc");
    header(&mut block, b"te", b"trailers");
    block
}

/// A header of any name.
pub fn header(block: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    block.push(0);
    put(block, name);
    put(block, value);
}

/// A string of HPACK: its length in seven bits and more, then its bytes.
fn put(block: &mut Vec<u8>, text: &[u8]) {
    match u8::try_from(text.len()) {
        Ok(length) if length < 127 => block.push(length),
        _ => {
            block.push(127);
            let mut rest = text.len() - 127;
            while rest >= 128 {
                block.push((rest % 128) as u8 | 0x80);
                rest /= 128;
            }
            block.push(rest as u8);
        }
    }
    block.extend_from_slice(text);
}

/// A message of gRPC: not compressed.
pub fn message(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[0][..], &length, bytes].concat()
}
