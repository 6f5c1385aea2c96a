;; A hook: it denies requests whose address contains "admin", and never ends for those with "loop".
(module
    (import "hook" "reason" (func $reason (param i32 i32)))
    (memory (export "memory") 1)
    ;; Where the host puts the address.
    (global (export "input") i32 (i32.const 4096))
    (data (i32.const 16) "admin")
    (data (i32.const 32) "loop")
    (data (i32.const 48) "the hook allows no requests to admin")

    (func (export "before_request") (param $length i32) (result i32)
        (if (call $contains (local.get $length) (i32.const 32) (i32.const 4)) (then (loop $more (br $more))))
        (if (call $contains (local.get $length) (i32.const 16) (i32.const 5))
            (then
                (call $reason (i32.const 48) (i32.const 36))
                (return (i32.const 0))))
        (i32.const 1))

    (func $contains (param $length i32) (param $word i32) (param $word-length i32) (result i32)
        (local $at i32) (local $byte i32)
        (block $none
            (loop $places
                (br_if $none (i32.gt_s (i32.add (local.get $at) (local.get $word-length)) (local.get $length)))
                (local.set $byte (i32.const 0))
                (block $differs
                    (loop $bytes
                        (br_if $differs
                            (i32.ne
                                (i32.load8_u (i32.add (local.get $word) (local.get $byte)))
                                (i32.load8_u offset=4096 (i32.add (local.get $at) (local.get $byte)))))
                        (local.set $byte (i32.add (local.get $byte) (i32.const 1)))
                        (br_if $bytes (i32.lt_u (local.get $byte) (local.get $word-length))))
                    (return (i32.const 1)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br $places)))
        (i32.const 0)))
