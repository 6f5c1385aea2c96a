//! Owns the guests, which both sides run.

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

/// The first command as a component, with an adapter that has known flaws.
pub(crate) fn command_component() -> Result<Vec<u8>> {
    let module = wat::parse_str(RETURN)?;
    let adapter = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
    let mut encoder = wit_component::ComponentEncoder::default();
    Ok(encoder.module(&module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()?)
}

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

/// The number of bytes of a string, and of elements of a list, in the guests below.
pub(crate) const LENGTH: usize = 1000;

/// A component that adds numbers and returns what it gets. Each call allocates its parameter at the same place.
pub(crate) const ECHO: &str = r#"(component
    (core module $m
        (memory (export "memory") 2)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "echo") (param i32 i32) (result i32)
            (i32.store (i32.const 0) (local.get 0))
            (i32.store (i32.const 4) (local.get 1))
            (i32.const 0))
        (func (export "get") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m))
    (alias core export $i "memory" (core memory $memory))
    (alias core export $i "realloc" (core func $realloc))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
    (func (export "echo-string") (param "x" string) (result string)
        (canon lift (core func $i "echo") (memory $memory) (realloc $realloc)))
    (func (export "echo-list") (param "x" (list u32)) (result (list u32))
        (canon lift (core func $i "echo") (memory $memory) (realloc $realloc)))
    (type $record (record (field "id" u32) (field "score" f64) (field "level" u32)))
    (export $point "point" (type $record))
    (func (export "echo-records") (param "x" (list $point)) (result (list $point))
        (canon lift (core func $i "echo") (memory $memory) (realloc $realloc)))
    (type $inner (resource (rep i32)))
    (core func $new (canon resource.new $inner))
    (export $counter "counter" (type $inner))
    (func (export "[constructor]counter") (param "n" u32) (result (own $counter)) (canon lift (core func $new)))
    (func (export "[method]counter.get") (param "self" (borrow $counter)) (result u32)
        (canon lift (core func $i "get"))))"#;

/// A component with an export for each host function, which calls it the given number of times and returns the sum of the
/// results, or of their lengths. Each call has its result at the same place.
pub(crate) const IMPORTS: &str = r#"(component
    (import "demo:host/api" (instance $host
        (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
        (export "echo-string" (func (param "x" string) (result string)))
        (export "echo-list" (func (param "x" (list u32)) (result (list u32))))
        (type $record (record (field "id" u32) (field "score" f64) (field "level" u32)))
        (export "point" (type $point (eq $record)))
        (export "echo-records" (func (param "x" (list $point)) (result (list $point))))
        (export "counter" (type $counter (sub resource)))
        (export "[constructor]counter" (func (param "n" u32) (result (own $counter))))
        (export "[method]counter.get" (func (param "self" (borrow $counter)) (result u32)))))
    (core module $libc
        (memory (export "memory") 2)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
        (func $fill (memory.fill (i32.const 1024) (i32.const 97) (i32.const 1000)))
        (start $fill))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (alias export $host "counter" (type $counter))
    (core func $add (canon lower (func $host "add")))
    (core func $string (canon lower (func $host "echo-string") (memory $memory) (realloc $realloc)))
    (core func $list (canon lower (func $host "echo-list") (memory $memory) (realloc $realloc)))
    (core func $records (canon lower (func $host "echo-records") (memory $memory) (realloc $realloc)))
    (core func $new (canon lower (func $host "[constructor]counter")))
    (core func $get (canon lower (func $host "[method]counter.get")))
    (core func $drop (canon resource.drop $counter))
    (core module $m
        (import "libc" "memory" (memory 2))
        (import "host" "add" (func $add (param i32 i32) (result i32)))
        (import "host" "string" (func $string (param i32 i32 i32)))
        (import "host" "list" (func $list (param i32 i32 i32)))
        (import "host" "records" (func $records (param i32 i32 i32)))
        (import "host" "new" (func $new (param i32) (result i32)))
        (import "host" "get" (func $get (param i32) (result i32)))
        (import "host" "drop" (func $drop (param i32)))
        (func (export "add") (param $n i32) (result i32)
            (local $sum i32)
            (loop $next
                (local.set $sum (call $add (local.get $sum) (i32.const 1)))
                (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
        (func (export "string") (param $n i32) (result i32)
            (local $sum i32)
            (loop $next
                (call $string (i32.const 1024) (i32.const 1000) (i32.const 0))
                (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 4))))
                (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
        (func (export "list") (param $n i32) (result i32)
            (local $sum i32)
            (loop $next
                (call $list (i32.const 1024) (i32.const 1000) (i32.const 0))
                (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 4))))
                (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
        (func (export "records") (param $n i32) (result i32)
            (local $sum i32)
            (loop $next
                (call $records (i32.const 1024) (i32.const 1000) (i32.const 0))
                (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 4))))
                (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
        (func (export "method") (param $n i32) (result i32)
            (local $sum i32) (local $counter i32)
            (local.set $counter (call $new (i32.const 7)))
            (loop $next
                (local.set $sum (i32.add (local.get $sum) (call $get (local.get $counter))))
                (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (call $drop (local.get $counter))
            (local.get $sum)))
    (core instance $i (instantiate $m
        (with "libc" (instance $libc))
        (with "host" (instance
            (export "add" (func $add)) (export "string" (func $string)) (export "list" (func $list))
            (export "records" (func $records)) (export "new" (func $new)) (export "get" (func $get))
            (export "drop" (func $drop))))))
    (func (export "add") (param "n" u32) (result u32) (canon lift (core func $i "add")))
    (func (export "string") (param "n" u32) (result u32) (canon lift (core func $i "string")))
    (func (export "list") (param "n" u32) (result u32) (canon lift (core func $i "list")))
    (func (export "records") (param "n" u32) (result u32) (canon lift (core func $i "records")))
    (func (export "method") (param "n" u32) (result u32) (canon lift (core func $i "method"))))"#;

/// The number in the resource of `IMPORTS`.
pub(crate) const COUNTER: u32 = 7;

/// Polls a future that never waits for anything outside.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    use std::task::{Context, Poll, Waker};

    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
