//! Owns the forms in which a host function is written, and the values that a host function may return.

use crate::bounds::{Data, for_every_tuple};
use crate::error::{Error, Result};
use crate::store::{Caller, Stores};
use crate::{HostParams, HostResults, WasmTy};
pub(super) use sealed::Seal;

/// A host function: a closure, or a function, with a parameter for each parameter of the WebAssembly function.
///
/// The forms are:
///
/// * `|a: i32, b: i64| …`: 0 to 16 parameters, each a [`WasmTy`];
/// * `|caller: Caller<'_, W, T>, a: i32, b: i64| …`: the same, with the [`Caller`] in front;
/// * `|caller: Caller<'_, W, T>, (a, b): (i32, i64)| …`: the parameters as one tuple. This form returns
///   `anyhow::Result`, and is the one for code that is generic over the number of parameters.
///
/// The first two return any [`WasmRet`]. As with Wasmtime, the closure has to name the types of all its parameters. Where a
/// closure of the first two forms ends with `Ok(…)`, it also has to name its result, `-> wasmtime_compat::Result<i32>` or
/// `-> anyhow::Result<i32>`, because both are accepted.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Caller, Config, Engine, Linker, Newest, Result};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut linker = Linker::<_, u64>::new(&engine);
/// linker
///     .func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?
///     .func_wrap("host", "pair", |a: i64| (a, 1.0_f32))?
///     .func_wrap("host", "count", |mut caller: Caller<'_, Newest, u64>| *caller.data_mut() += 1)?
///     .func_wrap("host", "read", |mut caller: Caller<'_, Newest, u64>, _: i32| -> Result<i64> {
///         let memory = caller.get_memory("memory");
///         Ok(memory.map_or(0, |memory| memory.data_size(&caller) as i64))
///     })?
///     .func_wrap("host", "tuple", |_: Caller<'_, Newest, u64>, (a, b): (i32, i32)| Ok(a.wrapping_mul(b)))?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
///
/// `Params` and `Results` tell the forms apart; the compiler finds them, and nothing else is required of them. A function that
/// takes any host function has them as parameters, as with Wasmtime, also where the function belongs to a public trait:
///
/// ```
/// use wasmtime_compat::{CoreWasmtime, Data, IntoFunc, Linker, Result};
///
/// pub trait Registry<W: CoreWasmtime, T: Data> {
///     fn register<Params, Results>(&mut self, name: &str, func: impl IntoFunc<W, T, Params, Results>) -> Result<()>;
/// }
///
/// impl<W: CoreWasmtime, T: Data> Registry<W, T> for Linker<W, T> {
///     fn register<Params, Results>(&mut self, name: &str, func: impl IntoFunc<W, T, Params, Results>) -> Result<()> {
///         self.func_wrap("host", name, func)?;
///         Ok(())
///     }
/// }
/// ```
///
/// The trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a host function",
    label = "expected `|a: i32, b: i64| …` or `|caller: Caller<'_, W, T>, a: i32, b: i64| …`, with up to 16 parameters",
    note = "a parameter is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` or `wasmtime_compat::V128`, and the `Caller` has the \
            major and the data of the linker or store",
    note = "a host function returns `()`, one such value, a tuple of them, or a `Result` of that with `anyhow::Error` or \
            `wasmtime_compat::Error`; a function with the parameters as one tuple returns `anyhow::Result`",
    note = "a host function is `Send`, `Sync` and `'static`, and is called through `&self` (`Fn`)"
)]
pub trait IntoFunc<W: Stores, T: Data, Params, Results>: Send + Sync + 'static {
    #[doc(hidden)]
    type Taken: HostParams;
    #[doc(hidden)]
    type Returned: HostResults;

    #[doc(hidden)]
    fn call(&self, seal: Seal, caller: Caller<'_, W, T>, params: Self::Taken) -> anyhow::Result<Self::Returned>;
}

