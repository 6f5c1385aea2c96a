//! Owns a client of HTTP/1.1: one connection at a time, kept for the next request as long as the server keeps it.

use std::io::{BufRead as _, BufReader, ErrorKind, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::work::{Part, Request};

/// The most that a response, or a part of one, may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes of a header or of a chunk's size.
const LONGEST_LINE: u64 = 64 << 10;

pub(crate) struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

/// A response.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Whether the connection ended before the body.
    pub(crate) is_cut: bool,
}

/// The end of a response in its head.
enum Framing {
    Length(u64),
    Chunks,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    /// Sends a request and reads its response.
    pub(crate) fn send(&mut self, request: &Request) -> Result<Response> {
        let mut connection = self.take()?;
        write(&mut connection, request, request.body.len())?;
        let (status, framing, closes) = head(&mut connection)?;
        let mut body = Vec::new();
        let is_cut = match self::body(&mut connection, &framing, &mut body) {
            Ok(()) => false,
            Err(error) if is_end(&error) => true,
            Err(error) => return Err(error.context("cannot read the body")),
        };
        if !closes && !is_cut {
            self.connection = Some(connection);
        }
        Ok(Response { status, body, is_cut })
    }

    /// Sends a request, and goes away after this part of the exchange.
    pub(crate) fn go_away(&mut self, request: &Request, part: Part) -> Result<()> {
        let mut connection = self.take()?;
        match part {
            Part::HalfOfRequest => write(&mut connection, request, request.body.len() / 2),
            Part::Request => write(&mut connection, request, request.body.len()),
            Part::StartOfResponse => {
                write(&mut connection, request, request.body.len())?;
                connection.read_exact(&mut [0; 100]).context("cannot read the start of the response")
            }
        }
    }

    fn take(&mut self) -> Result<BufReader<TcpStream>> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let stream = TcpStream::connect(self.address).context("cannot connect")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }
}

/// Writes a request with the first bytes of its body.
fn write(connection: &mut BufReader<TcpStream>, request: &Request, part: usize) -> Result<()> {
    let Request { method, target, body, closes, .. } = request;
    let close = if *closes { "Connection: close\r\n" } else { "" };
    let head =
        format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{close}Content-Length: {}\r\n\r\n", body.len());
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&body[..part]);
    connection.get_mut().write_all(&bytes).context("cannot send the request")
}

/// The status, the framing of the body, and whether the connection ends with the response.
fn head(connection: &mut BufReader<TcpStream>) -> Result<(u16, Framing, bool)> {
    let first = line(connection).context("cannot read the status")?;
    let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("not a response: {first:?}"))?;
    let (mut framing, mut closes) = (None, false);
    loop {
        let header = line(connection).context("cannot read the headers")?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').with_context(|| format!("not a header: {header:?}"))?;
        match (name.to_ascii_lowercase().as_str(), value.trim()) {
            ("content-length", length) => framing = Some(Framing::Length(length.parse()?)),
            ("transfer-encoding", "chunked") => framing = Some(Framing::Chunks),
            ("connection", "close") => closes = true,
            _ => {}
        }
    }
    Ok((status, framing.context("the response has neither a length nor chunks")?, closes))
}

fn body(connection: &mut BufReader<TcpStream>, framing: &Framing, body: &mut Vec<u8>) -> Result<()> {
    match framing {
        Framing::Length(length) => exactly(connection, *length, body),
        Framing::Chunks => loop {
            let size = line(connection)?;
            let size = u64::from_str_radix(&size, 16).with_context(|| format!("not the size of a chunk: {size:?}"))?;
            exactly(connection, size, body)?;
            ensure!(line(connection)?.is_empty(), "a chunk is longer than its size");
            if size == 0 {
                return Ok(());
            }
        },
    }
}

/// Adds exactly this many bytes.
fn exactly(connection: &mut BufReader<TcpStream>, length: u64, bytes: &mut Vec<u8>) -> Result<()> {
    let read = connection.take(length).read_to_end(bytes)?;
    if (read as u64) < length {
        return Err(std::io::Error::from(ErrorKind::UnexpectedEof).into());
    }
    Ok(())
}

/// A line without its end.
fn line(connection: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = String::new();
    connection.take(LONGEST_LINE).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        None if line.is_empty() => Err(std::io::Error::from(ErrorKind::UnexpectedEof).into()),
        None => bail!("the line does not end: {line:?}"),
    }
}

/// Whether the other side has closed the connection.
fn is_end(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(kind, Some(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset))
}
