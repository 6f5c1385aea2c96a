;; A slash command that reads a file, and one that reads a setting, for the API 0.2.0.
(module
    (@custom "editor:api-version" "\00\00\00\02\00\00")
    (import "$root" "[method]worktree.read-text-file" (func $read (param i32 i32 i32 i32)))
    (import "$root" "[resource-drop]worktree" (func $drop-worktree (param i32)))
    (import "$root" "get-setting" (func $get-setting (param i32 i32 i32 i32 i32 i32)))
    (import "$root" "set-server-status" (func $set-status (param i32 i32 i32 i32 i32)))

    ;; prelude

    (data (i32.const 1024) "snippets have no language server")
    (data (i32.const 1072) "language")
    (data (i32.const 1128) "there is no server")
    (data (i32.const 1088) "the command needs one argument")

    (func (export "init"))

    (func (export "language-server-command") (param $server i32) (param $length i32) (param $worktree i32) (result i32)
        (call $drop-worktree (local.get $worktree))
        (call $set-status (local.get $server) (local.get $length) (i32.const 1) (i32.const 0) (i32.const 0))
        (call $set-status (local.get $server) (local.get $length) (i32.const 2) (i32.const 1128) (i32.const 18))
        (call $fail (i32.const 1024) (i32.const 32)))

    ;; With a worktree: the file that the argument names. Without: the setting that it names.
    (func (export "run-slash-command")
        (param $command i32) (param $length i32) (param $arguments i32) (param $count i32)
        (param $has-worktree i32) (param $worktree i32) (result i32)
        (local $name i32) (local $name-length i32)
        (if (i32.ne (local.get $count) (i32.const 1))
            (then
                (if (local.get $has-worktree) (then (call $drop-worktree (local.get $worktree))))
                (return (call $fail (i32.const 1088) (i32.const 30)))))
        (local.set $name (i32.load (local.get $arguments)))
        (local.set $name-length (i32.load offset=4 (local.get $arguments)))
        (if (local.get $has-worktree)
            (then
                (call $read (local.get $worktree) (local.get $name) (local.get $name-length) (i32.const 32))
                (call $drop-worktree (local.get $worktree)))
            (else
                (call $get-setting
                    (i32.const 1072) (i32.const 8)
                    (i32.const 1) (local.get $name) (local.get $name-length)
                    (i32.const 32))))
        (if (i32.load8_u (i32.const 32))
            (then (return (call $fail (i32.load (i32.const 36)) (i32.load (i32.const 40))))))
        ;; One section: all of the text, under the name of the file or setting.
        (i32.store (i32.const 512) (i32.const 0))
        (i32.store (i32.const 516) (i32.load (i32.const 40)))
        (i32.store (i32.const 520) (local.get $name))
        (i32.store (i32.const 524) (local.get $name-length))
        (call $ok (i32.load (i32.const 36)) (i32.load (i32.const 40)) (i32.const 512) (i32.const 1))))
