//! Owns the ways to probe a guest.

/// What ran in place of the guest.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ProbeMethod {
    /// The guest with the code of its main module taken out: adapter and all the rest are its own.
    Spliced,
    /// A preview1 module of ours: there is no guest, or nothing in it stands between preview1 and the host.
    BuiltIn,
    /// Nothing: the guest asks for no directory.
    Nothing,
}

impl ProbeMethod {
    /// `spliced`, `built-in` or `nothing`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spliced => "spliced",
            Self::BuiltIn => "built-in",
            Self::Nothing => "nothing",
        }
    }
}
