;; Contracts that trap, or that pass addresses outside their memory to a host function.
(module
    (import "env" "log_utf8" (func $log (param i64 i64)))

    (memory (export "memory") 1)
    (data (i32.const 0) "about to fail")

    (func (export "give_up")
        (call $log (i64.const 13) (i64.const 0))
        unreachable)

    (func (export "divide")
        (drop (i32.div_u (i32.const 1) (i32.load (i32.const 100)))))

    (func (export "read_outside")
        (drop (i32.load (i32.const 65536))))

    (func (export "host_outside")
        (call $log (i64.const 13) (i64.const 65530))))
