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
    fn link_http<T: Data + Send>(linker: &mut Self::ComponentLinker<T>, raw_wasi: bool) -> Result<()>;
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
    /// Calls of these functions are bounded on every major, as those of WASI are: fields by
    /// [`HttpConfig::max_field_size`], what one call copies by [`StoreLimits::hostcall_fuel`](crate::StoreLimits::hostcall_fuel),
    /// resources by [`StoreLimits::handles`](crate::StoreLimits::handles), and what they hold in the host together by
    /// [`StoreLimits::total_memory_bytes`](crate::StoreLimits::total_memory_bytes). `docs/BOUNDS.md` has the table.
    /// [`Config::raw_wasi`](crate::Config::raw_wasi) omits these bounds.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of its names is taken.
    pub fn add_wasi_http(&mut self) -> Result<()> {
        // Its resources are in the table of WASI.
        self.has_wasi = true;
        let raw_wasi = self.engine.raw_wasi();
        let linked = W::link_http(&mut self.raw, raw_wasi);
        self.restore_shadowing();
        linked
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
