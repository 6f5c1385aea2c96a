;; The language server for Go, for the API 0.1.0.
(module
    (@custom "editor:api-version" "\00\00\00\01\00\00")
    (import "editor:extension/platform" "current" (func $platform (param i32)))
    (import "$root" "[method]worktree.which" (func $which (param i32 i32 i32 i32)))
    (import "$root" "[resource-drop]worktree" (func $drop-worktree (param i32)))

    ;; prelude

    (data (i32.const 1024) "gopls")
    (data (i32.const 1032) "serve")
    (data (i32.const 1040) "install gopls for Linux")
    (data (i32.const 1072) "install gopls")
    ;; A list of one text: "serve".
    (data (i32.const 1088) "\08\04\00\00\05\00\00\00")

    (func (export "init"))

    (func (export "language-server-command") (param $server i32) (param $length i32) (param $worktree i32) (result i32)
        (call $which (local.get $worktree) (i32.const 1024) (i32.const 5) (i32.const 32))
        (call $drop-worktree (local.get $worktree))
        (if (i32.load8_u (i32.const 32))
            (then
                (return
                    (call $ok
                        (i32.load (i32.const 36)) (i32.load (i32.const 40)) (i32.const 1088) (i32.const 1)))))
        (call $platform (i32.const 32))
        (if (i32.eqz (i32.load8_u (i32.const 32)))
            (then (return (call $fail (i32.const 1040) (i32.const 23)))))
        (call $fail (i32.const 1072) (i32.const 13))))
