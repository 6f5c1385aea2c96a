;; Wants a memory of 2 MiB from the beginning.
(module
    (memory (export "memory") 32)
    (func (export "any")))
