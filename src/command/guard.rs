//! Owns the guard before components start: an adapter that would give a guest wrong names of its directories.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
pub use crate::report::AdapterWarning;
use crate::report::{AdapterIdentity, AdapterReport, KnownIssue, RunStrings};
use crate::wasi::{PreopenReport, WasiConfig};

/// With fewer preopened directories than this, the adapters with the flaw get every name right.
const ENOUGH_TO_FAIL: usize = 3;

/// A guest that was not started, because its adapter would have given wrong names to the preopened directories:
/// bytecodealliance/wasmtime#10058, on any host.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::Preopen;
/// use wasmtime_compat::{Command, Engine, Newest, RunConfig};
///
/// # let module = wat::parse_str(
/// #     r#"(module
/// #         (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func (param i32 i32 i32) (result i32)))
/// #         (memory (export "memory") 1)
/// #         (func (export "_start")))"#,
/// # )
/// # .unwrap();
/// # let adapter = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// # let wasm = wit_component::ComponentEncoder::default()
/// #     .module(&module)
/// #     .unwrap()
/// #     .adapter("wasi_snapshot_preview1", adapter)
/// #     .unwrap()
/// #     .encode()
/// #     .unwrap();
/// let mut run = RunConfig::new();
/// run.wasi.preopens.extend(["/conf", "/data", "/logs"].map(|guest| Preopen::new(".", guest)));
/// let engine = Engine::<Newest>::new(&run.engine_config())?;
/// // `wasm` is a component with the adapter of Wasmtime 24.
/// let error = Command::new(&engine, &wasm)?.run(&run).unwrap_err();
/// let broken = error.broken_adapter().unwrap();
/// assert_eq!((broken.issue.id, broken.preopens.len()), ("preopen-names", 3));
/// assert!(broken.adapter.to_string().starts_with("24."));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BrokenAdapter {
    /// Where the adapter is; see [`AdapterReport::path`](crate::report::AdapterReport::path).
    pub path: String,
    /// The identity of the adapter.
    pub adapter: AdapterIdentity,
    /// The flaw of the adapter.
    pub issue: &'static KnownIssue,
    /// Every preopened directory, in the order in which the guest gets them.
    pub preopens: Vec<MisnamedPreopen>,
}

/// A preopened directory, and the name that the guest would have read.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::Preopen;
/// use wasmtime_compat::{Command, Engine, Newest, RunConfig};
///
/// # let module = wat::parse_str(
/// #     r#"(module
/// #         (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func (param i32 i32 i32) (result i32)))
/// #         (memory (export "memory") 1)
/// #         (func (export "_start")))"#,
/// # )
/// # .unwrap();
/// # let adapter = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// # let wasm = wit_component::ComponentEncoder::default()
/// #     .module(&module)
/// #     .unwrap()
/// #     .adapter("wasi_snapshot_preview1", adapter)
/// #     .unwrap()
/// #     .encode()
/// #     .unwrap();
/// let mut run = RunConfig::new();
/// run.wasi.preopens.extend(["/conf", "/data", "/logs"].map(|guest| Preopen::new(".", guest)));
/// let engine = Engine::<Newest>::new(&run.engine_config())?;
/// // `wasm` is a component with the adapter of Wasmtime 24.
/// let error = Command::new(&engine, &wasm)?.run(&run).unwrap_err();
/// let preopens = &error.broken_adapter().unwrap().preopens;
/// let wrong = preopens.iter().find(|preopen| preopen.guest != preopen.seen).unwrap();
/// assert_eq!((wrong.guest.as_str(), wrong.seen.as_str()), ("/data", "/logs"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MisnamedPreopen {
    /// Its guest path.
    pub guest: String,
    /// The name that the guest would have read, with invalid UTF-8 replaced.
    pub seen: String,
}

/// The flaws of a compiled component's adapters, found once and kept with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flaws {
    warnings: Arc<[AdapterWarning]>,
}

