//! Owns recognising guests that are compiled already, where WebAssembly is expected: artefacts of `wasmtime-compat`, and
//! those of Wasmtime, which are ELF files.

use crate::error::{Error, ErrorKind};
use crate::guest::GuestKind;

/// The beginning of an artefact of `wasmtime-compat`. No WebAssembly, ELF file or text begins like this.
pub const ARTEFACT_MAGIC: &[u8; 8] = b"\xffwtcmp\r\n";

/// What Wasmtime writes into the field of an ELF header for the system.
const WASMTIME: u8 = 200;

/// The section that begins with Wasmtime's version.
const ENGINE: &[u8] = b".wasmtime.engine";

/// Flags of an ELF header.
const MODULE: u32 = 1;
const COMPONENT: u32 = 2;

/// Whether a file that begins with these bytes may be a compiled guest.
pub(crate) fn may_be(start: &[u8]) -> bool {
    start.starts_with(ARTEFACT_MAGIC) || start.starts_with(b"\x7fELF")
}

/// Why `bytes` are not WebAssembly, if they are a compiled guest.
pub(crate) fn error(bytes: &[u8]) -> Option<Error> {
    if bytes.starts_with(ARTEFACT_MAGIC) {
        return Some(own(bytes));
    }
    let code = Code::read(bytes)?;
    let by = match &code.wasmtime {
        Some(version) => format!("Wasmtime {version}"),
        None => "Wasmtime".to_owned(),
    };
    let target = code.target.map_or_else(String::new, |target| format!(" for {target}"));
    let from = code.kind.map_or("", |kind| match kind {
        GuestKind::Module => " from a module",
        GuestKind::Component => " from a component",
    });
    Some(not_wasm(format!("machine code that {by} compiled{target}{from}")).with_hint(format!(
        "run the WebAssembly from which the code was compiled; a program with {by} loads the code with `deserialize`"
    )))
}

/// The error about an artefact of `Engine::precompile`.
fn own(bytes: &[u8]) -> Error {
    let details = Artefact::read(bytes).map_or_else(String::new, |Artefact { kind, wasmtime }| {
        format!(" from a {}, with Wasmtime {wasmtime}", kind.name())
    });
    not_wasm(format!("machine code that `Engine::precompile` compiled{details}")).with_hint(
        "run the WebAssembly from which the code was compiled; a program loads the code with `Precompiled::parse` and \
         `Command::from_precompiled`, on an engine of the same Wasmtime with the same settings",
    )
}

/// The beginning of what `Engine::precompile` of `wasmtime-compat` writes; `src/precompiled.rs` there has the whole.
struct Artefact<'a> {
    kind: GuestKind,
    wasmtime: &'a str,
}

impl<'a> Artefact<'a> {
    /// `None` if another version of the crate made it, or the bytes end too early.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (made_by, rest) = long_text(bytes.strip_prefix(ARTEFACT_MAGIC)?)?;
        if made_by != env!("CARGO_PKG_VERSION") {
            return None;
        }
        // The checksum comes before the version, the fingerprint behind it.
        let (wasmtime, rest) = long_text(rest.get(4..)?)?;
        let kind = match rest.get(8)? {
            0 => GuestKind::Module,
            1 => GuestKind::Component,
            _ => return None,
        };
        is_plain(wasmtime).then_some(Self { kind, wasmtime })
    }
}

/// Text behind its length in four bytes, and what follows.
fn long_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let length = index(number::<4>(bytes, 0)?)?;
    let (text, rest) = bytes.get(4..)?.split_at_checked(length)?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

fn not_wasm(why: String) -> Error {
    Error::new(ErrorKind::InvalidGuest, format!("not WebAssembly: {why}"))
}

/// What an ELF file of Wasmtime's says about itself.
struct Code {
    wasmtime: Option<String>,
    target: Option<String>,
    kind: Option<GuestKind>,
}

impl Code {
    /// `None` if it is something else.
    fn read(bytes: &[u8]) -> Option<Self> {
        // 64 bits, little-endian.
        if !bytes.starts_with(b"\x7fELF\x02\x01") || *bytes.get(7)? != WASMTIME {
            return None;
        }
        let flags = number::<4>(bytes, 0x30)?;
        let kind = match (flags & u64::from(MODULE), flags & u64::from(COMPONENT)) {
            (0, 0) => None,
            (0, _) => Some(GuestKind::Component),
            _ => Some(GuestKind::Module),
        };
        // One byte for the form, one for the length of the version, and the settings, which begin with the target.
        let engine = section(bytes, ENGINE).unwrap_or_default();
        let (version, settings) = engine.get(1..).and_then(text).unwrap_or_default();
        let target = text(settings).filter(|(target, _)| is_plain(target)).or_else(|| {
            // In older versions the length takes eight bytes.
            let rest = settings.get(8..)?.get(..usize::from(*settings.first()?))?;
            Some((std::str::from_utf8(rest).ok()?, &[][..]))
        });
        let target = target.map(|(target, _)| target).filter(|target| is_plain(target));
        // The whole version up to 37, only the major later.
        let version = Some(version).filter(|version| is_plain(version));
        Some(Self { wasmtime: version.map(str::to_owned), target: target.map(str::to_owned), kind })
    }
}

/// The contents of the section of this name.
fn section<'a>(bytes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let table = index(number::<8>(bytes, 0x28)?)?;
    let size = index(number::<2>(bytes, 0x3a)?)?;
    let count = index(number::<2>(bytes, 0x3c)?)?;
    let names = index(number::<2>(bytes, 0x3e)?)?;
    let header = |number: usize| bytes.get(table.checked_add(number.checked_mul(size)?)?..);
    let contents = |header: &[u8]| {
        let start = index(number::<8>(header, 0x18)?)?;
        bytes.get(start..start.checked_add(index(number::<8>(header, 0x20)?)?)?)
    };
    let names = contents(header(names)?)?;
    (0..count).filter_map(header).find_map(|header| {
        let found = names.get(index(number::<4>(header, 0)?)?..)?;
        let rest = found.strip_prefix(name)?;
        (rest.first() == Some(&0)).then(|| contents(header))?
    })
}

/// Text behind its length in one byte, and what follows.
fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

/// Whether a version or a target may look like this.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The little-endian number of `BYTES` bytes at `at`.
fn number<const BYTES: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let found = bytes.get(at..at.checked_add(BYTES)?)?;
    Some(found.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn index(number: u64) -> Option<usize> {
    usize::try_from(number).ok()
}
