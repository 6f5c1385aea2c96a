//! Owns the guest report: what a guest is, which WASI it wants, which adapters it carries, and what it uses.

use semver::Version;
use wasmparser::Payload;

use super::adapter::AdapterReport;
use super::hosts::{GuestWarning, Needs};
use super::proposals::{self, Proposal, Skeleton, check_complexity_with};
use crate::error::Result;
use crate::guest::{Guest, GuestKind, damaged, payloads, wasi_version};

/// Components that are nested deeper than this are not looked into.
const DEEPEST: usize = 64;

/// No guest has anything of this many versions of WASI.
const MOST_VERSIONS: usize = 64;

/// So many adapters may be in a guest of any size, and one more for so many bytes of it: the least that a component
/// with an adapter has is a few thousand.
const MOST_ADAPTERS: usize = 16;
const FEWEST_BYTES: usize = 512;

/// The properties of a guest, read from its bytes without any Wasmtime.
///
/// ```
/// use wasmtime_compat_guest::report::GuestReport;
///
/// let report = GuestReport::parse(b"\0asm\x01\0\0\0")?;
/// assert_eq!(report.kind.name(), "module");
/// assert!(report.wasi.is_empty() && report.adapters.is_empty());
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GuestReport {
    /// Core module or component.
    pub kind: GuestKind,
    /// The WASI that the guest imports, each flavour and version once, in the order of the imports.
    pub wasi: Vec<WasiImport>,
    /// The `wasi_snapshot_preview1` adapters in it, in the order of their position: components nest. None for a
    /// component that needs none, and for a module, unless it is itself an adapter.
    pub adapters: Vec<AdapterReport>,
    /// The WebAssembly proposals it uses, with those that have long been part of the standard, ordered by name.
    pub proposals: Vec<Proposal>,
    /// The reason why the guest is not valid, if that is known; see [`GuestReport::hosts`] for the parts that are not
    /// checked.
    pub invalid: Option<String>,
    /// Mistakes of the guest that do not prevent its start.
    pub warnings: Vec<GuestWarning>,
    pub(super) needs: Needs,
}

/// A version of WASI that a guest imports.
///
/// ```
/// use wasmtime_compat_guest::report::{GuestReport, WasiFlavour};
///
/// let text = r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))))"#;
/// let import = GuestReport::parse(&wat::parse_str(text).unwrap())?.wasi.remove(0);
/// assert_eq!((import.flavour, import.version), (WasiFlavour::P1, None));
/// assert_eq!(import.names, ["sched_yield"]);
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct WasiImport {
    /// The generation of WASI.
    pub flavour: WasiFlavour,
    /// The version of components' interfaces; modules state none.
    pub version: Option<Version>,
    /// The imports: names of interfaces without versions, or of functions.
    pub names: Vec<String>,
}

/// A generation of WASI.
///
/// ```
/// use wasmtime_compat_guest::report::{GuestReport, WasiFlavour};
///
/// let text = r#"(component (import "wasi:cli/environment@0.2.3" (instance)))"#;
/// let import = GuestReport::parse(&wat::parse_str(text).unwrap())?.wasi.remove(0);
/// assert_eq!(import.flavour, WasiFlavour::P2);
/// assert_eq!((import.flavour.name(), import.version.unwrap().to_string().as_str()), ("p2", "0.2.3"));
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum WasiFlavour {
    /// `wasi_unstable`, the snapshot before the first preview.
    Unstable,
    /// `wasi_snapshot_preview1`.
    P1,
    /// WASI 0.2.
    P2,
    /// WASI 0.3.
    P3,
    /// Interfaces with the name of WASI and another version, or none.
    Other,
}

impl GuestReport {
    /// Reads `wasm`. It need not be valid, but its sections must be readable to the end.
    /// A component may contain any number of adapters, also in nested components, of which 64 levels are searched.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if it is not a WebAssembly binary or ends too early,
    /// has more than 64 versions of WASI, or adapters that are too small to be any.
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if its imports are more than a guest can have, see
    /// [`Guest::parse`]; if checking its declarations would take more than eight times its size and 16 MiB of memory, or
    /// the better part of a second; or if compiling it would take far longer, or far more memory, than compiling other
    /// guests of its size, so that `Command::new` of `wasmtime-compat` refuses it, too.
    pub fn parse(wasm: &[u8]) -> Result<Self> {
        Self::read(wasm, |_, _| ())
    }

