//! Owns the guests that hosting is predicted for: one for each thing that can stand in a host's way, and some that run.

use crate::{Adapter, cat, command, component, create_file, print_preopens, wat};

/// A guest and what it is there for.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it is.
    pub name: String,
    /// Its bytes.
    pub wasm: Vec<u8>,
}

impl Sample {
    fn new(name: impl Into<String>, wasm: Vec<u8>) -> Self {
        Self { name: name.into(), wasm }
    }
}

/// All of them.
pub fn corpus() -> Vec<Sample> {
    let mut samples = commands();
    let module = |(name, fields): &(&str, &str)| {
        Sample::new(*name, wat(&format!("(module {})", fields.replace("START", r#"func (export "_start")"#))))
    };
    samples.extend(MODULES.iter().map(module));
    for (name, module) in [("gc", GC_START), ("exceptions", THROW), ("tail calls", TAIL_CALL), ("plain", "")] {
        let wasm = wat(&format!("(component {RUN} (core module {module}))"));
        samples.push(Sample::new(format!("{name} in a module within a component"), wasm));
    }
    let component =
        |(name, definitions): &(&str, &str)| Sample::new(*name, wat(&format!("(component {definitions} {RUN})")));
    samples.extend(COMPONENTS.iter().map(component));
    samples.extend(ENTRIES.iter().map(|(name, text)| Sample::new(*name, wat(text))));
    samples.push(Sample::new("more tables than a store has", many_tables()));
    samples.extend(invalid());
    samples
}

/// What the rest of the suite runs, as modules and behind every adapter.
fn commands() -> Vec<Sample> {
    let modules = [
        ("preopens", print_preopens()),
        ("create-file", create_file()),
        ("cat", cat()),
        ("exit 3", command("(call $exit (i32.const 3))")),
        ("trap", command("unreachable")),
    ];
    let mut samples = Vec::new();
    for (name, module) in modules {
        for adapter in Adapter::ALL {
            samples.push(Sample::new(format!("{name} behind {adapter:?}"), component(&module, adapter)));
        }
        samples.push(Sample::new(name, module));
    }
    samples
}

/// A component's way to be a command.
const RUN: &str = r#"
    (core module $main (func (export "run") (result i32) (i32.const 0)))
    (core instance $main (instantiate $main))
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $runs (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $runs))
"#;

const GC_START: &str = "(type $s (struct (field i32))) (func (export \"_start\") (drop (struct.new $s (i32.const 1))))";
const TAIL_CALL: &str = "(func $f) (func (export \"_start\") (return_call $f))";
const THROW: &str = "(tag $t) (func (export \"_start\") (block $h (try_table (catch $t $h) (throw $t))))";

/// Fields of modules; `START` begins the function that is run.
const MODULES: &[(&str, &str)] = &[
    ("nothing but a start", "(START)"),
    ("a trap in the start function", "(START) (func $s unreachable) (start $s)"),
    ("data out of bounds", "(memory 1) (data (i32.const 65535) \"ab\") (START)"),
    ("simd", "(START (drop (i32x4.splat (i32.const 1))))"),
    ("simd in a local", "(START (local v128))"),
    ("simd in a type", "(START) (func (param v128))"),
    ("relaxed simd", "(START (drop (i32x4.relaxed_trunc_f32x4_s (v128.const i32x4 0 0 0 0))))"),
    ("bulk memory", "(memory 1) (START (memory.fill (i32.const 0) (i32.const 1) (i32.const 2)))"),
    ("passive data", "(memory 1) (data $d \"abc\") (START (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)))"),
    ("sign extension", "(START (drop (i32.extend8_s (i32.const 200))))"),
    ("saturating conversion", "(START (drop (i32.trunc_sat_f32_s (f32.const 1))))"),
    ("several results", "(func $f (result i32 i32) (i32.const 1) (i32.const 2)) (START (call $f) drop drop)"),
    ("a block with a parameter", "(START (i32.const 1) (block (param i32) drop))"),
    ("references", "(table 1 externref) (START (drop (table.grow 0 (ref.null extern) (i32.const 1))))"),
    ("two tables", "(table 1 funcref) (table 1 funcref) (START)"),
    ("a typed select", "(START (drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 0))))"),
    ("a mutable global exported", "(global (export \"g\") (mut i32) (i32.const 0)) (START)"),
    ("tail call", "(func $f) (START (return_call $f))"),
    (
        "tail call through a table",
        "(table 1 funcref) (elem (i32.const 0) $f) (func $f) (START (return_call_indirect (i32.const 0)))",
    ),
    ("several memories", "(memory 1) (memory $m 1) (START (i32.store $m (i32.const 0) (i32.const 1)))"),
    ("atomics on a memory of its own", "(memory 1) (START (drop (i32.atomic.load (i32.const 0))))"),
    ("fence", "(START (atomic.fence))"),
    ("a shared memory", "(memory 1 1 shared) (START)"),
    ("gc: a struct", "(type $s (struct (field i32))) (START (drop (struct.new $s (i32.const 1))))"),
    ("gc: i31", "(START (drop (ref.i31 (i32.const 1))))"),
    ("gc: a recursive group", "(rec (type (func)) (type (func (param i32)))) (START)"),
    ("gc: an array", "(type $a (array i8)) (START (drop (array.new $a (i32.const 1) (i32.const 2))))"),
    ("gc: a global from a global", "(global $a i32 (i32.const 1)) (global i32 (global.get $a)) (START)"),
    ("gc: null of any", "(START (drop (ref.null any)))"),
    ("call of a reference", "(type $f (func)) (elem declare func $g) (func $g) (START (call_ref $f (ref.func $g)))"),
    ("a typed reference in a local", "(type $f (func)) (START (local (ref null $f)))"),
    ("a typed null", "(type $f (func)) (START (drop (ref.null $f)))"),
    ("a table that is filled", "(func $g) (table 1 (ref func) (ref.func $g)) (START)"),
    ("exceptions", "(tag $t) (START (block $h (try_table (catch $t $h) (throw $t))))"),
    ("a tag", "(tag $t) (START)"),
    ("an exception in a local", "(START (local exnref))"),
    ("exceptions as proposed first", "(tag $t) (START try throw $t catch $t end)"),
    ("a 64-bit memory", "(memory i64 1) (START (i32.store (i64.const 0) (i32.const 1)))"),
    ("a 64-bit table", "(table i64 1 funcref) (START)"),
    ("extended const", "(global i32 (i32.add (i32.const 1) (i32.const 2))) (START)"),
    ("extended const in data", "(memory 1) (data (offset (i32.mul (i32.const 1) (i32.const 2))) \"a\") (START)"),
    ("wide arithmetic", "(START (i64.add128 (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)) drop drop)"),
    ("small pages", "(memory 1 1 (pagesize 1)) (START)"),
    ("continuations", "(type $f (func)) (type $c (cont $f)) (START)"),
    ("a shared type", "(type (shared (func))) (START)"),
    ("custom descriptors", "(rec (type $a (descriptor $b) (struct)) (type $b (describes $a) (struct))) (START)"),
    ("memory control", "(memory 1) (START (memory.discard (i32.const 0) (i32.const 65536)))"),
    ("an import that is not WASI", "(import \"env\" \"f\" (func)) (START)"),
    ("a memory that is not WASI", "(import \"env\" \"memory\" (memory 1)) (START)"),
    ("a shared memory that is not WASI", "(import \"env\" \"memory\" (memory 1 1 shared)) (START)"),
    ("wasi_unstable", "(import \"wasi_unstable\" \"proc_exit\" (func (param i32))) (START)"),
    ("preview1: an unknown function", "(import \"wasi_snapshot_preview1\" \"nothing\" (func)) (START)"),
    ("preview1: another type", "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i64))) (START)"),
    ("preview1: not a function", "(import \"wasi_snapshot_preview1\" \"proc_exit\" (global i32)) (START)"),
    (
        "preview1: sockets",
        "(import \"wasi_snapshot_preview1\" \"sock_accept\" (func (param i32 i32 i32) (result i32))) (START)",
    ),
    (
        "a function of preview1 without a memory",
        "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i32))) (START)",
    ),
    ("the core of a component", "(import \"wasi:cli/stdout@0.2.0\" \"get-stdout\" (func (result i32))) (START)"),
    ("a table of ten million elements", "(table 10000000 funcref) (START)"),
    ("a table of more than ten million elements", "(table 10000001 funcref) (START)"),
    ("a table that may grow beyond ten million elements", "(table 1 20000000 funcref) (START)"),
    ("a table beyond the limit of a store", "(table 16777217 funcref) (START)"),
    ("tables of a store's limit together", "(table 8388608 funcref) (table 8388608 externref) (START)"),
    ("tables beyond the limit of a store together", "(table 8388608 funcref) (table 8388609 externref) (START)"),
    ("a 64-bit memory beyond the limit of a store", "(memory i64 131073) (START)"),
    ("a 64-bit memory beyond all memory", "(memory i64 0x1000000000000) (START)"),
    ("memories beyond the limit of a store together", "(memory 65536) (memory 65536) (memory 1) (START)"),
    ("two imports that are not there", "(import \"env\" \"f\" (func)) (import \"wasi_unstable\" \"g\" (func)) (START)"),
];

/// Definitions in components that are commands.
const COMPONENTS: &[(&str, &str)] = &[
    ("a component without imports", ""),
    ("wasi:http", r#"(import "wasi:http/outgoing-handler@0.2.0" (instance (export "handle" (func))))"#),
    (
        "wasi:http, only types",
        r#"(import "wasi:http/types@0.2.0" (instance (type $t u32) (export "t" (type (eq $t)))))"#,
    ),
    ("wasi:config", r#"(import "wasi:config/store@0.2.0-rc.1" (instance (export "get" (func))))"#),
    (
        "wasi 0.3",
        r#"(import "wasi:cli/environment@0.3.0" (instance (export "get-arguments" (func (result (list string))))))"#,
    ),
    (
        "wasi 0.2.0",
        r#"(import "wasi:cli/environment@0.2.0" (instance (export "get-arguments" (func (result (list string))))))"#,
    ),
    (
        "wasi 0.2.12",
        r#"(import "wasi:cli/environment@0.2.12" (instance (export "get-arguments" (func (result (list string))))))"#,
    ),
    (
        "wasi 0.2.99",
        r#"(import "wasi:cli/environment@0.2.99" (instance (export "get-arguments" (func (result (list string))))))"#,
    ),
    (
        "wasi 0.2 before its release",
        r#"(import "wasi:cli/environment@0.2.0-rc-2023-11-10" (instance (export "get-arguments" (func (result (list string))))))"#,
    ),
    (
        "wasi without a version",
        r#"(import "wasi:cli/environment" (instance (export "get-arguments" (func (result (list string))))))"#,
    ),
    (
        "exit with a code",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit-with-code" (func (param "status-code" u8)))))"#,
    ),
    (
        "exit with a code, 0.2.12",
        r#"(import "wasi:cli/exit@0.2.12" (instance (export "exit-with-code" (func (param "status-code" u8)))))"#,
    ),
    ("the time zone", r#"(import "wasi:clocks/timezone@0.2.0" (instance (export "utc-offset" (func (result s32)))))"#),
    ("an unknown function of WASI", r#"(import "wasi:cli/exit@0.2.0" (instance (export "leave" (func))))"#),
    ("a resource of WASI", r#"(import "wasi:io/poll@0.2.0" (instance (export "pollable" (type (sub resource)))))"#),
    (
        "a method of WASI",
        r#"(import "wasi:io/poll@0.2.0" (instance (export "pollable" (type $p (sub resource))) (export "[method]pollable.ready" (func (param "self" (borrow $p)) (result bool)))))"#,
    ),
    (
        "an unknown method of WASI",
        r#"(import "wasi:io/poll@0.2.0" (instance (export "pollable" (type $p (sub resource))) (export "[method]pollable.dance" (func (param "self" (borrow $p))))))"#,
    ),
    (
        "a resource under two names",
        r#"(import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource))))) (alias export $poll "pollable" (type $p)) (import "a:b/c" (instance (export "p" (type (eq $p)))))"#,
    ),
    (
        "an unknown resource of WASI",
        r#"(import "wasi:io/poll@0.2.0" (instance (export "dancer" (type (sub resource)))))"#,
    ),
    (
        "a function of WASI with another parameter",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (func (param "status" u32)))))"#,
    ),
    (
        "a function of WASI with its parameter",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (func (param "s" (result))))))"#,
    ),
    (
        "a function of WASI that is an instance",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (instance))))"#,
    ),
    (
        "an instance with nothing in an interface of WASI",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "leave" (instance))))"#,
    ),
    (
        "an instance with something in an interface of WASI",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "leave" (instance (export "f" (func))))))"#,
    ),
    ("a resource of WASI that is a function", r#"(import "wasi:io/poll@0.2.0" (instance (export "pollable" (func))))"#),
    (
        "a function of WASI that is a resource",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (type (sub resource)))))"#,
    ),
    (
        "a method of WASI that takes its resource",
        r#"(import "wasi:io/poll@0.2.0" (instance (export "pollable" (type $p (sub resource))) (export "poll" (func (param "in" (list (own $p))) (result (list u32))))))"#,
    ),
    (
        "a function of WASI with a resource of another interface",
        r#"(import "wasi:io/error@0.2.0" (instance $e (export "error" (type (sub resource))))) (alias export $e "error" (type $t)) (import "wasi:io/poll@0.2.0" (instance (export "e" (type $p (eq $t))) (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))"#,
    ),
    (
        "a resource of WASI under the name of another",
        r#"(import "wasi:io/error@0.2.0" (instance $e (export "error" (type (sub resource))))) (alias export $e "error" (type $t)) (import "wasi:io/poll@0.2.0" (instance (export "pollable" (type (eq $t)))))"#,
    ),
    (
        "a function of WASI that takes the resource of a method",
        r#"(import "wasi:cli/stdout@0.2.0" (instance $s (export "s" (type $t (sub resource))) (export "get-stdout" (func (result (own $t))))))"#,
    ),
    ("a large table in a module of a component", "(core module (table 10000001 funcref))"),
    (
        "tables beyond the limit of a store in a component",
        "(core module $t (table 8388609 funcref)) (core instance (instantiate $t)) (core instance (instantiate $t))",
    ),
    (
        "tables beyond the limit of a store in instances of a component",
        "(component $c (core module $t (table 8388609 funcref)) (core instance (instantiate $t))) (instance (instantiate $c)) (instance (instantiate $c))",
    ),
    ("a module beyond the limit of a store that is not instantiated", "(core module (memory i64 131073))"),
    ("an interface that is not WASI", r#"(import "a:b/c@1.0.0" (instance (export "f" (func))))"#),
    (
        "an interface that is not WASI, only types",
        r#"(import "a:b/c@1.0.0" (instance (type $t u32) (export "t" (type (eq $t)))))"#,
    ),
    ("a function on its own", r#"(import "f" (func))"#),
    ("a type on its own", r#"(type $u u32) (import "t" (type (eq $u)))"#),
    ("a resource on its own", r#"(import "r" (type (sub resource)))"#),
    ("a module on its own", r#"(import "m" (core module))"#),
    ("streams", "(type (stream u8))"),
    ("futures", "(type (future u8))"),
    ("an async function", "(type (func async))"),
    ("a task that returns", "(core func (canon task.return))"),
    ("error contexts", "(type error-context)"),
    ("a list of fixed length", "(type (list u8 4))"),
    ("a map", "(type (map string u8))"),
    ("backpressure", "(core func (canon backpressure.inc))"),
    ("yielding", "(core func (canon thread.yield))"),
    ("threads of components", "(core func (canon thread.index))"),
];

/// Guests with something unusual, or nothing, to start.
const ENTRIES: &[(&str, &str)] = &[
    ("an empty module", "(module)"),
    ("an empty component", "(component)"),
    ("a reactor", r#"(module (func (export "_initialize")))"#),
    ("a start with a parameter", r#"(module (func (export "_start") (param i32)))"#),
    ("a start with a result", r#"(module (func (export "_start") (result i32) (i32.const 0)))"#),
    ("a start that is a memory", r#"(module (memory (export "_start") 1))"#),
    (
        "a function alone",
        r#"(component (core module $m (func (export "run"))) (core instance $i (instantiate $m)) (func (export "run") (canon lift (core func $i "run"))))"#,
    ),
    (
        "run of 0.3",
        r#"(component (core module $m (func (export "run") (result i32) (i32.const 0))) (core instance $i (instantiate $m)) (func $run (result (result)) (canon lift (core func $i "run"))) (instance $r (export "run" (func $run))) (export "wasi:cli/run@0.3.0" (instance $r)))"#,
    ),
    (
        "run of 0.2.12",
        r#"(component (core module $m (func (export "run") (result i32) (i32.const 0))) (core instance $i (instantiate $m)) (func $run (result (result)) (canon lift (core func $i "run"))) (instance $r (export "run" (func $run))) (export "wasi:cli/run@0.2.12" (instance $r)))"#,
    ),
    (
        "run without a result",
        r#"(component (core module $m (func (export "run"))) (core instance $i (instantiate $m)) (func $run (canon lift (core func $i "run"))) (instance $r (export "run" (func $run))) (export "wasi:cli/run@0.2.0" (instance $r)))"#,
    ),
    ("run that is not there", r#"(component (instance $r) (export "wasi:cli/run@0.2.0" (instance $r)))"#),
];

/// A component with 10,001 tables: of a hundred tables each, and one of one.
fn many_tables() -> Vec<u8> {
    let tables = "(table 0 funcref)".repeat(100);
    let instances = "(core instance (instantiate $t))".repeat(100);
    let one = "(core module $o (table 0 funcref)) (core instance (instantiate $o))";
    wat(&format!("(component (core module $t {tables}) {instances} {one} {RUN})"))
}

/// Guests that are not valid anywhere, though they can be read.
fn invalid() -> Vec<Sample> {
    vec![
        Sample::new(
            "invalid: a result that is not there",
            wat(r#"(module (func (export "_start")) (func (result i32)))"#),
        ),
        Sample::new("invalid: an unknown local", wat(r#"(module (func (export "_start") (drop (local.get 7))))"#)),
        Sample::new(
            "invalid: two exports of one name",
            wat(r#"(module (func (export "_start")) (func (export "_start")))"#),
        ),
        Sample::new(
            "invalid: a start function with a parameter",
            wat(r#"(module (func (export "_start")) (func $s (param i32)) (start $s))"#),
        ),
        Sample::new(
            "invalid: an alignment",
            wat(r#"(module (memory 1) (func (export "_start") (drop (i32.load8_u align=8 (i32.const 0)))))"#),
        ),
        Sample::new(
            "invalid: within a component",
            wat(&format!("(component {RUN} (core module (func (result i32))))")),
        ),
    ]
}
