//! Owns replacing the adapter of a guest, for components whose adapter has a flaw.
//! A component that wit-component made from one module is taken apart, and encoded again from the same module and world
//! with another adapter. A component that cannot be encoded again faithfully is refused: the arguments of the main
//! module, the targets of its exports, and the types of both are compared before and after.

mod assumption;
mod customs;
mod layout;
mod plumbing;
mod refusal;
mod replacement;
mod shapes;
mod wiring;
mod world;

use semver::Version;
use wasmparser::{Validator, WasmFeatures};
use wit_component::{ComponentEncoder, StringEncoding};

pub use self::assumption::{Assumption, NoAssumption};
use self::layout::Layout;
pub use self::refusal::Refusal;
pub use self::replacement::Replacement;
use self::wiring::Wiring;
use self::world::World;
use crate::error::{Error, ErrorKind, Result};
use crate::guest::GuestKind;
use crate::report::{AdapterFlavour, AdapterIdentity, AdapterReport, GuestReport, IssueStatus, WasiFlavour};

/// A guest with another adapter.
///
/// ```
/// use wasmtime_compat_guest::readapt::{Replacement, readapt};
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
/// // `wasm` is a component with the adapter of Wasmtime 24.
/// let done = readapt(&wasm, &Replacement::embedded())?;
/// assert!(done.before.identity.to_string().starts_with("24."));
/// assert_eq!(done.after.identity, *Replacement::embedded().identity());
/// // The new adapter imports a newer WASI, which the host must have.
/// assert!(done.wasi_after.last() > done.wasi_before.last());
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Readapted {
    /// The new component. It is valid, and needs no newer WebAssembly features than the old one and its new adapter.
    pub wasm: Vec<u8>,
    /// The old adapter. If it was not recognised, its identity stays unknown, regardless of the assumption.
    pub before: AdapterReport,
    /// The assumption about the old adapter, if that was not recognised.
    pub assumed: Option<Assumption>,
    /// An assumption that was not used, because the adapter was recognised as a different one.
    pub contradicted: Option<Assumption>,
    /// The new adapter.
    pub after: AdapterReport,
    /// The versions of WASI 0.2 that the old component imports: they come from its adapter.
    pub wasi_before: Vec<Version>,
    /// The versions that the new component imports. A host that has only older ones, such as Wasmtime 18, refuses the
    /// component.
    pub wasi_after: Vec<Version>,
}

