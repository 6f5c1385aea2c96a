//! Owns the fuzz target of the guest report: any bytes, and what must hold of them.

#![no_main]

#[path = "../../tests/shared/harmless.rs"]
mod harmless;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|wasm: &[u8]| harmless::check(wasm));
