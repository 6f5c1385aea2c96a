//! Owns precompiled guests: the header that describes the guest and its compiler, and the checks before the code is
//! loaded.

use std::fmt;

use semver::Version;
use wasmparser::BinaryReader;
use wasmtime_compat_guest::internal::ARTEFACT_MAGIC as MAGIC;

use super::mismatch::CRATE;
use super::{Engine, Engines, Mismatch};
use crate::command::{AdapterWarning, Flaws};
use crate::component::Components;
use crate::core::{Module, Modules};
use crate::error::{Error, Result};
use crate::guest::{self, Guest, GuestKind};
use crate::report::{AdapterIdentity, StringsRead, adapter_issues};

/// A precompiled guest, read but not loaded: what it is, and which Wasmtime it is for. Reading it needs no Wasmtime.
///
/// Wasmtime up to 37 loads only what exactly the same version compiled, later ones what the same major did, and each
/// says in words of its own that something does not fit. Here a header comes before Wasmtime's own code, and what does
/// not fit is one typed [`Mismatch`] on every major, found before Wasmtime sees the code.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Command, Config, Engine, Newest, Outcome, Precompiled, RunConfig};
///
/// // (module (func (export "_start")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x04\x01\x02\0\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let bytes = engine.precompile(wasm)?;
///
/// // Later, perhaps in another process.
/// let precompiled = Precompiled::parse(&bytes)?;
/// println!("made by Wasmtime {}", precompiled.wasmtime);
/// // SAFETY: these bytes come from `Engine::precompile`; no other program could write to them.
/// let trusted = unsafe { precompiled.trust() };
/// let done = Command::from_precompiled(&engine, &trusted)?.run(&RunConfig::new())?;
/// assert!(matches!(done.outcome, Outcome::Exited(0)));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Precompiled<'a> {
    /// Kind, imports and exports of the guest before compilation.
    pub guest: Guest,
    /// The exact Wasmtime that compiled it.
    pub wasmtime: Version,
    /// The fingerprint of the engine that compiled it; see [`Engine::fingerprint`].
    pub fingerprint: u64,
    /// Known flaws of the adapters in it that it can reach.
    pub adapter_warnings: Vec<AdapterWarning>,
    code: &'a [u8],
}

/// A precompiled guest whose machine code may run: the caller declared it trusted with [`Precompiled::trust`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, GuestKind, Module, Newest, Precompiled};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let bytes = engine.precompile_module(b"\0asm\x01\0\0\0")?;
/// // SAFETY: the bytes are those that `Engine::precompile_module` returned, and nobody could change them.
/// let trusted = unsafe { Precompiled::parse(&bytes)?.trust() };
/// assert_eq!(trusted.precompiled().guest.kind, GuestKind::Module);
/// assert_eq!(Module::from_precompiled(&engine, &trusted)?.exports().len(), 0);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Trusted<'a>(Precompiled<'a>);

impl<W: Modules> Engine<W> {
    /// As [`Engine::precompile`], but for core modules only.
    ///
    /// # Errors
    /// As [`Engine::precompile`]; [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a component.
    pub fn precompile_module(&self, bytes: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        let wasm: &[u8] = &guest::binary(bytes.as_ref())?;
        GuestKind::Module.expect(wasm)?;
        let guest = Guest::parse(wasm)?;
        let wasm = self.check_module(wasm)?;
        Ok(self.written(guest, &W::precompile_module(self.as_raw(), &wasm)?, &Flaws::default()))
    }
}

impl<W: Modules> Module<W> {
    /// The compiled module as bytes: those that [`Engine::precompile_module`] returns for it. They are loaded by
    /// [`Module::from_precompiled`].
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Module, Newest, Precompiled};
    ///
    /// let engine = Engine::<Newest>::new(&Config::new())?;
    /// let bytes = Module::new(&engine, b"\0asm\x01\0\0\0")?.serialize()?;
    /// assert_eq!(Precompiled::parse(&bytes)?.fingerprint, engine.fingerprint().unwrap());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the major is compiled in without a compiler.
    pub fn serialize(&self) -> Result<Vec<u8>> {
        let code = W::serialize_module(self.as_raw())?;
        let imports = self.imports().map(|import| format!("{}::{}", import.module(), import.name())).collect();
        let exports = self.exports().map(|export| export.name().to_owned()).collect();
        Ok(self.engine().written(Guest::new(GuestKind::Module, imports, exports), &code, &Flaws::default()))
    }
}

impl<W: Engines> Engine<W> {
    pub(crate) fn written(&self, guest: Guest, code: &[u8], flaws: &Flaws) -> Vec<u8> {
        written(&Precompiled {
            guest,
            wasmtime: W::version(),
            // Whatever compiles has one.
            fingerprint: self.fingerprint().unwrap_or_default(),
            adapter_warnings: flaws.warnings().to_vec(),
            code,
        })
    }
}

