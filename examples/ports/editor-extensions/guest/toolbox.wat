;; Labels of completions, a slash command that runs a program, and a server for a project, for the API 0.3.0.
(module
    (@custom "editor:api-version" "\00\00\00\03\00\00")
    (import "editor:extension/process" "run" (func $run (param i32 i32 i32 i32 i32 i32 i32)))
    (import "$root" "[method]worktree.id" (func $id (param i32) (result i64)))
    (import "$root" "[method]worktree.root-path" (func $root-path (param i32 i32)))
    (import "$root" "[resource-drop]worktree" (func $drop-worktree (param i32)))
    (import "$root" "[method]project.worktree-ids" (func $worktree-ids (param i32 i32)))
    (import "$root" "[resource-drop]project" (func $drop-project (param i32)))

    ;; prelude

    (data (i32.const 1024) "context-server")
    (data (i32.const 1040) "the project has no worktrees")
    (data (i32.const 1072) "the program returned nothing")
    (data (i32.const 1104) "()")
    (data (i32.const 1112) "--one")
    (data (i32.const 1120) "--many")
    ;; Lists of one text: "--one" and "--many".
    (data (i32.const 1136) "\58\04\00\00\05\00\00\00")
    (data (i32.const 1144) "\60\04\00\00\06\00\00\00")

    (func (export "init"))

    ;; Starts at the root of the worktree, if its number is even.
    (func (export "language-server-command") (param $server i32) (param $length i32) (param $worktree i32) (result i32)
        (local $id i64)
        (local.set $id (call $id (local.get $worktree)))
        (call $root-path (local.get $worktree) (i32.const 32))
        (call $drop-worktree (local.get $worktree))
        (call $ok
            (i32.load (i32.const 32)) (i32.load (i32.const 36))
            (select (i32.const 1144) (i32.const 1136) (i64.eqz (i64.rem_u (local.get $id) (i64.const 2))))
            (i32.const 1)))

    ;; Functions get a label of two spans, others none.
    (func (export "labels-for-completions")
        (param $server i32) (param $length i32) (param $completion i32) (param $count i32) (result i32)
        (local $labels i32) (local $label i32) (local $spans i32) (local $left i32)
        (local.set $labels
            (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.mul (local.get $count) (i32.const 28))))
        (local.set $label (local.get $labels))
        (local.set $left (local.get $count))
        (loop $more
            (if (local.get $left)
                (then
                    (if (i32.and
                            (i32.load8_u offset=20 (local.get $completion))
                            (i32.eqz (i32.load8_u offset=21 (local.get $completion))))
                        (then
                            (local.set $spans (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 24)))
                            (i32.store8 (local.get $spans) (i32.const 0))
                            (i32.store offset=4 (local.get $spans) (i32.const 0))
                            (i32.store offset=8 (local.get $spans) (i32.load offset=4 (local.get $completion)))
                            (i32.store8 offset=12 (local.get $spans) (i32.const 1))
                            (i32.store offset=16 (local.get $spans) (i32.const 1104))
                            (i32.store offset=20 (local.get $spans) (i32.const 2))
                            (i32.store8 (local.get $label) (i32.const 1))
                            (i64.store offset=4 align=4 (local.get $label) (i64.load align=4 (local.get $completion)))
                            (i32.store offset=12 (local.get $label) (local.get $spans))
                            (i32.store offset=16 (local.get $label) (i32.const 2))
                            (i32.store offset=20 (local.get $label) (i32.const 0))
                            (i32.store offset=24 (local.get $label) (i32.load offset=4 (local.get $completion))))
                        (else (i32.store8 (local.get $label) (i32.const 0))))
                    (local.set $label (i32.add (local.get $label) (i32.const 28)))
                    (local.set $completion (i32.add (local.get $completion) (i32.const 24)))
                    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                    (br $more))))
        (call $ok (local.get $labels) (local.get $count) (i32.const 0) (i32.const 0)))

    ;; Runs the program with the name of the command, and its arguments.
    (func (export "run-slash-command")
        (param $command i32) (param $length i32) (param $arguments i32) (param $count i32)
        (param $has-worktree i32) (param $worktree i32) (result i32)
        (if (local.get $has-worktree) (then (call $drop-worktree (local.get $worktree))))
        (call $run
            (local.get $command) (local.get $length)
            (local.get $arguments) (local.get $count)
            (i32.const 0) (i32.const 0)
            (i32.const 32))
        (if (i32.load8_u (i32.const 32))
            (then (return (call $fail (i32.load (i32.const 36)) (i32.load (i32.const 40))))))
        (if (i32.eqz (i32.load (i32.const 48))) (then (return (call $fail (i32.const 1072) (i32.const 28)))))
        ;; Its output, in one section under the name of the program.
        (i32.store (i32.const 512) (i32.const 0))
        (i32.store (i32.const 516) (i32.load (i32.const 48)))
        (i32.store (i32.const 520) (local.get $command))
        (i32.store (i32.const 524) (local.get $length))
        (call $ok (i32.load (i32.const 44)) (i32.load (i32.const 48)) (i32.const 512) (i32.const 1)))

    (func (export "context-server-command") (param $server i32) (param $length i32) (param $project i32) (result i32)
        (call $worktree-ids (local.get $project) (i32.const 32))
        (call $drop-project (local.get $project))
        (if (i32.eqz (i32.load (i32.const 36))) (then (return (call $fail (i32.const 1040) (i32.const 28)))))
        (call $ok
            (i32.const 1024) (i32.const 14)
            (select (i32.const 1136) (i32.const 1144) (i32.eq (i32.load (i32.const 36)) (i32.const 1)))
            (i32.const 1))))
