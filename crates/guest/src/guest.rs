//! Owns reading the outermost level of a guest without any Wasmtime: its kind, imports and exports.

use semver::Version;
use wasmparser::{Chunk, ComponentExternalKind, Encoding, ExternalKind, Parser, Payload, TypeRef};

use crate::compiled;
use crate::error::{Error, ErrorKind, Result};

/// How much longer than a guest its names may be, with what it takes to keep them. Without groups of imports that
/// share a name they cannot be.
const LARGEST_NAMES: usize = 8;

/// The kind of a WebAssembly binary.
///
/// ```
/// use wasmtime_compat_guest::GuestKind;
///
/// assert_eq!(GuestKind::of(b"\0asm\x01\0\0\0")?, GuestKind::Module);
/// assert_eq!(GuestKind::of(b"\0asm\x0d\0\x01\0")?.name(), "component");
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum GuestKind {
    /// A core module.
    Module,
    /// A component.
    Component,
}

/// Kind, imports and exports of a guest.
///
/// ```
/// use wasmtime_compat_guest::{Guest, GuestKind};
///
/// // (module (import "env" "log" (func)) (func (export "_start")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0b\x01\x03env\x03log\0\0\x03\x02\x01\0\
///     \x07\x0a\x01\x06_start\0\x01\x0a\x04\x01\x02\0\x0b";
/// let guest = Guest::parse(wasm)?;
/// assert_eq!(guest.kind, GuestKind::Module);
/// assert_eq!(guest.imports, ["env::log"]);
/// assert_eq!(guest.exports, ["_start"]);
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
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
    /// A guest of which this much is known.
    #[doc(hidden)]
    pub fn new(kind: GuestKind, imports: Vec<String>, exports: Vec<String>) -> Self {
        Self { kind, imports, exports }
    }

    /// Reads the outermost level of `wasm`; it need not be valid beyond that.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`] if it is not a WebAssembly binary or ends too early; [`ErrorKind::TooComplex`] if its
    /// imports, written out, are out of all proportion to its size: groups of imports may share one long name.
    pub fn parse(wasm: &[u8]) -> Result<Self> {
        let kind = GuestKind::of(wasm)?;
        // Counted first: names may be three bytes apart, and a list that grows as it goes takes several times its size.
        let (mut imports, mut exports, mut room) = (0, 0, LARGEST_NAMES.saturating_mul(wasm.len()));
        names(wasm, kind, |name| {
            match name {
                Name::Import(..) => imports += 1,
                Name::Export(_) => exports += 1,
            }
            let left = room.checked_sub(name.size() + size_of::<String>());
            room = left.ok_or_else(|| too_complex("the names of the imports are many times as long as the guest"))?;
            Ok(())
        })?;
        let mut guest = Self { kind, imports: Vec::with_capacity(imports), exports: Vec::with_capacity(exports) };
        names(wasm, kind, |name| {
            match name {
                Name::Import(Some(module), name) => guest.imports.push(format!("{module}::{name}")),
                Name::Import(None, name) => guest.imports.push(name.to_owned()),
                Name::Export(name) => guest.exports.push(name.to_owned()),
            }
            Ok(())
        })?;
        Ok(guest)
    }

    /// The contents of the custom sections of this name at the outermost level, in their order.
    ///
    /// ```
    /// use wasmtime_compat_guest::Guest;
    ///
    /// // (module (@custom "note" "text"))
    /// let wasm = b"\0asm\x01\0\0\0\0\x09\x04notetext";
    /// assert_eq!(Guest::custom_sections(wasm, "note")?, [b"text"]);
    /// # Ok::<(), wasmtime_compat_guest::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`] if the bytes are not a WebAssembly binary or end too early.
    pub fn custom_sections<'a>(wasm: &'a [u8], name: &str) -> Result<Vec<&'a [u8]>> {
        GuestKind::of(wasm)?;
        let mut sections = Vec::new();
        for payload in payloads(wasm, 0) {
            match payload?.1 {
                Payload::CustomSection(section) if section.name() == name => sections.push(section.data()),
                _ => {}
            }
        }
        Ok(sections)
    }

    /// Whether a module is made to be put into a component.
    pub fn is_core_of_component(&self) -> bool {
        self.kind == GuestKind::Module
            && (self.exports.iter().any(|export| export.starts_with("wasi:") && export.contains('#'))
                || self.imports.iter().any(|import| import.starts_with("wasi:") || import.starts_with("[export]")))
    }

    /// The name under which a command component exports `wasi:cli/run` of WASI 0.2, whatever version of that it is, or of
    /// WASI 0.3 if it does not export the former. Release candidates of WASI 0.3 do not count.
    pub fn run_export(&self) -> Option<&str> {
        let version = |name: &String| Version::parse(name.strip_prefix("wasi:cli/run@")?).ok();
        let of =
            |track: fn(&Version) -> bool| self.exports.iter().find(|name| version(name).is_some_and(|it| track(&it)));
        of(|version| (version.major, version.minor) == (0, 2)).or_else(|| of(is_p3)).map(String::as_str)
    }

    /// Whether the guest needs WASI 0.3: a component that imports an interface of it, or that is a command of 0.3 and not of 0.2.
    pub fn needs_wasi_p3(&self) -> bool {
        let of_p3 = |name: &str| name.starts_with("wasi:") && wasi_version(name).is_some_and(|version| is_p3(&version));
        self.kind == GuestKind::Component
            && (self.imports.iter().any(|import| of_p3(import)) || self.run_export().is_some_and(of_p3))
    }
}

