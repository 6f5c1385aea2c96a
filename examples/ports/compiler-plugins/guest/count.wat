;; A plug-in that counts nodes through host functions and changes nothing. It is an old one: its function has no parameter
;; for the mark of unresolved names.
(module
    (import "env" "__set_transform_plugin_core_pkg_diag" (func $set_schema (param i32 i32)))
    (import "env" "__set_transform_result" (func $set_result (param i32 i32)))
    (import "env" "__count_node_proxy" (func $count (param i32 i64) (result i64)))
    (import "env" "__report_metric_proxy" (func $metric (param i32 i32 f64)))

    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))

    (data (i32.const 0) "\01\00\00\00")
    (data (i32.const 32) "average text")

    (func (export "__alloc") (param $size i32) (result i32)
        (local $address i32)
        (local.set $address (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get $size)))
        (block $fits
            (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 0x10000))))
            (br_if $fits (i32.ne
                (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 0x10000)) (i32.const 1)))
                (i32.const -1)))
            unreachable)
        (local.get $address))

    (func (export "__free") (param $address i32) (param $size i32) (result i32) (i32.const 0))

    (func (export "__get_transform_plugin_core_pkg_diag") (result i32)
        (call $set_schema (i32.const 0) (i32.const 4))
        (i32.const 0))

    (func (export "__transform_plugin_process_impl")
        (param $tree i32) (param $size i32) (param $comments i32) (result i32)
        (local $at i32) (local $end i32) (local $length i32) (local $nodes i64) (local $letters i64)
        (local.set $at (local.get $tree))
        (local.set $end (i32.add (local.get $tree) (local.get $size)))
        (block $done
            (loop $node
                (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                (local.set $length (i32.load16_u offset=2 (local.get $at)))
                (local.set $letters (i64.add (local.get $letters) (i64.extend_i32_u (local.get $length))))
                ;; The kind, and the length; the host returns the number of nodes so far.
                (local.set $nodes (call $count
                    (i32.load8_u (local.get $at)) (i64.extend_i32_u (local.get $length))))
                (local.set $at (i32.add (local.get $at) (i32.add (local.get $length) (i32.const 8))))
                (br $node)))
        (call $metric (i32.const 32) (i32.const 12) (f64.div
            (f64.convert_i64_u (local.get $letters))
            (f64.convert_i64_u (local.get $nodes))))
        (call $set_result (local.get $tree) (local.get $size))
        (i32.const 0)))
