//! Components that request too much of `wasi:keyvalue`: each gets an error of the interface, and then exits with 0.

use super::{Ending, Hostile, Setting};

/// The interfaces, and a core module over them.
const WORLD: &str = r#"
    (import "wasi:keyvalue/store@0.2.0-draft" (instance $store
        (export "bucket" (type $bucket (sub resource)))
        (type $either (variant (case "no-such-store") (case "access-denied") (case "other" string)))
        (export "error" (type $error (eq $either)))
        (export "[method]bucket.set" (func
            (param "self" (borrow $bucket)) (param "key" string) (param "value" (list u8)) (result (result (error $error)))))
        (export "open" (func (param "identifier" string) (result (result (own $bucket) (error $error)))))))
    (alias export $store "bucket" (type $bucket-type))
    (alias export $store "error" (type $error-type))
    (import "wasi:keyvalue/batch@0.2.0-draft" (instance $batch
        (alias outer 1 $bucket-type (type $outer-bucket)) (export "bucket" (type $bucket (eq $outer-bucket)))
        (alias outer 1 $error-type (type $outer-error)) (export "error" (type $error (eq $outer-error)))
        (export "get-many" (func (param "bucket" (borrow $bucket)) (param "keys" (list string))
            (result (result (list (option (tuple string (list u8)))) (error $error)))))
        (export "set-many" (func (param "bucket" (borrow $bucket)) (param "key-values" (list (tuple string (list u8))))
            (result (result (error $error)))))))
    (core module $libc
        (memory (export "memory") 4096)
        (global $free (mut i32) (i32.const 0x8000000))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
            (global.set $free (i32.add (local.get $at) (local.get 3)))
            (local.get $at)))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (core func $open (canon lower (func $store "open") (memory $memory) (realloc $realloc)))
    (core func $set (canon lower (func $store "[method]bucket.set") (memory $memory) (realloc $realloc)))
    (core func $get-many (canon lower (func $batch "get-many") (memory $memory) (realloc $realloc)))
    (core func $set-many (canon lower (func $batch "set-many") (memory $memory) (realloc $realloc)))
"#;

/// A command that runs `body` with the bucket of the name "" in `$bucket`. The result of a call is to be stored at 16.
fn guest(name: &'static str, ending: Ending, body: &str) -> Hostile {
    let text = format!(
        r#"(component {WORLD}
            (core module $main
                (import "" "memory" (memory 1))
                (import "" "open" (func $open (param i32 i32 i32)))
                (import "" "set" (func $set (param i32 i32 i32 i32 i32 i32)))
                (import "" "get-many" (func $get-many (param i32 i32 i32 i32)))
                (import "" "set-many" (func $set-many (param i32 i32 i32 i32)))
                (func $ok (if (i32.load8_u (i32.const 16)) (then unreachable)))
                ;; The third error, `other`.
                (func $refused
                    (if (i32.eqz (i32.load8_u (i32.const 16))) (then unreachable))
                    (if (i32.ne (i32.load8_u (i32.const 20)) (i32.const 2)) (then unreachable)))
                ;; A list of pairs at 65536: a key of one byte, and a value.
                (func $pairs (param $count i32) (param $size i32) (local $at i32)
                    (local.set $at (i32.const 65536))
                    (loop $more
                        (i32.store (local.get $at) (i32.const 64))
                        (i32.store offset=4 (local.get $at) (i32.const 1))
                        (i32.store offset=8 (local.get $at) (i32.const 0x4000000))
                        (i32.store offset=12 (local.get $at) (local.get $size))
                        (local.set $at (i32.add (local.get $at) (i32.const 16)))
                        (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
                (func (export "run") (result i32) (local $bucket i32) (local $count i32)
                    (call $open (i32.const 0) (i32.const 0) (i32.const 16))
                    (call $ok)
                    (local.set $bucket (i32.load (i32.const 20)))
                    (i32.store (i32.const 64) (i32.const 0x6b6b6b6b))
                    {body}
                    (i32.const 0)))
            (core instance $main (instantiate $main (with "" (instance
                (export "memory" (memory $memory))
                (export "open" (func $open)) (export "set" (func $set))
                (export "get-many" (func $get-many)) (export "set-many" (func $set-many))))))
            (func $run (result (result)) (canon lift (core func $main "run")))
            (instance $exported (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exported)))"#
    );
    Hostile::text(name, ending, text).with(Setting::Values)
}

pub(super) fn all() -> Vec<Hostile> {
    let set_many =
        "(call $set-many (local.get $bucket) (i32.const 65536) (i32.const {count}) (i32.const 16)) (call $refused)";
    let set_many = |count: &str| set_many.replace("{count}", count);
    let set = |key: &str, value: &str| {
        format!(
            "(call $set (local.get $bucket) (i32.const 64) (i32.const {key}) (i32.const 0x4000000) (i32.const {value})
                (i32.const 16))"
        )
    };
    let refused = Ending::Code(0);
    // Majors that count the bytes of arguments themselves stop the guest before this crate sees the list.
    let counted = Ending::CodeOrStopped(0);
    vec![
        guest("keyvalue-set-many-4m", counted, &set_many("4000000")),
        // 900 times the same megabyte.
        guest(
            "keyvalue-set-many-overlapping",
            counted,
            &format!("(call $pairs (i32.const 900) (i32.const 1000000)) {}", set_many("900")),
        ),
        // The pairs name the same key 900 times, and 900 megabytes would be returned.
        guest(
            "keyvalue-get-many-overlapping",
            refused,
            &format!(
                "{} (call $ok)
                (local.set $count (i32.const 0))
                (loop $more
                    (i32.store (i32.add (i32.const 65536) (local.get $count)) (i32.const 64))
                    (i32.store offset=4 (i32.add (i32.const 65536) (local.get $count)) (i32.const 1))
                    (local.set $count (i32.add (local.get $count) (i32.const 8)))
                    (br_if $more (i32.lt_u (local.get $count) (i32.const 7200))))
                (call $get-many (local.get $bucket) (i32.const 65536) (i32.const 900) (i32.const 16))
                (call $refused)",
                set("1", "1000000")
            ),
        ),
        // The key is a number that counts up; it is not text, but each byte is below 128.
        guest(
            "keyvalue-keys-for-ever",
            refused,
            &format!(
                "(loop $more
                    (i32.store (i32.const 64) (i32.and (local.get $count) (i32.const 0x7f)))
                    (i32.store8 (i32.const 65) (i32.and (i32.shr_u (local.get $count) (i32.const 7)) (i32.const 0x7f)))
                    (i32.store8 (i32.const 66) (i32.and (i32.shr_u (local.get $count) (i32.const 14)) (i32.const 0x7f)))
                    (local.set $count (i32.add (local.get $count) (i32.const 1)))
                    {}
                    (br_if $more (i32.eqz (i32.load8_u (i32.const 16)))))
                (call $refused)
                (if (i32.gt_u (local.get $count) (i32.const 10001)) (then unreachable))",
                set("3", "0")
            ),
        ),
        guest("keyvalue-value-64m", refused, &format!("{} (call $refused)", set("1", "0x4000000"))),
        guest("keyvalue-key-64m", refused, &format!("{} (call $refused)", set("0x4000000", "1"))),
    ]
}
