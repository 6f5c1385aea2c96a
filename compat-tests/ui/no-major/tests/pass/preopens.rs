//! Preopens are checked without any major.

use wasmtime_compat::wasi::{Preopen, Preopens, Reason};

fn main() {
    let preopens: Preopens = [Preopen::new("does/not/exist", "/x")].into_iter().collect();
    let errors = preopens.check().unwrap_err();
    assert_eq!(errors.errors().next().unwrap().reason(), Some(Reason::Missing));
}
