;; A plug-in that turns identifiers into upper case, unless they are shorter than its configuration demands.
;;
;; A tree is a list of nodes in the order of the text. A node has a kind (1 byte), its number of children (1 byte), the
;; length of its text (2 bytes), its offset in the file (4 bytes), and its text.
(module
    (import "env" "__set_transform_plugin_core_pkg_diag" (func $set_schema (param i32 i32)))
    (import "env" "__set_transform_result" (func $set_result (param i32 i32)))
    (import "env" "__get_transform_plugin_config" (func $get_config (param i32) (result i32)))

    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))

    ;; The version of the schema of trees.
    (data (i32.const 0) "\02\00\00\00")

    (func (export "__alloc") (param $size i32) (result i32)
        (local $address i32)
        (local.set $address (global.get $next))
        (global.set $next (i32.and
            (i32.add (i32.add (global.get $next) (local.get $size)) (i32.const 7))
            (i32.const -8)))
        (block $fits
            (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 0x10000))))
            (br_if $fits (i32.ne
                (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 0x10000)) (i32.const 1)))
                (i32.const -1)))
            unreachable)
        (local.get $address))

    ;; The memory is that of one file, and ends with the instance.
    (func (export "__free") (param $address i32) (param $size i32) (result i32) (i32.const 0))

    (func (export "__get_transform_plugin_core_pkg_diag") (result i32)
        (call $set_schema (i32.const 0) (i32.const 4))
        (i32.const 0))

    (func (export "__transform_plugin_process_impl")
        (param $tree i32) (param $size i32) (param $mark i32) (param $comments i32) (result i32)
        (local $at i32) (local $end i32) (local $length i32) (local $shortest i32)
        ;; The host writes the address of the configuration to 16 and its length to 20.
        (if (call $get_config (i32.const 16))
            (then (local.set $shortest
                (i32.sub (i32.load8_u (i32.load (i32.const 16))) (i32.const 48)))))
        (local.set $at (local.get $tree))
        (local.set $end (i32.add (local.get $tree) (local.get $size)))
        (block $done
            (loop $node
                (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                (local.set $length (i32.load16_u offset=2 (local.get $at)))
                ;; Kind 4 is an identifier.
                (if (i32.and
                        (i32.eq (i32.load8_u (local.get $at)) (i32.const 4))
                        (i32.ge_u (local.get $length) (local.get $shortest)))
                    (then (call $raise (i32.add (local.get $at) (i32.const 8)) (local.get $length))))
                (local.set $at (i32.add (local.get $at) (i32.add (local.get $length) (i32.const 8))))
                (br $node)))
        (call $set_result (local.get $tree) (local.get $size))
        (i32.const 0))

    (func $raise (param $text i32) (param $length i32)
        (local $byte i32)
        (block $done
            (loop $next
                (br_if $done (i32.eqz (local.get $length)))
                (local.set $byte (i32.load8_u (local.get $text)))
                (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
                    (then (i32.store8 (local.get $text) (i32.sub (local.get $byte) (i32.const 32)))))
                (local.set $text (i32.add (local.get $text) (i32.const 1)))
                (local.set $length (i32.sub (local.get $length) (i32.const 1)))
                (br $next)))))
