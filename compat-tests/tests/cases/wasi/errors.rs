//! The errno of every function of preview1 for every kind of descriptor and path: as the newest major has it, in a module and
//! in the component that an adapter makes of it. The tables are in `errors`; with `BLESS=1` they are
//! written by the newest major that is compiled in.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use compat_tests::signatures::{ERRNOS, PREVIEW1_FUNCTIONS};
use compat_tests::{Adapter, component, symlink_dir, wat};
use tempfile::tempdir;
use wasmtime_compat::wasi::{Access, Preopen, Stdout};
use wasmtime_compat::{Command, CoreWasmtime, Engine, Outcome, RunConfig, enabled, known_differences};

use super::V;

/// The columns of calls with `fd`: a name, and what makes the descriptor.
const DESCRIPTORS: &[(&str, &str)] = &[
    ("closed", "(i32.const 99)"),
    ("stdin", "(i32.const 0)"),
    ("stdout", "(i32.const 1)"),
    ("preopened", "(i32.const 3)"),
    ("preopened-to-read", "(i32.const 4)"),
    ("directory", "(call $open (i32.const 80) (i32.const 3) (i32.const 2) (i64.const 0))"),
    ("file", "(call $open (i32.const 64) (i32.const 1) (i32.const 0) (i64.const 0x42))"),
    ("file-to-read", "(call $open (i32.const 64) (i32.const 1) (i32.const 0) (i64.const 0x2))"),
    ("file-to-write", "(call $open (i32.const 64) (i32.const 1) (i32.const 0) (i64.const 0x40))"),
];

/// The columns of calls with `path`.
const PATHS: &[&str] = &[
    "missing",
    "missing/x",
    "f/x",
    "../x",
    "/f",
    "",
    ".",
    "..",
    "sub/../f",
    "dangling",
    "loop",
    "f/",
    "sub/",
    "link",
    "link/",
    "sub/inner",
    "sub",
    "f",
];

