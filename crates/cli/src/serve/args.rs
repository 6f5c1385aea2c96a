//! Owns the flags of `serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use wasmtime_compat_matrix::duration;

use crate::args::{CompileLimit, GuestLimit, Json, WasiArgs};

#[derive(Args, Debug)]
#[cfg_attr(not(feature = "_runtime"), allow(dead_code, reason = "without a major nothing is served"))]
pub(crate) struct ServeArgs {
    /// The major to serve on: its number, `newest` or `oldest`
    #[arg(long, value_name = "N", default_value = "newest")]
    pub(crate) wasmtime: String,
    /// The address to listen on; port 0 is any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(super) addr: String,
    /// The guest: a component that exports `wasi:http/incoming-handler`, binary or text
    pub(super) guest: PathBuf,
    /// Let the guest send HTTP requests over the network; otherwise they are denied
    #[arg(long)]
    pub(super) outgoing: bool,
    /// Let the guest of one request have at most this many requests of its own at a time; others fail with `connection-limit-reached`
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub(super) max_outgoing: usize,
    /// The same for the guests of all requests together
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub(super) max_outgoing_total: usize,
    /// Keep at most this many connections open; others wait, and idle ones are closed for them after a second
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_connections: u32,
    /// Respond with 503 to requests beyond this many at a time; a request counts until its response is sent and its guest has ended
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub(super) max_requests: usize,
    /// Refuse larger bodies of requests; the default is no limit
    #[arg(long, value_name = "BYTES")]
    pub(super) max_request_body: Option<u64>,
    /// After SIGINT or SIGTERM wait this long for the requests that are running
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10s")]
    pub(super) grace: Duration,
    /// Take instances from a pool that is reserved at the start
    #[arg(long)]
    pub(super) pooling: bool,
    /// Do not warn of published security advisories of the chosen major
    #[arg(long)]
    pub(super) no_advisories: bool,
    #[command(flatten)]
    pub(super) compile: CompileLimit,
    #[command(flatten)]
    pub(super) limit: GuestLimit,
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(super) wasi: WasiArgs,
}

#[cfg(feature = "_runtime")]
impl ServeArgs {
    /// The requests that may run at a time: as many as can be waited for at once.
    pub(super) fn requests(&self) -> usize {
        self.max_requests.min(u32::MAX as usize).min(tokio::sync::Semaphore::MAX_PERMITS)
    }
}
