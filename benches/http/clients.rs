//! Owns the clients: connections that send one request after the other, and how long each took.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::shared::{Result, quantile};

const REQUEST: &[u8] = b"GET /bench HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// The end of every response.
const END: &[u8] = b"/bench\r\n0\r\n\r\n";

/// Open connections to a server.
pub(crate) struct Clients {
    runtime: Runtime,
    connections: Mutex<Vec<TcpStream>>,
}

/// The times of a number of requests.
pub(crate) struct Sample {
    pub(crate) elapsed: Duration,
    /// Seconds of each request, sorted.
    latencies: Vec<f64>,
}

impl Clients {
    pub(crate) fn new(address: SocketAddr, connections: usize) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let connect = async {
            let mut all = Vec::new();
            for _ in 0..connections {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                all.push(stream);
            }
            Ok::<_, std::io::Error>(all)
        };
        let connections = Mutex::new(runtime.block_on(connect)?);
        Ok(Self { runtime, connections })
    }

    /// Sends this many requests over each connection.
    pub(crate) fn send(&self, requests: usize) -> Result<Sample> {
        let connections = std::mem::take(&mut *self.connections.lock().map_err(|_| "a client panicked")?);
        self.runtime.block_on(async {
            let start = Instant::now();
            let tasks = connections.into_iter().map(|stream| tokio::spawn(exchange(stream, requests)));
            let tasks: Vec<_> = tasks.collect();
            let (mut all, mut latencies) = (Vec::new(), Vec::new());
            for task in tasks {
                let (stream, took) = task.await??;
                all.push(stream);
                latencies.extend(took);
            }
            let elapsed = start.elapsed();
            latencies.sort_unstable_by(f64::total_cmp);
            *self.connections.lock().map_err(|_| "a client panicked")? = all;
            Ok(Sample { elapsed, latencies })
        })
    }
}

/// Sends requests, and returns the seconds of each.
async fn exchange(mut stream: TcpStream, requests: usize) -> Result<(TcpStream, Vec<f64>)> {
    let mut took = Vec::with_capacity(requests);
    let mut buffer = [0; 4096];
    for _ in 0..requests {
        let start = Instant::now();
        stream.write_all(REQUEST).await?;
        let mut length = 0;
        while !buffer[..length].ends_with(END) {
            match stream.read(&mut buffer[length..]).await? {
                0 => return Err(format!("an unexpected response: {}", buffer[..length].escape_ascii()).into()),
                more => length += more,
            }
        }
        if !buffer.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("an unexpected response: {}", buffer[..length].escape_ascii()).into());
        }
        took.push(start.elapsed().as_secs_f64());
    }
    Ok((stream, took))
}

impl Sample {
    /// Requests in a second.
    pub(crate) fn throughput(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The 99th percentile, in seconds.
    pub(crate) fn latency(&self) -> f64 {
        quantile(&self.latencies, 0.99)
    }
}