    /// Reads `wasm` as [`GuestReport::parse`] does, and also runs the adapters in it to determine which flaws they
    /// have. That covers unpublished builds, and builds that an optimiser has changed. Only the adapters run, alone, in
    /// an interpreter, in a simulated world: neither other code of the guest nor anything outside. Fuel and memory are
    /// limited for each adapter and for all adapters of a guest. The flaws `preopen-names` and `readdir-endless` of
    /// [`crate::report::adapter_issues`] can be observed, if the guest uses the function with the flaw. An adapter that
    /// is not in a component is not run. An observed result ([`Evidence::Observed`](crate::report::Evidence::Observed))
    /// overrides the identification; an inconclusive run changes nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) as with [`GuestReport::parse`]. A fault of an adapter is not an error.
    #[cfg(feature = "adapter-behaviour")]
    pub fn observe(wasm: &[u8]) -> Result<Self> {
        let mut runner = super::adapter::Runner::new();
        Self::read(wasm, |adapter, bytes| runner.observe(adapter, bytes))
    }

    /// Reads `wasm`; `more` is given each adapter and its bytes.
    fn read(wasm: &[u8], more: impl FnMut(&mut AdapterReport, &[u8])) -> Result<Self> {
        let guest = Guest::parse(wasm)?;
        let mut skeleton = Skeleton::new(wasm);
        let mut adapters = Adapters::new(wasm, guest.kind, more);
        for payload in payloads(wasm, proposals::DEEPEST) {
            let (depth, payload) = payload?;
            skeleton.take(&payload)?;
            adapters.take(depth, &payload)?;
        }
        skeleton.finish()?;
        let (needs, invalid) = match skeleton.validate() {
            Ok(types) => (Needs::new(&guest, &types, &skeleton), None),
            Err(why) => (Needs::default(), Some(why)),
        };
        Ok(Self {
            kind: guest.kind,
            wasi: wasi(&guest)?,
            adapters: adapters.found,
            proposals: skeleton.proposals(invalid.is_none())?,
            invalid: invalid.or(skeleton.unreadable()),
            warnings: needs.warnings(),
            needs,
        })
    }
}

impl WasiFlavour {
    /// `p0`, `p1`, `p2`, `p3` or `other`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unstable => "p0",
            Self::P1 => "p1",
            Self::P2 => "p2",
            Self::P3 => "p3",
            Self::Other => "other",
        }
    }
}

fn wasi(guest: &Guest) -> Result<Vec<WasiImport>> {
    let imports = || guest.imports.iter().filter_map(|import| wasi_import(guest.kind, import));
    // Counted first: short names in a list that grows as it goes take several times their size.
    let mut groups: Vec<((WasiFlavour, Option<Version>), usize)> = Vec::new();
    for (flavour, version, _) in imports() {
        let group = (flavour, version);
        match groups.iter().position(|known| known.0 == group) {
            Some(known) => groups[known].1 += 1,
            None if groups.len() == MOST_VERSIONS => {
                return Err(damaged(format_args!("the guest imports more than {MOST_VERSIONS} versions of WASI")));
            }
            None => groups.push((group, 1)),
        }
    }
    let empty = |((flavour, version), count)| WasiImport { flavour, version, names: Vec::with_capacity(count) };
    let mut wasi: Vec<WasiImport> = groups.into_iter().map(empty).collect();
    for (flavour, version, name) in imports() {
        if let Some(group) = wasi.iter_mut().find(|group| (group.flavour, &group.version) == (flavour, &version)) {
            group.names.push(name.to_owned());
        }
    }
    Ok(wasi)
}

