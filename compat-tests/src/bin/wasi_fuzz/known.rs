//! Owns the known differences: results that are not the same on all majors, and why.
//!
//! A finding that matches an entry is not a failure. Each entry names the entry of the library's table
//! ([`wasmtime_compat::known_differences`]) that describes the difference. When the library removes a difference, the
//! entry here is removed as well, so that the difference is a failure if it returns.

use std::collections::BTreeSet;

use compat_tests::enabled;
use wasmtime_compat::known_differences;

use crate::execute::{Finding, FindingKind};

/// A difference that is not a failure.
pub(crate) struct Known {
    pub(crate) id: &'static str,
    /// The id of the entry in the library's table, and which case of that entry this difference is.
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

/// The end of a guest that gave a pointer which does not lead into its memory.
const OUT_OF_BOUNDS: &str = "ended: trapped: pointer out of bounds";

/// The end of a guest that gave a pointer which is not aligned.
const MISALIGNED: &str = "ended: trapped: pointer misaligned";

/// All known differences.
const KNOWN: &[Known] = &[
    Known {
        id: "p1-open-order-of-checks",
        reason: "`order-of-checks-preview1`",
        harmless: true,
        matches: |found| found.is("path_open") && found.only(&["perm", "notsup", "inval"]),
    },
    Known {
        id: "p2-open-order-of-checks",
        reason: "`order-of-checks-0.2`",
        harmless: true,
        matches: |found| {
            found.is("[method]descriptor.open-at")
                && found.only(&["err not-permitted", "err unsupported", "err invalid"])
        },
    },
    Known {
        id: "p2-order-of-faults",
        reason: "`order-of-faults`",
        harmless: false,
        matches: |found| {
            let faults: &[&str] = match &*found.subject {
                "[method]descriptor.rename-at" | "[method]descriptor.link-at" => {
                    &["ended: trapped: invalid handle", OUT_OF_BOUNDS]
                }
                "[method]descriptor.set-times-at" => &["ended: trapped: invalid discriminant"],
                _ => return false,
            };
            faults.iter().any(|fault| {
                found.only(&[fault, "ended: trapped: invalid string"]) && found.only_where(fault, &["order-of-faults"])
            })
        },
    },
    Known {
        id: "p2-stream-of-directory",
        reason: "`stream-errors`",
        harmless: true,
        matches: |found| {
            found.subject.ends_with("-via-stream") && found.only(&["err bad-descriptor", "err is-directory"])
        },
    },
    Known {
        id: "p1-rights",
        reason: "`directory-rights`: the rights stay in the memory, from where they can be written to a file",
        harmless: false,
        matches: |found| found.is("fd_fdstat_get") && found.only(&["success 03", "success 04"]) && found.same_but(12..),
    },
    Known {
        id: "p1-descriptor-numbers",
        reason: "`descriptor-numbers`",
        harmless: false,
        matches: |found| found.is("path_open") && found.only(&["success "]),
    },
    Known {
        id: "p1-no-buffers",
        reason: "`empty-buffers`",
        harmless: true,
        matches: |found| {
            ["fd_read", "fd_pread", "fd_write", "fd_pwrite"].contains(&&*found.subject)
                && found.only(&["success 00000000", "badf untouched", "intr untouched", "inval untouched"])
        },
    },
    Known {
        id: "p1-no-buffers-but-a-result",
        reason: "`empty-buffers`: with empty buffers, some majors check only the pointer to the result",
        harmless: false,
        matches: |found| {
            let here = ["success untouched", OUT_OF_BOUNDS, MISALIGNED];
            let there = ["badf untouched", "intr untouched", "inval untouched"];
            ["fd_read", "fd_pread", "fd_write", "fd_pwrite"].contains(&&*found.subject)
                && found.only(&[&here[..], &there].concat())
                && here.iter().any(|result| found.only_where(result, &["empty-buffers"]))
        },
    },
    Known {
        id: "p1-truncate-without-write",
        reason: "`truncate-without-write`",
        harmless: false,
        matches: |found| found.is("path_open") && found.has(4, 8) && !found.has(5, 0x40) && found.any("inval"),
    },
    Known {
        id: "p2-truncate-without-write",
        reason: "`truncate-without-write`",
        harmless: false,
        matches: |found| {
            found.is("[method]descriptor.open-at") && found.has(4, 8) && !found.has(5, 2) && found.any("err invalid")
        },
    },
    Known {
        id: "truncated-before-a-trap",
        reason: "`truncate-without-write`: the file is truncated, or not, before a bad pointer to the result traps",
        harmless: false,
        matches: |found| {
            let listed = |major: &u64| is_listed(*major, &["truncate-without-write"]);
            let is_truncated = |newest: &str| newest.contains(" 0 bytes ") && !newest.contains("; ");
            found.is("directories")
                && found.majors.iter().all(|(major, did)| match did.split_once(" instead of ") {
                    Some((_, newest)) => listed(major) && is_truncated(newest),
                    None => !listed(major) && did.is_empty(),
                })
        },
    },
    Known {
        id: "p1-rename-onto-slash",
        reason: "`rename-onto-slash`",
        harmless: false,
        matches: |found| found.is("path_rename") && found.only(&["success", "isdir", "notdir", "notempty"]),
    },
    Known {
        id: "p2-rename-onto-slash",
        reason: "`rename-onto-slash`",
        harmless: false,
        matches: |found| {
            found.is("[method]descriptor.rename-at")
                && found.only(&["ok", "err is-directory", "err not-directory", "err not-empty"])
        },
    },
    Known {
        id: "p2-write-stream-read-only",
        reason: "`stream-errors`",
        harmless: true,
        matches: |found| {
            found.subject.ends_with("-via-stream") && found.only(&["err bad-descriptor", "err not-permitted"])
        },
    },
    Known {
        id: "p2-move-order-of-checks",
        reason: "`order-of-checks-0.2`: renaming or linking into something that is not a directory",
        harmless: true,
        matches: |found| {
            (found.is("[method]descriptor.rename-at") || found.is("[method]descriptor.link-at"))
                && found.only(&["err not-permitted", "err not-directory"])
        },
    },
    Known {
        id: "p2-set-times-order-of-checks",
        reason: "`order-of-checks-0.2`: a time that overflows",
        harmless: true,
        matches: |found| {
            found.subject.starts_with("[method]descriptor.set-times")
                && found.only(&["err not-permitted", "err overflow"])
        },
    },
    Known {
        id: "p2-resolve-order-of-checks",
        reason: "`order-of-checks-0.2`: an invalid name, where name lookup is not allowed",
        harmless: true,
        matches: |found| {
            found.is("resolve-addresses") && found.only(&["err invalid-argument", "err permanent-resolver-failure"])
        },
    },
    Known {
        id: "p2-file-stream-errors",
        reason: "`empty-buffers`: a stream into a file that cannot be written, or not at that offset",
        harmless: false,
        matches: |found| {
            found.subject.starts_with("[method]output-stream.")
                && found.any("err last-operation-failed")
                && found.any("ok")
        },
    },
    Known {
        id: "p2-writes-not-permitted",
        reason: "`empty-writes`",
        harmless: false,
        matches: |found| {
            found.subject.starts_with("[method]output-stream.write")
                && found.only(&["ok", "ended: trapped: invalid operation"])
                && found.only_where("ok", &["empty-writes"])
        },
    },
    Known {
        id: "p2-failed-stream",
        reason: "`file-streams`: an error",
        harmless: false,
        matches: |found| found.reads() && found.only(&["err last-operation-failed", "err closed"]),
    },
    Known {
        id: "p2-read-nothing",
        reason: "`file-streams`: no bytes",
        harmless: false,
        matches: |found| found.reads() && found.any("err closed") && found.any("ok"),
    },
    Known {
        id: "p1-short-writes",
        reason: "`nonblocking-writes`: the number of bytes is 1 MiB on one major",
        harmless: false,
        matches: |found| {
            (found.is("fd_write") || found.is("fd_pwrite"))
                && found.only(&["success "])
                && found.only_where("success 00001000", &["nonblocking-writes"])
        },
    },
    Known {
        id: "p1-poll-not-writable",
        reason: "`polls-of-read-only-files`",
        harmless: true,
        matches: |found| found.is("poll_oneoff") && found.only(&["badf", "perm"]),
    },
    Known {
        id: "output-of-results",
        reason: "not a difference between majors: the output begins with results of calls, and some of them are times",
        harmless: true,
        matches: |found| {
            let sizes: BTreeSet<_> = found.majors.values().map(|did| did.split(' ').next()).collect();
            let size = |size: &Option<&str>| size.and_then(|size| size.parse().ok()).unwrap_or(0);
            let outputs: BTreeSet<_> = found.majors.values().collect();
            let all_differ = outputs.len() == found.majors.len();
            found.is("standard output")
                && all_differ
                && sizes.len() == 1
                && sizes.iter().all(|text| size(text) > 1 << 20)
        },
    },
    Known {
        id: "p1-times-of-directory",
        reason: "`times-of-directories`",
        harmless: false,
        matches: |found| {
            found.is("fd_filestat_set_times")
                && found.only(&["badf", "success"])
                && found.only_where("badf", &["times-of-directories"])
        },
    },
    Known {
        id: "p2-times-of-directory",
        reason: "`times-of-directories`",
        harmless: false,
        matches: |found| {
            found.is("[method]descriptor.set-times")
                && found.only(&["err bad-descriptor", "ok"])
                && found.only_where("err bad-descriptor", &["times-of-directories"])
        },
    },
    Known {
        id: "p2-access-time",
        reason: "`file-streams`: when a file was read last; majors that read within the call do so later",
        harmless: true,
        matches: |found| {
            (found.is("[method]descriptor.stat") || found.is("[method]descriptor.stat-at"))
                && found.split_by(&["file-streams"])
                && found.same_but_access_time()
        },
    },
    Known {
        id: "filestat-with-slash",
        reason: "`filestat-of-link-with-slash`",
        harmless: true,
        matches: |found| {
            ["path_filestat_get", "[method]descriptor.stat-at", "[method]descriptor.metadata-hash-at"]
                .iter()
                .any(|function| found.is(function))
                && !found.has(1, 1)
                && found.split_by(&["filestat-of-link-with-slash"])
        },
    },
];

impl Finding {
    /// Whether results of this function differ.
    fn is(&self, function: &str) -> bool {
        self.what == FindingKind::Differs && self.subject == function
    }

