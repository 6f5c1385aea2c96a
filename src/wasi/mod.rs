//! Owns the version-neutral description of a guest's WASI world. It needs no Wasmtime at all.

#[cfg_attr(not(feature = "_runtime"), allow(dead_code, reason = "only majors check calls"))]
pub(crate) mod calls;
mod config;
mod network;
#[cfg_attr(not(feature = "_runtime"), allow(dead_code, reason = "without a major nobody reads"))]
mod pipe;
mod preopen;
mod stdio;

#[cfg(feature = "_runtime")]
pub(crate) use self::config::MAX_RANDOM_SIZE;
pub use self::config::WasiConfig;
pub use self::network::Network;
pub use self::preopen::{
    Access, Duplicates, Policy, Preopen, PreopenErrors, PreopenReport, PreopenStatus, Preopens, Problem, Reason,
    Verdict,
};
#[cfg(feature = "_runtime")]
pub(crate) use self::stdio::FileReader;
pub(crate) use self::stdio::{Capture, Stdio};
pub use self::stdio::{Captured, Stdin, Stdout};
