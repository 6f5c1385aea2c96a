;; Requests the weather at the address that its parameters are, and waits 20 ms for it.
(module
    (import "agent:tools/host@0.3.0" "log" (func $log (param i32 i32 i32)))
    (import "agent:tools/host@0.3.0" "secret-exists" (func $secret-exists (param i32 i32) (result i32)))
    (import "agent:tools/host@0.3.0" "http-request"
        (func $http-request (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))

    ;; prelude

    (data (i32.const 1024) "weather")
    (data (i32.const 1040) "requests the weather of a city")
    (data (i32.const 1080) "GET")
    (data (i32.const 1088) "weather-key")
    (data (i32.const 1104) "there is no key for the weather")
    (data (i32.const 1144) "no response in time")
    (data (i32.const 4096) "https://")

    (func (export "agent:tools/tool@0.3.0#describe") (result i32)
        (call $description (i32.const 1024) (i32.const 7) (i32.const 1040) (i32.const 30)))

    (func (export "agent:tools/tool@0.3.0#execute")
        (param $parameters i32) (param $length i32) (param $has-context i32) (param i32 i32) (result i32)
        (if (i32.eqz (call $secret-exists (i32.const 1088) (i32.const 11)))
            (then (call $log (i32.const 2) (i32.const 1104) (i32.const 31))))
        ;; The address begins with https.
        (memory.copy (i32.const 4104) (local.get $parameters) (local.get $length))
        (call $http-request
            (i32.const 1080) (i32.const 3)
            (i32.const 4096) (i32.add (i32.const 8) (local.get $length))
            (i32.const 0) (i32.const 0)
            (i32.const 0) (i32.const 0) (i32.const 0)
            (i32.const 1) (i32.const 20)
            (i32.const 96))
        ;; A response: its body, if the status is 200.
        (if (i32.eqz (i32.load8_u (i32.const 96)))
            (then
                (return
                    (call $result
                        (i32.ne (i32.load16_u (i32.const 100)) (i32.const 200))
                        (i32.load (i32.const 112))
                        (i32.load (i32.const 116))))))
        ;; No response in time.
        (if (i32.eq (i32.load8_u (i32.const 100)) (i32.const 1))
            (then (return (call $result (i32.const 1) (i32.const 1144) (i32.const 19)))))
        ;; Denied or failed.
        (call $result (i32.const 1) (i32.load (i32.const 104)) (i32.load (i32.const 108)))))