impl<W: Engines> Engine<W> {
    /// Which kind of guest these bytes are, if they are those of [`Engine::precompile`], undamaged and of this version of the crate.
    /// They may be for another engine or another major. [`Precompiled::parse`] says what is wrong with others.
    pub fn detect_precompiled(bytes: &[u8]) -> Option<GuestKind> {
        Precompiled::parse(bytes).ok().map(|precompiled| precompiled.guest.kind)
    }
}

impl<W: Modules + Components> Engine<W> {
    /// Compiles a module or a component, with the cargo feature `wat` also in the text format, into bytes that can be kept, and loaded by an engine with the same
    /// [fingerprint](Engine::fingerprint): by `from_precompiled` of [`Module`](crate::Module),
    /// [`Component`](crate::component::Component) and [`Command`](crate::Command). They hold machine code behind a
    /// header; see [`Precompiled`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if this major does not accept the guest;
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if compiling it would take too much, unless
    /// [`Config::allow_complex_guests`](crate::Config::allow_complex_guests) is set.
    pub fn precompile(&self, bytes: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        let wasm: &[u8] = &guest::binary(bytes.as_ref())?;
        match GuestKind::of(wasm)? {
            GuestKind::Module => self.precompile_module(wasm),
            GuestKind::Component => self.precompile_component(wasm),
        }
    }
}

impl<W: Components> Engine<W> {
    /// As [`Engine::precompile`], but for components only.
    ///
    /// # Errors
    /// As [`Engine::precompile`]; [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a core module.
    pub fn precompile_component(&self, bytes: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        let wasm: &[u8] = &guest::binary(bytes.as_ref())?;
        GuestKind::Component.expect(wasm)?;
        let guest = Guest::parse(wasm)?;
        let (wasm, adapters) = self.check_component(wasm)?;
        Ok(self.written(guest, &W::precompile_component(self.as_raw(), &wasm)?, &Flaws::of(&adapters)))
    }
}

impl<'a> Precompiled<'a> {
    /// Reads what [`Engine::precompile`] made.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if it is something else, damaged, or made by another version
    /// of this crate.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            // A file that ends within those bytes was once a whole one.
            let damaged = !bytes.is_empty() && MAGIC.starts_with(bytes);
            return Err(Error::from(if damaged { Mismatch::Damaged } else { Mismatch::NotPrecompiled }));
        };
        read(rest).map_err(Error::from)
    }

    /// Checks that it was made for engines like this one, as loading it does. An engine without a compiler has no fingerprint:
    /// there, other settings are found when the guest is loaded.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch).
    pub fn check_compatible<W: Engines>(&self, engine: &Engine<W>) -> Result<()> {
        let here = W::version();
        if self.wasmtime != here {
            return Err(Error::from(Mismatch::OtherWasmtime { made_by: self.wasmtime.clone(), here }));
        }
        if engine.fingerprint().is_some_and(|here| here != self.fingerprint) {
            return Err(Error::from(Mismatch::OtherSettings));
        }
        Ok(())
    }

    /// The machine code as Wasmtime itself serialized it, without the header: what `Module::serialize` or
    /// `Component::serialize` of this major returns, for hosts that load it with Wasmtime alone.
    pub fn code(&self) -> &'a [u8] {
        self.code
    }

    pub(super) fn without_code(&self) -> Self {
        Self { code: &[], ..self.clone() }
    }

    /// Vouches for the machine code in it, so that it can be loaded.
    ///
    /// # Safety
    /// The bytes must be what [`Engine::precompile`] returned, and a party that may not run code in this process must
    /// not have been able to change them: the checksum detects accidents, not forgeries. Machine code is never checked;
    /// see Wasmtime's `Module::deserialize`.
    #[expect(unsafe_code, reason = "what it asks for cannot be checked")]
    pub unsafe fn trust(self) -> Trusted<'a> {
        Trusted(self)
    }
}

impl<'a> Trusted<'a> {
    /// What can be read of it.
    pub fn precompiled(&self) -> &Precompiled<'a> {
        &self.0
    }

    /// Wasmtime's own part, if it fits this engine and is of this kind.
    pub(crate) fn code<W: Engines>(&self, engine: &Engine<W>, kind: GuestKind) -> Result<TrustedCode<'a>> {
        kind.expect_kind(self.0.guest.kind)?;
        self.0.check_compatible(engine)?;
        Ok(TrustedCode(self.0.code))
    }
}

/// Code that one major serialized and that the caller declared trusted.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct TrustedCode<'a>(&'a [u8]);

