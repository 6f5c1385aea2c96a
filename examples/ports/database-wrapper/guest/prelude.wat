;; Memory: results from 32 on, texts of the guest from 1024 on, allocations from 16384 on.
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 16384))
    (func (export "cabi_realloc")
        (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (if (i32.gt_u (global.get $next) (i32.const 131072)) (then (unreachable)))
        (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
        (local.get $at))

    ;; The result `ok`, without a value.
    (func $ok (result i32)
        (i32.store8 (i32.const 64) (i32.const 0))
        (i32.const 64))
    ;; The result `ok` with a value that says whether there is a row.
    (func $found (param $found i32) (result i32)
        (i32.store8 (i32.const 68) (local.get $found))
        (call $ok))
    ;; The result `err` with a text.
    (func $fail (param $text i32) (param $length i32) (result i32)
        (i32.store8 (i32.const 64) (i32.const 1))
        (i32.store (i32.const 68) (local.get $text))
        (i32.store (i32.const 72) (local.get $length))
        (i32.const 64))
