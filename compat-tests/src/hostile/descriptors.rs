//! Modules that pass extreme numbers to the functions of preview1 for files and sockets: they get an errno, and exit with 0.

use super::{Ending, Hostile};

/// Functions of preview1 that these guests use, with their parameters.
const FUNCTIONS: &[(&str, &str)] = &[
    ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
    ("fd_advise", "i32 i64 i64 i32"),
    ("fd_allocate", "i32 i64 i64"),
    ("fd_close", "i32"),
    ("fd_datasync", "i32"),
    ("fd_fdstat_get", "i32 i32"),
    ("fd_filestat_get", "i32 i32"),
    ("fd_filestat_set_size", "i32 i64"),
    ("fd_filestat_set_times", "i32 i64 i64 i32"),
    ("fd_prestat_dir_name", "i32 i32 i32"),
    ("fd_prestat_get", "i32 i32"),
    ("fd_pwrite", "i32 i32 i32 i64 i32"),
    ("fd_read", "i32 i32 i32 i32"),
    ("fd_readdir", "i32 i32 i32 i64 i32"),
    ("fd_seek", "i32 i64 i32 i32"),
    ("fd_sync", "i32"),
    ("fd_tell", "i32 i32"),
    ("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"),
    ("proc_raise", "i32"),
    ("sock_accept", "i32 i32 i32"),
    ("sock_recv", "i32 i32 i32 i32 i32 i32"),
    ("sock_send", "i32 i32 i32 i32 i32"),
    ("sock_shutdown", "i32 i32"),
];

/// A module with its directory as descriptor 3 and the file `f` in it as 4, each of whose `calls` is a function and its arguments.
fn p1(name: &'static str, calls: &[(&str, &str)]) -> Hostile {
    let imports: String = FUNCTIONS
        .iter()
        .map(|(name, parameters)| {
            format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {parameters}) (result i32)))\n")
        })
        .collect();
    let calls: String =
        calls.iter().map(|(function, arguments)| format!("(drop (call ${function} {arguments}))\n")).collect();
    let text = format!(
        r#"(module {imports}
            (memory (export "memory") 4)
            ;; One buffer of five bytes.
            (data (i32.const 0) "\80\00\00\00\05\00\00\00")
            (data (i32.const 64) "f")
            (func (export "_start") (local $signal i32)
                (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
                        (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 72))
                    (then unreachable))
                {calls}))"#
    );
    Hostile::text(name, Ending::Code(0), text)
}

pub(super) fn all() -> Vec<Hostile> {
    let mut all = reported();
    all.extend(siblings());
    all
}