impl<'a> TrustedCode<'a> {
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }
}

/// The header and the code; `compiled.rs` of `wasmtime-compat-guest` reads the beginning too. All numbers are little-endian; texts and lists begin with their length in 32 bits.
pub(super) fn written(precompiled: &Precompiled<'_>) -> Vec<u8> {
    let Precompiled { guest, wasmtime, fingerprint, adapter_warnings, code } = precompiled;
    let mut body = Writer(Vec::with_capacity(code.len() + 1024));
    body.text(&wasmtime.to_string());
    body.0.extend(fingerprint.to_le_bytes());
    body.0.push(match guest.kind {
        GuestKind::Module => 0,
        GuestKind::Component => 1,
    });
    body.list(&guest.imports, |body, import| body.text(import));
    body.list(&guest.exports, |body, export| body.text(export));
    body.list(adapter_warnings, |body, AdapterWarning { path, adapter, issue, reads, .. }| {
        body.text(path);
        body.identity(adapter);
        body.text(issue.id);
        body.reads(*reads);
    });
    body.0.extend(*code);
    let mut whole = Writer(Vec::with_capacity(body.0.len() + 64));
    whole.0.extend(MAGIC);
    whole.text(CRATE);
    whole.0.extend(crc32fast::hash(&body.0).to_le_bytes());
    whole.0.extend(body.0);
    whole.0
}

fn read(bytes: &[u8]) -> Result<Precompiled<'_>, Mismatch> {
    let mut reader = Reader(BinaryReader::new(bytes, 0));
    let made_by = reader.text()?;
    if made_by != CRATE {
        return Err(Mismatch::OtherCrate { made_by });
    }
    let checksum = reader.0.read_u32().map_err(damaged)?;
    let body = reader.rest()?;
    if crc32fast::hash(body) != checksum {
        return Err(Mismatch::Damaged);
    }
    let mut reader = Reader(BinaryReader::new(body, 0));
    let wasmtime = reader.version()?;
    let fingerprint = reader.0.read_u64().map_err(damaged)?;
    let kind = match reader.0.read_u8().map_err(damaged)? {
        0 => GuestKind::Module,
        1 => GuestKind::Component,
        _ => return Err(Mismatch::Damaged),
    };
    let (imports, exports) = (reader.list(Reader::text)?, reader.list(Reader::text)?);
    let adapter_warnings = reader.list(Reader::warning)?;
    Ok(Precompiled {
        guest: Guest::new(kind, imports, exports),
        wasmtime,
        fingerprint,
        adapter_warnings,
        code: reader.rest()?,
    })
}

fn damaged<E>(_: E) -> Mismatch {
    Mismatch::Damaged
}

struct Writer(Vec<u8>);

impl Writer {
    fn count(&mut self, count: usize) {
        // What is counted was read from a guest, and no section of a guest is longer than this.
        self.0.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.count(items.len());
        for it in items {
            item(self, it);
        }
    }

    fn reads(&mut self, reads: StringsRead) {
        let StringsRead { arguments, environment, preopens, names } = reads;
        let bits = [arguments, environment, preopens, names];
        self.0.push((0..).zip(bits).map(|(at, bit)| u8::from(bit) << at).sum());
    }

    fn identity(&mut self, identity: &AdapterIdentity) {
        let (tag, versions) = match identity {
            AdapterIdentity::Exact(version) => (0, vec![version]),
            AdapterIdentity::OneOf(versions) => (1, versions.iter().collect()),
            AdapterIdentity::SourceClass { from, to } => (2, vec![from, to]),
            _ => (3, Vec::new()),
        };
        self.0.push(tag);
        self.list(&versions, |writer, version| writer.text(&version.to_string()));
    }
}

struct Reader<'a>(BinaryReader<'a>);

impl<'a> Reader<'a> {
    fn text(&mut self) -> Result<String, Mismatch> {
        let length = self.0.read_u32().map_err(damaged)?;
        let bytes = self.0.read_bytes(length as usize).map_err(damaged)?;
        String::from_utf8(bytes.to_vec()).map_err(damaged)
    }

