;; Turns the input into capitals and appends the value of the host's configuration for "suffix".
(module
    (import "host" "log" (func $log (param i32 i32 i32)))
    (import "host" "config" (func $config (param i32 i32) (result i64)))

    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 4096))
    (global $live (export "live") (mut i32) (i32.const 0))
    (data (i32.const 16) "suffix")
    (data (i32.const 32) "uppercase is done")

    (func $alloc (export "alloc") (param $size i32) (result i32)
        (global.get $top)
        (global.set $top (i32.and (i32.add (i32.add (global.get $top) (local.get $size)) (i32.const 7)) (i32.const -8)))
        (global.set $live (i32.add (global.get $live) (i32.const 1)))
        (if (i32.gt_u (global.get $top) (i32.shl (memory.size) (i32.const 16))) (then unreachable)))

    ;; With the last allocation all memory is free again.
    (func $dealloc (export "dealloc") (param $at i32) (param $size i32)
        (global.set $live (i32.sub (global.get $live) (i32.const 1)))
        (if (i32.eqz (global.get $live)) (then (global.set $top (i32.const 4096)))))

    (func (export "uppercase") (param $at i32) (param $length i32) (result i64)
        (local $suffix i64) (local $more i32) (local $out i32) (local $index i32) (local $byte i32)
        (local.set $suffix (call $config (i32.const 16) (i32.const 6)))
        (local.set $more (i32.wrap_i64 (local.get $suffix)))
        (local.set $out (call $alloc (i32.add (local.get $length) (local.get $more))))
        (block $done
            (loop $next
                (br_if $done (i32.eq (local.get $index) (local.get $length)))
                (local.set $byte (i32.load8_u (i32.add (local.get $at) (local.get $index))))
                (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
                    (then (local.set $byte (i32.sub (local.get $byte) (i32.const 32)))))
                (i32.store8 (i32.add (local.get $out) (local.get $index)) (local.get $byte))
                (local.set $index (i32.add (local.get $index) (i32.const 1)))
                (br $next)))
        (if (i64.ne (local.get $suffix) (i64.const 0))
            (then
                (memory.copy
                    (i32.add (local.get $out) (local.get $length))
                    (i32.wrap_i64 (i64.shr_u (local.get $suffix) (i64.const 32)))
                    (local.get $more))
                (call $dealloc (i32.wrap_i64 (i64.shr_u (local.get $suffix) (i64.const 32))) (local.get $more))))
        (call $log (i32.const 1) (i32.const 32) (i32.const 17))
        (i64.or
            (i64.shl (i64.extend_i32_u (local.get $out)) (i64.const 32))
            (i64.extend_i32_u (i32.add (local.get $length) (local.get $more))))))
