//! Owns the functions of `wasi_snapshot_preview1`, which every major hosts alike (witx/wasi_snapshot_preview1.witx).

use wasmparser::{FuncType, ValType};

/// Name, parameters and results of each: `i` is a 32-bit integer, `l` one of 64 bits.
const FUNCTIONS: &[(&str, &str)] = &[
    ("args_get", "ii:i"),
    ("args_sizes_get", "ii:i"),
    ("clock_res_get", "ii:i"),
    ("clock_time_get", "ili:i"),
    ("environ_get", "ii:i"),
    ("environ_sizes_get", "ii:i"),
    ("fd_advise", "illi:i"),
    ("fd_allocate", "ill:i"),
    ("fd_close", "i:i"),
    ("fd_datasync", "i:i"),
    ("fd_fdstat_get", "ii:i"),
    ("fd_fdstat_set_flags", "ii:i"),
    ("fd_fdstat_set_rights", "ill:i"),
    ("fd_filestat_get", "ii:i"),
    ("fd_filestat_set_size", "il:i"),
    ("fd_filestat_set_times", "illi:i"),
    ("fd_pread", "iiili:i"),
    ("fd_prestat_dir_name", "iii:i"),
    ("fd_prestat_get", "ii:i"),
    ("fd_pwrite", "iiili:i"),
    ("fd_read", "iiii:i"),
    ("fd_readdir", "iiili:i"),
    ("fd_renumber", "ii:i"),
    ("fd_seek", "ilii:i"),
    ("fd_sync", "i:i"),
    ("fd_tell", "ii:i"),
    ("fd_write", "iiii:i"),
    ("path_create_directory", "iii:i"),
    ("path_filestat_get", "iiiii:i"),
    ("path_filestat_set_times", "iiiilli:i"),
    ("path_link", "iiiiiii:i"),
    ("path_open", "iiiiillii:i"),
    ("path_readlink", "iiiiii:i"),
    ("path_remove_directory", "iii:i"),
    ("path_rename", "iiiiii:i"),
    ("path_symlink", "iiiii:i"),
    ("path_unlink_file", "iii:i"),
    ("poll_oneoff", "iiii:i"),
    ("proc_exit", "i:"),
    ("proc_raise", "i:i"),
    ("random_get", "ii:i"),
    ("sched_yield", ":i"),
    ("sock_accept", "iii:i"),
    ("sock_recv", "iiiiii:i"),
    ("sock_send", "iiiii:i"),
    ("sock_shutdown", "ii:i"),
];

/// Whether there is a function `name`.
pub(super) fn has(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, _)| *known == name)
}

/// Whether there is a function `name` of this type; `None` if there is none of this name.
pub(super) fn hosts(name: &str, ty: &FuncType) -> Option<bool> {
    let letters = |types: &[ValType]| types.iter().map(letter).collect::<String>();
    let (_, known) = FUNCTIONS.iter().find(|(known, _)| *known == name)?;
    Some(*known == format!("{}:{}", letters(ty.params()), letters(ty.results())))
}

fn letter(ty: &ValType) -> char {
    match ty {
        ValType::I32 => 'i',
        ValType::I64 => 'l',
        _ => '?',
    }
}
