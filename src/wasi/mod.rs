//! Owns the version-neutral description of a guest's WASI world. It needs no Wasmtime at all.

mod bounds;
#[allow(dead_code, reason = "which checks are used depends on the majors that are on")]
pub(crate) mod calls;
mod clock;
mod config;
#[allow(dead_code, reason = "only majors poll")]
mod dates;
mod deterministic;
#[allow(dead_code, reason = "guests reach it through majors only")]
pub(crate) mod keyvalue;
mod network;
#[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "without a major, nothing reads"))]
mod pipe;
mod preopen;
#[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "without a major, nothing is fed"))]
mod queue;
mod random;
mod stdio;
#[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "without a major, nothing is written"))]
mod stream;
mod text;
mod variables;
#[allow(dead_code, reason = "only majors wait")]
mod virtual_time;

pub use self::bounds::{Bound, Ours, bounds};
pub use self::clock::{HostMonotonicClock, HostWallClock};
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::config::MAX_RANDOM_SIZE;
pub use self::config::WasiConfig;
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::dates::Dates;
pub use self::deterministic::Deterministic;
pub use self::keyvalue::{KeyValue, KeyValueLimits};
pub use self::network::{Network, SocketAddrUse};
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::network::{SocketAddrCheck, purposes};
pub use self::preopen::{
    Access, Duplicates, Policy, Preopen, PreopenErrors, PreopenReport, PreopenStatus, Preopens, Problem, Reason,
    Rights, Verdict,
};
pub use self::queue::StdinWriter;
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::random::RandomBytes;
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::stdio::Source;
pub(crate) use self::stdio::{Capture, Sink, Stdio};
pub use self::stdio::{Captured, Stdin, Stdout};
pub use self::stream::{HostInput, HostOutput, InputStream, OutputStream};
pub use self::text::{TextErrors, TextPlace, TextProblem, TextReason};
pub use self::variables::ConfigVariables;
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::virtual_time::{Polled, VirtualTime};
