//! A host of core modules: without a compiler it says what is missing.

use wasmtime_compat::{Config, CoreWasmtime, Engine, ErrorKind, Module, V48, enabled};

fn compile<W: CoreWasmtime>() -> Option<String> {
    let engine = Engine::<W>::new(&Config::new()).unwrap();
    let error = Module::new(&engine, b"\0asm\x01\0\0\0").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    error.unsupported()?.feature.clone()
}

fn main() {
    assert_eq!(compile::<V48>().as_deref(), Some("wasmtime-48-cranelift"));
    assert!(enabled().is_empty());
}
