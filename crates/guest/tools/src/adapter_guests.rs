//! Owns the guests with which adapters are checked, and their encoding by wit-components of several ages.

use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

use crate::adapters::Flavour;
use xtask::process;

/// Every function of preview1 with its parameters: `i` is an i32, `l` an i64.
const PREVIEW1: [(&str, &str); 41] = [
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "ili"),
    ("fd_advise", "illi"),
    ("fd_allocate", "ill"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "ill"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "il"),
    ("fd_filestat_set_times", "illi"),
    ("fd_pread", "iiili"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiili"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiili"),
    ("fd_renumber", "ii"),
    ("fd_seek", "ilii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiilli"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiillii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("proc_exit", "i"),
    ("random_get", "ii"),
    ("sched_yield", ""),
];

/// What the guests use: nothing, one thing, a greeting, files, everything; without and with an allocator.
pub(crate) const GUESTS: [(&[&str], bool); 6] = [
    (&[], false),
    (&["random_get"], false),
    (&["fd_write", "proc_exit"], true),
    (&["fd_prestat_get", "fd_prestat_dir_name", "path_open", "fd_read", "fd_readdir", "fd_close"], false),
    (&["args_get", "args_sizes_get", "fd_prestat_get", "fd_prestat_dir_name", "path_open", "fd_write"], true),
    (&["*"], true),
];

/// A guest that uses these functions.
pub(crate) fn module(flavour: Flavour, functions: &[&str], allocates: bool) -> Result<Vec<u8>> {
    let mut imports = String::new();
    let mut calls = String::new();
    for (name, params) in PREVIEW1.iter().filter(|(name, _)| functions == ["*"] || functions.contains(name)) {
        let types: Vec<&str> = params.chars().map(|param| if param == 'i' { "i32" } else { "i64" }).collect();
        let constants: String = types.iter().map(|ty| format!("({ty}.const 0)")).collect();
        let (result, after) = if *name == "proc_exit" { ("", "") } else { ("(result i32)", "drop") };
        imports += &format!(
            "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {}) {result}))\n",
            types.join(" ")
        );
        calls += &format!("{constants} call ${name} {after}\n");
    }
    let realloc = "(func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) i32.const 0)";
    let realloc = if allocates { realloc } else { "" };
    let start = if flavour == Flavour::Command { "_start" } else { "_initialize" };
    let text =
        format!("(module {imports} (memory (export \"memory\") 1) {realloc} (func (export \"{start}\") {calls}))");
    Ok(wat::parse_str(text)?)
}

/// Makes a component, with the wit-component of this workspace.
pub(crate) fn encode(module: &[u8], adapter: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default().module(module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()
}

/// The versions of wit-component that [`OldEncoder`] has: 0.N.
pub(crate) const OLD: [u32; 3] = [212, 221, 236];

/// A program with older wit-components in it.
pub(crate) struct OldEncoder {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl OldEncoder {
    /// Builds it; returns where it is.
    pub(crate) fn build(root: &Path, target: &Path) -> Result<std::path::PathBuf> {
        let target = target.join("old-encoders");
        let mut build = process::cargo(&root.join("crates/guest/tools/encoders"));
        process::run(build.args(["build", "--quiet", "--locked", "--target-dir"]).arg(&target))?;
        Ok(target.join("debug").join(format!("old-encoders{}", std::env::consts::EXE_SUFFIX)))
    }

    pub(crate) fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {program:?}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take().context("its output")?);
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// Makes a component, with wit-component 0.`version`; or says why that cannot make it.
    pub(crate) fn encode(&mut self, version: u32, module: &[u8], adapter: &[u8]) -> Result<Result<Vec<u8>, String>> {
        let input = self.input.as_mut().context("its input")?;
        input.write_all(&version.to_le_bytes())?;
        for bytes in [module, adapter] {
            input.write_all(&u32::try_from(bytes.len())?.to_le_bytes())?;
            input.write_all(bytes)?;
        }
        input.flush()?;
        let (mut good, mut length) = ([0], [0; 4]);
        self.output.read_exact(&mut good)?;
        self.output.read_exact(&mut length)?;
        let mut answer = vec![0; usize::try_from(u32::from_le_bytes(length))?];
        self.output.read_exact(&mut answer)?;
        Ok(if good == [1] { Ok(answer) } else { Err(String::from_utf8_lossy(&answer).into_owned()) })
    }
}

impl Drop for OldEncoder {
    fn drop(&mut self) {
        // Without input it ends.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
