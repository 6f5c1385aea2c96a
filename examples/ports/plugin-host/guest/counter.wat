;; Counts the calls with the same input in the host's key-value store and returns the number in decimal digits.
(module
    (import "host" "kv_get" (func $kv_get (param i32 i32) (result i64)))
    (import "host" "kv_set" (func $kv_set (param i32 i32 i32 i32)))

    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 4096))
    (global $live (export "live") (mut i32) (i32.const 0))

    (func $alloc (export "alloc") (param $size i32) (result i32)
        (global.get $top)
        (global.set $top (i32.and (i32.add (i32.add (global.get $top) (local.get $size)) (i32.const 7)) (i32.const -8)))
        (global.set $live (i32.add (global.get $live) (i32.const 1)))
        (if (i32.gt_u (global.get $top) (i32.shl (memory.size) (i32.const 16))) (then unreachable)))

    ;; With the last allocation all memory is free again.
    (func $dealloc (export "dealloc") (param $at i32) (param $size i32)
        (global.set $live (i32.sub (global.get $live) (i32.const 1)))
        (if (i32.eqz (global.get $live)) (then (global.set $top (i32.const 4096)))))

    ;; 16: the count as it is kept; below 64: its digits.
    (func (export "count") (param $key i32) (param $length i32) (result i64)
        (local $found i64) (local $count i64) (local $digit i32) (local $size i32) (local $out i32)
        (local.set $found (call $kv_get (local.get $key) (local.get $length)))
        (if (i64.ne (local.get $found) (i64.const 0))
            (then
                (local.set $count (i64.load (i32.wrap_i64 (i64.shr_u (local.get $found) (i64.const 32)))))
                (call $dealloc
                    (i32.wrap_i64 (i64.shr_u (local.get $found) (i64.const 32)))
                    (i32.wrap_i64 (local.get $found)))))
        (local.set $count (i64.add (local.get $count) (i64.const 1)))
        (i64.store (i32.const 16) (local.get $count))
        (call $kv_set (local.get $key) (local.get $length) (i32.const 16) (i32.const 8))
        (local.set $digit (i32.const 64))
        (loop $next
            (local.set $digit (i32.sub (local.get $digit) (i32.const 1)))
            (i32.store8 (local.get $digit)
                (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $count) (i64.const 10)))))
            (local.set $count (i64.div_u (local.get $count) (i64.const 10)))
            (br_if $next (i64.ne (local.get $count) (i64.const 0))))
        (local.set $size (i32.sub (i32.const 64) (local.get $digit)))
        (local.set $out (call $alloc (local.get $size)))
        (memory.copy (local.get $out) (local.get $digit) (local.get $size))
        (i64.or
            (i64.shl (i64.extend_i32_u (local.get $out)) (i64.const 32))
            (i64.extend_i32_u (local.get $size)))))
