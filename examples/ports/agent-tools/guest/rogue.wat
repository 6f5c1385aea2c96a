;; Does harm in the way that the first letter of its parameters says: g(row), s(pin), l(og), r(equests) or t(rap).
(module
    (import "agent:tools/host@0.3.0" "log" (func $log (param i32 i32 i32)))
    (import "agent:tools/host@0.3.0" "http-request"
        (func $http-request (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))

    ;; prelude

    (data (i32.const 1024) "rogue")
    (data (i32.const 1040) "does harm")
    (data (i32.const 1056) "no memory is left")
    (data (i32.const 1080) "unknown harm")
    (data (i32.const 1096) "again")
    (data (i32.const 1104) "GET")
    (data (i32.const 1112) "https://weather.example/?city=Bern")

    (func (export "agent:tools/tool@0.3.0#describe") (result i32)
        (call $description (i32.const 1024) (i32.const 5) (i32.const 1040) (i32.const 9)))

    (func (export "agent:tools/tool@0.3.0#execute")
        (param $parameters i32) (param $length i32) (param $has-context i32) (param i32 i32) (result i32)
        (local $letter i32)
        (local.set $letter (i32.load8_u (local.get $parameters)))
        (if (i32.eq (local.get $letter) (i32.const 103))
            (then
                (loop $more
                    (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
                (return (call $result (i32.const 1) (i32.const 1056) (i32.const 17)))))
        (if (i32.eq (local.get $letter) (i32.const 115)) (then (loop $more (br $more))))
        (if (i32.eq (local.get $letter) (i32.const 108))
            (then (loop $more (call $log (i32.const 0) (i32.const 1096) (i32.const 5)) (br $more))))
        (if (i32.eq (local.get $letter) (i32.const 114))
            (then
                (loop $more
                    (call $http-request
                        (i32.const 1104) (i32.const 3)
                        (i32.const 1112) (i32.const 34)
                        (i32.const 0) (i32.const 0)
                        (i32.const 0) (i32.const 0) (i32.const 0)
                        (i32.const 0) (i32.const 0)
                        (i32.const 96))
                    (br $more))))
        (if (i32.eq (local.get $letter) (i32.const 116)) (then (unreachable)))
        (call $result (i32.const 1) (i32.const 1080) (i32.const 12))))