/// Whether it is a version of WASI 0.3, and no release candidate.
pub(crate) fn is_p3(version: &Version) -> bool {
    (version.major, version.minor) == (0, 3) && version.pre.is_empty()
}

/// Whether the export of this name of a module is a function that the module imports.
///
/// # Errors
/// As [`Guest::parse`].
pub fn is_import(wasm: &[u8], export: &str) -> Result<bool> {
    let mut imported = 0_u32;
    for payload in payloads(wasm, 0) {
        match payload?.1 {
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let is_function = matches!(import.map_err(damaged)?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
                    imported = imported.saturating_add(is_function.into());
                }
            }
            Payload::ExportSection(reader) => {
                for found in reader {
                    let found = found.map_err(damaged)?;
                    if found.name == export {
                        return Ok(found.kind == ExternalKind::Func && found.index < imported);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(false)
}

/// A name at the outermost level.
enum Name<'a> {
    /// The module, if it has one, and the name in it.
    Import(Option<&'a str>, &'a str),
    Export(&'a str),
}

impl Name<'_> {
    /// How long it is when written out.
    fn size(&self) -> usize {
        match self {
            Self::Import(module, name) => module.map_or(0, |module| module.len() + 2) + name.len(),
            Self::Export(name) => name.len(),
        }
    }
}

/// Calls `take` with every name at the outermost level.
fn names<'a>(wasm: &'a [u8], kind: GuestKind, mut take: impl FnMut(Name<'a>) -> Result<()>) -> Result<()> {
    for payload in payloads(wasm, 0) {
        match payload?.1 {
            Payload::Version { encoding, .. } if encoding != kind.encoding() => {
                return Err(damaged("the header is inconsistent"));
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import.map_err(damaged)?;
                    take(Name::Import(Some(import.module), import.name))?;
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    take(Name::Export(export.map_err(damaged)?.name))?;
                }
            }
            Payload::ComponentImportSection(reader) => {
                for import in reader {
                    take(Name::Import(None, import.map_err(damaged)?.name.name))?;
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader {
                    let export = export.map_err(damaged)?;
                    if matches!(export.kind, ComponentExternalKind::Instance | ComponentExternalKind::Func) {
                        take(Name::Export(export.name.name))?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a binary is made of, each part with the number of modules and components around it. What is around it more
/// than `deepest` times is stepped over, and so is code: there is only where it begins.
///
/// [`Parser::parse_all`] keeps a parser for every level, however many there are.
pub(crate) fn payloads(wasm: &[u8], deepest: usize) -> impl Iterator<Item = Result<(usize, Payload<'_>)>> {
    let mut rest = wasm;
    let mut parsers = vec![Parser::new(0)];
    std::iter::from_fn(move || {
        let depth = parsers.len().checked_sub(1)?;
        let payload = payload(&mut rest, &mut parsers, deepest);
        if payload.is_err() {
            parsers.clear();
        }
        Some(payload.map(|payload| (depth, payload)))
    })
}

fn payload<'a>(rest: &mut &'a [u8], parsers: &mut Vec<Parser>, deepest: usize) -> Result<Payload<'a>> {
    let ends_early = || damaged("unexpected end of the binary");
    let depth = parsers.len();
    let parser = parsers.last_mut().ok_or_else(ends_early)?;
    let Chunk::Parsed { consumed, payload } = parser.parse(rest, true).map_err(damaged)? else {
        return Err(ends_early());
    };
    *rest = rest.get(consumed..).ok_or_else(ends_early)?;
    match &payload {
        Payload::ModuleSection { parser, .. } | Payload::ComponentSection { parser, .. } if depth <= deepest => {
            parsers.push(parser.clone());
        }
        Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } => {
            let size = usize::try_from(unchecked_range.end - unchecked_range.start).map_err(damaged)?;
            *rest = rest.get(size..).ok_or_else(ends_early)?;
        }
        Payload::CodeSectionStart { size, .. } => {
            parser.skip_section();
            let size = usize::try_from(*size).map_err(damaged)?;
            *rest = rest.get(size..).ok_or_else(ends_early)?;
        }
        Payload::End(_) => drop(parsers.pop()),
        _ => {}
    }
    Ok(payload)
}

impl GuestKind {
    /// Tells modules and components apart by their first eight bytes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`] if it is neither; of a guest that is compiled already the error says by what, if all
    /// bytes are here.
    pub fn of(wasm: &[u8]) -> Result<Self> {
        let invalid = |message: &str| Err(Error::new(ErrorKind::InvalidGuest, format!("not WebAssembly: {message}")));
        match wasm {
            [] => invalid("the guest is empty"),
            _ if compiled::may_be(wasm) => match compiled::error(wasm) {
                Some(error) => Err(error),
                None => invalid("the file is an ELF file"),
            },
            [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => Ok(Self::Module),
            [b'\0', b'a', b's', b'm', _, 0, 1, 0, ..] => Ok(Self::Component),
            [0xef, 0xbb, 0xbf, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                invalid("the text begins with a byte order mark; save the file as UTF-8 without a byte order mark")
            }
            [b'\0', b'a', b's', b'm', ..] => invalid("the version is unknown, or the header is incomplete"),
            _ if wasm.iter().take(64).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => {
                invalid("the guest is text; assemble the text first, for example with the `wat` crate")
            }
            _ => invalid("the binary does not start with the magic number `\\0asm`"),
        }
    }

    /// Checks that `wasm` is of this kind.
    ///
    /// # Errors
    /// [`ErrorKind::WrongGuestKind`] if it is of the other, [`ErrorKind::InvalidGuest`] if of none.
    pub fn expect(self, wasm: &[u8]) -> Result<()> {
        self.expect_kind(Self::of(wasm)?)
    }

    /// Checks that what was found is of this kind.
    ///
    /// # Errors
    /// [`ErrorKind::WrongGuestKind`] if it is of the other.
    pub fn expect_kind(self, found: Self) -> Result<()> {
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
pub fn wasi_version(import: &str) -> Option<Version> {
    let (name, version) = import.split_once('@')?;
    name.starts_with("wasi:").then(|| Version::parse(version).ok())?
}

/// The error about a guest that may be valid, but that would take too much to validate or to compile.
pub(crate) fn too_complex(why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::TooComplex, format!("the guest is too complex: {why}"))
}

/// The error about bytes that are no guest.
pub(crate) fn damaged(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidGuest, format!("damaged WebAssembly: {error}"))
}
