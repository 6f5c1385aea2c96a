;; A filter on the proxy-wasm ABI 0.2: what a Rust or C++ SDK compiles to, written by hand and kept short.
;;
;; * A request below /admin without the header `x-token` gets a response of the filter's own.
;; * A request below /slow asks another service first, and goes on when that has answered.
;; * All others get the header `x-filtered: yes`, and their bodies are turned into capitals.
;; * A request for /broken makes the filter trap.
(module
    (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
    (import "env" "proxy_get_header_map_value" (func $get_header (param i32 i32 i32 i32 i32) (result i32)))
    (import "env" "proxy_add_header_map_value" (func $add_header (param i32 i32 i32 i32 i32) (result i32)))
    (import "env" "proxy_get_buffer_bytes" (func $get_buffer (param i32 i32 i32 i32 i32) (result i32)))
    (import "env" "proxy_set_buffer_bytes" (func $set_buffer (param i32 i32 i32 i32 i32) (result i32)))
    (import "env" "proxy_send_local_response"
        (func $respond (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (import "env" "proxy_http_call"
        (func $http_call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
    (import "env" "proxy_get_current_time_nanoseconds" (func $now (param i32) (result i32)))
    (import "env" "proxy_define_metric" (func $define_metric (param i32 i32 i32 i32) (result i32)))
    (import "env" "proxy_increment_metric" (func $increment (param i32 i64) (result i32)))

    (memory (export "memory") 1)
    (global $heap (mut i32) (i32.const 4096))
    ;; 0: where a host function puts the address of a value, 4: its length, 8: a time, 16: a metric, 20: a token.
    (data (i32.const 100) ":path")
    (data (i32.const 110) "x-token")
    (data (i32.const 120) "x-filtered")
    (data (i32.const 132) "yes")
    (data (i32.const 140) "denied\n")
    (data (i32.const 150) "no token")
    (data (i32.const 160) "requests")
    (data (i32.const 170) "filter started")
    (data (i32.const 190) "token found")
    (data (i32.const 210) "auth.example")
    (data (i32.const 230) "waiting for another service")
    (data (i32.const 260) "the other service has answered")
    (data (i32.const 300) "/admin")
    (data (i32.const 310) "/slow")
    (data (i32.const 320) "/broken")

    (func (export "proxy_abi_version_0_2_1"))

    (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
        (global.get $heap)
        (global.set $heap (i32.add (global.get $heap) (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const -16)))))

    (func $check (param $status i32)
        (if (local.get $status) (then unreachable)))

    (func $starts_with (param $prefix i32) (param $length i32) (result i32) (local $at i32)
        (if (i32.lt_u (i32.load (i32.const 4)) (local.get $length)) (then (return (i32.const 0))))
        (loop $next
            (if (i32.eq (local.get $at) (local.get $length)) (then (return (i32.const 1))))
            (if (i32.ne
                    (i32.load8_u (i32.add (i32.load (i32.const 0)) (local.get $at)))
                    (i32.load8_u (i32.add (local.get $prefix) (local.get $at))))
                (then (return (i32.const 0))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $next))
        unreachable)

    (func (export "proxy_on_context_create") (param $context i32) (param $root i32))

    (func (export "proxy_on_vm_start") (param $root i32) (param $size i32) (result i32)
        (call $check (call $now (i32.const 8)))
        (call $check (call $define_metric (i32.const 0) (i32.const 160) (i32.const 8) (i32.const 16)))
        (call $check (call $log (i32.const 2) (i32.const 170) (i32.const 14)))
        (i32.const 1))

    (func (export "proxy_on_request_headers") (param $context i32) (param $count i32) (param $end i32) (result i32)
        (call $check (call $increment (i32.load (i32.const 16)) (i64.const 1)))
        (call $check (call $get_header (i32.const 0) (i32.const 100) (i32.const 5) (i32.const 0) (i32.const 4)))
        (if (call $starts_with (i32.const 320) (i32.const 7)) (then unreachable))
        (if (call $starts_with (i32.const 310) (i32.const 5))
            (then
                (call $check (call $http_call
                    (i32.const 210) (i32.const 12) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
                    (i32.const 0) (i32.const 0) (i32.const 1000) (i32.const 20)))
                (call $check (call $log (i32.const 2) (i32.const 230) (i32.const 27)))
                (return (i32.const 1))))
        (if (call $starts_with (i32.const 300) (i32.const 6))
            (then
                (if (call $get_header (i32.const 0) (i32.const 110) (i32.const 7) (i32.const 0) (i32.const 4))
                    (then
                        (call $check (call $respond
                            (i32.const 403) (i32.const 150) (i32.const 8) (i32.const 140) (i32.const 7)
                            (i32.const 0) (i32.const 0) (i32.const -1)))
                        (return (i32.const 1))))
                (call $check (call $log (i32.const 2) (i32.const 190) (i32.const 11)))))
        (call $check (call $add_header
            (i32.const 0) (i32.const 120) (i32.const 10) (i32.const 132) (i32.const 3)))
        (i32.const 0))

    (func (export "proxy_on_request_body") (param $context i32) (param $size i32) (param $end i32) (result i32)
        (local $at i32) (local $byte i32)
        (call $check (call $get_buffer (i32.const 0) (i32.const 0) (local.get $size) (i32.const 0) (i32.const 4)))
        (block $done
            (loop $next
                (br_if $done (i32.eq (local.get $at) (i32.load (i32.const 4))))
                (local.set $byte (i32.load8_u (i32.add (i32.load (i32.const 0)) (local.get $at))))
                (if (i32.and
                        (i32.ge_u (local.get $byte) (i32.const 97))
                        (i32.le_u (local.get $byte) (i32.const 122)))
                    (then (i32.store8
                        (i32.add (i32.load (i32.const 0)) (local.get $at))
                        (i32.sub (local.get $byte) (i32.const 32)))))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br $next)))
        (call $check (call $set_buffer
            (i32.const 0) (i32.const 0) (local.get $size) (i32.load (i32.const 0)) (i32.load (i32.const 4))))
        (i32.const 0))

    (func (export "proxy_on_http_call_response")
        (param $context i32) (param $token i32) (param $headers i32) (param $body i32) (param $trailers i32)
        (if (i32.ne (local.get $token) (i32.load (i32.const 20))) (then unreachable))
        (call $check (call $log (i32.const 2) (i32.const 260) (i32.const 30)))
        (call $check (call $continue (i32.const 0))))

    (func (export "proxy_on_log") (param $context i32))

    (func (export "proxy_on_done") (param $context i32) (result i32) (i32.const 1))

    (func (export "proxy_on_delete") (param $context i32)))
