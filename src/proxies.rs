//! Owns `Proxies`: HTTP of a major where the major is chosen at run time, so that it may be missing.

use crate::store::Wasi;

/// HTTP handlers of a major that may be compiled without HTTP.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Proxies: Wasi {
    /// A compiled handler.
    #[cfg(feature = "_http")]
    #[doc(hidden)]
    fn proxy(
        engine: &crate::engine::Engine<Self>,
        wasm: &[u8],
    ) -> crate::error::Result<Box<dyn crate::any_proxy::AnyProxy>>;
}
