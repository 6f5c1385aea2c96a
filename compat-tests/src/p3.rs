//! Owns the guests of WASI 0.3: components whose `run` is asynchronous and writes to a stream.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::wat;

/// The behaviour of a command of WASI 0.3.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Does {
    /// It writes its first argument to standard output.
    Echo,
    /// It writes the name of its first directory to standard output.
    Directory,
    /// Its `run` returns the error.
    Fail,
    /// It exits with code 7.
    Exit,
    /// It traps.
    Trap,
    /// It never ends.
    Loop,
    /// It waits for an hour.
    Wait,
}

/// Definitions around `run`. What the host returns in memory is at 16; `$await` returns the outcome of a call that may have to wait.
const DEFINITIONS: &str = r#"
    (import "wasi:cli/environment@0.3.0" "get-arguments" (func $get-arguments (param i32)))
    (import "wasi:cli/exit@0.3.0" "exit-with-code" (func $exit-with-code (param i32)))
    (import "wasi:cli/stdout@0.3.0" "write-via-stream" (func $write-via-stream (param i32) (result i32)))
    (import "wasi:cli/stdout@0.3.0" "[stream-new-0]write-via-stream" (func $stream-new (result i64)))
    (import "wasi:cli/stdout@0.3.0" "[async-lower][stream-write-0]write-via-stream"
        (func $stream-write (param i32 i32 i32) (result i32)))
    (import "wasi:cli/stdout@0.3.0" "[stream-drop-writable-0]write-via-stream" (func $stream-drop-writable (param i32)))
    (import "wasi:cli/stdout@0.3.0" "[async-lower][future-read-1]write-via-stream"
        (func $future-read (param i32 i32) (result i32)))
    (import "wasi:clocks/monotonic-clock@0.3.0" "wait-for" (func $wait-for (param i64)))
    (import "wasi:filesystem/preopens@0.3.0" "get-directories" (func $get-directories (param i32)))
    (import "$root" "[waitable-set-new]" (func $set-new (result i32)))
    (import "$root" "[waitable-set-wait]" (func $set-wait (param i32 i32) (result i32)))
    (import "$root" "[waitable-join]" (func $join (param i32 i32)))
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 1024))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
        (global.set $end (i32.add (local.get $at) (local.get 3)))
        (local.get $at))
    (func $await (param $waitable i32) (param $outcome i32) (result i32) (local $set i32)
        (if (i32.ne (local.get $outcome) (i32.const -1)) (then (return (local.get $outcome))))
        (local.set $set (call $set-new))
        (call $join (local.get $waitable) (local.get $set))
        (drop (call $set-wait (local.get $set) (i32.const 16)))
        (call $join (local.get $waitable) (i32.const 0))
        (i32.load (i32.const 20)))
    (func $print (param $ptr i32) (param $len i32) (local $stream i64) (local $writable i32) (local $written i32) (local $done i32)
        (local.set $stream (call $stream-new))
        (local.set $writable (i32.wrap_i64 (i64.shr_u (local.get $stream) (i64.const 32))))
        (local.set $done (call $write-via-stream (i32.wrap_i64 (local.get $stream))))
        (loop $more
            (local.set $written (i32.shr_u
                (call $await (local.get $writable)
                    (call $stream-write (local.get $writable) (local.get $ptr) (local.get $len)))
                (i32.const 4)))
            (local.set $ptr (i32.add (local.get $ptr) (local.get $written)))
            (local.set $len (i32.sub (local.get $len) (local.get $written)))
            (br_if $more (local.get $len)))
        (call $stream-drop-writable (local.get $writable))
        (if (call $await (local.get $done) (call $future-read (local.get $done) (i32.const 32))) (then unreachable))
        (if (i32.load8_u (i32.const 32)) (then unreachable)))
"#;

/// The command.
pub fn guest(does: Does) -> Vec<u8> {
    let body = match does {
        Does::Echo => {
            "(call $get-arguments (i32.const 16))
            (call $print (i32.load (i32.load (i32.const 16))) (i32.load offset=4 (i32.load (i32.const 16))))
            (i32.const 0)"
        }
        Does::Directory => {
            "(call $get-directories (i32.const 16))
            (if (i32.load (i32.const 20)) (then
                (call $print (i32.load offset=4 (i32.load (i32.const 16))) (i32.load offset=8 (i32.load (i32.const 16))))))
            (i32.const 0)"
        }
        Does::Fail => "(i32.const 1)",
        Does::Exit => "(call $exit-with-code (i32.const 7)) unreachable",
        Does::Trap => "unreachable",
        Does::Loop => "(loop $again (br $again)) unreachable",
        Does::Wait => "(call $wait-for (i64.const 3600000000000)) (i32.const 0)",
    };
    let text = format!(r#"(module {DEFINITIONS} (func (export "wasi:cli/run@0.3.0#run") (result i32) {body}))"#);
    let mut resolve = Resolve::default();
    let package = resolve.push_str("p3.wit", include_str!("../wit/p3.wit")).expect("the test's own WIT is valid");
    let world = resolve.select_world(&[package], Some("command")).expect("the WIT has the world");
    let mut module = wat(&text);
    let mut encode = || {
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
        ComponentEncoder::default().validate(true).module(&module)?.encode()
    };
    encode().unwrap_or_else(|error| panic!("the test's own guest can be encoded: {error:#}"))
}
