//! Owns the table of known differences: what cannot be made the same on every major.

use semver::{Version, VersionReq};

use crate::command::RunConfig;
use crate::error::Trap;
use crate::guest::{Guest, GuestKind};

/// Something that guests see differently depending on the Wasmtime, and that this crate cannot even out.
///
/// The table describes majors as this crate runs them. [`Config::raw_wasi`](crate::Config::raw_wasi) leaves a major's
/// WASI as it is, with more differences than are listed.
///
/// ```
/// use semver::Version;
/// use wasmtime_compat::{Guest, RunConfig, known_differences};
///
/// let known = known_differences().iter().find(|known| known.id == "fuel-of-bulk-operations").unwrap();
/// assert!(known.applies_to(&Version::new(45, 0, 0)) && !known.applies_to(&Version::new(46, 0, 0)));
/// // The difference shows in runs with limited fuel only.
/// let guest = Guest::parse(b"\0asm\x01\0\0\0")?;
/// assert!(!known.can_show(&guest, &RunConfig::new()));
/// assert!(known.can_show(&guest, &RunConfig { fuel: Some(1_000), ..RunConfig::new() }));
/// # Ok::<(), wasmtime_compat::GuestError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// A short name.
    pub id: &'static str,
    /// The versions that behave as described, as semver requirements of which any may match: fixes are backported.
    pub versions: &'static [&'static str],
    /// The behaviour of those versions that others do not have.
    pub what: &'static str,
    /// Where the behaviour comes from.
    pub link: &'static str,
    /// When the difference shows.
    pub phase: Phase,
    /// The traps that some versions have there and others do not; empty where the guest gets another result and goes on.
    pub traps: &'static [Trap],
    /// Why this crate does not even it out.
    pub remains: Remains,
    /// The conditions under which the difference shows: any of these.
    pub involves: &'static [Involved],
}

/// When a difference shows.
///
/// ```
/// use wasmtime_compat::{Phase, known_differences};
///
/// // What keeps a guest from starting on some versions.
/// let start = known_differences().iter().filter(|known| known.phase == Phase::Start);
/// assert!(start.map(|known| known.id).any(|id| id == "exact-wasi-imports"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Phase {
    /// Before the guest is started: some versions refuse what others run.
    Start,
    /// While the guest runs.
    Run,
}

/// Why a difference remains, although functions of this crate are linked in the place of many of Wasmtime's own.
///
/// ```
/// use wasmtime_compat::{Remains, known_differences};
///
/// let known = known_differences().iter().find(|known| known.id == "fuel-of-bulk-operations").unwrap();
/// // What an instruction costs is decided by the compiler.
/// assert_eq!(known.remains, Remains::Runtime);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Remains {
    /// It is in Wasmtime's compiler, its linker or its runtime of components; functions of WASI do not reach it.
    Runtime,
    /// It depends on what Wasmtime's own functions keep to themselves: the numbers of descriptors, how a file was opened, the
    /// state of a stream. To even it out would be to implement the files and sockets of WASI anew.
    State,
    /// Each call would make more calls of the operating system.
    Cost,
    /// It is on versions only whose functions this crate leaves in place, because Wasmtime bounds them itself.
    Unreplaced,
}

/// A condition under which a difference shows.
///
/// ```
/// use wasmtime_compat::{Involved, known_differences};
///
/// let known = known_differences().iter().find(|known| known.id == "http-te").unwrap();
/// // Only guests that use HTTP can tell the versions apart.
/// assert_eq!(known.involves, [Involved::Import("wasi:http/types@")]);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Involved {
    /// The guest imports something of which the name, as in [`Guest::imports`], begins with this: the name of a function
    /// of preview1 as a whole, or the name of an interface without its version.
    Import(&'static str),
    /// The guest is a component.
    Component,
    /// The guest's fuel is limited.
    Fuel,
}

impl Difference {
    /// Whether this exact Wasmtime behaves as described.
    pub fn applies_to(&self, wasmtime: &Version) -> bool {
        self.versions.iter().any(|range| VersionReq::parse(range).is_ok_and(|range| range.matches(wasmtime)))
    }

    /// Whether the difference can show in a run of this guest with this configuration. That it can does not mean that
    /// it does: only the imports of the guest and the configuration are looked at.
    pub fn can_show(&self, guest: &Guest, config: &RunConfig) -> bool {
        self.involves.iter().any(|involved| match involved {
            Involved::Import(prefix) => guest.imports.iter().any(|import| import.starts_with(prefix)),
            Involved::Component => guest.kind == GuestKind::Component,
            Involved::Fuel => config.fuel.is_some(),
        })
    }
}

