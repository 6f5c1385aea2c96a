//! Owns `AnyProxy`: an HTTP handler on some major, for programs that choose the major at run time.

use std::fmt::Debug;
use std::pin::Pin;

use crate::command::RunConfig;
use crate::error::{Error, Result};
use crate::guest::Guest;
use crate::http::{HttpConfig, Request, Response};
use crate::sealed::Sealed;

/// The future of a response.
pub type ResponseFuture = Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

/// Called when a guest has ended, with what it ended with; see [`AnyProxy::handle_then`].
pub type EndFn = Box<dyn FnOnce(Result<(), &Error>) + Send>;

/// A compiled component of some major that responds to HTTP requests; see
/// [`AnyEngine::proxy`](crate::AnyEngine::proxy).
///
/// ```
/// use wasmtime_compat::http::{HttpConfig, Request, Response};
/// use wasmtime_compat::{AnyProxy, Result, RunConfig};
///
/// async fn respond(guest: &dyn AnyProxy, request: Request) -> Result<Response> {
///     guest.handle(&RunConfig::new(), &HttpConfig::new(), request).await
/// }
/// # let _ = respond;
/// ```
pub trait AnyProxy: Sealed + Debug + Send + Sync {
    /// The major version number.
    fn major(&self) -> u64;

    /// Kind, imports and exports of the guest.
    fn guest(&self) -> &Guest;

    /// Has a new instance in a new store respond to a request; see [`ProxyPre::handle`](crate::http::ProxyPre::handle). The timeout of
    /// the run holds as that of [`HttpConfig::timeout`] does: the shorter of the two. If the engine checks epochs, a guest that computes
    /// lets other tasks run whenever [`AnyEngine::increment_epoch`](crate::AnyEngine::increment_epoch) is called.
    ///
    /// The errors are those of [`Command::run`](crate::Command::run) and of
    /// [`ProxyPre::handle`](crate::http::ProxyPre::handle).
    fn handle(&self, config: &RunConfig, http: &HttpConfig, request: Request) -> ResponseFuture {
        self.handle_then(config, http, request, Box::new(|_| ()))
    }

    /// As [`AnyProxy::handle`], and calls `end` when the guest has ended; see
    /// [`ProxyPre::handle_then`](crate::http::ProxyPre::handle_then). Whether `end` is called or not, what it owns is kept as long as the guest
    /// runs: a server counts its guests with that.
    ///
    /// The errors are those of [`AnyProxy::handle`].
    fn handle_then(&self, config: &RunConfig, http: &HttpConfig, request: Request, end: EndFn) -> ResponseFuture;
}
