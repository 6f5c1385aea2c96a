;; Takes all memory that it gets and returns the number of pages in decimal digits.
(module
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

    (func (export "fill") (param $at i32) (param $length i32) (result i64)
        (local $count i32) (local $digit i32) (local $size i32) (local $out i32)
        (loop $more
            (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (local.set $count (memory.size))
        (local.set $digit (i32.const 64))
        (loop $next
            (local.set $digit (i32.sub (local.get $digit) (i32.const 1)))
            (i32.store8 (local.get $digit)
                (i32.add (i32.const 48) (i32.rem_u (local.get $count) (i32.const 10))))
            (local.set $count (i32.div_u (local.get $count) (i32.const 10)))
            (br_if $next (local.get $count)))
        (local.set $size (i32.sub (i32.const 64) (local.get $digit)))
        (local.set $out (call $alloc (local.get $size)))
        (memory.copy (local.get $out) (local.get $digit) (local.get $size))
        (i64.or
            (i64.shl (i64.extend_i32_u (local.get $out)) (i64.const 32))
            (i64.extend_i32_u (local.get $size)))))