/// The calls. `fd` and `path` are those of the column, `f` is the path of the file, `new` one where nothing is, `buf` and
/// `out` are memory for results, `iov` is a list of one buffer.
const CALLS: &[&str] = &[
    "args_get buf buf",
    "args_sizes_get buf out",
    "environ_get buf buf",
    "environ_sizes_get buf out",
    "clock_res_get 0 buf",
    "clock_res_get 1 buf",
    "clock_res_get 2 buf",
    "clock_res_get 3 buf",
    "clock_time_get 0 0 buf",
    "clock_time_get 1 0 buf",
    "clock_time_get 2 0 buf",
    "clock_time_get 3 0 buf",
    "poll_oneoff buf buf 0 out",
    "proc_raise 0",
    "random_get buf 8",
    "sched_yield",
    "fd_advise fd 0 1 0",
    "fd_allocate fd 0 8",
    "fd_close fd",
    "fd_datasync fd",
    "fd_fdstat_get fd buf",
    "fd_fdstat_set_flags fd 0",
    "fd_fdstat_set_flags fd 1",
    "fd_fdstat_set_flags fd 16",
    "fd_fdstat_set_rights fd 0 0",
    "fd_filestat_get fd buf",
    "fd_filestat_set_size fd 2",
    "fd_filestat_set_size fd -1",
    "fd_filestat_set_times fd 0 0 0",
    "fd_filestat_set_times fd 0 0 10",
    "fd_filestat_set_times fd 0 0 3",
    "fd_pread fd iov 1 0 out",
    "fd_pread fd iov 1 -1 out",
    "fd_prestat_get fd buf",
    "fd_prestat_dir_name fd buf 2",
    "fd_prestat_dir_name fd buf 1",
    "fd_pwrite fd iov 1 0 out",
    "fd_pwrite fd iov 1 -1 out",
    "fd_read fd iov 1 out",
    "fd_readdir fd buf 200 0 out",
    "fd_readdir fd buf 200 99 out",
    "fd_renumber fd fd",
    "fd_renumber fd 98",
    "fd_seek fd 1 0 out",
    "fd_seek fd 1 1 out",
    "fd_seek fd 0 2 out",
    "fd_seek fd -1 0 out",
    "fd_sync fd",
    "fd_tell fd out",
    "fd_write fd iov 1 out",
    "path_create_directory fd new",
    "path_filestat_get fd 0 f buf",
    "path_filestat_set_times fd 0 f 1 1 5",
    "path_link 3 0 f fd new",
    "path_link fd 0 f 3 new",
    "path_open fd 0 f 0 2 0 0 out",
    "path_open fd 0 f 0 64 0 0 out",
    "path_open fd 0 new 1 64 0 0 out",
    "path_readlink fd f buf 200 out",
    "path_remove_directory fd new",
    "path_rename 3 f fd new",
    "path_rename fd f 3 new",
    "path_symlink f fd new",
    "path_unlink_file fd f",
    "sock_accept fd 0 out",
    "sock_recv fd iov 1 0 out buf",
    "sock_send fd iov 1 0 out",
    "sock_shutdown fd 1",
    "path_create_directory 3 path",
    "path_filestat_get 3 0 path buf",
    "path_filestat_get 3 1 path buf",
    "path_filestat_set_times 3 0 path 1 1 5",
    "path_filestat_set_times 3 1 path 1 1 5",
    "path_filestat_set_times 3 1 path 1 1 3",
    "path_link 3 0 path 3 new",
    "path_link 3 1 path 3 new",
    "path_link 3 0 f 3 path",
    "path_open 3 0 path 0 2 0 0 out",
    "path_open 3 1 path 0 2 0 0 out",
    "path_open 3 1 path 0 64 0 0 out",
    "path_open 3 1 path 1 64 0 0 out",
    "path_open 3 1 path 5 64 0 0 out",
    "path_open 3 1 path 2 0 0 0 out",
    "path_open 3 1 path 8 64 0 0 out",
    "path_open 4 1 path 0 2 0 0 out",
    "path_open 4 1 path 0 64 0 0 out",
    "path_open 4 1 path 1 64 0 0 out",
    "path_readlink 3 path buf 200 out",
    "path_remove_directory 3 path",
    "path_rename 3 path 3 new",
    "path_rename 3 f 3 path",
    "path_rename 3 sub 3 path",
    "path_symlink f 3 path",
    "path_symlink path 3 new",
    "path_unlink_file 3 path",
];

/// Cells in which a known difference shows: its id, the call, the columns, and the errno on the versions that it names.
const DIFFERENT: &[(&str, &str, &[&str], &str)] = &[
    ("filestat-of-link-with-slash", "path_filestat_get 3 0 path buf", &["f/"], "success"),
    ("rename-onto-slash", "path_rename 3 f 3 path", &["f/", "link/"], "success"),
    ("rename-onto-slash", "path_rename 3 f 3 path", &["sub/"], "isdir"),
];

