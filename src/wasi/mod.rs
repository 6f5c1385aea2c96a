//! Owns the version-neutral description of a guest's WASI world. It needs no Wasmtime at all.

mod bounds;
#[allow(dead_code, reason = "which checks are used depends on the majors that are on")]
pub(crate) mod calls;
mod config;
mod network;
#[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "without a major, nothing reads"))]
mod pipe;
mod preopen;
mod stdio;
mod text;

pub use self::bounds::{Bound, Ours, bounds};
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::config::MAX_RANDOM_SIZE;
pub use self::config::WasiConfig;
pub use self::network::Network;
pub use self::preopen::{
    Access, Duplicates, Policy, Preopen, PreopenErrors, PreopenReport, PreopenStatus, Preopens, Problem, Reason,
    Verdict,
};
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::stdio::FileReader;
pub(crate) use self::stdio::{Capture, Stdio};
pub use self::stdio::{Captured, Stdin, Stdout};
pub use self::text::{TextErrors, TextPlace, TextProblem, TextReason};
