//! Owns the guests that the driver makes: each from a number, the same ones every time.

use compat_tests::corpus::corpus;
use wasm_smith::{Component, Config, Module};

/// What a guest is made of.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    /// A core module of `wasm-smith`.
    Module,
    /// A component of `wasm-smith`.
    Component,
    /// A guest of the conformance suite of which some bytes are others.
    Mutation,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Component => "component",
            Self::Mutation => "mutation",
        }
    }
}

/// The real guests from which others are made, and the imports that generated modules may have.
pub(super) struct Source {
    real: Vec<Vec<u8>>,
    imports: Vec<u8>,
    start: Vec<u8>,
}

/// Bytes of which `wasm-smith` makes a guest.
const RAW_BYTES: usize = 8 << 10;

const IMPORTS: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))"#;

impl Source {
    pub(super) fn new() -> Self {
        Self {
            real: corpus().into_iter().map(|sample| sample.wasm).collect(),
            imports: compat_tests::wat(IMPORTS),
            start: compat_tests::wat(r#"(module (func (export "_start")))"#),
        }
    }

    /// The guest of a number; `None` if nothing can be made of it.
    pub(super) fn guest(&self, seed: u64) -> (Kind, Option<Vec<u8>>) {
        let mut numbers = Numbers::new(seed);
        match seed % 4 {
            0 | 1 => (Kind::Module, self.module(&mut numbers)),
            2 => (Kind::Component, component(&mut numbers)),
            _ => (Kind::Mutation, Some(self.mutation(&mut numbers))),
        }
    }

    fn module(&self, numbers: &mut Numbers) -> Option<Vec<u8>> {
        let raw = numbers.bytes(RAW_BYTES);
        let mut config = config(numbers);
        config.exports = Some(self.start.clone());
        config.available_imports = Some(self.imports.clone());
        Module::new(config, &mut arbitrary::Unstructured::new(&raw)).ok().map(|module| module.to_bytes())
    }

    fn mutation(&self, numbers: &mut Numbers) -> Vec<u8> {
        let mut guest = self.real[numbers.below(self.real.len())].clone();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(guest.len().max(1)).min(guest.len().saturating_sub(1));
            match numbers.below(6) {
                0 => guest[at] ^= 1 << numbers.below(8),
                1 => guest[at] = numbers.bytes(1)[0],
                2 => drop(guest.splice(at..at, [0xff, 0xff, 0xff, 0xff, 0x07])),
                3 => drop(guest.remove(at)),
                4 => {
                    let end = (at + 1 + numbers.below(64)).min(guest.len());
                    let part = guest[at..end].to_vec();
                    guest.splice(at..at, part);
                }
                _ => guest[at] = guest[numbers.below(at + 1)],
            }
        }
        guest
    }
}

/// Mostly what every major has on by default. What only some have is in a few: the others refuse those.
fn config(numbers: &mut Numbers) -> Config {
    let mut config = Config::default();
    let newer = numbers.below(4) == 0;
    config.gc_enabled = newer;
    config.exceptions_enabled = newer;
    config.extended_const_enabled = newer;
    config.memory64_enabled = newer;
    config.relaxed_simd_enabled = newer;
    config.tail_call_enabled = newer;
    config.wide_arithmetic_enabled = newer;
    config.compact_imports_enabled = false;
    config.threads_enabled = false;
    config.max_memories = if newer { 3 } else { 1 };
    config.max_tables = if newer { 5 } else { 1 };
    config
}

fn component(numbers: &mut Numbers) -> Option<Vec<u8>> {
    let raw = numbers.bytes(RAW_BYTES);
    let component = Component::new(config(numbers), &mut arbitrary::Unstructured::new(&raw));
    component.ok().map(|component| component.to_bytes())
}

/// Numbers that look random and are the same for the same seed (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap_or(u64::MAX)).unwrap_or(0)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