fn wasi_import(kind: GuestKind, import: &str) -> Option<(WasiFlavour, Option<Version>, &str)> {
    if kind == GuestKind::Module {
        let (module, name) = import.split_once("::")?;
        return match module {
            "wasi_snapshot_preview1" => Some((WasiFlavour::P1, None, name)),
            "wasi_unstable" => Some((WasiFlavour::Unstable, None, name)),
            _ => None,
        };
    }
    let name = import.split('@').next().filter(|name| name.starts_with("wasi:"))?;
    let version = wasi_version(import);
    let flavour = match version.as_ref().map(|version| (version.major, version.minor)) {
        Some((0, 2)) => WasiFlavour::P2,
        Some((0, 3)) => WasiFlavour::P3,
        _ => WasiFlavour::Other,
    };
    Some((flavour, version, name))
}

/// Every adapter in a guest, and nothing else about it: that takes little time even in a large one.
///
/// # Errors
/// As [`GuestReport::parse`].
pub fn adapters_in(wasm: &[u8]) -> Result<Vec<AdapterReport>> {
    let mut adapters = Adapters::new(wasm, GuestKind::of(wasm)?, |_, _| ());
    for payload in payloads(wasm, DEEPEST) {
        let (depth, payload) = payload?;
        adapters.take(depth, &payload)?;
    }
    Ok(adapters.found)
}

/// Checks a guest as [`check_complexity`](super::check_complexity) does, and finds the adapters in it in the same pass.
/// Adapters that cannot be read do not make the check fail: the result is empty then.
///
/// # Errors
/// As [`check_complexity`](super::check_complexity).
pub fn check_and_find_adapters(wasm: &[u8]) -> Result<Vec<AdapterReport>> {
    let mut adapters = Adapters::new(wasm, GuestKind::of(wasm)?, |_, _| ());
    let mut readable = true;
    check_complexity_with(wasm, |depth, payload| readable = readable && adapters.take(depth, payload).is_ok())?;
    Ok(if readable { adapters.found } else { Vec::new() })
}

/// Every adapter, wherever it is.
struct Adapters<'a, F> {
    wasm: &'a [u8],
    more: F,
    /// Of each component around: how many components and modules were met in it.
    around: Vec<Level>,
    found: Vec<AdapterReport>,
}

impl<'a, F: FnMut(&mut AdapterReport, &[u8])> Adapters<'a, F> {
    /// Of `wasm`: if that is a module, it is one or it is not. `more` is given each and its bytes.
    fn new(wasm: &'a [u8], kind: GuestKind, more: F) -> Self {
        let mut adapters = Self { wasm, more, around: vec![Level::default()], found: Vec::new() };
        if kind == GuestKind::Module {
            adapters.found.extend(AdapterReport::of(wasm, String::new));
            adapters.found.iter_mut().for_each(|adapter| (adapters.more)(adapter, wasm));
        }
        adapters
    }

    /// Takes up a part of the guest, with so many modules and components around it.
    fn take(&mut self, depth: usize, payload: &Payload<'_>) -> Result<()> {
        if depth > DEEPEST {
            return Ok(());
        }
        self.around.truncate(depth + 1);
        let Some(level) = self.around.last_mut() else { return Ok(()) };
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                let module = level.modules;
                level.modules += 1;
                let range = usize::try_from(unchecked_range.start).ok().zip(usize::try_from(unchecked_range.end).ok());
                let bytes = range.and_then(|(start, end)| self.wasm.get(start..end)).unwrap_or_default();
                let path = || {
                    let places = self.around.iter().skip(1).map(|level| level.place);
                    places.chain([module]).map(|place| place.to_string()).collect::<Vec<_>>().join(".")
                };
                if let Some(mut adapter) = AdapterReport::of(bytes, path) {
                    (self.more)(&mut adapter, bytes);
                    self.found.push(adapter);
                }
                if self.found.len() > MOST_ADAPTERS + self.wasm.len() / FEWEST_BYTES {
                    return Err(damaged("the guest has more adapters than fit into its size"));
                }
            }
            Payload::ComponentSection { .. } => {
                let place = level.components;
                level.components += 1;
                self.around.push(Level { place, ..Level::default() });
            }
            _ => {}
        }
        Ok(())
    }
}

/// A component that is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    /// Its place among the components around it.
    place: usize,
    components: usize,
    modules: usize,
}
