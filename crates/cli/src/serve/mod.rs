//! Owns the command `serve`: an HTTP server whose responses a guest makes, one instance for each request.
//!
//! `server` accepts connections and ends them, `places` limits their number, `stream` is the stream of one, `exchange` is one request
//! and its response, `output` what its guest writes, `log` what is reported of them, `stop` the signals that end the server.

mod args;
#[cfg(feature = "_runtime")]
mod exchange;
#[cfg(feature = "_runtime")]
mod log;
#[cfg(feature = "_runtime")]
mod output;
#[cfg(feature = "_runtime")]
mod places;
#[cfg(not(feature = "_runtime"))]
#[path = "no_server.rs"]
mod server;
#[cfg(feature = "_runtime")]
mod server;
#[cfg(feature = "_runtime")]
mod stop;
#[cfg(feature = "_runtime")]
mod stream;

use std::process::ExitCode;

use wasmtime_compat::{Guest, GuestKind};

pub(crate) use self::args::ServeArgs;
use crate::failure::{Failure, REFUSED};
use crate::guest_file::GuestFile;
use crate::pick;

/// The interface of guests that can be served, up to the number of the patch.
const HANDLER: &str = "wasi:http/incoming-handler@0.2.";
/// The same of WASI 0.3.
const LATER_HANDLER: &str = "wasi:http/handler@0.3.";

pub(crate) fn command(args: &ServeArgs, json: bool) -> Result<ExitCode, Failure> {
    let wasmtime = pick::one(&args.wasmtime)?;
    let file = GuestFile::read(&args.guest, args.limit.guest_limit)?;
    let guest = Guest::parse(&file.wasm).map_err(|error| Failure::library(&error.into()))?;
    check(&guest)?;
    server::serve(wasmtime, &file, args, json)
}

/// Refuses a guest that does not handle requests, and names what the guest is instead.
fn check(guest: &Guest) -> Result<(), Failure> {
    let exports = |prefix: &str| guest.exports.iter().find(|name| name.starts_with(prefix));
    if guest.kind == GuestKind::Component && exports(HANDLER).is_some() {
        return Ok(());
    }
    let refused = |what: &str, hint: &str| {
        let message = format!("the guest cannot be served: {what}, and exports no `{HANDLER}x`");
        Err(Failure::new(REFUSED, message).with_hint(hint))
    };
    let is_command = match guest.kind {
        GuestKind::Module => guest.exports.iter().any(|name| name == "_start"),
        GuestKind::Component => guest.run_export().is_some(),
    };
    let kind = guest.kind.name();
    match guest.kind {
        _ if is_command => refused(&format!("it is a command, a {kind}"), "`wasmtime-compat run` runs commands"),
        GuestKind::Module => refused(
            "it is a core module",
            "a handler of requests is a component: make it into one, for example with `wasm-tools component new`",
        ),
        GuestKind::Component if exports(LATER_HANDLER).is_some() => {
            refused("it handles requests of WASI 0.3", "build the guest for the world `wasi:http/proxy` of WASI 0.2")
        }
        GuestKind::Component => refused("it is a component", "`wasmtime-compat inspect` shows what it exports"),
    }
}
