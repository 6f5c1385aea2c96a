//! Owns the results of a probe for each preopen.

use std::fmt;

use wasmtime_compat_guest::probe::ProbeMethod;

use crate::command::Outcome;
use crate::report::AdapterReport;
use crate::wasi::{PreopenReport, PreopenStatus, Reason};

/// The results of a probe on one major.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::probe::{ProbeGuest, ProbeMethod, probe};
/// use wasmtime_compat::wasi::Preopen;
/// use wasmtime_compat::{RunConfig, enabled};
///
/// let mut config = RunConfig::new();
/// config.wasi.preopen(Preopen::new("src", "/src").read_only());
/// for wasmtime in enabled() {
///     let report = probe(*wasmtime, &ProbeGuest::built_in(), &config)?;
///     assert_eq!((report.major, report.method), (wasmtime.major(), ProbeMethod::BuiltIn));
///     assert!(report.ok() && report.probed.len() == 1 && report.cut_short.is_none());
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ProbeReport {
    /// The major on which the probe ran.
    pub major: u64,
    /// The module that ran in place of the guest.
    pub method: ProbeMethod,
    /// The guest's adapter, if it has one; with [`ProbeMethod::Spliced`] the probe ran through that adapter.
    pub adapter: Option<AdapterReport>,
    /// The result for each directory that the guest was given, in the order given.
    pub probed: Vec<PreopenProbe>,
    /// The guest sees more preopens than it was given.
    pub extra_preopens: bool,
    /// The result of the check of every configured preopen, including those left out.
    pub preopens: PreopenReport,
    /// The outcome of the probe, if it ended too early; preopens it did not reach are [`ProbedName::Unknown`].
    pub cut_short: Option<Outcome>,
    /// What the guest wrote to standard error during the probe: adapters report there why they abort.
    pub stderr: String,
}

/// The result of the probe for one preopen.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::probe::{Opened, ProbeGuest, ProbedName, probe};
/// use wasmtime_compat::wasi::Preopen;
/// use wasmtime_compat::{RunConfig, enabled};
///
/// let mut config = RunConfig::new();
/// config.wasi.preopen(Preopen::new("src", "/src").read_only());
/// for wasmtime in enabled() {
///     let report = probe(*wasmtime, &ProbeGuest::built_in(), &config)?;
///     let preopen = &report.probed[0];
///     assert_eq!((&*preopen.status.guest, preopen.fd), ("/src", 3));
///     assert!(preopen.ok() && preopen.name == ProbedName::Right && preopen.directory == Opened::Yes);
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PreopenProbe {
    /// The result of the check before the start.
    pub status: PreopenStatus,
    /// The file descriptor that the preopen must have in the guest.
    pub fd: u32,
    /// The preopen's name as the guest sees it.
    pub name: ProbedName,
    /// Whether the guest can open the directory.
    pub directory: Opened,
    /// A file in the directory that this process can read, and whether the guest can open that file too; `None` if
    /// there is no such file.
    pub file: Option<(String, Opened)>,
}

/// A preopen's name as the guest sees it.
///
/// ```
/// use wasmtime_compat::probe::ProbedName;
///
/// /// A line for the log of a launcher.
/// fn line(configured: &str, name: &ProbedName) -> String {
///     match name {
///         ProbedName::Wrong { seen: Some(seen) } => format!("{configured}: the guest sees {seen}"),
///         name => format!("{configured}: {}", name.name()),
///     }
/// }
///
/// assert_eq!(line("/data", &ProbedName::Wrong { seen: Some("/logs".to_owned()) }), "/data: the guest sees /logs");
/// assert_eq!(line("/data", &ProbedName::Right), "/data: right");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProbedName {
    /// The name is the configured one.
    Right,
    /// The name is another one.
    Wrong {
        /// The name that the guest sees, with invalid UTF-8 replaced; `None` if the guest has no function to report it
        /// with.
        seen: Option<String>,
    },
    /// The guest has no preopen with this file descriptor.
    Absent(Errno),
    /// The guest has a preopen with this file descriptor but cannot query its name.
    Refused(Errno),
    /// The guest does not import the function that queries the name.
    NotUsed,
    /// The probe ended before this was determined.
    Unknown,
}

/// Whether a guest can open something.
///
/// ```
/// use wasmtime_compat::probe::{Errno, Opened};
///
/// let denied = Opened::No(Errno(Some(2)));
/// assert_eq!(denied.name(), "failed");
/// assert_eq!(denied.errno().map(|errno| errno.to_string()).as_deref(), Some("acces"));
/// assert_eq!(Opened::Yes.errno(), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Opened {
    /// The guest can open it.
    Yes,
    /// The guest cannot open it.
    No(Errno),
    /// The guest does not import the function that opens files.
    NotUsed,
    /// The probe ended before this was determined.
    Unknown,
}

