//! Owns the replacement adapters: the embedded ones, and one that the caller provides.

use std::borrow::Cow;

use semver::Version;

use super::refusal::Refusal;
use crate::error::Result;
use crate::report::{AdapterFlavour, AdapterIdentity, GuestReport, IssueStatus};

/// The flaw that a replacement must not have.
pub(super) const FLAW: &str = "preopen-names";

/// A replacement adapter.
///
/// ```
/// use wasmtime_compat_guest::readapt::Replacement;
/// use wasmtime_compat_guest::report::AdapterIdentity;
///
/// let embedded = Replacement::embedded();
/// let AdapterIdentity::Exact(version) = embedded.identity() else { panic!("it is a published one") };
/// assert!(version.major >= 50);
/// ```
#[derive(Clone, Debug)]
pub struct Replacement {
    adapters: Vec<(AdapterFlavour, Cow<'static, [u8]>)>,
    identity: AdapterIdentity,
}

impl Replacement {
    /// The embedded adapters, for every flavour: the newest published ones when this crate was released.
    pub fn embedded() -> Self {
        let command = adapter_embedded::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
        let adapters = vec![
            (AdapterFlavour::Command, Cow::Borrowed(command)),
            (AdapterFlavour::Reactor, Cow::Borrowed(adapter_embedded::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)),
            (AdapterFlavour::Proxy, Cow::Borrowed(adapter_embedded::WASI_SNAPSHOT_PREVIEW1_PROXY_ADAPTER)),
        ];
        // The package has no constant for its version, so the version is read from the adapter itself.
        let report = GuestReport::parse(command).ok().and_then(|mut report| report.adapters.pop());
        Self { adapters, identity: report.map_or(AdapterIdentity::Unknown, |adapter| adapter.identity) }
    }

    /// The embedded adapters, if they are of this version.
    ///
    /// # Errors
    /// [`Refusal::NotEmbedded`], with the version that is.
    pub fn of_version(version: &Version) -> Result<Self> {
        let embedded = Self::embedded();
        match &embedded.identity {
            AdapterIdentity::Exact(found) if found == version => Ok(embedded),
            AdapterIdentity::Exact(found) => {
                Err(Refusal::NotEmbedded { requested: version.clone(), embedded: Some(found.clone()) }.into())
            }
            _ => Err(Refusal::NotEmbedded { requested: version.clone(), embedded: None }.into()),
        }
    }

    /// An adapter as a core module, from any source. It is for guests of its own flavour only.
    ///
    /// # Errors
    /// [`Refusal::Replacement`] if the module is not an adapter, if the kind of guest cannot be determined, or if the
    /// adapter has the flaw `preopen-names` or may have it. [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest)
    /// if it is not WebAssembly.
    pub fn from_wasm(wasm: impl Into<Vec<u8>>) -> Result<Self> {
        let wasm = wasm.into();
        let refuse = |what: String| Err(Refusal::Replacement(what).into());
        let report = GuestReport::parse(&wasm)?;
        let [adapter] = report.adapters.as_slice() else {
            return refuse("the file is not an adapter for wasi_snapshot_preview1".to_owned());
        };
        if !adapter.path.is_empty() {
            return refuse("the file is a component, not an adapter module".to_owned());
        }
        if adapter.flavour == AdapterFlavour::Other {
            return refuse("whether the adapter is for commands, reactors or proxies cannot be determined".to_owned());
        }
        let flaw = adapter.issues.iter().find(|issue| issue.issue.id == FLAW);
        match flaw.map(|issue| issue.status) {
            Some(IssueStatus::NotAffected) => {}
            Some(IssueStatus::Affected) => {
                return refuse(format!("{} {} has the flaw {FLAW} itself", adapter.flavour.name(), adapter.identity));
            }
            _ => return refuse(format!("whether the adapter has the flaw {FLAW} cannot be determined")),
        }
        Ok(Self { adapters: vec![(adapter.flavour, Cow::Owned(wasm))], identity: adapter.identity.clone() })
    }

    /// Which adapter it is.
    pub fn identity(&self) -> &AdapterIdentity {
        &self.identity
    }

    /// The adapter for guests of this flavour.
    pub(super) fn adapter(&self, flavour: AdapterFlavour) -> Result<&[u8], Refusal> {
        if flavour == AdapterFlavour::Other {
            let what = "whether the guest is a command, a reactor or a proxy cannot be determined";
            return Err(Refusal::Replacement(what.to_owned()));
        }
        let found = self.adapters.iter().find(|(of, _)| *of == flavour);
        found.map(|(_, wasm)| wasm.as_ref()).ok_or_else(|| {
            let of: Vec<&str> = self.adapters.iter().map(|(of, _)| of.name()).collect();
            Refusal::Replacement(format!(
                "the adapter is a {} adapter, and the guest needs a {} adapter",
                of.join(", "),
                flavour.name()
            ))
        })
    }
}
