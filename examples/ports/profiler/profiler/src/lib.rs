//! A sampling profiler for WebAssembly guests, in the manner of wasmprof, on any Wasmtime major.
//!
//! The profiler is generic over the major `W` and over the data `T` of the store, so that a host passes its own store. The
//! engine must check epochs, and count fuel for [`WeightUnit::Fuel`].
//!
//! ```no_run
//! # use guest_profiler::{ProfilerBuilder, Sampling, WeightUnit};
//! # use wasmtime_compat::{CoreWasmtime, Store, TypedFunc};
//! # fn example<W: CoreWasmtime>(store: &mut Store<W, ()>, func: &TypedFunc<W, (), ()>) -> anyhow::Result<()> {
//! let (result, profile) = ProfilerBuilder::new(store)
//!     .sampling(Sampling::Clock { hertz: 1000 })
//!     .weight_unit(WeightUnit::Nanoseconds)
//!     .profile(|store| func.call(store, ()))?;
//! result?;
//! profile.write_folded(&mut std::io::stdout())?;
//! # Ok(())
//! # }
//! ```

mod builder;
mod folded;
mod interner;
mod meter;
mod profile;
mod sampling;
mod speedscope;

pub use self::builder::ProfilerBuilder;
pub use self::meter::WeightUnit;
pub use self::profile::{Frame, Profile};
pub use self::sampling::Sampling;