/// An error code of preview1; `None` if the guest got an error whose code is not known.
///
/// ```
/// use wasmtime_compat::probe::Errno;
///
/// assert_eq!(Errno(Some(44)).to_string(), "noent");
/// assert_eq!(Errno(Some(1_000)).to_string(), "errno 1000");
/// assert_eq!(Errno(None).to_string(), "unknown");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Errno(
    /// The number.
    pub Option<u32>,
);

/// Permission denied.
const ACCES: Errno = Errno(Some(2));

impl ProbeReport {
    /// Whether every name that the guest can query is right, and every file it can try to open can be opened.
    pub fn ok(&self) -> bool {
        self.cut_short.is_none() && !self.extra_preopens && self.probed.iter().all(PreopenProbe::ok)
    }
}

impl PreopenProbe {
    /// Whether the preopen's name is right and the guest can open it, as far as the guest imports the functions for
    /// that. A directory that need not be [listed](crate::wasi::Preopen::allow_unlisted) need not be opened either:
    /// opening takes the same permission.
    pub fn ok(&self) -> bool {
        let can_be_opened = |opened: Opened| matches!(opened, Opened::Yes | Opened::NotUsed);
        matches!(self.name, ProbedName::Right | ProbedName::NotUsed)
            && (can_be_opened(self.directory) || self.is_unlisted())
            && self.file.as_ref().is_none_or(|(_, opened)| can_be_opened(*opened))
    }

    /// Whether the guest cannot open the directory because this process may not list it, as the preopen allows.
    fn is_unlisted(&self) -> bool {
        let unlisted = self.status.warnings.iter().any(|warning| warning.reason == Reason::NotReadable);
        unlisted && self.directory == Opened::No(ACCES)
    }
}

impl ProbedName {
    /// A short name for machines: `right`, `wrong`, `absent`, `refused`, `not-used` or `unknown`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong { .. } => "wrong",
            Self::Absent(_) => "absent",
            Self::Refused(_) => "refused",
            Self::NotUsed => "not-used",
            Self::Unknown => "unknown",
        }
    }

    /// The error code, if there is one.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Absent(errno) | Self::Refused(errno) => Some(*errno),
            _ => None,
        }
    }
}

impl Opened {
    /// A short name for machines: `opened`, `failed`, `not-used` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "opened",
            Self::No(_) => "failed",
            Self::NotUsed => "not-used",
            Self::Unknown => "unknown",
        }
    }

    /// The error code, if there is one.
    pub fn errno(self) -> Option<Errno> {
        match self {
            Self::No(errno) => Some(errno),
            _ => None,
        }
    }
}

/// The names of preview1's error codes, by number.
const ERRNO: [&str; 77] = [
    "success",
    "2big",
    "acces",
    "addrinuse",
    "addrnotavail",
    "afnosupport",
    "again",
    "already",
    "badf",
    "badmsg",
    "busy",
    "canceled",
    "child",
    "connaborted",
    "connrefused",
    "connreset",
    "deadlk",
    "destaddrreq",
    "dom",
    "dquot",
    "exist",
    "fault",
    "fbig",
    "hostunreach",
    "idrm",
    "ilseq",
    "inprogress",
    "intr",
    "inval",
    "io",
    "isconn",
    "isdir",
    "loop",
    "mfile",
    "mlink",
    "msgsize",
    "multihop",
    "nametoolong",
    "netdown",
    "netreset",
    "netunreach",
    "nfile",
    "nobufs",
    "nodev",
    "noent",
    "noexec",
    "nolck",
    "nolink",
    "nomem",
    "nomsg",
    "noprotoopt",
    "nospc",
    "nosys",
    "notconn",
    "notdir",
    "notempty",
    "notrecoverable",
    "notsock",
    "notsup",
    "notty",
    "nxio",
    "overflow",
    "ownerdead",
    "perm",
    "pipe",
    "proto",
    "protonosupport",
    "prototype",
    "range",
    "rofs",
    "spipe",
    "srch",
    "stale",
    "timedout",
    "txtbsy",
    "xdev",
    "notcapable",
];

/// The name preview1 gives the code, or its number.
impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(number) = self.0 else { return f.write_str("unknown") };
        match usize::try_from(number).ok().and_then(|number| ERRNO.get(number)) {
            Some(name) => f.write_str(name),
            None => write!(f, "errno {number}"),
        }
    }
}