/// Replaces the adapter of a component; everything else stays the same.
/// The main module stays the same byte for byte, and so do the names and types of its exports and of its imports. Of
/// the interfaces of WASI the versions may change: those that the adapter imports are its own, and wit-component merges
/// what the main module imports of the same interfaces with them. The export `wasi:cli/run` of a command is its
/// adapter's and has its adapter's version. Custom sections around the modules are kept, but for names of indices.
///
/// ```
/// use wasmtime_compat_guest::readapt::{Refusal, Replacement, readapt};
///
/// let error = readapt(b"\0asm\x01\0\0\0", &Replacement::embedded()).unwrap_err();
/// assert_eq!(error.refusal(), Some(&Refusal::Module));
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidGuest`] if it is not a valid module or component. [`ErrorKind::NotReadapted`] for every other
/// reason, which [`Error::refusal`] returns.
pub fn readapt(wasm: &[u8], replacement: &Replacement) -> Result<Readapted> {
    work(wasm, replacement, None)
}

/// As [`readapt`], also for a component whose adapter is not recognised: the caller's assumption describes that
/// adapter. A recognised adapter is replaced as by [`readapt`], without the assumption; [`Readapted::contradicted`] has
/// an assumption that does not match. The imports and exports of the main module are compared before and after in any
/// case. A wrong assumption can replace an adapter that did more than the published ones, or insert one for another
/// kind of guest.
///
/// # Errors
/// As [`readapt`], but [`Refusal::UnknownVersion`] instead of [`Refusal::UnknownAdapter`].
pub fn readapt_assuming(wasm: &[u8], replacement: &Replacement, assumption: &Assumption) -> Result<Readapted> {
    work(wasm, replacement, Some(assumption))
}

fn work(wasm: &[u8], replacement: &Replacement, assumption: Option<&Assumption>) -> Result<Readapted> {
    if GuestKind::of(wasm)? == GuestKind::Module {
        return Err(Refusal::Module.into());
    }
    assumption.map_or(Ok(()), Assumption::check)?;
    let features =
        validate(wasm).map_err(|error| Error::new(ErrorKind::InvalidGuest, format!("invalid WebAssembly: {error}")))?;
    let report = GuestReport::parse(wasm)?;
    let (before, adapter_at) = adapter(&report)?;
    let assumed = match (&before.identity, assumption) {
        (AdapterIdentity::Unknown, None) => return Err(Refusal::UnknownAdapter.into()),
        (AdapterIdentity::Unknown, Some(assumption)) => Some(assumption.clone()),
        _ => None,
    };
    let layout = Layout::read(wasm)?;
    let wiring = Wiring::read(&layout, adapter_at)?;
    let seen = if wiring.of_adapter.is_empty() { before.flavour } else { AdapterFlavour::Command };
    let flavour = match &assumed {
        Some(assumption) => assumption.flavour(seen)?,
        None => seen,
    };
    let encoded = apart(|| encode(wasm, &wiring, replacement.adapter(flavour)?))?;
    let encoded = customs::carry_over(&layout, &encoded)?;
    validate_as(features, &encoded)?;

    let new_report = GuestReport::parse(&encoded)?;
    let (after, new_adapter_at) = adapter(&new_report)?;
    if after.identity == AdapterIdentity::Unknown {
        return Err(Refusal::UnknownAdapter.into());
    }
    let new_layout = Layout::read(&encoded)?;
    let new_wiring = Wiring::read(&new_layout, new_adapter_at)?;
    same(&wiring, &new_wiring)?;
    improved(after, replacement)?;
    Ok(Readapted {
        before: match &assumed {
            Some(assumption) => assumption.applied(before, flavour),
            None => before.clone(),
        },
        assumed,
        contradicted: assumption.filter(|assumption| assumption.contradicts(before)).cloned(),
        after: after.clone(),
        wasi_before: wasi(&report),
        wasi_after: wasi(&new_report),
        wasm: encoded,
    })
}

/// The one adapter, and its place among the core modules.
fn adapter(report: &GuestReport) -> Result<(&AdapterReport, usize), Refusal> {
    match report.adapters.as_slice() {
        [] => Err(Refusal::NoAdapter),
        [only] => match only.path.parse() {
            Ok(place) => Ok((only, place)),
            // It is in a component within.
            Err(_) => Err(Refusal::Composed),
        },
        several => Err(Refusal::SeveralAdapters(several.len())),
    }
}

/// Encodes the main module with `adapter`, and checks that its world is the old one.
fn encode(wasm: &[u8], wiring: &Wiring<'_>, adapter: &[u8]) -> Result<Vec<u8>, Refusal> {
    let encodings: Vec<&str> = wiring.encodings.iter().copied().collect();
    let encoding = match encodings.as_slice() {
        [] | ["utf8"] => StringEncoding::UTF8,
        ["utf16"] => StringEncoding::UTF16,
        ["compact-utf16"] => StringEncoding::CompactUTF16,
        _ => return Err(layout::other("the main module uses several string encodings")),
    };
    let mut world = World::read(wasm)?;
    world.keep_only(wiring)?;
    let metadata = world.metadata(encoding)?;
    // The world comes with a module of its own, and then the main module replaces that: with the world inside, it
    // would be written anew, and something about its tools added to it.
    let mut encoder = ComponentEncoder::default();
    let encoded = encoder
        .module(&metadata)
        .and_then(|encoder| encoder.module(wiring.main))
        .and_then(|encoder| encoder.adapter("wasi_snapshot_preview1", adapter))
        .and_then(ComponentEncoder::encode)
        .map_err(|error| Refusal::Encoding(format!("{error:#}")))?;
    world.same_but_for_wasi(&World::read(&encoded)?)?;
    Ok(encoded)
}

/// As [`apart`](crate::apart::apart), with a refusal if there is no result.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, Refusal> + Send) -> Result<T, Refusal> {
    crate::apart::apart("readapt", work).unwrap_or_else(|why| Err(Refusal::Encoding(why.to_string())))
}

/// Checks that the main module and what is around it is the same in both.
fn same(old: &Wiring<'_>, new: &Wiring<'_>) -> Result<(), Refusal> {
    let changed = |what: String| Err(Refusal::Changed(what));
    if old.main != new.main {
        return changed("the main module".to_owned());
    }
    for (import, words) in &old.given {
        match new.given.get(import) {
            Some(found) if found == words => {}
            found => {
                let (module, name) = import;
                return changed(format!("the import {module:?} {name:?} was {words}, and would become {found:?}"));
            }
        }
    }
    if old.calls != new.calls {
        return changed(format!(
            "the function called before the start was {:?}, and would become {:?}",
            old.calls, new.calls
        ));
    }
    if old.exports != new.exports {
        return changed(format!("the exports were {:?}, and would become {:?}", old.exports, new.exports));
    }
    if old.of_adapter.len() != new.of_adapter.len() {
        return changed(format!(
            "the exports of the adapter were {:?}, and would become {:?}",
            old.of_adapter, new.of_adapter
        ));
    }
    Ok(())
}

/// Checks that the adapter that came out is the one that was put in, and has not the flaw.
fn improved(after: &AdapterReport, replacement: &Replacement) -> Result<(), Refusal> {
    if let AdapterIdentity::Exact(_) = replacement.identity()
        && after.identity != *replacement.identity()
    {
        let what = format!(
            "the replacement adapter is {}, and the result contains {}",
            replacement.identity(),
            after.identity
        );
        return Err(Refusal::Changed(what));
    }
    let flaw = after.issues.iter().find(|issue| issue.issue.id == replacement::FLAW);
    match flaw.map(|issue| issue.status) {
        Some(IssueStatus::NotAffected | IssueStatus::Unreachable) => Ok(()),
        _ => Err(Refusal::Replacement(format!("the result may still have the flaw {}", replacement::FLAW))),
    }
}

/// Whether it is valid with what WebAssembly has for sure, or only with proposals.
fn validate(wasm: &[u8]) -> Result<WasmFeatures, wasmparser::BinaryReaderError> {
    let ordinary = WasmFeatures::default();
    if Validator::new_with_features(ordinary).validate_all(wasm).is_ok() {
        return Ok(ordinary);
    }
    Validator::new_with_features(WasmFeatures::all()).validate_all(wasm).map(|_| WasmFeatures::all())
}

fn validate_as(features: WasmFeatures, wasm: &[u8]) -> Result<(), Refusal> {
    let result = Validator::new_with_features(features).validate_all(wasm);
    result.map(drop).map_err(|error| Refusal::Encoding(format!("the result is not valid: {error}")))
}

fn wasi(report: &GuestReport) -> Vec<Version> {
    let of_p2 = report.wasi.iter().filter(|wasi| wasi.flavour == WasiFlavour::P2);
    let mut versions: Vec<Version> = of_p2.filter_map(|wasi| wasi.version.clone()).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}