/// A result of a host function: `()`, one [`WasmTy`], a tuple of at most 16, or a `Result` of one of these with
/// `anyhow::Error` or [`Error`] as the error.
///
/// An error reaches the caller of the guest: an [`Error`] as it is, any other as
/// [`ErrorKind::Host`](crate::ErrorKind::Host), from which [`Error::downcast_ref`] returns it.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, ErrorKind, Func, Newest, Store};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let answer = Func::wrap(&mut store, || 42_i32);
/// assert_eq!(answer.typed::<(), i32>(&store)?.call(&mut store, ())?, 42);
/// let refuse = Func::wrap(&mut store, || -> anyhow::Result<i32> { anyhow::bail!("no answer") });
/// let error = refuse.typed::<(), i32>(&store)?.call(&mut store, ()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Host);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
///
/// The trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a host function on every Wasmtime major",
    label = "expected `()`, a `WasmTy`, a tuple of at most 16 of them, or a `Result` of one of these",
    note = "`WasmTy` is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` and `wasmtime_compat::V128`",
    note = "the error of a `Result` is `anyhow::Error` or `wasmtime_compat::Error`"
)]
pub trait WasmRet: sealed::Ret {
    #[doc(hidden)]
    type Results: HostResults;

    #[doc(hidden)]
    fn into_result(self) -> anyhow::Result<Self::Results>;
}

impl<R: HostResults> WasmRet for R {
    type Results = R;

    #[inline(always)]
    fn into_result(self) -> anyhow::Result<R> {
        Ok(self)
    }
}

impl<R: HostResults> WasmRet for anyhow::Result<R> {
    type Results = R;

    #[inline(always)]
    fn into_result(self) -> Self {
        self
    }
}

impl<R: HostResults> WasmRet for Result<R> {
    type Results = R;

    #[inline(always)]
    fn into_result(self) -> anyhow::Result<R> {
        self.map_err(reported)
    }
}

#[cold]
fn reported(error: Error) -> anyhow::Error {
    anyhow::Error::new(error)
}

/// The form with one parameter for each value.
pub enum Values<P> {
    #[doc(hidden)]
    Never(P, std::convert::Infallible),
}

/// The form with the caller and one parameter for each value.
pub enum CallerAndValues<P> {
    #[doc(hidden)]
    Never(P, std::convert::Infallible),
}

/// The form with the caller and all values in one tuple.
pub enum CallerAndTuple<P> {
    #[doc(hidden)]
    Never(P, std::convert::Infallible),
}

impl<R: HostResults> sealed::Ret for R {}
impl<R: HostResults> sealed::Ret for anyhow::Result<R> {}
impl<R: HostResults> sealed::Ret for Result<R> {}

impl<W, T, F, P, R> IntoFunc<W, T, CallerAndTuple<P>, R> for F
where
    W: Stores,
    T: Data,
    P: HostParams,
    R: HostResults,
    F: Fn(Caller<'_, W, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
{
    type Taken = P;
    type Returned = R;

    #[inline(always)]
    fn call(&self, _: Seal, caller: Caller<'_, W, T>, params: P) -> anyhow::Result<R> {
        self(caller, params)
    }
}

macro_rules! closures {
    ($($part:ident)*) => {
        #[allow(non_snake_case, reason = "one name serves as type and as variable")]
        const _: () = {
            impl<W, T, F, R, $($part),*> IntoFunc<W, T, Values<($($part,)*)>, R> for F
            where
                W: Stores,
                T: Data,
                $($part: WasmTy,)*
                R: WasmRet,
                F: Fn($($part),*) -> R + Send + Sync + 'static,
            {
                type Taken = ($($part,)*);
                type Returned = R::Results;

                #[inline(always)]
                fn call(&self, _: Seal, _: Caller<'_, W, T>, ($($part,)*): Self::Taken) -> anyhow::Result<R::Results> {
                    self($($part),*).into_result()
                }
            }

            impl<W, T, F, R, $($part),*> IntoFunc<W, T, CallerAndValues<($($part,)*)>, R> for F
            where
                W: Stores,
                T: Data,
                $($part: WasmTy,)*
                R: WasmRet,
                F: Fn(Caller<'_, W, T>, $($part),*) -> R + Send + Sync + 'static,
            {
                type Taken = ($($part,)*);
                type Returned = R::Results;

                #[inline(always)]
                fn call(&self, _: Seal, caller: Caller<'_, W, T>, ($($part,)*): Self::Taken) -> anyhow::Result<R::Results> {
                    self(caller, $($part),*).into_result()
                }
            }
        };
    };
}

for_every_tuple!(closures);

mod sealed {
    /// Closes the set of forms: a function that nobody else can name the type of cannot be written elsewhere.
    #[derive(Clone, Copy, Debug)]
    pub struct Seal;

    /// Closes the set of results.
    pub trait Ret {}
}
