//! Owns the warnings about an adapter: the known flaws that a guest can reach, in a run or in any.

use std::fmt;

use super::strings::Strings;
use super::{AdapterIdentity, AdapterReport, KnownIssue, RunStrings, StringOverflow, StringsRead};
use crate::report::adapters_in;

/// A flaw that the adapter of a guest has and that the guest can reach. It did not keep the guest from running.
///
/// ```
/// use wasmtime_compat_guest::report::{AdapterWarning, GuestReport};
/// # use wasmtime_compat_guest::report::RunStrings;
/// # struct Arguments(Vec<String>);
/// # impl RunStrings for Arguments {
/// #     fn arguments(&self) -> impl Iterator<Item = &str> {
/// #         self.0.iter().map(String::as_str)
/// #     }
/// #     fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
/// #         std::iter::empty()
/// #     }
/// #     fn preopens(&self) -> impl Iterator<Item = &str> {
/// #         std::iter::empty()
/// #     }
/// # }
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published.
/// // `Arguments` implements `RunStrings`: a run with arguments, and without environment and preopens.
/// let adapter = GuestReport::parse(wasm)?.adapters.remove(0);
/// let warnings: Vec<AdapterWarning> = adapter.warnings_in(&Arguments(vec!["tool".to_owned()]));
/// assert!(warnings.iter().any(|warning| warning.issue.misnames_preopens()));
/// // None of the strings is too long for the adapter.
/// assert!(warnings.iter().all(|warning| warning.overflow.is_none()));
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AdapterWarning {
    /// The place of the adapter; see [`AdapterReport::path`].
    pub path: String,
    /// The identity of the adapter.
    pub adapter: AdapterIdentity,
    /// The flaw of the adapter.
    pub issue: &'static KnownIssue,
    /// The string of the run that is too long for the adapter, for flaws that show with long strings; none without a
    /// run.
    pub overflow: Option<StringOverflow>,
    /// The strings that the guest can query through the adapter.
    #[doc(hidden)]
    pub reads: StringsRead,
}

impl AdapterWarning {
    /// A flaw that was found before, in whatever run.
    #[doc(hidden)]
    pub fn known(path: String, adapter: AdapterIdentity, issue: &'static KnownIssue, reads: StringsRead) -> Self {
        Self { path, adapter, issue, overflow: None, reads }
    }

    /// The flaws of an adapter that its guest can reach, whatever the run.
    #[doc(hidden)]
    pub fn all_of(adapter: &AdapterReport) -> impl Iterator<Item = Self> {
        let reads = StringsRead::through(&adapter.exports);
        adapter.affected().map(move |issue| {
            let (path, adapter) = (adapter.path.clone(), adapter.identity.clone());
            Self { path, adapter, issue, overflow: None, reads }
        })
    }

    /// Those of `warnings` that show in a run with these strings.
    #[doc(hidden)]
    pub fn in_run(warnings: impl Iterator<Item = Self>, run: &impl RunStrings) -> Vec<Self> {
        in_run(warnings, run).collect()
    }

    /// Warnings about arguments, environment variables and preopens of a run that are too long for the adapters of a
    /// guest; the guest is not compiled for that. A guest that cannot be read has no known adapters.
    pub fn of_strings(wasm: &[u8], run: &impl RunStrings) -> Vec<Self> {
        if Strings::of(run).are_short() {
            return Vec::new();
        }
        let adapters = adapters_in(wasm).unwrap_or_default();
        let warnings = in_run(adapters.iter().flat_map(Self::all_of), run);
        warnings.filter(|warning| warning.overflow.is_some()).collect()
    }
}

impl AdapterReport {
    /// The flaws that the guest can reach in a run with this world. Those that only show with long or many strings are
    /// among them if they show: the guest is aborted when it queries its arguments, its environment or its preopens.
    /// Preopens that may be left out count as if they were not.
    pub fn warnings_in(&self, run: &impl RunStrings) -> Vec<AdapterWarning> {
        in_run(AdapterWarning::all_of(self), run).collect()
    }
}

fn in_run(
    warnings: impl Iterator<Item = AdapterWarning>,
    run: &impl RunStrings,
) -> impl Iterator<Item = AdapterWarning> {
    let strings = Strings::of(run);
    let short = strings.are_short();
    warnings.filter_map(move |mut warning| {
        if warning.issue.of_strings() {
            if short {
                return None;
            }
            let overflow = StringOverflow::find(&warning.adapter, warning.reads, &strings)?;
            if overflow.issue() != warning.issue.id {
                return None;
            }
            warning.overflow = Some(overflow);
        }
        Some(warning)
    })
}

impl fmt::Display for AdapterWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.overflow {
            None => write!(f, "the guest's adapter ({}): {}", self.adapter, self.issue.what)?,
            Some(overflow) => write!(f, "the guest's adapter ({}) will abort the guest: {overflow}", self.adapter)?,
        }
        match self.issue.fixed {
            Some(fixed) => write!(f, " (fixed in {fixed})"),
            None => f.write_str(" (every published adapter has this flaw)"),
        }
    }
}
