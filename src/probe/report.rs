//! Owns what a probe says of each preopen.

use std::fmt;

use wasmtime_compat_guest::probe::ProbeMethod;

use crate::command::Outcome;
use crate::report::AdapterReport;
use crate::wasi::{PreopenReport, PreopenStatus, Reason};

/// What a probe found on one major.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProbeReport {
    /// The major it ran on.
    pub major: u64,
    /// What ran in place of the guest.
    pub method: ProbeMethod,
    /// The guest's adapter, if it has one; with [`ProbeMethod::Spliced`] the answers came through it.
    pub adapter: Option<AdapterReport>,
    /// What became of each directory that was handed to the guest, in the order given.
    pub probed: Vec<PreopenProbe>,
    /// The guest sees more preopens than it was given.
    pub more: bool,
    /// What became of every preopen that was asked for, also of those left out.
    pub preopens: PreopenReport,
    /// How the probe ended, if that was too early; the preopens it did not come to are [`ProbedName::Untold`].
    pub cut_short: Option<Outcome>,
    /// What was written to standard error meanwhile: adapters say there why they give up.
    pub stderr: String,
}

/// What a guest finds of one preopen.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PreopenProbe {
    /// What the check said of it before the start.
    pub status: PreopenStatus,
    /// The file descriptor it must have in the guest.
    pub fd: u32,
    /// Its name as the guest sees it.
    pub name: ProbedName,
    /// Whether the guest can open it.
    pub directory: Opened,
    /// A file in it that this process can read, and whether the guest can open it too; `None` if there is none.
    pub file: Option<(String, Opened)>,
}

/// A preopen's name as the guest sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProbedName {
    /// As given.
    Right,
    /// Another one.
    Wrong {
        /// The name it sees, what is not UTF-8 replaced; `None` if the guest has no function that could tell.
        seen: Option<String>,
    },
    /// There is no preopen with this file descriptor.
    Absent(Errno),
    /// There is, but its name cannot be had.
    Refused(Errno),
    /// The guest has no function to ask for it.
    NotUsed,
    /// The probe ended before it could say.
    Untold,
}

/// Whether a guest can open something.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Opened {
    /// It can.
    Yes,
    /// It cannot.
    No(Errno),
    /// The guest has no function to try it with.
    NotUsed,
    /// The probe ended before it could say.
    Untold,
}

/// An error code of preview1; `None` if there was one and it could not be told.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Errno(
    /// The number.
    pub Option<u32>,
);

/// Permission denied.
const ACCES: Errno = Errno(Some(2));

impl ProbeReport {
    /// Whether every name that the guest can ask for is right, and everything it can open is within reach.
    pub fn ok(&self) -> bool {
        self.cut_short.is_none() && !self.more && self.probed.iter().all(PreopenProbe::ok)
    }
}

impl PreopenProbe {
    /// Whether its name is right and it is within reach, as far as the guest can ask. A directory that need not be
    /// [listed](crate::wasi::Preopen::allow_unlisted) need not be opened either: that takes the same permission.
    pub fn ok(&self) -> bool {
        let is_within_reach = |opened: Opened| matches!(opened, Opened::Yes | Opened::NotUsed);
        matches!(self.name, ProbedName::Right | ProbedName::NotUsed)
            && (is_within_reach(self.directory) || self.is_unlisted())
            && self.file.as_ref().is_none_or(|(_, opened)| is_within_reach(*opened))
    }

    /// Whether the guest cannot open the directory because this process may not list it, as the preopen allows.
    fn is_unlisted(&self) -> bool {
        let unlisted = self.status.warnings.iter().any(|warning| warning.reason == Reason::NotReadable);
        unlisted && self.directory == Opened::No(ACCES)
    }
}

impl ProbedName {
    /// A short name for machines: `right`, `wrong`, `absent`, `refused`, `not-used` or `untold`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong { .. } => "wrong",
            Self::Absent(_) => "absent",
            Self::Refused(_) => "refused",
            Self::NotUsed => "not-used",
            Self::Untold => "untold",
        }
    }

    /// The error code, if that is the answer.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Absent(errno) | Self::Refused(errno) => Some(*errno),
            _ => None,
        }
    }
}

impl Opened {
    /// A short name for machines: `opened`, `failed`, `not-used` or `untold`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "opened",
            Self::No(_) => "failed",
            Self::NotUsed => "not-used",
            Self::Untold => "untold",
        }
    }

    /// The error code, if that is the answer.
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