/// A guest whose first argument is the number of a call, in two characters, the number of a column, and `d` if that is a
/// descriptor. It writes the errno as one byte to its
/// standard error.
fn guest() -> Vec<u8> {
    let mut imports = String::new();
    for (name, parameters) in PREVIEW1_FUNCTIONS {
        let _ = writeln!(
            imports,
            r#"(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {parameters}) (result i32)))"#
        );
    }
    let mut calls = String::new();
    for (index, call) in CALLS.iter().enumerate() {
        let _ = writeln!(
            calls,
            "(func $call{index} (param $fd i32) (param $path i32) (param $length i32) (result i32) {})",
            expression(call)
        );
    }
    let names: String = (0..CALLS.len()).map(|index| format!(" $call{index}")).collect();
    let mut descriptors = String::new();
    for (index, (_, descriptor)) in DESCRIPTORS.iter().enumerate() {
        let _ =
            writeln!(descriptors, "(if (i32.eq (local.get $column) (i32.const {index})) (then (return {descriptor})))");
    }
    let mut paths = String::new();
    for (index, path) in PATHS.iter().enumerate() {
        let _ = writeln!(paths, r#"(data (i32.const {}) "{path}")"#, 8192 + 64 * index);
        let _ = writeln!(paths, r#"(data (i32.const {}) "\{:02x}")"#, 8000 + index, path.len());
    }
    wat(&format!(
        r#"(module {imports}
            (type $call (func (param $fd i32) (param $path i32) (param $length i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "f") (data (i32.const 68) "new") (data (i32.const 80) "sub")
            (data (i32.const 256) "\00\10\00\00\01\00\00\00")
            {paths} {calls}
            (table funcref (elem{names}))
            (func $open (param $path i32) (param $length i32) (param $how i32) (param $rights i64) (result i32)
                (if (call $path_open (i32.const 3) (i32.const 0) (local.get $path) (local.get $length) (local.get $how)
                        (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 520))
                    (then unreachable))
                (i32.load (i32.const 520)))
            (func $descriptor (param $column i32) (result i32) {descriptors} (i32.const 0))
            (func (export "_start") (local $column i32)
                (drop (call $args_get (i32.const 5000) (i32.const 5100)))
                (local.set $column (i32.sub (i32.load8_u (i32.const 5102)) (i32.const 33)))
                (i32.store8 (i32.const 600)
                    (call_indirect (type $call)
                        (if (result i32) (i32.eq (i32.load8_u (i32.const 5103)) (i32.const 100))
                            (then (call $descriptor (local.get $column))) (else (i32.const 0)))
                        (i32.add (i32.const 8192) (i32.mul (local.get $column) (i32.const 64)))
                        (i32.load8_u offset=8000 (local.get $column))
                        (i32.add
                            (i32.mul (i32.sub (i32.load8_u (i32.const 5100)) (i32.const 33)) (i32.const 64))
                            (i32.sub (i32.load8_u (i32.const 5101)) (i32.const 33)))))
                (i32.store (i32.const 608) (i32.const 600)) (i32.store (i32.const 612) (i32.const 1))
                (if (call $fd_write (i32.const 2) (i32.const 608) (i32.const 1) (i32.const 620)) (then unreachable))))"#
    ))
}

/// The call as text of WebAssembly.
fn expression(call: &str) -> String {
    let (name, arguments) = call.split_once(' ').unwrap_or((call, ""));
    let (_, parameters) =
        PREVIEW1_FUNCTIONS.iter().find(|(function, _)| *function == name).expect("a function of preview1");
    let arguments: Vec<String> = arguments
        .split_whitespace()
        .flat_map(|argument| match argument {
            "fd" => vec!["local.get $fd".to_owned()],
            "path" => vec!["local.get $path".to_owned(), "local.get $length".to_owned()],
            "f" => vec!["64".to_owned(), "1".to_owned()],
            "new" => vec!["68".to_owned(), "3".to_owned()],
            "sub" => vec!["80".to_owned(), "3".to_owned()],
            "iov" => vec!["256".to_owned()],
            "out" => vec!["512".to_owned()],
            "buf" => vec!["1024".to_owned()],
            number => vec![number.to_owned()],
        })
        .collect();
    let types: Vec<&str> = parameters.split_whitespace().collect();
    assert_eq!(arguments.len(), types.len(), "{call}");
    let arguments = arguments.iter().zip(types).map(|(argument, ty)| match argument.starts_with("local") {
        true => format!("({argument})"),
        false => format!("({ty}.const {argument})"),
    });
    format!("(call ${name} {})", arguments.collect::<Vec<_>>().join(" "))
}

/// The columns of a call, by name.
fn columns(call: &str) -> Vec<&'static str> {
    let has = |word| call.split(' ').any(|argument| argument == word);
    if has("fd") {
        DESCRIPTORS.iter().map(|(name, _)| *name).collect()
    } else if has("path") {
        PATHS.to_vec()
    } else {
        vec!["-"]
    }
}

/// A directory with a file, a directory with a file in it, and links to that, to nothing and to itself.
fn directory(root: &Path) {
    std::fs::write(root.join("f"), "text").unwrap();
    std::fs::create_dir(root.join("sub")).unwrap();
    std::fs::write(root.join("sub/inner"), "").unwrap();
    symlink_dir("sub", root.join("link")).unwrap();
    symlink_dir("nowhere", root.join("dangling")).unwrap();
    symlink_dir("loop", root.join("loop")).unwrap();
}

type Table = BTreeMap<(usize, &'static str), String>;

/// The errno in every cell.
fn table(wasm: &[u8]) -> Table {
    let engine = Engine::<V>::new(&RunConfig::new().engine_config()).unwrap();
    let command = Command::new(&engine, wasm).unwrap();
    let mut table = Table::new();
    for (row, call) in CALLS.iter().enumerate() {
        for (index, column) in columns(call).into_iter().enumerate() {
            let root = tempdir().unwrap();
            directory(root.path());
            let mut config = RunConfig::new();
            config.wasi.preopens.push(Preopen::new(root.path(), "/d"));
            config.wasi.preopens.push(Preopen::new(root.path(), "/r").access(Access::ReadOnly));
            config.wasi.stdout(Stdout::capture(100)).stderr(Stdout::capture(100));
            let character = |index: usize| char::from(33 + u8::try_from(index).unwrap());
            let kind = if call.split(' ').any(|argument| argument == "fd") { 'd' } else { 'p' };
            config.wasi.arg(format!("{}{}{}{kind}", character(row / 64), character(row % 64), character(index)));
            let done = command.run(&config).unwrap();
            let shown = match (&done.outcome, &done.stderr.bytes[..]) {
                (Outcome::Exited(0), [errno]) => ERRNOS[usize::from(*errno)].to_owned(),
                (Outcome::Trapped { trap, .. }, _) => format!("trap:{}", trap.name()),
                (outcome, bytes) => panic!("{call} {column}: {outcome:?} {bytes:?}"),
            };
            table.insert((row, column), shown);
        }
    }
    table
}

/// The table as text: for each call the columns of each errno.
fn text(table: &Table) -> String {
    let mut text = String::new();
    for (row, call) in CALLS.iter().enumerate() {
        let mut errnos: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for column in columns(call) {
            errnos.entry(&table[&(row, column)]).or_default().push(if column.is_empty() { "\"\"" } else { column });
        }
        let _ = writeln!(text, "{call}");
        for (errno, columns) in errnos {
            let _ = writeln!(text, "    {errno}: {}", columns.join(" "));
        }
    }
    text
}

/// Asserts that every cell has what it has on the newest major, or what a known difference says.
fn assert_table(name: &str, wasm: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/wasi/errors").join(name);
    let table = table(wasm);
    let is_newest = enabled().last().is_some_and(|newest| newest.major() == <V as CoreWasmtime>::MAJOR);
    if is_newest && std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text(&table)).unwrap();
    }
    let wasmtime = <V as CoreWasmtime>::report().wasmtime;
    let applies = |id: &str| {
        let known = known_differences().iter().find(|known| known.id == id);
        known.expect("a known difference").applies_to(&wasmtime)
    };
    let newest = std::fs::read_to_string(&path).unwrap();
    let mut found: BTreeMap<(usize, &str), String> = table;
    let (mut row, mut wrong) = (0, Vec::new());
    for line in newest.lines() {
        let Some(cells) = line.strip_prefix("    ") else {
            row = CALLS.iter().position(|call| *call == line).expect("a call of the table");
            continue;
        };
        let (errno, columns) = cells.split_once(": ").unwrap();
        for column in columns.split(' ').map(|column| column.trim_matches('"')) {
            let here = |(id, call, columns, _): &&(&str, &str, &[&str], &str)| {
                *call == CALLS[row] && columns.contains(&column) && applies(id)
            };
            let expected = DIFFERENT.iter().find(here).map_or(errno, |(_, _, _, errno)| errno);
            let found = found.remove(&(row, column)).unwrap();
            if found != expected {
                wrong.push(format!("{} | {column}: {found} instead of {expected}", CALLS[row]));
            }
        }
    }
    assert!(found.is_empty(), "not in the table: {found:?}");
    assert!(wrong.is_empty(), "Wasmtime {wasmtime}:\n{}", wrong.join("\n"));
}

#[test]
fn a_module_gets_the_errno_of_the_newest_major() {
    assert_table("module.txt", &guest());
}

#[test]
fn a_component_gets_the_errno_of_the_newest_major() {
    assert_table("component.txt", &component(&guest(), Adapter::V24));
}
