//! Owns `ProxyPre`: a component that responds to HTTP requests, ready to be instantiated for each.

use std::fmt;
use std::future::Future;

use super::exchange;
use super::{HttpWasmtime, Request, Response};
use crate::bounds::Data;
use crate::component::{Component, ComponentExportIndex, InstancePre};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::store::Store;

/// A component that exports `wasi:http/incoming-handler@0.2.x`, with its imports settled. Cloning it is cheap.
///
/// ```
/// use wasmtime_compat::component::{Component, Linker};
/// use wasmtime_compat::http::{HttpWasmtime, ProxyPre};
/// use wasmtime_compat::{Engine, ErrorKind, Result};
///
/// /// Whether a component responds to requests; on an engine with `Config::async_support(true)`.
/// fn is_handler<W: HttpWasmtime>(engine: &Engine<W>, component: &Component<W>) -> Result<bool> {
///     let mut linker = Linker::<_, ()>::new(engine);
///     linker.add_wasi()?;
///     linker.add_wasi_http()?;
///     match ProxyPre::new(linker.instantiate_pre(component)?) {
///         Ok(_) => Ok(true),
///         Err(error) if error.kind() == ErrorKind::Export => Ok(false),
///         Err(error) => Err(error),
///     }
/// }
/// ```
pub struct ProxyPre<W: HttpWasmtime, T: Data> {
    pre: InstancePre<W, T>,
    handler: ComponentExportIndex<W>,
}

/// The interface of handlers, without its version.
const HANDLER: &str = "wasi:http/incoming-handler";

impl<W: HttpWasmtime, T: Data + Send> ProxyPre<W, T> {
    /// A component whose linker has [`Linker::add_wasi_http`](crate::component::Linker::add_wasi_http).
    ///
    /// # Errors
    /// [`ErrorKind::Export`] if the component exports no `wasi:http/incoming-handler@0.2.x`.
    pub fn new(pre: InstancePre<W, T>) -> Result<Self> {
        let component = pre.component();
        let find =
            |interface: &str| component.get_export_index(Some(&component.get_export_index(None, interface)?), "handle");
        let handler = names(component).iter().find_map(|name| find(name));
        Ok(Self { handler: handler.ok_or_else(no_handler)?, pre })
    }

    /// Has a new instance of the component, in this store, respond to a request. It must be polled inside a tokio runtime with time and, if
    /// guests may make requests over the network, I/O.
    ///
    /// The guest runs in a task of its own, together with the store, and goes on while the body of its response is read, and after that to its own end.
    /// Dropping the future, or the body before its end, ends the guest: where it waits, or, if the engine checks epochs, at its next loop
    /// or call. What the guest does after its body has been read to the end is bounded by
    /// [`HttpConfig::timeout`](super::HttpConfig::timeout). A response to `HEAD`, and one with the status 204 or 304, counts as read to
    /// the end when its body is dropped, because servers do not read it.
    ///
    /// The guest sees the scheme of the URI, or `http` if there is none, and the authority of the URI, or the header `Host` if there is
    /// none. It never sees headers that concern the connection, such as `Connection` and `Host`.
    ///
    /// # Errors
    /// [`ErrorKind::Http`], with the code in [`Error::http_error_code`], if the guest responds with an error, if headers are too
    /// large, if the status of the response is an informational one (100 to 199), or if the guest declares several lengths of its
    /// response, or one that is not a number; [`ErrorKind::NoResponse`] if the guest returns and has not responded; [`ErrorKind::Trap`], [`ErrorKind::Exit`] and other kinds if it ends
    /// otherwise before it responds; [`ErrorKind::TimedOut`] if a timeout passes before; [`ErrorKind::InvalidArgument`] if the
    /// request has no authority or several headers `Host`, if the store belongs to another engine, or outside a tokio runtime with time;
    /// [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine; [`ErrorKind::Config`] if there is a
    /// timeout and the engine does not check epochs; [`ErrorKind::BrokenAdapter`] as [`InstancePre::instantiate`].
    ///
    /// A guest that ends with an error after it has responded ends the body with that error. A second response is a trap on every major: the
    /// first one uses up what it is given to respond with.
    pub fn handle(
        &self,
        store: Store<W, T>,
        request: Request,
    ) -> impl Future<Output = Result<Response>> + Send + use<W, T> {
        self.handle_then(store, request, |_, _| ())
    }

    /// As [`ProxyPre::handle`], and calls `end` when the guest has ended, with its store and what it ended with.
    ///
    /// `end` runs in the guest's task, after the last byte of the response, or without a response. It is dropped uncalled if the guest
    /// is stopped because the future or the body was dropped, and if an error comes before the guest starts.
    ///
    /// # Errors
    /// As [`ProxyPre::handle`].
    pub fn handle_then<F>(
        &self,
        store: Store<W, T>,
        request: Request,
        end: F,
    ) -> impl Future<Output = Result<Response>> + Send + use<W, T, F>
    where
        F: FnOnce(&mut Store<W, T>, Result<(), &Error>) + Send + 'static,
    {
        exchange::run(self.pre.clone(), self.handler.clone(), store, request, end)
    }

    /// The component.
    pub fn component(&self) -> &Component<W> {
        self.pre.component()
    }

    /// The engine that the component was compiled with.
    pub fn engine(&self) -> &Engine<W> {
        self.pre.engine()
    }

    /// The component with its imports settled, for other exports.
    pub fn instance_pre(&self) -> &InstancePre<W, T> {
        &self.pre
    }
}

/// Possible names of the handler's interface: those of the component, or of all versions if the names in it are not known.
fn names<W: HttpWasmtime>(component: &Component<W>) -> Vec<String> {
    let known = |name: &&String| {
        let (interface, version) = name.split_once('@').unwrap_or((name, ""));
        interface == HANDLER
            && semver::Version::parse(version).is_ok_and(|version| (version.major, version.minor) == (0, 2))
    };
    match &component.exports {
        Some(exports) => exports.iter().filter(known).cloned().collect(),
        None => (0..=12).map(|patch| format!("{HANDLER}@0.2.{patch}")).collect(),
    }
}

#[cold]
fn no_handler() -> Error {
    Error::new(ErrorKind::Export, format!("not an HTTP handler: the component exports no `{HANDLER}@0.2.x`"))
        .with_hint("build the guest for the world `wasi:http/proxy` of WASI 0.2")
}

impl<W: HttpWasmtime, T: Data> Clone for ProxyPre<W, T> {
    fn clone(&self) -> Self {
        Self { pre: self.pre.clone(), handler: self.handler.clone() }
    }
}

impl<W: HttpWasmtime, T: Data> fmt::Debug for ProxyPre<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyPre").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}
