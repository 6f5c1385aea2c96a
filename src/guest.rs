//! Owns what can be told from a guest's bytes without any Wasmtime: what it is and what it imports.

use semver::Version;
use wasmparser::{ComponentExternalKind, Encoding, Parser, Payload};

use crate::error::{Error, ErrorKind, Result};

/// What kind of WebAssembly binary a guest is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum GuestKind {
    /// A core module.
    Module,
    /// A component.
    Component,
}

/// What a guest's bytes say about it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Guest {
    /// Core module or component.
    pub kind: GuestKind,
    /// Imports: `module::name` for a module, interface names for a component.
    pub imports: Vec<String>,
    /// Names of exports, outermost level only.
    pub exports: Vec<String>,
}

impl Guest {
    /// Reads the outermost level of `wasm`; it need not be valid beyond that.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`] if it is not a WebAssembly binary or ends too early.
    pub fn parse(wasm: &[u8]) -> Result<Self> {
        let kind = GuestKind::of(wasm)?;
        let mut guest = Self { kind, imports: Vec::new(), exports: Vec::new() };
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.map_err(damaged)?;
            match payload {
                Payload::Version { encoding, .. } if depth == 0 && encoding != kind.encoding() => {
                    return Err(damaged("its header contradicts itself"));
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        let import = import.map_err(damaged)?;
                        guest.imports.push(format!("{}::{}", import.module, import.name));
                    }
                }
                Payload::ExportSection(reader) => {
                    for export in reader {
                        guest.exports.push(export.map_err(damaged)?.name.to_owned());
                    }
                }
                Payload::ComponentImportSection(reader) => {
                    for import in reader {
                        guest.imports.push(import.map_err(damaged)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(reader) => {
                    for export in reader {
                        let export = export.map_err(damaged)?;
                        if matches!(export.kind, ComponentExternalKind::Instance | ComponentExternalKind::Func) {
                            guest.exports.push(export.name.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(guest)
    }

    /// The name under which a command component exports `wasi:cli/run`, whatever 0.2 version that is.
    pub(crate) fn run_export(&self) -> Option<&str> {
        let is_run = |name: &&String| {
            name.split_once('@').is_some_and(|(interface, version)| {
                interface == "wasi:cli/run"
                    && Version::parse(version).is_ok_and(|version| (version.major, version.minor) == (0, 2))
            })
        };
        self.exports.iter().find(is_run).map(String::as_str)
    }
}

impl GuestKind {
    /// Tells modules and components apart by their first eight bytes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`] if it is neither.
    pub fn of(wasm: &[u8]) -> Result<Self> {
        let invalid = |message: &str| Err(Error::new(ErrorKind::InvalidGuest, format!("not WebAssembly: {message}")));
        match wasm {
            [] => invalid("the guest is empty"),
            [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => Ok(Self::Module),
            [b'\0', b'a', b's', b'm', _, 0, 1, 0, ..] => Ok(Self::Component),
            [b'\0', b'a', b's', b'm', ..] => invalid("its version is unknown, or it ends within the header"),
            _ if wasm.iter().take(64).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => {
                invalid("it is text; assemble it first, for example with the `wat` crate")
            }
            _ => invalid("it does not start with the magic number `\\0asm`"),
        }
    }

    /// Checks that `wasm` is of this kind.
    ///
    /// # Errors
    /// [`ErrorKind::WrongGuestKind`] if it is of the other, [`ErrorKind::InvalidGuest`] if of none.
    pub(crate) fn expect(self, wasm: &[u8]) -> Result<()> {
        let found = Self::of(wasm)?;
        if found == self {
            return Ok(());
        }
        let message = format!("wrong kind of guest: expected a {}, found a {}", self.name(), found.name());
        Err(Error::new(ErrorKind::WrongGuestKind, message))
    }

    /// `module` or `component`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Component => "component",
        }
    }

    fn encoding(self) -> Encoding {
        match self {
            Self::Module => Encoding::Module,
            Self::Component => Encoding::Component,
        }
    }
}

/// The WASI version in an interface name like `wasi:cli/run@0.2.3`.
pub(crate) fn wasi_version(import: &str) -> Option<Version> {
    let (name, version) = import.split_once('@')?;
    name.starts_with("wasi:").then(|| Version::parse(version).ok())?
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidGuest, format!("damaged WebAssembly: {error}"))
}
