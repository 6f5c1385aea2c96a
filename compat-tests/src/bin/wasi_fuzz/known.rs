//! Owns the known differences: results that are not the same on all majors, and why.
//!
//! A finding that matches an entry is not a failure. When the library evens a difference out, its entry is removed, so
//! that the difference is a failure when it returns.

use crate::execute::{Finding, What};

/// A difference that is not a failure.
pub(crate) struct Known {
    pub(crate) id: &'static str,
    /// The results, by major, and their cause where it is known.
    pub(crate) reason: &'static str,
    /// Whether the results of the following calls are unaffected, so that the run can still be compared.
    pub(crate) harmless: bool,
    matches: fn(&Finding) -> bool,
}

/// The known difference that this finding is.
pub(crate) fn find(finding: &Finding) -> Option<&'static Known> {
    KNOWN.iter().find(|known| (known.matches)(finding))
}

/// The known difference of this name.
pub(crate) fn named(id: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.id == id)
}

/// All known differences.
const KNOWN: &[Known] = &[
    Known {
        id: "preview1-sockets-panic",
        reason: "up to 22 the socket functions of preview1 panic inside the host, see `known_differences`",
        harmless: false,
        matches: |found| {
            found.what == What::Panicked
                && found.subject.starts_with("sock_")
                && found.majors.keys().all(|major| *major < 23)
        },
    },
    Known {
        id: "fd-renumber-onto-closed",
        reason: "see `known_differences`",
        harmless: false,
        matches: |found| found.is("fd_renumber") && found.only(&["success", "badf"]),
    },
    Known {
        id: "p1-open-order-of-checks",
        reason: "in a directory that can only be read, up to 47 the lack of permission comes before what is wrong with \
                 the flags, from 48 after",
        harmless: true,
        matches: |found| found.is("path_open") && found.only(&["perm", "notsup", "inval"]),
    },
    Known {
        id: "p2-open-order-of-checks",
        reason: "as p1-open-order-of-checks",
        harmless: true,
        matches: |found| {
            found.is("[method]descriptor.open-at")
                && found.only(&["err not-permitted", "err unsupported", "err invalid"])
        },
    },
    Known {
        id: "p1-set-rights",
        reason: "fd_fdstat_set_rights does nothing and succeeds up to 36, from 37 it is not supported",
        harmless: true,
        matches: |found| found.is("fd_fdstat_set_rights") && found.only(&["success", "notsup", "badf"]),
    },
    Known {
        id: "p2-stream-of-directory",
        reason: "read-via-stream of a directory: bad-descriptor up to 47, is-directory from 48",
        harmless: true,
        matches: |found| {
            found.subject.ends_with("-via-stream") && found.only(&["err bad-descriptor", "err is-directory"])
        },
    },
    Known {
        id: "p1-rights",
        reason: "fd_fdstat_get of a directory: from 36 on rights that a directory cannot have are left out, from 48 on more",
        harmless: true,
        matches: |found| found.is("fd_fdstat_get") && found.only(&["success 03", "success 04"]) && found.same_but(12..),
    },
    Known {
        id: "p1-descriptor-numbers",
        reason: "the number of a new descriptor is the one that was closed last up to 29, the highest closed one later \
                 (Vec::pop and BTreeSet::pop_last in preview1.rs; backported to 24)",
        harmless: false,
        matches: |found| found.is("path_open") && found.only(&["success "]),
    },
    Known {
        id: "p1-pointer-or-descriptor-first",
        reason: "reading from and writing to a descriptor that cannot: 19 looks at the descriptor first, 36 and 48 at the \
                 list of buffers",
        harmless: false,
        matches: |found| {
            ["fd_read", "fd_pread", "fd_write", "fd_pwrite"].contains(&&*found.subject)
                && found.what == What::Differs
                && found.only(&["badf", "spipe", "ended: trapped: pointer ", "nomem"])
        },
    },
    Known {
        id: "p1-no-buffers",
        reason: "reading or writing no buffers, or only empty ones, succeeds in 19 whatever the descriptor and the offset \
                 are; in 36 and 48 those decide, and reading standard input is interrupted",
        harmless: true,
        matches: |found| {
            ["fd_read", "fd_pread", "fd_write", "fd_pwrite"].contains(&&*found.subject)
                && found.only(&["success 00000000", "badf untouched", "intr untouched", "inval untouched"])
        },
    },
    Known {
        id: "p1-truncate-without-write",
        reason: "opening with truncation and without the right to write: inval in 19; 36 and 48 open and truncate",
        harmless: false,
        matches: |found| found.is("path_open") && found.has(4, 8) && !found.has(5, 0x40) && found.any("inval"),
    },
    Known {
        id: "p2-truncate-without-write",
        reason: "as p1-truncate-without-write",
        harmless: false,
        matches: |found| {
            found.is("[method]descriptor.open-at") && found.has(4, 8) && !found.has(5, 2) && found.any("err invalid")
        },
    },
    Known {
        id: "p1-renumber-panics",
        reason: "fd_renumber onto itself or onto a number that was closed leaves the number free up to 32, and the next \
                 path_open panics; fixed in 24.0.10 or before, and in 33",
        harmless: false,
        matches: |found| found.what == What::Panicked && found.any("assertion failed: self.insert(fd, desc).is_none()"),
    },
    Known {
        id: "p2-time-panics",
        reason: "a time of which the seconds overflow panics in 19; in 36 and 48 it is an overflow",
        harmless: false,
        matches: |found| found.what == What::Panicked && found.any("overflow in Duration::new"),
    },
    Known {
        id: "p1-close-after-poll",
        reason: "19 cannot close a standard stream that an earlier poll_oneoff has left a pollable of",
        harmless: false,
        matches: |found| {
            (found.is("fd_close") || found.is("fd_renumber")) && found.any("ended: trapped: resource in use")
        },
    },
    Known {
        id: "p1-rename-onto-slash",
        reason: "path_rename onto a path with a slash at its end: 19 leaves the slash out (cap-primitives 3.4), 36 and 48 \
                 refuse",
        harmless: false,
        matches: |found| found.is("path_rename") && found.only(&["success", "isdir", "notdir", "notempty"]),
    },
    Known {
        id: "p2-rename-onto-slash",
        reason: "as p1-rename-onto-slash",
        harmless: false,
        matches: |found| {
            found.is("[method]descriptor.rename-at")
                && found.only(&["ok", "err is-directory", "err not-directory", "err not-empty"])
        },
    },
    Known {
        id: "p2-create-socket",
        reason: "without a network a socket can be made up to 47, from 48 on it is refused",
        harmless: false,
        matches: |found| {
            found.subject.starts_with("create-") && found.only(&["ok tcp-socket", "ok udp-socket", "err access-denied"])
        },
    },
    Known {
        id: "p2-write-stream-read-only",
        reason: "a stream to write what is open to be read only: bad-descriptor up to 47, not-permitted from 48",
        harmless: true,
        matches: |found| {
            found.subject.ends_with("-via-stream") && found.only(&["err bad-descriptor", "err not-permitted"])
        },
    },
    Known {
        id: "p2-move-order-of-checks",
        reason: "renaming or linking from a directory that can only be read into something that is not a directory: \
                 not-permitted up to 47, not-directory from 48",
        harmless: true,
        matches: |found| {
            (found.is("[method]descriptor.rename-at") || found.is("[method]descriptor.link-at"))
                && found.only(&["err not-permitted", "err not-directory"])
        },
    },
    Known {
        id: "p2-set-times-order-of-checks",
        reason: "a time that overflows, in a directory that can only be read: not-permitted up to 47, overflow from 48",
        harmless: true,
        matches: |found| {
            found.subject.starts_with("[method]descriptor.set-times")
                && found.only(&["err not-permitted", "err overflow"])
        },
    },
    Known {
        id: "p2-resolve-order-of-checks",
        reason: "a name that is none, without name lookup: invalid-argument up to 47, permanent-resolver-failure from 48",
        harmless: true,
        matches: |found| {
            found.is("resolve-addresses") && found.only(&["err invalid-argument", "err permanent-resolver-failure"])
        },
    },
    Known {
        id: "p2-file-stream-errors",
        reason: "a stream into a file that cannot be written, or not at that offset: 19 succeeds as long as nothing is \
                 written, and reports an error later than 36 and 48",
        harmless: false,
        matches: |found| {
            found.subject.starts_with("[method]output-stream.")
                && found.any("err last-operation-failed")
                && found.any("ok")
        },
    },
    Known {
        id: "p2-failed-stream",
        reason: "a stream from a file that cannot be read: after an error 36 and 48 report that it is closed, 19 the error \
                 again",
        harmless: false,
        matches: |found| found.reads() && found.only(&["err last-operation-failed", "err closed"]),
    },
    Known {
        id: "p2-read-nothing",
        reason: "reading or skipping no bytes of a file ends the stream in 36 and 48: they take it for the end of the file",
        harmless: false,
        matches: |found| found.reads() && found.any("err closed") && found.any("ok"),
    },
    Known {
        id: "p1-long-path",
        reason: "a path of more than 128 MiB has no memory: here and from 42 on before it is looked at whether the path is \
                 in memory and UTF-8, and here also before the descriptor and the flags are",
        harmless: false,
        matches: |found| {
            const OTHERS: &[&str] = &[
                "nomem",
                "ilseq",
                "badf",
                "inval",
                "ended: trapped: invalid ",
                "ended: trapped: pointer out of bounds",
            ];
            found.what == What::Differs
                && found.subject.starts_with("path_")
                && found.any("nomem")
                && found.only(OTHERS)
        },
    },
    Known {
        id: "p1-poll-many",
        reason: "more subscriptions than a store may have resources: here refused at once, from 42 on read one by one",
        harmless: false,
        matches: |found| found.is("poll_oneoff") && found.any("ended: trapped: limit exceeded"),
    },
    Known {
        id: "poll-clock-panics",
        reason: "a clock that is far away, without optimisation: the host's arithmetic overflows and panics up to 47",
        harmless: false,
        matches: |found| found.what == What::Panicked && found.any("attempt to subtract with overflow"),
    },
    Known {
        id: "p1-poll-not-writable",
        reason: "waiting to write to a file that is open to be read only: badf up to 47, perm from 48",
        harmless: true,
        matches: |found| found.is("poll_oneoff") && found.only(&["badf", "perm"]),
    },
    Known {
        id: "p1-random-nothing",
        reason: "no random bytes to a pointer out of bounds: a trap where the call is checked here, success elsewhere",
        harmless: false,
        matches: |found| found.is("random_get") && found.only(&["success", "ended: trapped: pointer out of bounds"]),
    },
];