    fn version(&mut self) -> Result<Version, Mismatch> {
        Version::parse(&self.text()?).map_err(damaged)
    }

    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Result<T, Mismatch>) -> Result<Vec<T>, Mismatch> {
        let count = self.0.read_u32().map_err(damaged)?;
        // Nothing is set aside for the count: it may be anything, and then the bytes end before it is reached.
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn warning(&mut self) -> Result<AdapterWarning, Mismatch> {
        let (path, adapter, id) = (self.text()?, self.identity()?, self.text()?);
        let issue = adapter_issues().iter().find(|issue| issue.id == id).ok_or(Mismatch::Damaged)?;
        Ok(AdapterWarning::known(path, adapter, issue, self.reads()?))
    }

    /// What a guest can ask its adapter for: one bit each.
    fn reads(&mut self) -> Result<StringsRead, Mismatch> {
        let bits = self.0.read_u8().map_err(damaged)?;
        let bit = |at: u8| bits & 1 << at != 0;
        match bits {
            0..16 => Ok(StringsRead { arguments: bit(0), environment: bit(1), preopens: bit(2), names: bit(3) }),
            _ => Err(Mismatch::Damaged),
        }
    }

    fn identity(&mut self) -> Result<AdapterIdentity, Mismatch> {
        let tag = self.0.read_u8().map_err(damaged)?;
        let mut versions = self.list(Self::version)?;
        match (tag, versions.as_mut_slice()) {
            (0, [version]) => Ok(AdapterIdentity::Exact(version.clone())),
            (1, [_, ..]) => Ok(AdapterIdentity::OneOf(versions)),
            (2, [from, to]) => Ok(AdapterIdentity::SourceClass { from: from.clone(), to: to.clone() }),
            (3, []) => Ok(AdapterIdentity::Unknown),
            _ => Err(Mismatch::Damaged),
        }
    }

    fn rest(&mut self) -> Result<&'a [u8], Mismatch> {
        self.0.read_bytes(self.0.bytes_remaining()).map_err(damaged)
    }
}

impl fmt::Debug for Precompiled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { guest, wasmtime, fingerprint, adapter_warnings, code } = self;
        f.debug_struct("Precompiled")
            .field("guest", guest)
            .field("wasmtime", wasmtime)
            .field("fingerprint", fingerprint)
            .field("adapter_warnings", adapter_warnings)
            .field("code", &format_args!("{} bytes", code.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Precompiled<'static> {
        let versions = || [Version::new(24, 0, 0), Version::new(24, 0, 1)];
        let [from, to] = versions();
        let identities = [
            AdapterIdentity::Exact(Version::new(48, 0, 8)),
            AdapterIdentity::OneOf(versions().to_vec()),
            AdapterIdentity::SourceClass { from, to },
            AdapterIdentity::Unknown,
        ];
        let reads = StringsRead { environment: true, names: true, ..StringsRead::default() };
        let issue = &adapter_issues()[0];
        let warning = |adapter| AdapterWarning::known("0.2".to_owned(), adapter, issue, reads);
        Precompiled {
            guest: Guest::new(
                GuestKind::Component,
                vec!["wasi:cli/exit@0.2.0".to_owned(), String::new()],
                vec!["wasi:cli/run@0.2.0".to_owned()],
            ),
            wasmtime: Version::new(48, 0, 8),
            fingerprint: 0x0123_4567_89ab_cdef,
            adapter_warnings: identities.map(warning).to_vec(),
            code: b"machine code",
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = written(&everything());
        assert_eq!(format!("{:?}", Precompiled::parse(&bytes).unwrap()), format!("{:?}", everything()));
        assert_eq!(Precompiled::parse(&bytes).unwrap().code, everything().code);
    }

    #[test]
    fn another_version_of_the_crate_is_named() {
        let mut bytes = written(&everything());
        let version = MAGIC.len() + 4..MAGIC.len() + 4 + CRATE.len();
        bytes[version].fill(b'9');
        let made_by = "9".repeat(CRATE.len());
        assert_eq!(Precompiled::parse(&bytes).unwrap_err().mismatch(), Some(&Mismatch::OtherCrate { made_by }));
    }

    /// Headers that no accident makes: the checksum is right, and what it is the checksum of is not.
    #[test]
    fn a_right_checksum_does_not_make_a_header_right() {
        let bytes = written(&everything());
        let body = MAGIC.len() + 4 + CRATE.len() + 4;
        let sealed = |mut bytes: Vec<u8>| {
            let checksum = crc32fast::hash(&bytes[body..]);
            bytes[body - 4..body].copy_from_slice(&checksum.to_le_bytes());
            bytes
        };
        let (mut read, mut refused) = (0, 0);
        let mut try_out = |bytes: Vec<u8>| match Precompiled::parse(&sealed(bytes)) {
            Ok(_) => read += 1,
            Err(error) => {
                assert_eq!(error.mismatch(), Some(&Mismatch::Damaged));
                refused += 1;
            }
        };
        for place in body..bytes.len() {
            for value in [0, 1, 3, 0x7f, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[place] = value;
                try_out(bytes);
            }
            try_out(bytes[..place].to_vec());
        }
        // A letter of a name may be another one; a length or a version may not.
        assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
    }
}
