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
    /// Respond with 503 to requests beyond this many at a time; a guest that goes on after its response does not count, and is bounded
    /// by --timeout only
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
