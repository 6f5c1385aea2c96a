//! Owns `MissingImport`: which import nothing satisfies, and what can be done about it.

use semver::Version;

use crate::error::{Error, ErrorKind};
use crate::guest::wasi_version;
use crate::report::{hosted_p2, hosts_interface, hosts_p3_interface, serves};

/// An import that nothing satisfies.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Command, Config, Engine, ErrorKind, Newest};
///
/// // (module (import "env" "log" (func)) (func (export "_start")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0b\x01\x03env\x03log\0\0\x03\x02\x01\0\
///     \x07\x0a\x01\x06_start\0\x01\x0a\x04\x01\x02\0\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let error = Command::new(&engine, wasm).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Link);
/// let missing = error.missing_import().unwrap();
/// assert_eq!((missing.name.as_str(), &missing.guest_wasi), ("env::log", &None));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MissingImport {
    /// The import as the guest spells it: `module::name` for core modules, the interface name for components.
    pub name: String,
    /// The function, method or resource of the interface that is the reason, if the host has the interface: for
    /// components only.
    pub item: Option<String>,
    /// Whether the host has the [item](Self::item), or the import of a core module, but with another type.
    pub wrong_type: bool,
    /// Whether a component imports a function of this name, where WASI has interfaces.
    pub is_function: bool,
    /// The WASI version that the guest imports, if the name carries one.
    pub guest_wasi: Option<Version>,
    /// The WASI 0.2 version this major hosts.
    pub host_wasi: Version,
}

/// What to do with a core module that imports WASI 0.2.
const NOT_A_COMPONENT: &str = "the module was compiled for WASI 0.2 and has to be made a component first, for example \
                               with `wasm-tools component new`";

/// What to do with a component that imports an interface of WASI as a function.
const NOT_AN_INTERFACE: &str = "import an instance of this interface, which exports the function";

/// What to do with a module that imports preview0.
const PREVIEW0: &str = "`wasi_unstable` is WASI's first snapshot (preview0), which this crate does not support, \
                        because its calls cannot be bounded as those of preview1 are; build the guest again for \
                        `wasi_snapshot_preview1`";

/// What to do with a component that imports a release candidate of WASI.
const RELEASE_CANDIDATE: &str = "WASI release candidates were replaced by 0.2.0, and no supported Wasmtime has them; \
    if the guest was made of a preview1 module, `wasmtime-compat readapt` inserts an adapter for the released WASI, \
    otherwise build the guest again with newer tools";

/// What to do with a component that imports an interface beside WASI, which this crate has.
const NOT_ADDED: &str = "the host adds `wasi:config/store` (0.2.0-rc.1 and 0.2.0-draft) with \
    `component::Linker::add_wasi_config`, and `wasi:keyvalue` (0.2.0-draft) with `add_wasi_keyvalue`; for commands, \
    `WasiConfig::config_variables` and `WasiConfig::keyvalue` do";

/// What to do with a component that imports WASI 0.3.
const NOT_P3: &str = "WASI 0.3 needs a major with the cargo feature `wasmtime-NN-p3`, an engine with \
    `Config::wasm_component_model_async`, and `component::Linker::add_wasi_p3`";

impl MissingImport {
    /// An import of which nothing more is known than its name.
    pub(crate) fn new(name: String, major: u64) -> Self {
        let version = if is_extra(&name) { None } else { wasi_version(&name) };
        let (guest_wasi, host_wasi) = (version, hosted_p2(major));
        Self { name, item: None, wrong_type: false, is_function: false, guest_wasi, host_wasi }
    }

    /// The same, for an item of the interface that is missing or has another type. Of an interface of WASI that the host
    /// does not have, every item is missing.
    pub(crate) fn with_item(self, item: Option<&str>, wrong_type: bool, major: u64) -> Self {
        let interface = self.name.split('@').next().unwrap_or(&self.name);
        let served = match &self.guest_wasi {
            Some(version) => version.minor == 2 && serves(major, version) && hosts_interface(interface),
            None => true,
        };
        let item = item.filter(|_| served).map(str::to_owned);
        Self { wrong_type: wrong_type && item.is_some(), item, ..self }
    }

    /// One line: the import, and the fact that explains it.
    pub(crate) fn message(&self, major: u64) -> String {
        let Self { name, item, host_wasi, .. } = self;
        match (item, &self.guest_wasi) {
            _ if self.is_function => {
                format!("unsatisfied import: `{name}` is imported as a function, but is the name of an interface")
            }
            (Some(item), _) if self.wrong_type => {
                format!("unsatisfied import: `{item}` of `{name}` has another type than the host's")
            }
            (None, _) if self.wrong_type => format!("unsatisfied import: `{name}` has another type than the host's"),
            (Some(item), Some(_)) => {
                format!("unsatisfied import: `{item}` of `{name}`, which WASI {host_wasi} of this host does not have")
            }
            (Some(item), None) => format!("unsatisfied import: `{item}` of `{name}`"),
            (None, Some(guest)) if self.is_too_new(guest, major) => {
                format!("unsatisfied import: `{name}` (the guest imports WASI {guest}, this host has {host_wasi})")
            }
            (None, Some(_)) => format!("unsatisfied import: `{name}`, which this host does not have"),
            (None, None) => format!("unsatisfied import: `{name}`"),
        }
    }

    /// Whether the version is the reason: the host has the interface, or may have it in a later version.
    fn is_too_new(&self, guest: &Version, major: u64) -> bool {
        let interface = self.name.split('@').next().unwrap_or(&self.name);
        !serves(major, guest) && (hosts_interface(interface) || *guest > self.host_wasi || !guest.pre.is_empty())
    }

    /// Advice for the reader, if there is any.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        let module = self.name.split_once("::").map(|(module, _)| module);
        match module {
            _ if self.is_function => Some(NOT_AN_INTERFACE),
            Some(module) if module.starts_with("wasi:") => Some(NOT_A_COMPONENT),
            Some("wasi_unstable") => Some(PREVIEW0),
            _ if self.item.is_none() && is_extra(&self.name) => Some(NOT_ADDED),
            _ if self.guest_wasi.as_ref().is_some_and(|version| !version.pre.is_empty()) => Some(RELEASE_CANDIDATE),
            _ if self.guest_wasi.as_ref().is_some_and(|version| (version.major, version.minor) == (0, 3))
                && hosts_p3_interface(self.name.split('@').next().unwrap_or_default()) =>
            {
                Some(NOT_P3)
            }
            _ => None,
        }
    }
}

/// Whether the interface is one beside WASI, with versions of its own.
fn is_extra(name: &str) -> bool {
    ["wasi:config/", "wasi:keyvalue/"].iter().any(|package| name.starts_with(package))
}

impl Error {
    /// An import that nothing satisfies on this major.
    pub(crate) fn from_missing_import(missing: MissingImport, major: u64) -> Self {
        let error = Self::new(ErrorKind::Link, missing.message(major));
        let error = match missing.hint() {
            Some(hint) => error.with_hint(hint),
            None => error,
        };
        error.with_part(missing)
    }

    /// The import that nothing satisfies, if linking failed for one.
    pub fn missing_import(&self) -> Option<&MissingImport> {
        self.part()
    }
}
