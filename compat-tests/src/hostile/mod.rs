//! Guests that ask for too much, and what becomes of them on every major: one list for the suite and for measurements.

mod preview1;
mod preview2;

use std::path::Path;
use std::time::Duration;

use wasmtime_compat::wasi::{Preopen, Stdout};
use wasmtime_compat::{Outcome, RunConfig};

pub use self::preview2::preview2_command;
use crate::wat;

/// A guest that asks for too much.
#[derive(Debug)]
pub struct Hostile {
    /// A short name.
    pub name: &'static str,
    /// The guest.
    pub wasm: Vec<u8>,
    /// The expected outcome, the same on every major.
    pub ending: Ending,
}

/// An expected outcome of a hostile guest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// Its call returns this, with which it exits.
    Code(i32),
    /// It is stopped for what it did.
    Stopped,
    /// It is not started, or is stopped while it is instantiated.
    Refused,
}

/// Every hostile guest, by name.
pub fn all() -> Vec<Hostile> {
    let mut all = machine();
    all.extend(preview1::all());
    all.extend(preview2::all());
    all
}

/// The world of these guests: one directory with a file `f` in it, and output that is thrown away.
pub fn config(directory: &Path) -> RunConfig {
    let mut config = RunConfig::new();
    config.wasi.preopens.push(Preopen::new(directory, "/d"));
    config.wasi.stdout(Stdout::capture(1 << 20));
    config.timeout = Some(Duration::from_secs(60));
    config
}

/// Whether the outcome is the expected one. A guest that is refused has none.
pub fn ended(ending: Ending, outcome: Option<&Outcome>) -> bool {
    match (ending, outcome) {
        (Ending::Code(code), Some(Outcome::Exited(exited))) => code == *exited,
        (Ending::Stopped | Ending::Refused, Some(Outcome::Trapped { .. })) => true,
        (Ending::Refused, None) => true,
        _ => false,
    }
}

/// The most memory that this process has had since it was last asked, in bytes; nothing where no system says.
pub fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    // From now on it counts again. Not every system lets a process ask for that.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    kilobytes.unwrap_or_default() << 10
}

/// Guests that ask the machine itself, or the compiler, for too much; they import nothing.
fn machine() -> Vec<Hostile> {
    let module = |name, ending, text: &str| Hostile { name, wasm: wat(text), ending };
    let grow = |by: &str| {
        format!(
            "(module (table $t 1 funcref) (func (export \"_start\")
                (if (i32.ne (table.grow $t (ref.null func) (i32.const {by})) (i32.const -1)) (then unreachable))))"
        )
    };
    let tables: String = (0..50)
        .map(|n| {
            format!(
                "(if (i32.eq (table.grow $t{n} (ref.null func) (i32.const 500000)) (i32.const -1)) (then (return)))"
            )
        })
        .collect();
    let declared: String = (0..50).map(|n| format!("(table $t{n} 1 funcref)")).collect();
    vec![
        module("table-grow-4g", Ending::Code(0), &grow("0xfffffff0")),
        module("table-grow-256m", Ending::Code(0), &grow("0x10000000")),
        module(
            "table-grow-externref",
            Ending::Code(0),
            &grow("0x7fffffff").replace("ref.null func", "ref.null extern").replace("funcref", "externref"),
        ),
        module("table-4g", Ending::Refused, "(module (table 0xffffffff funcref) (func (export \"_start\")))"),
        module("table-64m", Ending::Refused, "(module (table 0x4000000 funcref) (func (export \"_start\")))"),
        module(
            "many-tables-grow",
            Ending::Code(0),
            &format!("(module {declared} (func (export \"_start\") {tables} unreachable))"),
        ),
        module("recursion", Ending::Stopped, "(module (func $f (export \"_start\") (call $f)))"),
        module("exponential-component", Ending::Refused, &exponential(30)),
    ]
}

/// A component of `levels` lines, each of which instantiates the one before twice.
fn exponential(levels: u32) -> String {
    let lines: String = (1..=levels)
        .map(|n| {
            let before = n - 1;
            format!(
                "(component $c{n} (alias outer $top $c{before} (component $p))
                    (instance (instantiate $p)) (instance (instantiate $p)))"
            )
        })
        .collect();
    format!(
        "(component $top (component $c0) {lines} (instance (instantiate $c{levels}))
            (core module $main (func (export \"run\") (result i32) (i32.const 0)))
            (core instance $main (instantiate $main))
            (func $run (result (result)) (canon lift (core func $main \"run\")))
            (instance $exported (export \"run\" (func $run)))
            (export \"wasi:cli/run@0.2.0\" (instance $exported)))"
    )
}
