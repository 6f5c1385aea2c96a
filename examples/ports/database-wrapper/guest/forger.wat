;; Misuses a row, in the way that the first letter of the option "with" says: p(ush) into a row that it does not have,
;; k(eep) the row after the call, or push a t(ext) outside its memory.
(module
    (import "tables:wrapper/types@0.1.0" "[method]context.get-option" (func $get-option (param i32 i32 i32 i32)))
    (import "tables:wrapper/types@0.1.0" "[resource-drop]context" (func $drop-context (param i32)))
    (import "tables:wrapper/types@0.1.0" "[method]row.push" (func $push (param i32 i32 i32 i64 i32)))

    ;; prelude

    (data (i32.const 1024) "with")
    (global $letter (mut i32) (i32.const 0))

    (func (export "tables:wrapper/routines@0.1.0#begin-scan") (param $context i32) (result i32)
        (call $get-option (local.get $context) (i32.const 1024) (i32.const 4) (i32.const 32))
        (call $drop-context (local.get $context))
        (if (i32.load8_u (i32.const 32))
            (then (global.set $letter (i32.load8_u (i32.load (i32.const 36))))))
        (call $ok))

    (func (export "tables:wrapper/routines@0.1.0#next-row") (param $context i32) (param $row i32) (result i32)
        (call $drop-context (local.get $context))
        (if (i32.eq (global.get $letter) (i32.const 112))
            (then (call $push (i32.const 77) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0))))
        (if (i32.eq (global.get $letter) (i32.const 116))
            (then (call $push (local.get $row) (i32.const 1) (i32.const 3) (i64.const 0xffffff00) (i32.const 16))))
        (call $found (i32.const 1)))

    (func (export "tables:wrapper/routines@0.1.0#end-scan") (param $context i32) (result i32)
        (call $drop-context (local.get $context))
        (call $ok)))
