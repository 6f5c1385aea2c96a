//! The table of bounds has every function of WASI that can make the host allocate, copy, keep or wait for something.

use compat_tests::Adapter;
use compat_tests::signatures::{PREVIEW1_FUNCTIONS, Shape, shapes};
use wasmtime_compat::wasi::bounds;

/// Functions of preview1 whose arguments are numbers and pointers to results of fixed size.
const FIXED: [&str; 17] = [
    "args_sizes_get",
    "clock_res_get",
    "clock_time_get",
    "environ_sizes_get",
    "fd_advise",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_get",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_get",
    "fd_filestat_set_times",
    "fd_prestat_get",
    "fd_sync",
    "fd_tell",
    "proc_raise",
    "sched_yield",
];

#[test]
fn every_function_of_preview1_is_in_the_table_or_takes_numbers_only() {
    let rows: Vec<&str> = bounds().iter().map(|bound| bound.of).filter(|of| of.contains("preview1: ")).collect();
    for (name, _) in PREVIEW1_FUNCTIONS {
        let is_in =
            |row: &&str| row.contains(&format!("`{name}`")) || name.starts_with("path_") && row.contains("`path_*`");
        let listed = rows.iter().any(is_in);
        assert_ne!(listed, FIXED.contains(name), "{name}");
    }
}

/// Functions with texts, lists or numbers of 64 bits that need no bound, and why.
const UNBOUNDED: &[(&str, &str)] = &[
    ("get-environment", "the host set the variables"),
    ("get-arguments", "the host set the arguments"),
    ("initial-cwd", "it is always empty"),
    ("error.to-debug-string", "it is a text of the host"),
    ("directory-entry-stream.read-directory-entry", "a name is as long as the operating system allows"),
    ("descriptor.advise", "the numbers go to the operating system, which reads nothing for them"),
    ("tcp-socket.set-keep-alive-idle-time", "the operating system keeps the number"),
    ("tcp-socket.set-keep-alive-interval", "the operating system keeps the number"),
];

/// The row for functions that make a resource.
const MAKES: &str = "WASI 0.2: functions that make ";

#[test]
fn every_function_of_wasi_0_2_is_in_the_table_or_takes_nothing_of_size() {
    let rows: Vec<&str> = bounds().iter().map(|bound| bound.of).filter(|of| of.contains("WASI 0.2: ")).collect();
    assert!(rows.iter().any(|row| row.starts_with(MAKES)));
    let mut missing = Vec::new();
    for Shape { name, interface, makes, copies, counts } in shapes(Adapter::V48) {
        let is_exempt = UNBOUNDED.iter().any(|(exempt, _)| *exempt == name);
        let listed = rows.iter().any(|row| names(row, &name));
        if (copies || counts) && !listed && !is_exempt && !makes {
            missing.push(format!("{interface} {name}"));
        }
        assert!(!(listed && is_exempt), "{name} is in the table");
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Whether a row names a function: as a whole, or a method behind another one of the same resource, or with all of its kind.
fn names(row: &str, name: &str) -> bool {
    let is_path = name.starts_with("descriptor.") && name.ends_with("-at");
    if is_path && row.contains("functions of `descriptor` that take paths")
        || name.ends_with("-buffer-size") && row.contains("sizes of buffers of sockets")
    {
        return true;
    }
    let Some((resource, method)) = name.split_once('.') else { return row.contains(&format!("`{name}`")) };
    row.contains(&format!("`{name}`"))
        || row.contains(&format!("`{resource}.")) && row.contains(&format!("`.{method}`"))
}