impl Flaws {
    /// The flaws of the adapters in a component.
    pub(crate) fn of(adapters: &[AdapterReport]) -> Self {
        Self { warnings: adapters.iter().flat_map(AdapterWarning::all_of).collect() }
    }

    /// The flaws recorded in a precompiled component.
    pub(crate) fn known(warnings: &[AdapterWarning]) -> Self {
        Self { warnings: warnings.into() }
    }

    /// Everything that is wrong.
    pub(crate) fn warnings(&self) -> &[AdapterWarning] {
        &self.warnings
    }

    /// The flaws that show in a run with this world: a flaw that only shows with long or many strings is included if
    /// the strings are long or many enough. The guest is not refused for it, because it may never query the strings.
    pub(crate) fn in_run(&self, wasi: &WasiConfig) -> Vec<AdapterWarning> {
        // Most guests have no adapter, and every run passes here.
        if self.warnings.is_empty() {
            return Vec::new();
        }
        AdapterWarning::in_run(self.warnings.iter().cloned(), wasi)
    }

    /// Refuses to start a guest that would get these preopens under wrong names.
    pub(crate) fn refuse(&self, preopens: &PreopenReport) -> Result<()> {
        let Some(flaw) = self.warnings.iter().find(|warning| warning.issue.misnames_preopens()) else {
            return Ok(());
        };
        let names: Vec<Arc<str>> = preopens.usable().map(|preopen| preopen.guest.clone()).collect();
        if names.len() < ENOUGH_TO_FAIL {
            return Ok(());
        }
        let AdapterWarning { path, adapter, issue, .. } = flaw.clone();
        let preopens = names.iter().zip(seen(&names));
        let preopens = preopens.map(|(guest, seen)| MisnamedPreopen { guest: guest.to_string(), seen }).collect();
        Err(BrokenAdapter { path, adapter, issue, preopens }.into())
    }
}

impl RunStrings for WasiConfig {
    fn arguments(&self) -> impl Iterator<Item = &str> {
        self.args.iter().map(String::as_str)
    }

    fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.env.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn preopens(&self) -> impl Iterator<Item = &str> {
        // A path that is not UTF-8 is refused before any adapter sees it.
        self.preopens.iter().filter_map(|preopen| preopen.guest().to_str())
    }
}

/// What a guest with a broken adapter reads for these names. The adapter puts all of them at one address, one over
/// the other, and only the first is copied away in time; so each but that one reads its own length of what is left.
fn seen(names: &[Arc<str>]) -> Vec<String> {
    let mut left: Vec<u8> = Vec::new();
    for name in names {
        let name = name.as_bytes();
        left.resize(left.len().max(name.len()), 0);
        left[..name.len()].copy_from_slice(name);
    }
    let read = |(at, name): (usize, &Arc<str>)| match at {
        0 => name.to_string(),
        _ => String::from_utf8_lossy(&left[..name.len()]).into_owned(),
    };
    names.iter().enumerate().map(read).collect()
}

impl fmt::Display for BrokenAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the guest's adapter ({}) gives wrong names to preopened directories: ", self.adapter)?;
        let wrong = self.preopens.iter().filter(|preopen| preopen.guest != preopen.seen);
        for (at, preopen) in wrong.enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{:?} as {:?}", preopen.guest, preopen.seen)?;
        }
        Ok(())
    }
}

impl From<BrokenAdapter> for Error {
    fn from(broken: BrokenAdapter) -> Self {
        let newer = broken.issue.fixed.map_or_else(String::new, |fixed| format!(" of {fixed} or newer"));
        Self::new(ErrorKind::BrokenAdapter, broken.to_string())
            .with_hint(format!(
                "encode the component again with an adapter{newer} (`wasmtime-compat readapt` does), preopen at \
                 most two directories, or set WasiConfig::allow_broken_adapter; see {}",
                broken.issue.link
            ))
            .with_part(broken)
    }
}

impl Error {
    /// The adapter and the names it would have given, if a guest was refused for it.
    pub fn broken_adapter(&self) -> Option<&BrokenAdapter> {
        self.part()
    }
}
