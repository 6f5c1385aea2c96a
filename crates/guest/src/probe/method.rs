//! Owns the ways to probe a guest.

/// The module that ran in place of the guest.
///
/// ```
/// use wasmtime_compat_guest::probe::{ProbeGuest, ProbeMethod};
///
/// // A module without imports queries no directory.
/// let guest = ProbeGuest::for_guest(b"\0asm\x01\0\0\0")?;
/// assert_eq!(guest.method(), ProbeMethod::Nothing);
/// assert!(guest.commands(&[]).is_empty());
/// assert_eq!(ProbeGuest::built_in().method().name(), "built-in");
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ProbeMethod {
    /// The guest with the code of its main module replaced; the adapter and all other parts are unchanged.
    Spliced,
    /// A built-in preview1 module: there is no guest, or the guest has nothing between preview1 and the host.
    BuiltIn,
    /// None: the guest queries no directory.
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
