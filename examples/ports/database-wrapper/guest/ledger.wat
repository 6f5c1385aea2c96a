;; Keeps up to 64 entries, each with a number, a text and a time, and applies one condition on the number itself.
(module
    (import "tables:wrapper/types@0.2.0" "[method]context.conditions" (func $conditions (param i32 i32)))
    (import "tables:wrapper/types@0.2.0" "[method]context.limit" (func $limit (param i32 i32)))
    (import "tables:wrapper/types@0.2.0" "[resource-drop]context" (func $drop-context (param i32)))
    (import "tables:wrapper/types@0.2.0" "[method]row.push" (func $push (param i32 i32 i32 i64 i32)))
    (import "tables:wrapper/types@0.2.0" "[method]row.cells" (func $cells (param i32 i32)))
    (import "tables:wrapper/types@0.2.0" "[resource-drop]row" (func $drop-row (param i32)))
    (import "tables:wrapper/remote@0.2.0" "notice" (func $notice (param i32 i32)))

    ;; prelude

    (data (i32.const 1024) "an entry needs a number, a text and a time")
    (data (i32.const 1072) "the ledger is full")
    (data (i32.const 1104) "a condition on the number is applied by the wrapper")
    (data (i32.const 1168) "create foreign table ledger (id bigint, text text, at timestamp)")

    ;; Entries are from 4096 on: a number, a time, and the place and length of a text.
    (global $count (mut i32) (i32.const 0))
    ;; The statement: the next entry, the condition, and the number of rows that it still takes.
    (global $at (mut i32) (i32.const 0))
    (global $operator (mut i32) (i32.const -1))
    (global $bound (mut i64) (i64.const 0))
    (global $left (mut i64) (i64.const -1))

    (func $entry (param $number i32) (result i32)
        (i32.add (i32.const 4096) (i32.shl (local.get $number) (i32.const 5))))

    (func (export "tables:wrapper/routines@0.2.0#insert") (param $context i32) (param $row i32) (result i32)
        (local $result i32)
        (local.set $result (call $insert (local.get $row)))
        (call $drop-context (local.get $context))
        (call $drop-row (local.get $row))
        (local.get $result))

    (func $insert (param $row i32) (result i32)
        (local $cells i32) (local $entry i32)
        (if (i32.eq (global.get $count) (i32.const 64)) (then (return (call $fail (i32.const 1072) (i32.const 18)))))
        (call $cells (local.get $row) (i32.const 32))
        (local.set $cells (i32.load (i32.const 32)))
        (if (i32.or
                (i32.ne (i32.load (i32.const 36)) (i32.const 3))
                (i32.eqz
                    (i32.and
                        (call $is (local.get $cells) (i32.const 1))
                        (i32.and
                            (call $is (i32.add (local.get $cells) (i32.const 24)) (i32.const 3))
                            (call $is (i32.add (local.get $cells) (i32.const 48)) (i32.const 4))))))
            (then (return (call $fail (i32.const 1024) (i32.const 42)))))
        (local.set $entry (call $entry (global.get $count)))
        (i64.store (local.get $entry) (i64.load offset=16 (local.get $cells)))
        (i64.store offset=8 (local.get $entry) (i64.load offset=64 (local.get $cells)))
        ;; The text stays where the host has put it.
        (i64.store offset=16 (local.get $entry) (i64.load offset=40 (local.get $cells)))
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (call $ok))

    ;; Whether a cell has a value of this case.
    (func $is (param $cell i32) (param $case i32) (result i32)
        (i32.and
            (i32.load8_u (local.get $cell))
            (i32.eq (i32.load8_u offset=8 (local.get $cell)) (local.get $case))))

    (func (export "tables:wrapper/routines@0.2.0#begin-scan") (param $context i32) (result i32)
        (local $condition i32) (local $conditions i32) (local $others i32) (local $next i32)
        (local.set $next (global.get $next))
        (global.set $at (i32.const 0))
        (global.set $operator (i32.const -1))
        (global.set $left (i64.const -1))
        (call $conditions (local.get $context) (i32.const 32))
        (local.set $condition (i32.load (i32.const 32)))
        (local.set $conditions (i32.load (i32.const 36)))
        (loop $more
            (if (local.get $conditions)
                (then
                    ;; On the column whose name is two bytes long, with an integer.
                    (if (i32.and
                            (i32.eq (i32.load offset=4 (local.get $condition)) (i32.const 2))
                            (i32.and
                                (i32.eq (i32.load8_u offset=16 (local.get $condition)) (i32.const 1))
                                (i32.eq (global.get $operator) (i32.const -1))))
                        (then
                            (call $notice (i32.const 1104) (i32.const 51))
                            (global.set $operator (i32.load8_u offset=8 (local.get $condition)))
                            (global.set $bound (i64.load offset=24 (local.get $condition))))
                        (else (local.set $others (i32.const 1))))
                    (local.set $condition (i32.add (local.get $condition) (i32.const 32)))
                    (local.set $conditions (i32.sub (local.get $conditions) (i32.const 1)))
                    (br $more))))
        (call $limit (local.get $context) (i32.const 32))
        (if (i32.and (i32.load8_u (i32.const 32)) (i32.eqz (local.get $others)))
            (then (global.set $left (i64.load (i32.const 40)))))
        (call $drop-context (local.get $context))
        (global.set $next (local.get $next))
        (call $ok))

    (func (export "tables:wrapper/routines@0.2.0#next-row") (param $context i32) (param $row i32) (result i32)
        (local $result i32)
        (local.set $result (call $next-entry (local.get $row)))
        (call $drop-context (local.get $context))
        (call $drop-row (local.get $row))
        (local.get $result))

    (func $next-entry (param $row i32) (result i32)
        (local $entry i32)
        (loop $more
            (if (i32.or (i32.ge_u (global.get $at) (global.get $count)) (i64.eqz (global.get $left)))
                (then (return (call $found (i32.const 0)))))
            (local.set $entry (call $entry (global.get $at)))
            (global.set $at (i32.add (global.get $at) (i32.const 1)))
            (br_if $more (i32.eqz (call $accepts (i64.load (local.get $entry))))))
        (global.set $left (i64.sub (global.get $left) (i64.const 1)))
        (call $push (local.get $row) (i32.const 1) (i32.const 1) (i64.load (local.get $entry)) (i32.const 0))
        (call $push (local.get $row) (i32.const 1) (i32.const 3)
            (i64.load32_u offset=16 (local.get $entry)) (i32.load offset=20 (local.get $entry)))
        (call $push (local.get $row) (i32.const 1) (i32.const 4) (i64.load offset=8 (local.get $entry)) (i32.const 0))
        (call $found (i32.const 1)))

    ;; Whether the condition, if there is one, accepts a number: equal, less or greater.
    (func $accepts (param $number i64) (result i32)
        (if (i32.eqz (global.get $operator)) (then (return (i64.eq (local.get $number) (global.get $bound)))))
        (if (i32.eq (global.get $operator) (i32.const 1))
            (then (return (i64.lt_s (local.get $number) (global.get $bound)))))
        (if (i32.eq (global.get $operator) (i32.const 2))
            (then (return (i64.gt_s (local.get $number) (global.get $bound)))))
        (i32.const 1))

    (func (export "tables:wrapper/routines@0.2.0#end-scan") (param $context i32) (result i32)
        (call $drop-context (local.get $context))
        (call $ok))

    ;; A list of one text.
    (func (export "tables:wrapper/routines@0.2.0#import-schema") (param $context i32) (result i32)
        (call $drop-context (local.get $context))
        (i32.store (i32.const 512) (i32.const 1168))
        (i32.store (i32.const 516) (i32.const 64))
        (i32.store (i32.const 68) (i32.const 512))
        (i32.store (i32.const 72) (i32.const 1))
        (call $ok)))