impl Finding {
    /// Whether results of this function differ.
    fn is(&self, function: &str) -> bool {
        self.what == What::Differs && self.subject == function
    }

    /// Whether results of reading from a stream differ.
    fn reads(&self) -> bool {
        self.what == What::Differs
            && (self.subject.starts_with("[method]input-stream.blocking-")
                || self.subject == "[method]output-stream.blocking-splice")
    }

    /// Whether the result of a major begins with this, or its message has it.
    fn any(&self, result: &str) -> bool {
        self.majors.values().any(|did| did.starts_with(result) || did.contains(result) && result.len() > 12)
    }

    /// Whether the argument of this number is a constant with one of these bits.
    fn has(&self, argument: usize, bits: u64) -> bool {
        self.args.get(argument).copied().flatten().is_some_and(|value| value & bits != 0)
    }

    /// Whether the results of all majors are the same but for what is in this range.
    fn same_but(&self, from: std::ops::RangeFrom<usize>) -> bool {
        let rest = |did: &String| did.get(..from.start).map(str::to_owned);
        let mut rests = self.majors.values().map(rest);
        let first = rests.next();
        rests.all(|rest| Some(rest) == first)
    }

    /// Whether the results of all majors begin with one of these.
    fn only(&self, results: &[&str]) -> bool {
        self.majors.values().all(|did| results.iter().any(|result| did.starts_with(result)))
    }
}
