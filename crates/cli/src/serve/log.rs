//! Owns what the server reports: its address, one line for each request, and its end; as text or as JSON events.

use std::net::SocketAddr;

use serde::Serialize;
use wasmtime_compat::AnyWasmtime;

use crate::guest_file::GuestFile;
use crate::json::{self, SCHEMA};
use crate::style::{self, visible};

/// Where reports go: events to standard output, or the access log to standard error. Each is one line, written at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    pub(super) json: bool,
}

/// A line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    schema: u32,
    #[serde(flatten)]
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event<'a> {
    Listening {
        major: u64,
        wasmtime: String,
        address: String,
        guest: &'a json::Guest,
    },
    Request(&'a Request),
    /// A line that the guest of a request wrote. If it is `cut`, the next one of the same stream goes on with it.
    Output {
        id: u64,
        stream: Stream,
        text: &'a str,
        cut: bool,
    },
    /// A signal has arrived: no connection is accepted any more.
    Stopping,
    /// The end. `aborted` requests took longer than the grace.
    Stopped {
        requests: u64,
        aborted: usize,
    },
}

/// A standard stream of a guest.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// What is known of a request when its response has been sent, or will not be.
#[derive(Debug, Serialize)]
pub(super) struct Request {
    /// The number of the request, from 1 on.
    pub(super) id: u64,
    pub(super) client: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Option<String>,
    /// `None` if the client went away before.
    pub(super) status: Option<u16>,
    /// Bytes of the body of the response.
    pub(super) bytes: u64,
    pub(super) seconds: f64,
    pub(super) error: Option<String>,
    pub(super) error_kind: Option<&'static str>,
}

impl Log {
    /// The address, on standard output in any case: the port may have been chosen by the system.
    pub(super) fn listening(self, wasmtime: &dyn AnyWasmtime, guest: &GuestFile, address: SocketAddr) {
        if self.json {
            let version = wasmtime.report().wasmtime.to_string();
            self.event(Event::Listening {
                major: wasmtime.major(),
                wasmtime: version,
                address: address.to_string(),
                guest: &guest.json,
            });
        } else {
            // A reader that has gone away does not end the server.
            let _ = style::print(&format!("listening on http://{address}\n"));
        }
    }

    pub(super) fn request(self, request: &Request) {
        if self.json {
            return self.event(Event::Request(request));
        }
        let Request { id, client, method, path, query, status, bytes, seconds, error, .. } = request;
        let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        let query = query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let milliseconds = seconds * 1000.0;
        let line = format!("[{id}] {client} {method} {path}{query} {status} {bytes} bytes {milliseconds:.1} ms{error}");
        style::log(&visible(&line));
    }

    /// A line that the guest of a request wrote.
    pub(super) fn output(self, id: u64, stream: Stream, text: &str, cut: bool) {
        if self.json {
            return self.event(Event::Output { id, stream, text, cut });
        }
        let name = match stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        };
        let more = if cut { "…" } else { "" };
        style::log(&format!("[{id}] guest {name}: {}{more}", visible(text)));
    }

    pub(super) fn stopping(self, running: usize) {
        if self.json {
            self.event(Event::Stopping);
        } else {
            style::log(&format!("stopping: {running} requests are running"));
        }
    }

    pub(super) fn stopped(self, requests: u64, aborted: usize) {
        if self.json {
            self.event(Event::Stopped { requests, aborted });
        } else {
            style::log(&format!("stopped after {requests} requests, of which {aborted} were aborted"));
        }
    }

    /// A warning, on standard error in any case.
    pub(super) fn warning(self, message: &str) {
        style::warning(&visible(message));
    }

    fn event(self, event: Event<'_>) {
        let _ = json::print_line(&Line { schema: SCHEMA, event });
    }
}
