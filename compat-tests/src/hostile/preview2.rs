//! Components that request too much of WASI 0.2.

use super::{Ending, Hostile, Source};
use crate::wat;

/// The interfaces of WASI 0.2 that these guests use, and a core module over them.
const WORLD: &str = r#"
    (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
    (alias export $error "error" (type $error-type))
    (import "wasi:io/poll@0.2.0" (instance $poll
        (export "pollable" (type $pollable (sub resource)))
        (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
    (alias export $poll "pollable" (type $pollable-type))
    (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
        (alias outer 1 $pollable-type (type $outer)) (export "pollable" (type $pollable (eq $outer)))
        (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
    (import "wasi:io/streams@0.2.0" (instance $streams
        (export "input-stream" (type $input (sub resource)))
        (export "output-stream" (type $output (sub resource)))
        (alias outer 1 $error-type (type $outer-error)) (export "error" (type $error (eq $outer-error)))
        (type $either (variant (case "last-operation-failed" (own $error)) (case "closed")))
        (export "stream-error" (type $stream-error (eq $either)))
        (export "[method]input-stream.read" (func
            (param "self" (borrow $input)) (param "len" u64) (result (result (list u8) (error $stream-error)))))
        (export "[method]input-stream.blocking-read" (func
            (param "self" (borrow $input)) (param "len" u64) (result (result (list u8) (error $stream-error)))))
        (export "[method]input-stream.skip" (func
            (param "self" (borrow $input)) (param "len" u64) (result (result u64 (error $stream-error)))))
        (export "[method]input-stream.blocking-skip" (func
            (param "self" (borrow $input)) (param "len" u64) (result (result u64 (error $stream-error)))))
        (export "[method]output-stream.check-write" (func
            (param "self" (borrow $output)) (result (result u64 (error $stream-error)))))
        (export "[method]output-stream.write" (func
            (param "self" (borrow $output)) (param "contents" (list u8)) (result (result (error $stream-error)))))
        (export "[method]output-stream.write-zeroes" (func
            (param "self" (borrow $output)) (param "len" u64) (result (result (error $stream-error)))))
        (export "[method]output-stream.blocking-splice" (func
            (param "self" (borrow $output)) (param "src" (borrow $input)) (param "len" u64)
            (result (result u64 (error $stream-error)))))))
    (alias export $streams "input-stream" (type $input-type))
    (alias export $streams "output-stream" (type $output-type))
    (import "wasi:cli/stdout@0.2.0" (instance $stdout
        (alias outer 1 $output-type (type $outer)) (export "output-stream" (type $output (eq $outer)))
        (export "get-stdout" (func (result (own $output))))))
    (import "wasi:random/random@0.2.0" (instance $random
        (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
    (import "wasi:random/insecure@0.2.0" (instance $insecure
        (export "get-insecure-random-bytes" (func (param "len" u64) (result (list u8))))))
    (import "wasi:filesystem/types@0.2.0" (instance $files
        (alias outer 1 $input-type (type $outer-input)) (export "input-stream" (type $input (eq $outer-input)))
        (alias outer 1 $output-type (type $outer-output)) (export "output-stream" (type $output (eq $outer-output)))
        (export "descriptor" (type $descriptor (sub resource)))
        (type $codes (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist"
            "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io" "is-directory" "loop"
            "too-many-links" "message-size" "name-too-long" "no-device" "no-entry" "no-lock" "insufficient-memory"
            "insufficient-space" "not-directory" "not-empty" "not-recoverable" "unsupported" "no-tty" "no-such-device"
            "overflow" "not-permitted" "pipe" "read-only" "invalid-seek" "text-file-busy" "cross-device"))
        (export "error-code" (type $code (eq $codes)))
        (type $path-flags-type (flags "symlink-follow")) (export "path-flags" (type $path-flags (eq $path-flags-type)))
        (type $open-flags-type (flags "create" "directory" "exclusive" "truncate"))
        (export "open-flags" (type $open-flags (eq $open-flags-type)))
        (type $flags-type (flags "read" "write" "file-integrity-sync" "data-integrity-sync" "requested-write-sync"
            "mutate-directory"))
        (export "descriptor-flags" (type $flags (eq $flags-type)))
        (export "[method]descriptor.read-via-stream" (func
            (param "self" (borrow $descriptor)) (param "offset" u64) (result (result (own $input) (error $code)))))
        (export "[method]descriptor.write-via-stream" (func
            (param "self" (borrow $descriptor)) (param "offset" u64) (result (result (own $output) (error $code)))))
        (export "[method]descriptor.read" (func
            (param "self" (borrow $descriptor)) (param "length" u64) (param "offset" u64)
            (result (result (tuple (list u8) bool) (error $code)))))
        (type $datetime-type (record (field "seconds" u64) (field "nanoseconds" u32)))
        (export "datetime" (type $datetime (eq $datetime-type)))
        (type $timestamp-type (variant (case "no-change") (case "now") (case "timestamp" $datetime)))
        (export "new-timestamp" (type $timestamp (eq $timestamp-type)))
        (export "[method]descriptor.set-times" (func
            (param "self" (borrow $descriptor)) (param "data-access-timestamp" $timestamp)
            (param "data-modification-timestamp" $timestamp) (result (result (error $code)))))
        (export "[method]descriptor.open-at" (func
            (param "self" (borrow $descriptor)) (param "path-flags" $path-flags) (param "path" string)
            (param "open-flags" $open-flags) (param "flags" $flags)
            (result (result (own $descriptor) (error $code)))))))
    (alias export $files "descriptor" (type $descriptor-type))
    (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
        (alias outer 1 $descriptor-type (type $outer)) (export "descriptor" (type $descriptor (eq $outer)))
        (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))
    (core module $libc
        (memory (export "memory") 4096)
        (global $free (mut i32) (i32.const 131072))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
            (global.set $free (i32.add (local.get $at) (local.get 3)))
            (local.get $at)))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (core func $poll (canon lower (func $poll "poll") (memory $memory) (realloc $realloc)))
    (core func $subscribe (canon lower (func $clock "subscribe-duration")))
    (core func $read (canon lower (func $streams "[method]input-stream.read") (memory $memory) (realloc $realloc)))
    (core func $blocking-read (canon lower
        (func $streams "[method]input-stream.blocking-read") (memory $memory) (realloc $realloc)))
    (core func $skip (canon lower (func $streams "[method]input-stream.skip") (memory $memory)))
    (core func $blocking-skip (canon lower (func $streams "[method]input-stream.blocking-skip") (memory $memory)))
    (core func $check-write (canon lower (func $streams "[method]output-stream.check-write") (memory $memory)))
    (core func $write (canon lower (func $streams "[method]output-stream.write") (memory $memory)))
    (core func $zeroes (canon lower (func $streams "[method]output-stream.write-zeroes") (memory $memory)))
    (core func $splice (canon lower (func $streams "[method]output-stream.blocking-splice") (memory $memory)))
    (core func $get-stdout (canon lower (func $stdout "get-stdout")))
    (core func $random (canon lower (func $random "get-random-bytes") (memory $memory) (realloc $realloc)))
    (core func $insecure (canon lower
        (func $insecure "get-insecure-random-bytes") (memory $memory) (realloc $realloc)))
    (core func $input (canon lower (func $files "[method]descriptor.read-via-stream") (memory $memory)))
    (core func $output (canon lower (func $files "[method]descriptor.write-via-stream") (memory $memory)))
    (core func $read-at (canon lower (func $files "[method]descriptor.read") (memory $memory) (realloc $realloc)))
    (core func $set-times (canon lower (func $files "[method]descriptor.set-times") (memory $memory)))
    (core func $open (canon lower (func $files "[method]descriptor.open-at") (memory $memory)))
    (core func $directories (canon lower (func $preopens "get-directories") (memory $memory) (realloc $realloc)))
"#;

fn p2(name: &'static str, body: &str, ending: Ending) -> Hostile {
    Hostile::new(name, ending, Source::Preview2(body.to_owned()))
}

/// A command component that runs `body` with the open file `f` in `$file`; it succeeds if that leaves 0. Its directory
/// is the first of [`config`](super::config).
pub fn preview2_command(body: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component {WORLD}
            (core module $main
                (import "" "memory" (memory 1))
                (import "" "poll" (func $poll (param i32 i32 i32)))
                (import "" "subscribe" (func $subscribe (param i64) (result i32)))
                (import "" "read" (func $read (param i32 i64 i32)))
                (import "" "blocking-read" (func $blocking-read (param i32 i64 i32)))
                (import "" "skip" (func $skip (param i32 i64 i32)))
                (import "" "blocking-skip" (func $blocking-skip (param i32 i64 i32)))
                (import "" "check-write" (func $check-write (param i32 i32)))
                (import "" "write" (func $write (param i32 i32 i32 i32)))
                (import "" "zeroes" (func $zeroes (param i32 i64 i32)))
                (import "" "splice" (func $splice (param i32 i32 i64 i32)))
                (import "" "get-stdout" (func $get-stdout (result i32)))
                (import "" "random" (func $random (param i64 i32)))
                (import "" "insecure" (func $insecure (param i64 i32)))
                (import "" "input" (func $input (param i32 i64 i32)))
                (import "" "output" (func $output (param i32 i64 i32)))
                (import "" "read-at" (func $read-at (param i32 i64 i64 i32)))
                (import "" "set-times" (func $set-times (param i32 i32 i64 i32 i32 i64 i32 i32)))
                (import "" "open" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
                (import "" "directories" (func $directories (param i32)))
                (data (i32.const 64) "f")
                (func $opened (result i32)
                    (call $directories (i32.const 0))
                    (call $open (i32.load (i32.load (i32.const 0))) (i32.const 0) (i32.const 64) (i32.const 1)
                        (i32.const 0) (i32.const 3) (i32.const 16))
                    (if (i32.load8_u (i32.const 16)) (then unreachable))
                    (i32.load (i32.const 20)))
                (func $input-of (param $file i32) (result i32)
                    (call $input (local.get $file) (i64.const 0) (i32.const 16))
                    (if (i32.load8_u (i32.const 16)) (then unreachable))
                    (i32.load (i32.const 20)))
                (func $output-of (param $file i32) (result i32)
                    (call $output (local.get $file) (i64.const 0) (i32.const 16))
                    (if (i32.load8_u (i32.const 16)) (then unreachable))
                    (i32.load (i32.const 20)))
                (func (export "run") (result i32) (local $file i32) (local $index i32)
                    (local.set $file (call $opened))
                    {body}))
            (core instance $main (instantiate $main (with "" (instance
                (export "memory" (memory $memory))
                (export "poll" (func $poll)) (export "subscribe" (func $subscribe))
                (export "read" (func $read)) (export "blocking-read" (func $blocking-read))
                (export "skip" (func $skip)) (export "blocking-skip" (func $blocking-skip))
                (export "check-write" (func $check-write)) (export "write" (func $write))
                (export "zeroes" (func $zeroes)) (export "splice" (func $splice))
                (export "get-stdout" (func $get-stdout))
                (export "random" (func $random)) (export "insecure" (func $insecure))
                (export "input" (func $input)) (export "output" (func $output))
                (export "read-at" (func $read-at)) (export "set-times" (func $set-times)) (export "open" (func $open))
                (export "directories" (func $directories))))))
            (func $run (result (result)) (canon lift (core func $main "run")))
            (instance $exported (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exported)))"#
    ))
}

/// Requests 64 TiB of random bytes, for which its `realloc` returns an address at the end of its memory.
const RANDOM_WITHOUT_MEMORY: &str = r#"(component
    (import "wasi:random/random@0.2.0" (instance $random
        (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
    (core module $libc
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0xfffffff0)))
    (core instance $libc (instantiate $libc))
    (core func $bytes (canon lower (func $random "get-random-bytes")
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core module $main
        (import "" "bytes" (func $bytes (param i64 i32)))
        (func (export "run") (result i32) (call $bytes (i64.const 0x400000000000) (i32.const 8)) (i32.const 0)))
    (core instance $main (instantiate $main (with "" (instance (export "bytes" (func $bytes))))))
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported)))"#;

pub(super) fn all() -> Vec<Hostile> {
    let read = |name, function: &str, length: &str| {
        let body = format!(
            "(call ${function} (call $input-of (local.get $file)) (i64.const {length}) (i32.const 32)) (i32.const 0)"
        );
        p2(name, &body, Ending::Code(0))
    };
    let bytes = |name, function: &str, length: &str| {
        p2(name, &format!("(call ${function} (i64.const {length}) (i32.const 32)) (i32.const 0)"), Ending::Stopped)
    };
    vec![
        bytes("random-64t", "random", "0x400000000000"),
        Hostile::text("random-64t-without-memory", Ending::Stopped, RANDOM_WITHOUT_MEMORY).reported("T29"),
        Hostile::text(
            "random-u64-max-without-memory",
            Ending::Stopped,
            RANDOM_WITHOUT_MEMORY.replace("0x400000000000", "-1"),
        )
        .reported("T29"),
        bytes("random-u64-max", "random", "-1"),
        bytes("random-32g", "random", "0x800000000").reported("p2-random-32g"),
        bytes("insecure-64t", "insecure", "0x400000000000").reported("p2-insecure-big"),
        bytes("insecure-over-limit", "insecure", "0x4000001"),
        read("stream-read-64t", "read", "0x400000000000").reported("p2-fs-rvs-read-big"),
        read("stream-read-u64-max", "read", "-1"),
        read("stream-blocking-read-64t", "blocking-read", "0x400000000000").reported("p2-fs-rvs-blocking-read-big"),
        read("stream-skip-64t", "skip", "0x400000000000"),
        read("stream-blocking-skip-64t", "blocking-skip", "0x400000000000"),
        p2(
            "descriptor-read-64t",
            "(call $read-at (local.get $file) (i64.const 0x400000000000) (i64.const 0) (i32.const 32)) (i32.const 0)",
            Ending::Code(0),
        ),
        p2(
            "time-overflow",
            "(call $set-times (local.get $file) (i32.const 2) (i64.const -1) (i32.const 1000000000)
                (i32.const 2) (i64.const 0x7fffffffffffffff) (i32.const 999999999) (i32.const 32))
            (i32.ne (i32.load16_u (i32.const 32)) (i32.const 0x1e01))",
            Ending::Code(0),
        ),
        p2(
            "file-zeroes-64t",
            "(call $zeroes (call $output-of (local.get $file)) (i64.const 0x400000000000) (i32.const 32)) (i32.const 0)",
            Ending::Stopped,
        )
        .reported("p2-fs-wvs-write-zeroes-big"),
        p2(
            "stdout-zeroes-64t",
            "(call $zeroes (call $get-stdout) (i64.const 0x400000000000) (i32.const 32)) (i32.const 0)",
            Ending::Stopped,
        ),
        p2(
            "splice-64t",
            "(call $splice (call $get-stdout) (call $input-of (local.get $file)) (i64.const 0x400000000000) \
             (i32.const 32)) (i32.const 0)",
            Ending::Code(0),
        ),
        p2(
            "poll-32m",
            "(i32.store (i32.const 65536) (call $subscribe (i64.const 0)))
            (local.set $index (i32.const 4))
            (loop $fill
                (memory.copy (i32.add (i32.const 65536) (local.get $index)) (i32.const 65536) (local.get $index))
                (local.set $index (i32.shl (local.get $index) (i32.const 1)))
                (br_if $fill (i32.lt_u (local.get $index) (i32.const 0x8000000))))
            (call $poll (i32.const 65536) (i32.const 0x2000000) (i32.const 32))
            (i32.const 0)",
            Ending::Stopped,
        ),
        p2(
            "poll-three",
            "(i32.store (i32.const 65536) (call $subscribe (i64.const 0)))
            (i32.store (i32.const 65540) (i32.load (i32.const 65536)))
            (i32.store (i32.const 65544) (call $subscribe (i64.const 1000)))
            (call $poll (i32.const 65536) (i32.const 3) (i32.const 32))
            (i32.eqz (i32.load (i32.const 36)))",
            Ending::Code(0),
        ),
        p2(
            "subscribe-for-ever",
            "(loop $again (drop (call $subscribe (i64.const 0))) (br $again)) (i32.const 0)",
            Ending::Stopped,
        ),
        p2(
            "input-streams-for-ever",
            "(loop $again (drop (call $input-of (local.get $file))) (br $again)) (i32.const 0)",
            Ending::Stopped,
        ),
        p2("stdout-for-ever", "(loop $again (drop (call $get-stdout)) (br $again)) (i32.const 0)", Ending::Stopped),
        p2("directories-for-ever", "(loop $again (call $directories (i32.const 32)) (br $again)) (i32.const 0)", Ending::Stopped),
        // On majors where a stream can be read again after an error, each error adds a resource.
        p2(
            "errors-of-a-stream",
            "(call $input (local.get $file) (i64.const -1) (i32.const 32))
            (local.set $index (i32.load (i32.const 36)))
            (loop $again
                (call $blocking-read (local.get $index) (i64.const 1) (i32.const 32))
                (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1)))
                (br_if $again (i32.lt_u (i32.load (i32.const 16)) (i32.const 20000))))
            (i32.const 0)",
            Ending::CodeOrStopped(0),
        ),
    ]
}
