//! Owns `HttpWasmtime`: the majors with HTTP, and what stores and linkers have with it.

use super::exchange::Answer;
use super::{HttpConfig, Request};
use crate::bounds::Data;
use crate::component;
use crate::error::Result;
use crate::store::Store;
use crate::wasmtime::Wasmtime;

/// A Wasmtime major with HTTP: one whose cargo feature `wasmtime-NN-http` is on.
///
/// The trait is sealed, as [`Wasmtime`] is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build with HTTP",
    label = "no cargo feature of `wasmtime-compat` turns on HTTP for this major",
    note = "turn it on, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48-http\"] }}`"
)]
pub trait HttpWasmtime: Wasmtime + Https {}

/// HTTP of a major: the functions in its linkers, and requests to its guests.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build with HTTP",
    label = "no cargo feature of `wasmtime-compat` turns on HTTP for this major",
    note = "turn it on, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48-http\"] }}`"
)]
pub trait Https: Wasmtime {
    /// The resources of a request to a guest, and of its response.
    #[doc(hidden)]
    type Exchange: Send + 'static;

    #[doc(hidden)]
    fn link_http<T: Data + Send>(linker: &mut Self::ComponentLinker<T>) -> Result<()>;
    /// Takes note of another configuration.
    #[doc(hidden)]
    fn apply_http<T: Data + Send>(store: &mut Self::Store<T>);
    /// Puts a request into a store.
    #[doc(hidden)]
    fn begin_exchange<T: Data + Send>(store: &mut Self::Store<T>, request: Request)
    -> Result<(Self::Exchange, Answer)>;
    /// Calls the handler of a guest.
    #[doc(hidden)]
    fn call_handler<T: Data + Send>(
        instance: &Self::ComponentInstance,
        context: Self::StoreContextMut<'_, T>,
        handler: &Self::ComponentExportIndex,
        exchange: Self::Exchange,
    ) -> impl Future<Output = Result<()>> + Send;
}

impl<W: HttpWasmtime, T: Data + Send> component::Linker<W, T> {
    /// Adds `wasi:http/types` and `wasi:http/outgoing-handler`. A proxy needs what [`Linker::add_wasi`](component::Linker::add_wasi) adds as well; the
    /// order does not matter.
    ///
    /// Calls of these functions are bounded by Wasmtime only, and so on 24, on 36 and from 40 on. On other majors a guest can make the host
    /// allocate memory without bound with them, for example with the fields of a request (RUSTSEC-2026-0020): run only guests there
    /// that you trust, or in a process with a limit of its own.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of its names is taken.
    pub fn add_wasi_http(&mut self) -> Result<()> {
        // Its resources are in the table of WASI.
        self.has_wasi = true;
        W::link_http(&mut self.raw)
    }
}

impl<W: HttpWasmtime, T: Data + Send> Store<W, T> {
    /// Sets the configuration of HTTP; that of a new store is [`HttpConfig::new`], which denies all requests of guests. Limits on
    /// fields hold for those that a guest makes afterwards.
    pub fn set_http(&mut self, config: &HttpConfig) {
        self.as_context_mut().ambient_mut().http = Some(config.for_store());
        W::apply_http(self.as_raw_mut());
    }
}