fn reported() -> Vec<Hostile> {
    let everything: Vec<_> = [0, 1, 2, 3, 4, 5, i32::MAX].into_iter().flat_map(every_function).collect();
    let descriptors = [
        p1(
            "prestat-of-short-buffers",
            &[
                ("fd_prestat_dir_name", "(i32.const 3) (i32.const 256) (i32.const 0)"),
                ("fd_prestat_dir_name", "(i32.const 3) (i32.const 256) (i32.const 1)"),
                ("fd_prestat_dir_name", "(i32.const 3) (i32.const 256) (i32.const 65536)"),
                ("fd_prestat_get", "(i32.const 0x7fffffff) (i32.const 256)"),
            ],
        ),
        p1(
            "readdir-of-3-and-65000-bytes",
            &[
                ("fd_readdir", "(i32.const 3) (i32.const 1024) (i32.const 3) (i64.const 0) (i32.const 8)"),
                ("fd_readdir", "(i32.const 3) (i32.const 1024) (i32.const 65000) (i64.const 0) (i32.const 8)"),
                ("fd_readdir", "(i32.const 3) (i32.const 1024) (i32.const 65000) (i64.const -1) (i32.const 8)"),
            ],
        ),
        p1(
            "seek-past-the-end",
            &[
                ("fd_seek", "(i32.const 4) (i64.const 0x7fffffffffffffff) (i32.const 0) (i32.const 8)"),
                ("fd_read", "(i32.const 4) (i32.const 0) (i32.const 1) (i32.const 8)"),
                ("fd_seek", "(i32.const 4) (i64.const 0x7fffffffffffffff) (i32.const 1) (i32.const 8)"),
                ("fd_seek", "(i32.const 4) (i64.const -1) (i32.const 2) (i32.const 8)"),
                ("fd_seek", "(i32.const 4) (i64.const 0x8000000000000000) (i32.const 0) (i32.const 8)"),
            ],
        ),
        p1(
            "pwrite-at-the-last-offset",
            &[("fd_pwrite", "(i32.const 4) (i32.const 0) (i32.const 1) (i64.const -1) (i32.const 8)")],
        ),
        p1(
            "size-of-u64-max",
            &[
                ("fd_filestat_set_size", "(i32.const 4) (i64.const -1)"),
                ("fd_allocate", "(i32.const 4) (i64.const -1) (i64.const -1)"),
                ("fd_allocate", "(i32.const 4) (i64.const 0) (i64.const -1)"),
            ],
        ),
        p1(
            "contradictory-times",
            &[
                ("fd_filestat_set_times", "(i32.const 4) (i64.const 0) (i64.const 0) (i32.const 3)"),
                ("fd_filestat_set_times", "(i32.const 4) (i64.const -1) (i64.const -1) (i32.const 15)"),
                ("fd_filestat_set_times", "(i32.const 4) (i64.const -1) (i64.const -1) (i32.const 5)"),
            ],
        ),
        p1("every-descriptor", &borrowed(&everything)),
    ];
    let zeroes = |count: usize| "(i32.const 0) ".repeat(count);
    let sockets = p1(
        "sockets-and-signals-of-zeroes",
        &[
            ("sock_accept", &zeroes(3)),
            ("sock_recv", &zeroes(6)),
            ("sock_send", &zeroes(5)),
            ("sock_shutdown", &zeroes(2)),
            ("proc_raise", &zeroes(1)),
        ],
    )
    .reported("sockets and signals");
    let numbers: Vec<_> = every_function(i32::MIN).into_iter().chain(every_function(-1)).collect();
    let numbers = p1("descriptors-from-2g", &borrowed(&numbers)).reported("guest faults");
    descriptors.into_iter().map(|guest| guest.reported("descriptors")).chain([sockets, numbers]).collect()
}

/// Calls of functions that need nothing but a descriptor and a place for a result.
fn every_function(fd: i32) -> Vec<(&'static str, String)> {
    let result = ["fd_fdstat_get", "fd_filestat_get", "fd_prestat_get", "fd_tell"];
    let result = result.map(|function| (function, format!("(i32.const {fd}) (i32.const 256)")));
    let alone = ["fd_sync", "fd_datasync", "fd_close"].map(|function| (function, format!("(i32.const {fd})")));
    let advice = ("fd_advise", format!("(i32.const {fd}) (i64.const -1) (i64.const -1) (i32.const 0)"));
    result.into_iter().chain([advice]).chain(alone).collect()
}

fn borrowed<'a>(calls: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    calls.iter().map(|(function, arguments)| (*function, arguments.as_str())).collect()
}

fn siblings() -> Vec<Hostile> {
    vec![
        p1("signals", &[("proc_raise", "(local.tee $signal (i32.add (local.get $signal) (i32.const 1)))"); 30]),
        p1(
            "times-of-a-path",
            &[(
                "path_filestat_set_times",
                "(i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i64.const -1) (i64.const -1) (i32.const 5)",
            )],
        ),
        p1(
            "advice-on-everything",
            &[
                ("fd_advise", "(i32.const 4) (i64.const 0) (i64.const -1) (i32.const 5)"),
                ("fd_advise", "(i32.const 4) (i64.const -1) (i64.const -1) (i32.const 3)"),
                ("fd_advise", "(i32.const 3) (i64.const 0) (i64.const -1) (i32.const 3)"),
            ],
        ),
        p1(
            "path-of-zeroes",
            &[(
                "path_open",
                "(i32.const 3) (i32.const 1) (i32.const 1024) (i32.const 60000) (i32.const 0) (i64.const 2) (i64.const 0)
                 (i32.const 0) (i32.const 8)",
            )],
        ),
    ]
}
