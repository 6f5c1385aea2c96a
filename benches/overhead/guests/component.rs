//! Components.

use super::RETURN;
use crate::shared::Result;

/// The first command as a component, with an adapter that has known flaws.
pub(crate) fn command_component() -> Result<Vec<u8>> {
    let module = wat::parse_str(RETURN)?;
    let adapter = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
    let mut encoder = wit_component::ComponentEncoder::default();
    Ok(encoder.module(&module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()?)
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
