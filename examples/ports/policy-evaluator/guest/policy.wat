;; A policy on OPA's WebAssembly ABI 1.2: the module that `opa build -t wasm` compiles, written by hand and kept short. Its source:
;;
;;     package example
;;
;;     default allow := false
;;     allow if { permitted; not input.user in data.blocked }
;;     permitted if input.role == "admin"
;;     permitted if glob.match("/public/*", ["/"], input.path)
;;     permitted if regex.template_match("urn:docs:<.*>", input.resource, "<", ">")
;;
;;     audit := {"at": time.now_ns(), "user": hex.encode(input.user)} if { print("audit record requested") }
;;     outdated := semver.compare(input.version, data.minimum) < 0
;;     conflict := 1
;;     conflict := 2
;;
;; A value of this policy is the address of its JSON text, which ends with a zero byte; OPA's own values are trees. A field is
;; found by a search of the text, so the JSON must be compact.
(module
    (import "env" "memory" (memory 2 64))
    (import "env" "opa_abort" (func $abort (param i32)))
    (import "env" "opa_println" (func $println (param i32)))
    (import "env" "opa_builtin0" (func $builtin0 (param i32 i32) (result i32)))
    (import "env" "opa_builtin1" (func $builtin1 (param i32 i32 i32) (result i32)))
    (import "env" "opa_builtin2" (func $builtin2 (param i32 i32 i32 i32) (result i32)))
    (import "env" "opa_builtin3" (func $builtin3 (param i32 i32 i32 i32 i32) (result i32)))
    (import "env" "opa_builtin4" (func $builtin4 (param i32 i32 i32 i32 i32 i32) (result i32)))

    (global (export "opa_wasm_abi_version") i32 (i32.const 1))
    (global (export "opa_wasm_abi_minor_version") i32 (i32.const 2))
    (global $heap (mut i32) (i32.const 4096))

    (data (i32.const 16) "{\22glob.match\22:0,\22hex.encode\22:1,\22regex.template_match\22:2,\22semver.compare\22:3,\22time.now_ns\22:4}")
    (data (i32.const 128) "{\22example/allow\22:0,\22example/audit\22:1,\22example/outdated\22:2,\22example/conflict\22:3}")
    (data (i32.const 256) "[]")
    (data (i32.const 264) "[{\22result\22:true}]")
    (data (i32.const 288) "[{\22result\22:false}]")
    (data (i32.const 320) "\22user\22:")
    (data (i32.const 336) "\22role\22:\22admin\22")
    (data (i32.const 352) "\22path\22:")
    (data (i32.const 368) "\22resource\22:")
    (data (i32.const 384) "\22version\22:")
    (data (i32.const 400) "\22minimum\22:")
    (data (i32.const 416) "\22/public/*\22")
    (data (i32.const 432) "[\22/\22]")
    (data (i32.const 448) "\22urn:docs:<.*>\22")
    (data (i32.const 472) "\22<\22")
    (data (i32.const 480) "\22>\22")
    (data (i32.const 488) "\22")
    (data (i32.const 496) "[{\22result\22:{\22at\22:")
    (data (i32.const 520) ",\22user\22:")
    (data (i32.const 536) "}}]")
    (data (i32.const 544) "audit record requested")
    (data (i32.const 576) "example.rego:12: complete rules must not produce multiple outputs")
    (data (i32.const 656) "illegal entrypoint id")
    (data (i32.const 688) "opa_malloc: out of memory")

    ;; The allocator: memory is taken from the heap and returned all at once, with `opa_heap_ptr_set`.
    (func $malloc (export "opa_malloc") (param $size i32) (result i32) (local $at i32)
        (local.set $at (global.get $heap))
        (global.set $heap
            (i32.add (local.get $at) (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))))
        (block $enough
            (loop $grow
                (br_if $enough (i32.le_u (global.get $heap) (i32.shl (memory.size) (i32.const 16))))
                (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (call $abort (i32.const 688)) unreachable))
                (br $grow)))
        (local.get $at))
    (func (export "opa_free") (param $address i32))
    (func (export "opa_heap_ptr_get") (result i32) (global.get $heap))
    (func (export "opa_heap_ptr_set") (param $address i32) (global.set $heap (local.get $address)))

    ;; The value of a text of this length; 0 for an empty text, which is not JSON.
    (func $parse (export "opa_json_parse") (param $text i32) (param $length i32) (result i32) (local $value i32)
        (if (i32.eqz (local.get $length)) (then (return (i32.const 0))))
        (local.set $value (call $malloc (i32.add (local.get $length) (i32.const 1))))
        (memory.copy (local.get $value) (local.get $text) (local.get $length))
        (i32.store8 (i32.add (local.get $value) (local.get $length)) (i32.const 0))
        (local.get $value))
    (func $dump (export "opa_json_dump") (param $value i32) (result i32) (local.get $value))

    (func $length (param $text i32) (result i32) (local $at i32)
        (local.set $at (local.get $text))
        (loop $next
            (if (i32.load8_u (local.get $at))
                (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $next))))
        (i32.sub (local.get $at) (local.get $text)))

    ;; The address after the first place of a text that has this part, or 0.
    (func $find (param $text i32) (param $part i32) (result i32) (local $at i32) (local $byte i32)
        (loop $place
            (local.set $at (i32.const 0))
            (loop $next
                (local.set $byte (i32.load8_u (i32.add (local.get $part) (local.get $at))))
                (if (i32.eqz (local.get $byte)) (then (return (i32.add (local.get $text) (local.get $at)))))
                (if (i32.eq (local.get $byte) (i32.load8_u (i32.add (local.get $text) (local.get $at))))
                    (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $next))))
            (if (i32.load8_u (local.get $text))
                (then (local.set $text (i32.add (local.get $text) (i32.const 1))) (br $place))))
        (i32.const 0))

    ;; The string of a field, or 0 if the object has no such field.
    (func $field (param $object i32) (param $key i32) (result i32) (local $start i32)
        (local.set $start (call $find (local.get $object) (local.get $key)))
        (if (i32.eqz (local.get $start)) (then (return (i32.const 0))))
        (call $parse
            (local.get $start)
            (i32.sub (call $find (i32.add (local.get $start) (i32.const 1)) (i32.const 488)) (local.get $start))))

    (func $concat (param $one i32) (param $two i32) (result i32) (local $text i32) (local $length i32)
        (local.set $length (call $length (local.get $one)))
        (local.set $text
            (call $malloc (i32.add (i32.add (local.get $length) (call $length (local.get $two))) (i32.const 1))))
        (memory.copy (local.get $text) (local.get $one) (local.get $length))
        (memory.copy
            (i32.add (local.get $text) (local.get $length))
            (local.get $two)
            (i32.add (call $length (local.get $two)) (i32.const 1)))
        (local.get $text))

    (func $is_true (param $value i32) (result i32)
        (i32.eq (i32.load8_u (local.get $value)) (i32.const 116)))

    (func $permitted (param $input i32) (result i32) (local $string i32)
        (if (call $find (local.get $input) (i32.const 336)) (then (return (i32.const 1))))
        (local.set $string (call $field (local.get $input) (i32.const 352)))
        (if (local.get $string)
            (then (if (call $is_true
                    (call $builtin3 (i32.const 0) (i32.const 0) (i32.const 416) (i32.const 432) (local.get $string)))
                (then (return (i32.const 1))))))
        (local.set $string (call $field (local.get $input) (i32.const 368)))
        (if (i32.eqz (local.get $string)) (then (return (i32.const 0))))
        (call $is_true
            (call $builtin4
                (i32.const 2) (i32.const 0) (i32.const 448) (local.get $string) (i32.const 472) (i32.const 480))))

    (func $allow (param $input i32) (param $data i32) (result i32) (local $user i32)
        (if (i32.eqz (call $permitted (local.get $input))) (then (return (i32.const 288))))
        (local.set $user (call $field (local.get $input) (i32.const 320)))
        (if (i32.eqz (local.get $user)) (then (return (i32.const 264))))
        (select (i32.const 288) (i32.const 264) (call $find (local.get $data) (local.get $user))))

    (func $audit (param $input i32) (result i32) (local $user i32)
        (call $println (i32.const 544))
        (local.set $user (call $field (local.get $input) (i32.const 320)))
        (if (i32.eqz (local.get $user)) (then (return (i32.const 256))))
        (call $concat
            (call $concat (i32.const 496) (call $builtin0 (i32.const 4) (i32.const 0)))
            (call $concat
                (i32.const 520)
                (call $concat (call $builtin1 (i32.const 1) (i32.const 0) (local.get $user)) (i32.const 536)))))

    (func $outdated (param $input i32) (param $data i32) (result i32) (local $version i32) (local $order i32)
        (local.set $version (call $field (local.get $input) (i32.const 384)))
        (if (i32.eqz (local.get $version)) (then (return (i32.const 256))))
        (local.set $order
            (call $builtin2
                (i32.const 3) (i32.const 0) (local.get $version) (call $field (local.get $data) (i32.const 400))))
        (select (i32.const 264) (i32.const 288) (i32.eq (i32.load8_u (local.get $order)) (i32.const 45))))

    (func $rule (param $entrypoint i32) (param $input i32) (param $data i32) (result i32)
        (block $conflict (block $outdated (block $audit (block $allow (block $illegal
            (br_table $allow $audit $outdated $conflict $illegal (local.get $entrypoint)))
            (call $abort (i32.const 656)) unreachable)
            (return (call $allow (local.get $input) (local.get $data))))
            (return (call $audit (local.get $input))))
            (return (call $outdated (local.get $input) (local.get $data))))
        (call $abort (i32.const 576))
        unreachable)

    (func (export "builtins") (result i32) (i32.const 16))
    (func (export "entrypoints") (result i32) (i32.const 128))

    ;; An evaluation in steps. Its context: 0 the input, 4 the data, 8 the entrypoint, 12 the result.
    (func (export "opa_eval_ctx_new") (result i32) (local $context i32)
        (local.set $context (call $malloc (i32.const 16)))
        (memory.fill (local.get $context) (i32.const 0) (i32.const 16))
        (local.get $context))
    (func (export "opa_eval_ctx_set_input") (param $context i32) (param $value i32)
        (i32.store (local.get $context) (local.get $value)))
    (func (export "opa_eval_ctx_set_data") (param $context i32) (param $value i32)
        (i32.store offset=4 (local.get $context) (local.get $value)))
    (func (export "opa_eval_ctx_set_entrypoint") (param $context i32) (param $entrypoint i32)
        (i32.store offset=8 (local.get $context) (local.get $entrypoint)))
    (func (export "opa_eval_ctx_get_result") (param $context i32) (result i32)
        (i32.load offset=12 (local.get $context)))
    (func (export "eval") (param $context i32) (result i32)
        (i32.store offset=12
            (local.get $context)
            (call $rule
                (i32.load offset=8 (local.get $context))
                (i32.load (local.get $context))
                (i32.load offset=4 (local.get $context))))
        (i32.const 0))

    ;; An evaluation in one call, since ABI 1.2: the host has written the input below the heap.
    (func (export "opa_eval")
        (param $reserved i32) (param $entrypoint i32) (param $data i32) (param $input i32) (param $length i32)
        (param $heap i32) (param $format i32) (result i32)
        (global.set $heap (local.get $heap))
        (call $dump
            (call $rule
                (local.get $entrypoint)
                (call $parse (local.get $input) (local.get $length))
                (local.get $data)))))
