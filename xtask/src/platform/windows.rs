//! Owns Windows under Wine: its prefix, and the one library that Wine 8 lacks.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::target::Target;
use crate::process;

/// Not `wine`, a wrapper that reports a missing 32-bit Wine with every program.
const WINE: &str = "/usr/lib/wine/wine64";

const LINKER: &str = "x86_64-w64-mingw32-gcc";

pub(crate) const TARGET: Target = Target {
    name: "Windows on x86-64",
    triple: "x86_64-pc-windows-gnu",
    system: ("windows", "x86_64"),
    linker: LINKER,
    emulator: &[WINE],
    packages: &[
        ("wine", "/usr/share/wine"),
        ("wine64", WINE),
        ("gcc-mingw-w64-x86-64-posix", "/usr/bin/x86_64-w64-mingw32-gcc-posix"),
    ],
    state: "matrix-windows",
    prepare,
};

/// Random numbers of Rust's standard library. Without this function no program starts, and Wine reports nothing.
const RANDOM: &str = "\
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return RtlGenRandom(data, size); }
";

/// Makes a prefix, unless there is one, and returns the variables of a program that runs in it.
fn prepare(folder: &Path) -> Result<Vec<(String, OsString)>> {
    let prefix = folder.join("wine");
    let env = environment(&prefix);
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    if !library.exists() {
        fs::create_dir_all(&prefix).with_context(|| format!("make {prefix:?}"))?;
        for args in [&["wineboot", "-i"][..], &["winecfg", "-v", "win10"]] {
            process::run(Command::new(WINE).args(args).envs(env.iter().cloned()))?;
        }
        let source = prefix.join("bcryptprimitives.c");
        fs::write(&source, RANDOM).with_context(|| format!("write {source:?}"))?;
        let made: PathBuf = library.with_extension("new");
        process::run(
            Command::new(LINKER).args(["-shared", "-O2", "-s", "-o"]).arg(&made).arg(&source).arg("-ladvapi32"),
        )?;
        // Only a whole library counts as made.
        fs::rename(&made, &library).with_context(|| format!("rename {made:?} to {library:?}"))?;
    }
    Ok(env)
}

fn environment(prefix: &Path) -> Vec<(String, OsString)> {
    vec![
        ("WINEPREFIX".to_owned(), prefix.into()),
        ("WINEDEBUG".to_owned(), "-all".into()),
        // What tests expect of Wine, and not of Windows, depends on it.
        ("WASMTIME_COMPAT_PLATFORM".to_owned(), "wine".into()),
    ]
}