/// Every known difference, ordered by name.
pub fn known_differences() -> &'static [Difference] {
    KNOWN
}

/// What any of these functions of preview1 needs.
macro_rules! preview1 {
    ($($name:literal),*) => {
        &[$(Involved::Import(concat!("wasi_snapshot_preview1::", $name))),*]
    };
}

/// As `preview1`, or the files of WASI 0.2.
macro_rules! preview1_or_files {
    ($($name:literal),*) => {
        &[
            $(Involved::Import(concat!("wasi_snapshot_preview1::", $name)),)*
            Involved::Import("wasi:filesystem/types@"),
        ]
    };
}

const KNOWN: &[Difference] = &[
    Difference {
        id: "calls-from-post-return",
        versions: &["<38"],
        what: "the `post-return` function of an export that the host has called can call imports; later that is the trap \
               `cannot-leave-component`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-38.0.0/crates/wasmtime/src/runtime/component/func.rs",
        phase: Phase::Run,
        traps: &[Trap::CannotLeaveComponent],
        remains: Remains::Runtime,
        involves: &[Involved::Component],
    },
    Difference {
        id: "calls-of-inner-components",
        versions: &[">=42, <49"],
        what: "a component that calls a component inside it, or the other way round, traps with \
               `cannot-enter-component`; the others run the call of an inner component",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-42.0.0/crates/environ/src/fact/trampoline.rs",
        phase: Phase::Run,
        traps: &[Trap::CannotEnterComponent],
        remains: Remains::Runtime,
        involves: &[Involved::Component],
    },
    Difference {
        id: "descriptor-numbers",
        versions: &["<24", ">=25, <33"],
        what: "of the closed descriptors of preview1, the number of the one that was closed last is used again first; \
               later it is the highest number",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-33.0.0/crates/wasi/src/preview1.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: preview1!("path_open"),
    },
    Difference {
        id: "directory-rights",
        versions: &["<37"],
        what: "the rights of an opened directory in `fd_fdstat_get` include `path_filestat_set_size`; up to 22 also \
               `fd_filestat_set_size`, and `fd_readdir` for what cannot be read",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-37.0.0/crates/wasi/src/p1.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: preview1!("fd_fdstat_get"),
    },
    Difference {
        id: "empty-buffers",
        versions: &["<23"],
        what: "reading into or writing from no buffers, or only empty ones, succeeds on every open file; later the \
               operating system checks the offset and whether the file may be read or written",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-23.0.0/crates/wasi/src/preview1.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::Cost,
        involves: preview1_or_files!("fd_pread", "fd_pwrite", "fd_read", "fd_write"),
    },
    Difference {
        id: "empty-writes",
        versions: &[">=19, <23"],
        what: "a `write` of no bytes to a stream into a file leaves the stream ready for a `write` without `check-write` \
               before it; on the others that is a trap",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-22.0.0/crates/wasi/src/filesystem.rs",
        phase: Phase::Run,
        traps: &[Trap::InvalidOperation],
        remains: Remains::State,
        involves: &[Involved::Import("wasi:filesystem/types@")],
    },
    Difference {
        id: "exact-wasi-imports",
        versions: &["<19"],
        what: "a component can import WASI 0.2.0 only: names are compared exactly, so one built against 0.2.1 or \
               later is refused (with both versions in the error)",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-19.0.0/RELEASES.md",
        phase: Phase::Start,
        traps: &[],
        remains: Remains::Runtime,
        involves: &[Involved::Import("wasi:")],
    },
    Difference {
        id: "extra-flags",
        versions: &[">=20, <24", ">=25, <36", ">=37, <42"],
        what: "a component that gives flags beyond the names of their type, where values are dynamic, makes Wasmtime panic \
               (RUSTSEC-2026-0085): calls with dynamic values return that as an error; on the others such flags do not \
               count",
        link: "https://github.com/bytecodealliance/wasmtime/security/advisories/GHSA-m758-wjhj-p3jq",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::Runtime,
        involves: &[Involved::Component],
    },
    Difference {
        id: "faults-between-components",
        versions: &["<41"],
        what: "a fault in a call from one component of the guest to another is the trap `unreachable`; later the trap names \
               the fault, such as `pointer-out-of-bounds` or `invalid-discriminant`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-41.0.0/crates/environ/src/trap_encoding.rs",
        phase: Phase::Run,
        traps: &[Trap::Unreachable],
        remains: Remains::Runtime,
        involves: &[Involved::Component],
    },
    Difference {
        id: "file-stream-capacity",
        versions: &[">=36, <36.0.17", ">=48, <48.0.4"],
        what: "`check-write` of a stream into a file permits 1 MiB, and `write-zeroes` takes as much; later 64 KiB",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-48.0.0/crates/wasi/src/p2/filesystem.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::Unreplaced,
        involves: &[Involved::Import("wasi:filesystem/types@")],
    },
    Difference {
        id: "file-streams",
        versions: &["<25"],
        what: "streams from files of WASI 0.2 read within the call and go on after an error, after the end of the file \
               and after a read of no bytes; later `read` returns nothing until the stream is ready, and each of the \
               three closes the stream",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-25.0.0/crates/wasi/src/filesystem.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: &[Involved::Import("wasi:filesystem/types@")],
    },
    Difference {
        id: "filestat-of-link-with-slash",
        versions: &[">=19, <50"],
        what: "a path of one component with a slash at its end is, where links are not to be followed, the link or the file \
               that it names; on 18 and from 50 on the directory that the link leads to, and of a file `notdir`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-50.0.0/crates/wasi/src/filesystem/primitives/mod.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::Cost,
        involves: preview1_or_files!("path_filestat_get"),
    },
    Difference {
        id: "fuel-of-bulk-operations",
        versions: &["<46"],
        what: "bulk operations on memories, tables and arrays (`memory.fill`, `table.copy` and so on) burn one unit of \
               fuel, whatever their length; later they burn fuel for what they move",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-46.0.0/crates/cranelift/src/func_environ.rs",
        phase: Phase::Run,
        traps: &[Trap::OutOfFuel],
        remains: Remains::Runtime,
        involves: &[Involved::Fuel],
    },
    Difference {
        id: "handles-per-resource-type",
        versions: &["<33"],
        what: "a component numbers the handles of each resource type on their own; later all handles of a component \
               instance have different numbers",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-33.0.0/crates/wasmtime/src/runtime/vm/component/resources.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::Runtime,
        involves: &[Involved::Component],
    },
    Difference {
        id: "http-fields-in-use",
        versions: &["<43"],
        what: "a request that is dropped before the fields that it has shown is the trap `resource-in-use`; later these \
               fields outlive it",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-43.0.0/crates/wasi-http/src/p2/types_impl.rs",
        phase: Phase::Run,
        traps: &[Trap::ResourceInUse],
        remains: Remains::State,
        involves: &[Involved::Import("wasi:http/types@")],
    },
    Difference {
        id: "http-te",
        versions: &["<35"],
        what: "guests neither see nor set the header `TE`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-35.0.0/crates/wasi-http/src/types.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: &[Involved::Import("wasi:http/types@")],
    },
    Difference {
        id: "misaligned-utf16-strings",
        versions: &["<44"],
        what: "the host takes a UTF-16 string at an odd address from a component; later that is the trap \
               `pointer-misaligned`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-44.0.0/crates/wasmtime/src/runtime/component/func/typed.rs",
        phase: Phase::Run,
        traps: &[Trap::PointerMisaligned],
        remains: Remains::Runtime,
        involves: &[Involved::Component],
    },
    Difference {
        id: "nan-of-conversions",
        versions: &["<20"],
        what: "`f32.demote_f64` and `f64.promote_f32` keep the bits of a NaN although \
               `Config::cranelift_nan_canonicalization` is on",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-20.0.0/cranelift/codegen/src/nan_canonicalization.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::Runtime,
        // No run of a command turns the knob on.
        involves: &[],
    },
    Difference {
        id: "nonblocking-writes",
        versions: &["<23"],
        what: "`fd_pwrite`, and up to 20 `fd_write`, into a file that is open with `nonblock` writes at most 1 MiB; later \
               all bytes",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-23.0.0/crates/wasi/src/preview1.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: preview1_or_files!("fd_pwrite", "fd_write"),
    },
    Difference {
        id: "order-of-checks-0.2",
        versions: &["<48"],
        what: "where a call of WASI 0.2 breaks several rules, the lack of permission is reported first: of a read-only \
               directory before what is wrong with flags, times and the other descriptor; a name that cannot be \
               resolved before the lack of permission",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-48.0.0/crates/wasi/src/filesystem.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: &[Involved::Import("wasi:filesystem/types@"), Involved::Import("wasi:sockets/ip-name-lookup@")],
    },
    Difference {
        id: "order-of-checks-preview1",
        versions: &["<48"],
        what: "`path_open` to write in a read-only directory reports the lack of permission before what is wrong with \
               the flags",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-48.0.0/crates/wasi/src/filesystem.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: preview1!("path_open"),
    },
    Difference {
        id: "order-of-faults",
        versions: &["<36", ">=37, <48"],
        what: "where a text that is not UTF-8 stands before an invalid handle, discriminant or pointer in a call of WASI 0.2, \
               the trap is `invalid-handle`, `invalid-discriminant` or `pointer-out-of-bounds`, because texts are measured \
               first and read later; on the others it is `invalid-string`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-47.0.0/crates/wasmtime/src/runtime/component/func/typed.rs",
        phase: Phase::Run,
        traps: &[Trap::InvalidDiscriminant, Trap::InvalidHandle, Trap::PointerOutOfBounds],
        remains: Remains::Runtime,
        involves: &[Involved::Import("wasi:filesystem/types@")],
    },
    Difference {
        id: "peers-unchecked",
        versions: &["<48"],
        what: "a host's check of socket addresses is not called for the peer of an accepted connection, nor for the sender \
               of a datagram to a socket that is not connected",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-48.0.0/crates/wasi/src/sockets/mod.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: &[
            Involved::Import("wasi:sockets/tcp-create-socket@"),
            Involved::Import("wasi:sockets/udp-create-socket@"),
        ],
    },
    Difference {
        id: "polls-of-read-only-files",
        versions: &["<48"],
        what: "`poll_oneoff` for writing to a file of a read-only directory fails with `badf`; later with `perm`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-48.0.0/crates/wasi/src/p2/host/filesystem.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: preview1!("poll_oneoff"),
    },
    Difference {
        id: "pwrite-of-append",
        versions: &["<23"],
        what: "`fd_pwrite` to a file that was opened to append writes at the offset; later it appends, as Linux does",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-23.0.0/crates/wasi/src/preview1.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: preview1!("fd_pwrite"),
    },
    Difference {
        id: "rename-onto-slash",
        versions: &["<36", ">=36, <36.0.15", ">=37, <48.0.2"],
        what: "renaming a file onto a path with a slash at its end succeeds, without the slash; later only directories \
               can be renamed so",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-48.0.0/crates/wasi/src/filesystem/primitives/rename.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::Cost,
        involves: preview1_or_files!("path_rename"),
    },
    Difference {
        id: "stores-after-a-trap",
        versions: &["<42"],
        what: "after a call of a component has trapped, other instances in the same store can still be called; later every \
               call of a component in the store is the trap `cannot-enter-component`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-42.0.0/crates/wasmtime/src/runtime/component/store.rs",
        phase: Phase::Run,
        traps: &[Trap::CannotEnterComponent],
        remains: Remains::Runtime,
        // A run has a store of its own, which ends with the first trap.
        involves: &[],
    },
    Difference {
        id: "stream-errors",
        versions: &[">=36, <37"],
        what: "a stream from a directory or into a file of a read-only directory is refused with `bad-descriptor`; by \
               the others with `is-directory` and `not-permitted`",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-36.0.0/crates/wasi/src/p2/host/filesystem.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::Unreplaced,
        involves: &[Involved::Import("wasi:filesystem/types@")],
    },
    Difference {
        id: "times-of-directories",
        versions: &["<50"],
        what: "on Linux, setting the times of a directory through its own descriptor fails with `badf`, as the host opens \
               directories for their paths only; later the times are set, if the directory may be written",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-50.0.0/crates/wasi/src/filesystem.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: preview1_or_files!("fd_filestat_set_times"),
    },
    Difference {
        id: "truncate-without-write",
        versions: &["<23"],
        what: "opening a file with truncation and without the right to write fails with `inval`; later it is truncated",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-23.0.0/crates/wasi/src/host/filesystem.rs",
        phase: Phase::Run,
        traps: &[],
        remains: Remains::State,
        involves: preview1_or_files!("path_open"),
    },
    Difference {
        id: "writes-beyond-permission",
        versions: &["<50"],
        what: "a stream into a file takes a `write` of more bytes than `check-write` permits; later that is a trap",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-50.0.0/crates/wasi/src/p2/filesystem.rs",
        phase: Phase::Run,
        traps: &[Trap::InvalidOperation],
        remains: Remains::State,
        involves: &[Involved::Import("wasi:filesystem/types@")],
    },
];
