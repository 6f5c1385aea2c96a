//! Owns `Sealed`: what keeps the traits of majors to the majors.

/// Closes [`CoreWasmtime`](crate::CoreWasmtime) and [`Wasmtime`](crate::Wasmtime): only the majors implement them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a Wasmtime major",
    label = "the trait `Wasmtime` is sealed: only the majors of this crate implement it",
    note = "to use an engine that you created with Wasmtime itself, wrap the engine with `Engine::from_raw`"
)]
pub trait Sealed {}
