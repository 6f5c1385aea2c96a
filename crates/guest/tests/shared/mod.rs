//! Owns the guests of the tests: components with a published adapter, and what can be done to their bytes.
#![allow(dead_code, reason = "no test uses all of it")]

use wasmparser::{Operator, Parser, Payload};
use wit_component::ComponentEncoder;

/// A generator of numbers that are the same on every run: xorshift.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new() -> Self {
        Self(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }
}

/// Version, flavour and bytes of the adapters that are at hand.
pub(crate) fn adapters() -> Vec<(&'static str, &'static str, &'static [u8])> {
    macro_rules! of {
        ($($provider:ident $version:literal)*) => {
            vec![$(
                ($version, "command", $provider::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER),
                ($version, "reactor", $provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER),
                ($version, "proxy", $provider::WASI_SNAPSHOT_PREVIEW1_PROXY_ADAPTER),
            )*]
        };
    }
    of!(adapter_24 "24.0.13" adapter_29 "29.0.1" adapter_36 "36.0.20" adapter_48 "48.0.8")
}

/// A preview1 module that looks at its preopens and writes.
pub(crate) fn module() -> Vec<u8> {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 8)))
            (drop (call $name (i32.const 3) (i32.const 0) (i32.const 0)))))"#;
    wat::parse_str(text).unwrap()
}

/// A preview1 module that asks for random bytes only.
pub(crate) fn frugal_module() -> Vec<u8> {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $get (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start") (drop (call $get (i32.const 0) (i32.const 0)))))"#;
    wat::parse_str(text).unwrap()
}

/// A preview1 module that looks at its preopens and reads a directory; with an allocator of its own, or without.
pub(crate) fn walker(allocates: bool) -> Vec<u8> {
    let realloc = r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))"#;
    let text = format!(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_readdir" (func $read (param i32 i32 i32 i64 i32) (result i32)))
        (memory (export "memory") 1)
        {}
        (func (export "_start") (drop (call $name (i32.const 3) (i32.const 0) (i32.const 0)))
            (drop (call $read (i32.const 3) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0)))))"#,
        if allocates { realloc } else { "" }
    );
    wat::parse_str(text).unwrap()
}

/// A component that carries core modules, and does nothing with them.
pub(crate) fn carrier(modules: &[&[u8]]) -> Vec<u8> {
    let mut out = nest(&[]);
    for module in modules {
        section(&mut out, 1, module);
    }
    out
}

/// A component of `module` and `adapter`.
pub(crate) fn component(module: &[u8], adapter: &[u8]) -> Vec<u8> {
    let encode = || ComponentEncoder::default().module(module)?.adapter("wasi_snapshot_preview1", adapter)?.encode();
    encode().unwrap()
}

/// A component around components.
pub(crate) fn nest(inside: &[&[u8]]) -> Vec<u8> {
    let mut out = b"\0asm\x0d\0\x01\0".to_vec();
    for component in inside {
        section(&mut out, 4, component);
    }
    out
}

/// `wasm` without its custom sections, also in what is inside.
pub(crate) fn strip(wasm: &[u8]) -> Vec<u8> {
    let mut out = wasm[..8].to_vec();
    let mut rest = &wasm[8..];
    while let [id, after @ ..] = rest {
        let digits = after.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let size = after[..digits].iter().rev().fold(0, |size, byte| size << 7 | usize::from(byte & 0x7f));
        let contents = &after[digits..digits + size];
        match id {
            0 => {}
            1 | 4 if wasm[6] == 1 => section(&mut out, *id, &strip(contents)),
            _ => section(&mut out, *id, contents),
        }
        rest = &after[digits + size..];
    }
    out
}

/// `guest` without the lines of the adapter's source that are passed to what reports a failed check.
pub(crate) fn without_lines(guest: &[u8]) -> Vec<u8> {
    let mut changed = guest.to_vec();
    for payload in Parser::new(0).parse_all(guest) {
        let Payload::CodeSectionEntry(body) = payload.unwrap() else { continue };
        let mut reader = body.get_operators_reader().unwrap();
        let mut constant = None;
        while !reader.eof() {
            let at = usize::try_from(reader.original_position()).unwrap();
            let operator = reader.read().unwrap();
            if let (Operator::Call { .. }, Some(at)) = (&operator, constant) {
                // The number 1, as long as before.
                let bytes: &mut [u8; 2] = (&mut changed[at + 1..at + 3]).try_into().unwrap();
                *bytes = [0x81, 0];
            }
            constant = matches!(operator, Operator::I32Const { value: 150..4000 }).then_some(at);
        }
    }
    changed
}

fn section(out: &mut Vec<u8>, id: u8, contents: &[u8]) {
    out.push(id);
    let mut size = contents.len();
    while size >= 0x80 {
        out.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
        size >>= 7;
    }
    out.push(u8::try_from(size).unwrap());
    out.extend(contents);
}
