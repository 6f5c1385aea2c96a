//! Linking WASI beside functions of the host.

use compat_tests::engine;
use wasmtime_compat::{Caller, ErrorKind, Linker};

use super::V;

/// Linking WASI replaces functions of its own, and leaves the rule for others as it was.
#[test]
fn shadowing_is_as_it_was_before() {
    let engine = engine::<V>();
    for shadows in [false, true] {
        let mut linker = Linker::<V, ()>::new(&engine);
        let eight = |_: Caller<'_, V, ()>, ()| Ok(8);
        linker.func_wrap("host", "eight", eight).unwrap();
        linker.allow_shadowing(shadows).add_wasi().unwrap();
        match linker.func_wrap("host", "eight", eight) {
            Ok(_) => assert!(shadows),
            Err(error) => assert!(!shadows && error.kind() == ErrorKind::Link, "{error}"),
        }
    }
}
