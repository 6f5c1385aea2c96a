//! Owns the table of known differences: what cannot be made the same on every major.

/// Something that guests see differently depending on the major, and that this crate cannot even out.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// A short name.
    pub id: &'static str,
    /// The first major that behaves as described.
    pub since: u64,
    /// The last major that behaves as described; `None` if it still does.
    pub until: Option<u64>,
    /// What those majors do and the others do not.
    pub what: &'static str,
    /// Where the behaviour comes from.
    pub link: &'static str,
}

impl Difference {
    /// Whether `major` behaves as described.
    pub fn applies_to(&self, major: u64) -> bool {
        self.since <= major && self.until.is_none_or(|until| major <= until)
    }
}

/// Every known difference, ordered by name.
pub fn known_differences() -> &'static [Difference] {
    KNOWN
}

const KNOWN: &[Difference] = &[
    Difference {
        id: "exact-wasi-imports",
        since: 18,
        until: Some(18),
        what: "a component can import WASI 0.2.0 only: names are compared exactly, so one built against 0.2.1 or \
               later is refused (with both versions in the error)",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-19.0.0/RELEASES.md",
    },
    Difference {
        id: "fd-renumber-onto-closed",
        since: 37,
        until: None,
        what: "`fd_renumber` onto a descriptor that is not open is refused",
        link: "https://github.com/bytecodealliance/wasmtime/pull/11277",
    },
    Difference {
        id: "preview1-sockets-panic",
        since: 18,
        until: Some(22),
        what: "the preview1 socket functions panic inside the host; running a command turns that into an error",
        link: "https://github.com/bytecodealliance/wasmtime/blob/release-20.0.0/crates/wasi/src/preview1.rs",
    },
];
