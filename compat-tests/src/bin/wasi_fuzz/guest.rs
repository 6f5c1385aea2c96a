//! Owns the guest: an interpreter of programs, made as text from the functions it can call.

use std::fmt::Write as _;

use anyhow::{Context, Result};

use crate::program::{
    Core, FILLER, Func, HEAD, OP_CALL, OP_COPY, OP_COPY_IF, OP_END, OP_FILL, OP_POKE,
    layout::{
        DATA, DATA_LEN, HEAP, HEAP_END, HEAP_LOGGED, LOW_END, PROGRAM, RESULT, SCRATCH, SLOTS, STAGING, STAGING_END,
    },
};

/// What a flavour of WASI adds to the interpreter.
pub(crate) struct Plumbing {
    /// Imports that are not in the list of functions.
    pub(crate) imports: String,
    /// Defines `$start`, which prepares input and output; `$input (to, len)`, which reads from standard input and traps
    /// if fewer than `len` bytes are left; and `$output (from, len) -> i32`, which writes to standard error and returns
    /// zero on success.
    pub(crate) functions: String,
    /// The head of the function that the host calls: its export, its result.
    pub(crate) entry: &'static str,
    /// What that function returns.
    pub(crate) returns: &'static str,
}

/// The interpreter, for these functions.
pub(crate) fn text(funcs: &[Func], plumbing: &Plumbing, big: bool) -> Result<String> {
    let mut imports = String::new();
    let mut wrappers = String::new();
    let mut names = String::new();
    for (at, func) in funcs.iter().enumerate() {
        let params: String = func.params.iter().map(|core| format!(" {}", core.wat())).collect();
        let result = func.result.map(|core| format!("(result {})", core.wat())).unwrap_or_default();
        let (module, name) = (&func.module, &func.name);
        writeln!(imports, r#"(import "{module}" "{name}" (func $f{at} (param{params}) {result}))"#)?;
        let mut call = format!("(call $f{at}");
        for (number, core) in func.params.iter().enumerate() {
            match core {
                Core::I32 => write!(call, " (i32.wrap_i64 (call $arg (i32.const {number})))")?,
                Core::I64 => write!(call, " (call $arg (i32.const {number}))")?,
            }
        }
        call.push(')');
        let body = match func.result {
            None => format!("{call} (i64.const 0)"),
            Some(Core::I32) => format!("(i64.extend_i32_u {call})"),
            Some(Core::I64) => call,
        };
        writeln!(wrappers, "(func $w{at} (result i64) {body})")?;
        write!(names, " $w{at}")?;
    }
    let (count, pages) = (funcs.len(), if big { 65536 } else { 32 });
    let Plumbing { imports: more, functions, entry, returns } = plumbing;
    // The letters repeat in a fixed order, so the bytes of a file show which part of the data was written.
    let data: String = (0..DATA_LEN).map(|at| char::from(b'a' + u8::try_from(at % 23).unwrap_or(0))).collect();
    Ok(format!(
        r#"(module
{imports} {more}
(memory (export "memory") {pages} {pages})
(table {count} funcref)
(elem (i32.const 0) func {names})
(data (i32.const {DATA}) "{data}")
(type $call (func (result i64)))
(global $pc (mut i32) (i32.const {PROGRAM}))
(global $args (mut i32) (i32.const 0))
(global $called (mut i32) (i32.const 0))
(global $heap (mut i32) (i32.const {HEAP}))
{wrappers}
{functions}
(func (export "cabi_realloc") (param $old i32) (param $old_len i32) (param $align i32) (param $len i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
        (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (if (i32.gt_u (local.get $len) (i32.sub (i32.const {HEAP_END}) (local.get $at))) (then unreachable))
    (global.set $heap (i32.add (local.get $at) (local.get $len)))
    (if (i32.lt_u (local.get $len) (local.get $old_len)) (then (local.set $old_len (local.get $len))))
    (memory.copy (local.get $at) (local.get $old) (local.get $old_len))
    (local.get $at))
(func $word (param $i i32) (result i32)
    (i32.load (i32.add (global.get $pc) (i32.shl (local.get $i) (i32.const 2)))))
(func $skip (param $words i32)
    (global.set $pc (i32.add (global.get $pc) (i32.shl (local.get $words) (i32.const 2)))))
(func $arg (param $i i32) (result i64)
    (local $at i32)
    (local.set $at (i32.add (global.get $args) (i32.mul (local.get $i) (i32.const 12))))
    (if (result i64) (i32.load (local.get $at))
        (then (i64.load32_u (i32.load offset=4 (local.get $at))))
        (else (i64.load offset=4 align=4 (local.get $at)))))
(func $copy_if
    (local $n i32) (local $at i32)
    (local.set $n (call $word (i32.const 4)))
    (local.set $at (i32.add (global.get $pc) (i32.const 20)))
    (block $no
        (br_if $no (i32.eqz (global.get $called)))
        (loop $next
            (if (local.get $n)
                (then
                    (br_if $no (i32.ne (i32.load8_u (i32.load (local.get $at))) (i32.load offset=4 (local.get $at))))
                    (local.set $at (i32.add (local.get $at) (i32.const 8)))
                    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                    (br $next))))
        (memory.copy (call $word (i32.const 1)) (call $word (i32.const 2)) (call $word (i32.const 3))))
    (call $skip (i32.add (i32.const 5) (i32.shl (call $word (i32.const 4)) (i32.const 1)))))
(func $call (result i32)
    (local $args i32) (local $needs i32) (local $dumps i32) (local $at i32) (local $end i32) (local $n i32)
    (local.set $args (call $word (i32.const 3)))
    (local.set $needs (call $word (i32.const 4)))
    (local.set $dumps (call $word (i32.const 5)))
    (global.set $args (i32.add (global.get $pc) (i32.const 24)))
    (local.set $at (i32.add (global.get $args) (i32.mul (local.get $args) (i32.const 12))))
    (global.set $called (i32.const 1))
    (loop $next
        (if (local.get $needs)
            (then
                (if (i32.eqz (i32.load (i32.load (local.get $at)))) (then (global.set $called (i32.const 0))))
                (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (local.set $needs (i32.sub (local.get $needs) (i32.const 1)))
                (br $next))))
    (global.set $heap (i32.const {HEAP}))
    (i64.store (i32.const {RESULT}) (i64.const 0))
    (if (global.get $called)
        (then (i64.store (i32.const {RESULT}) (call_indirect (type $call) (call $word (i32.const 2))))))
    (i32.store (i32.const {STAGING}) (call $word (i32.const 1)))
    (i32.store offset=4 (i32.const {STAGING}) (global.get $called))
    (i64.store offset=8 (i32.const {STAGING}) (i64.load (i32.const {RESULT})))
    (i32.store offset=16 (i32.const {STAGING}) (i32.sub (global.get $heap) (i32.const {HEAP})))
    (local.set $end (i32.const {staged}))
    (loop $next
        (if (local.get $dumps)
            (then
                (if (global.get $called)
                    (then
                        (local.set $n (i32.load offset=4 (local.get $at)))
                        (if (i32.gt_u (local.get $n) (i32.sub (i32.const {STAGING_END}) (local.get $end)))
                            (then unreachable))
                        (memory.copy (local.get $end) (i32.load (local.get $at)) (local.get $n))
                        (local.set $end (i32.add (local.get $end) (local.get $n)))))
                (local.set $at (i32.add (local.get $at) (i32.const 8)))
                (local.set $dumps (i32.sub (local.get $dumps) (i32.const 1)))
                (br $next))))
    (local.set $n (i32.sub (global.get $heap) (i32.const {HEAP})))
    (if (i32.gt_u (local.get $n) (i32.const {HEAP_LOGGED})) (then (local.set $n (i32.const {HEAP_LOGGED}))))
    (if (i32.eqz (global.get $called)) (then (local.set $n (i32.const 0))))
    (memory.copy (local.get $end) (i32.const {HEAP}) (local.get $n))
    (local.set $end (i32.add (local.get $end) (local.get $n)))
    (global.set $pc (local.get $at))
    ;; What the log itself allocates is behind what the call allocated, which later operations may copy from.
    (call $output (i32.const {STAGING}) (i32.sub (local.get $end) (i32.const {STAGING}))))
(func {entry}
    (local $op i32)
    (call $start)
    (call $input (i32.const {SCRATCH}) (i32.const 4))
    (call $input (i32.const {PROGRAM}) (i32.sub (i32.load (i32.const {SCRATCH})) (i32.const 4)))
    (block $done
        (loop $next
            (local.set $op (call $word (i32.const 0)))
            (br_if $done (i32.eq (local.get $op) (i32.const {OP_END})))
            (if (i32.eq (local.get $op) (i32.const {OP_POKE}))
                (then
                    (memory.copy (call $word (i32.const 1)) (i32.add (global.get $pc) (i32.const 12))
                        (call $word (i32.const 2)))
                    (call $skip (i32.add (i32.const 3)
                        (i32.shr_u (i32.add (call $word (i32.const 2)) (i32.const 3)) (i32.const 2))))
                    (br $next)))
            (if (i32.eq (local.get $op) (i32.const {OP_FILL}))
                (then
                    (memory.fill (call $word (i32.const 1)) (i32.const {FILLER}) (call $word (i32.const 2)))
                    (call $skip (i32.const 3))
                    (br $next)))
            (if (i32.eq (local.get $op) (i32.const {OP_COPY}))
                (then
                    (memory.copy (call $word (i32.const 1)) (call $word (i32.const 2)) (call $word (i32.const 3)))
                    (call $skip (i32.const 4))
                    (br $next)))
            (if (i32.eq (local.get $op) (i32.const {OP_COPY_IF}))
                (then (call $copy_if) (br $next)))
            (if (i32.eq (local.get $op) (i32.const {OP_CALL}))
                (then
                    (br_if $done (call $call))
                    (br $next)))
            unreachable))
    {returns}))"#,
        staged = STAGING + HEAD,
    ))
}

/// The text as a binary.
pub(crate) fn assemble(text: &str) -> Result<Vec<u8>> {
    // The slots are below everything that the interpreter itself writes.
    const { assert!(LOW_END <= SLOTS && SLOTS < RESULT && RESULT < SCRATCH && SCRATCH < STAGING) };
    wat::parse_str(text).context("assemble the guest")
}

impl Core {
    fn wat(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
        }
    }
}
