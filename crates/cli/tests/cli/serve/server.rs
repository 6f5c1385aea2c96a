//! A server that is tested, and the clients that test it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::handler::handler;
use crate::user::tool;

/// The most that anything here takes.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Server {
    pub(super) child: Child,
    pub(super) address: SocketAddr,
    pub(super) events: Receiver<Value>,
    _root: TempDir,
}

impl Server {
    /// A server on a major, with flags; its standard error is that of the test.
    pub(super) fn new(major: u64, flags: &[&str]) -> Self {
        let root = tempdir().unwrap();
        std::fs::write(root.path().join("handler.wasm"), handler()).unwrap();
        let mut child = tool()
            .args(["serve", "--json", "--no-advisories", "--addr", "127.0.0.1:0", "--wasmtime", &major.to_string()])
            .args(flags)
            .arg("handler.wasm")
            .current_dir(root.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, events) = mpsc::channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let listening: Value = match events.recv_timeout(PATIENCE) {
            Ok(event) => event,
            Err(error) => {
                let _ = child.kill();
                panic!("the server does not listen: {error}: {:?}", child.wait());
            }
        };
        assert_eq!((&listening["schema"], listening["event"].as_str()), (&1.into(), Some("listening")), "{listening}");
        assert_eq!(listening["major"], major);
        let address = listening["address"].as_str().unwrap().parse().unwrap();
        Self { child, address, events, _root: root }
    }

    pub(super) fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    pub(super) fn send(&self, path: &str) -> TcpStream {
        send(self.address, path)
    }

    pub(super) fn get(&self, path: &str) -> (u16, String) {
        response(self.send(path))
    }

    /// The next event of a request with this path.
    pub(super) fn request(&self, path: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let event = self.events.recv_timeout(left).unwrap_or_else(|_| panic!("no event of {path}"));
            if event["event"] == "request" && event["path"] == path {
                return event;
            }
        }
    }

    pub(super) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Waits for the end of the server.
    pub(super) fn end(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "the server does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends a request whose connection ends with the response.
pub(super) fn send(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = connect(address);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    stream
}

/// The status and the body of a response up to the end of the connection. Of a body in chunks that is cut, what there is.
pub(super) fn response(mut stream: TcpStream) -> (u16, String) {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {text:?}"));
    let status = head.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
    if !head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return (status, body.to_owned());
    }
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 || after.len() < size + 2 {
            break;
        }
        whole += &after[..size];
        rest = &after[size + 2..];
    }
    (status, whole)
}
