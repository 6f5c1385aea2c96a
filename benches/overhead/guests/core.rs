//! Core modules.

use crate::shared::Result;

pub(crate) const ADD: &str = r#"(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;

/// `run` calls the host function `add` the given number of times, and returns that number.
pub(crate) const CALL_HOST: &str = r#"(module
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (func (export "run") (param $n i32) (result i32)
        (local $sum i32)
        (loop $next
            (local.set $sum (call $add (local.get $sum) (i32.const 1)))
            (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

/// `run` calls the host function `call-back` the given number of times, and returns that number; the host function calls
/// `increment`.
pub(crate) const CALL_BACK: &str = r#"(module
    (import "host" "call-back" (func $call_back (param i32) (result i32)))
    (func (export "increment") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "run") (param $n i32) (result i32)
        (local $sum i32)
        (loop $next
            (local.set $sum (call $call_back (local.get $sum)))
            (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

/// More than 1 MiB of memory.
pub(crate) const MEMORY: &str = r#"(module (memory (export "memory") 17))"#;

pub(crate) const GLOBAL: &str = r#"(module (global (export "global") (mut i32) (i32.const 0)))"#;

/// A guest with an import, a memory with data, and a table.
pub(crate) const INSTANCE: &str = r#"(module
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "some data that every instance begins with")
    (table (export "table") 4 funcref)
    (elem (i32.const 1) $add)
    (func (export "run") (result i32) (call $add (i32.const 1) (i32.const 2))))"#;

/// `run` tries to grow the memory by a page the given number of times, and returns how often it grew.
pub(crate) const GROW: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "run") (param $n i32) (result i32)
        (local $grown i32)
        (loop $next
            (local.set $grown
                (i32.add (local.get $grown) (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
            (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $grown)))"#;

/// `run` calls the host function `tick` the given number of times in a loop, each turn of which is an epoch check.
pub(crate) const TICK: &str = r#"(module
    (import "host" "tick" (func $tick))
    (func (export "run") (param $n i32)
        (loop $next
            (call $tick)
            (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;

/// `write` writes 64 bytes to standard output and returns WASI's error number.
pub(crate) const WRITE: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\40\00\00\00")
    (data (i32.const 16) "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n")
    (func (export "write") (result i32)
        (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))"#;
pub(crate) const WRITTEN: usize = 64;

/// Room for everything that a command, or the longest sample of `WRITE`, writes.
pub(crate) const ROOM: usize = 64 << 20;

/// Commands that say hello; the first returns, the second calls `proc_exit(0)`.
pub(crate) const RETURN: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\n")
    (func (export "_start")
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
pub(crate) const EXIT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\n")
    (func (export "_start")
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (call $proc_exit (i32.const 0))))"#;
pub(crate) const HELLO: &[u8] = b"hello\n";

/// A module with some hundred functions.
pub(crate) fn large_module() -> Result<Vec<u8>> {
    let function = |index: u32| {
        format!(
            r#"(func (export "f{index}") (param i32 i32) (result i32)
                (if (result i32) (i32.lt_s (local.get 0) (i32.const {index}))
                    (then (i32.mul (local.get 0) (local.get 1)))
                    (else (i32.div_s (local.get 0) (i32.or (local.get 1) (i32.const 1))))))"#
        )
    };
    Ok(wat::parse_str(format!("(module {})", (0..400).map(function).collect::<String>()))?)
}
