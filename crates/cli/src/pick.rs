//! Owns choosing majors by what the user typed.

use semver::Version;
use wasmtime_compat::report::{Release, releases};
use wasmtime_compat::{AnyWasmtime, by_major, enabled};

use crate::failure::{Failure, REFUSED};

/// How to get a Wasmtime into this binary.
pub(crate) const ADD_A_MAJOR: &str =
    "build `wasmtime-compat-cli` with a cargo feature like `latest`, `lts` or `wasmtime-48`";

/// One major: its number, `newest` or `oldest`.
pub(crate) fn one(name: &str) -> Result<&'static dyn AnyWasmtime, Failure> {
    let (Some(oldest), Some(newest)) = (enabled().first(), enabled().last()) else {
        return Err(Failure::new(REFUSED, "no Wasmtime is compiled in").with_hint(ADD_A_MAJOR));
    };
    match name {
        "newest" => Ok(*newest),
        "oldest" => Ok(*oldest),
        _ => {
            let number = name.parse().map_err(|_| {
                Failure::usage(format!("not a Wasmtime major: {name:?}"))
                    .with_hint(format!("use newest, oldest, or one of the majors in this binary: {}", compiled_in()))
            })?;
            by_major(number).ok_or_else(|| absent(number))
        }
    }
}

/// Several majors with commas between, or `all`; each is taken once, oldest first.
pub(crate) fn several(list: &str) -> Result<Vec<&'static dyn AnyWasmtime>, Failure> {
    if list == "all" && !enabled().is_empty() {
        return Ok(enabled().to_vec());
    }
    let mut majors = list.split(',').map(|name| one(name.trim())).collect::<Result<Vec<_>, _>>()?;
    majors.sort_by_key(|wasmtime| wasmtime.major());
    majors.dedup_by_key(|wasmtime| wasmtime.major());
    Ok(majors)
}

/// A release of a supported major, in this binary or not.
#[derive(Clone, Debug)]
pub(crate) struct Exact {
    /// The facts about its major.
    pub(crate) release: Release,
    /// Its version.
    pub(crate) version: Version,
}

/// A release: by its version; or by its major, of which it is the one in this binary, or the one that this program was
/// made for.
pub(crate) fn exact(name: &str) -> Result<Exact, Failure> {
    if let "newest" | "oldest" = name {
        let report = one(name)?.report();
        return Ok(Exact { release: report.release, version: report.wasmtime });
    }
    let version = Version::parse(name).ok();
    let major = match (&version, name.parse::<u64>()) {
        (Some(version), _) => version.major,
        (None, Ok(major)) => major,
        (None, Err(_)) => {
            return Err(Failure::usage(format!("not a Wasmtime major or version: {name:?}"))
                .with_hint("use a major such as 28, or an exact version such as 36.0.6"));
        }
    };
    let Some(release) = releases().iter().find(|release| release.major == major) else {
        let supported = words(releases().iter().map(|release| release.major));
        return Err(Failure::usage(format!("Wasmtime {name} is not supported"))
            .with_hint(format!("the supported majors are {supported}")));
    };
    let here = || by_major(major).map(|wasmtime| wasmtime.report().wasmtime);
    let version = version.or_else(here).or_else(|| Version::parse(release.pin).ok());
    Ok(Exact { release: release.clone(), version: version.unwrap_or_else(|| Version::new(major, 0, 0)) })
}

/// Majors in words: `18, 24, 48`.
pub(crate) fn words(majors: impl IntoIterator<Item = u64>) -> String {
    majors.into_iter().map(|major| major.to_string()).collect::<Vec<_>>().join(", ")
}

fn compiled_in() -> String {
    words(enabled().iter().map(|wasmtime| wasmtime.major()))
}

fn absent(major: u64) -> Failure {
    if releases().iter().any(|release| release.major == major) {
        Failure::usage(format!("Wasmtime {major} is not in this binary, which contains {}", compiled_in()))
            .with_hint(format!("rebuild it with the cargo feature `wasmtime-{major}`"))
    } else {
        let supported = words(releases().iter().map(|release| release.major));
        Failure::usage(format!("Wasmtime {major} is not supported; this binary contains {}", compiled_in())).with_hint(
            format!("the supported majors are {supported}; each needs its cargo feature, for example `wasmtime-48`"),
        )
    }
}