    /// Whether results of reading from a stream differ.
    fn reads(&self) -> bool {
        self.what == FindingKind::Differs
            && (self.subject.starts_with("[method]input-stream.blocking-")
                || self.subject == "[method]output-stream.blocking-splice")
    }

    /// Whether the result of a major begins with this, or its message has it.
    fn any(&self, result: &str) -> bool {
        self.majors.values().any(|did| did.starts_with(result) || did.contains(result) && result.len() > 12)
    }

    /// Whether the majors whose results begin with this are those to which one of the entries of the library's table applies.
    fn only_where(&self, result: &str, ids: &[&str]) -> bool {
        self.majors.iter().all(|(major, did)| did.starts_with(result) == is_listed(*major, ids))
    }

    /// Whether the majors to which one of the entries of the library's table applies all have one result, and the others
    /// another.
    fn split_by(&self, ids: &[&str]) -> bool {
        let result = |listed: bool| {
            let mut results = self.majors.iter().filter(|(major, _)| is_listed(**major, ids) == listed);
            let first = results.next().map(|(_, did)| did);
            results.all(|(_, did)| Some(did) == first).then_some(first).flatten()
        };
        matches!((result(true), result(false)), (Some(listed), Some(other)) if listed != other)
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

    /// Whether the results of all majors are the same but for the time of the last access, the fourth field of a `descriptor-stat`.
    fn same_but_access_time(&self) -> bool {
        let rest = |did: &String| {
            let fields = did.split(", ").enumerate().filter(|(place, _)| *place != 3);
            fields.map(|(_, field)| field.to_owned()).collect::<Vec<_>>()
        };
        let rests: BTreeSet<_> = self.majors.values().map(rest).collect();
        rests.len() == 1
    }

    /// Whether the results of all majors begin with one of these.
    fn only(&self, results: &[&str]) -> bool {
        self.majors.values().all(|did| results.iter().any(|result| did.starts_with(result)))
    }
}

/// Whether one of the entries of the library's table applies to the version of this major.
fn is_listed(major: u64, ids: &[&str]) -> bool {
    let wasmtime = enabled().iter().find(|wasmtime| wasmtime.major() == major);
    let version = wasmtime.map(|wasmtime| wasmtime.report().wasmtime);
    let mut entries = known_differences().iter().filter(|known| ids.contains(&known.id));
    entries.any(|known| version.as_ref().is_some_and(|version| known.applies_to(version)))
}
