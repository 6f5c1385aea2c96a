//! Owns the neutral types: the values that guests and hosts pass each other, the same set whichever majors are on.

use super::V128;
use crate::majors::for_every_major;
pub use sealed::Sealed;

/// A value of a core WebAssembly function: `i32`, `i64`, `u32`, `u64`, `f32`, `f64` or [`V128`].
///
/// The trait is sealed, and which types implement it does not depend on the majors that are compiled in.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, ErrorKind, Func, Newest, Result, Store, WasmTy};
///
/// /// Calls a function whose result has the type of its parameter.
/// fn apply<W: CoreWasmtime, V: WasmTy>(store: &mut Store<W, ()>, func: &Func<W>, value: V) -> Result<V> {
///     func.typed::<V, V>(&*store)?.call(store, value)
/// }
///
/// let mut store = Store::new(&Engine::<Newest>::new(&Config::new())?, ());
/// let double = Func::wrap(&mut store, |number: i64| number.wrapping_mul(2));
/// assert_eq!(apply(&mut store, &double, 21_i64)?, 42);
/// assert_eq!(apply(&mut store, &double, 21_u64)?, 42);
/// assert_eq!(apply(&mut store, &double, 1.5_f64).unwrap_err().kind(), ErrorKind::TypeMismatch);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a WebAssembly value that every Wasmtime major can pass",
    label = "expected `i32`, `i64`, `u32`, `u64`, `f32`, `f64` or `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the objects of that major: `as_raw` returns them, and their types \
            are in `wasmtime_compat::vNN::wasmtime`"
)]
pub trait WasmTy: Sealed + every::Scalar + Copy + Send + Sync + 'static {}

/// Parameters of a WebAssembly function: `()`, one [`WasmTy`], or a tuple of at most 16.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, Func, Newest, Result, Store, WasmParams};
///
/// /// The number that a function returns, whatever parameters it has.
/// fn number<W: CoreWasmtime, P: WasmParams>(store: &mut Store<W, ()>, func: &Func<W>, params: P) -> Result<i32> {
///     func.typed::<P, i32>(&*store)?.call(store, params)
/// }
///
/// let mut store = Store::new(&Engine::<Newest>::new(&Config::new())?, ());
/// let add = Func::wrap(&mut store, |a: i32, b: i32| a.wrapping_add(b));
/// let negate = Func::wrap(&mut store, |a: i32| a.wrapping_neg());
/// assert_eq!(number(&mut store, &add, (40_i32, 2_i32))?, 42);
/// assert_eq!(number(&mut store, &negate, -42_i32)?, 42);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parameters of a WebAssembly function on every Wasmtime major",
    label = "expected `()`, a `WasmTy`, or a tuple of at most 16 of them",
    note = "`WasmTy` is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` and `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the objects of that major: `as_raw` returns them, and their types \
            are in `wasmtime_compat::vNN::wasmtime`"
)]
pub trait WasmParams: Sealed + every::Params + Send + Sync + 'static {}

/// Results of a WebAssembly function: `()`, one [`WasmTy`], or a tuple of at most 16.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, Func, Newest, Result, Store, WasmResults};
///
/// /// The results of a function without parameters.
/// fn results<W: CoreWasmtime, R: WasmResults>(store: &mut Store<W, ()>, func: &Func<W>) -> Result<R> {
///     func.typed::<(), R>(&*store)?.call(store, ())
/// }
///
/// let mut store = Store::new(&Engine::<Newest>::new(&Config::new())?, ());
/// let pair = Func::wrap(&mut store, || (1_i32, 0.5_f64));
/// assert_eq!(results::<_, (i32, f64)>(&mut store, &pair)?, (1, 0.5));
/// let answer = Func::wrap(&mut store, || 42_i64);
/// assert_eq!(results::<_, i64>(&mut store, &answer)?, 42);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the results of a WebAssembly function on every Wasmtime major",
    label = "expected `()`, a `WasmTy`, or a tuple of at most 16 of them",
    note = "`WasmTy` is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` and `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the objects of that major: `as_raw` returns them, and their types \
            are in `wasmtime_compat::vNN::wasmtime`"
)]
pub trait WasmResults: Sealed + every::Results + Send + Sync + 'static {}

/// Parameters of a host function: a tuple of at most 16 [`WasmTy`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Caller, Config, CoreWasmtime, Engine, Func, HostParams, Newest, Store};
///
/// /// A host function that counts its calls, with any parameters.
/// fn counter<W: CoreWasmtime, P: HostParams>(store: &mut Store<W, u64>) -> Func<W> {
///     Func::wrap(store, |mut caller: Caller<'_, W, u64>, _: P| -> anyhow::Result<()> {
///         *caller.data_mut() += 1;
///         Ok(())
///     })
/// }
///
/// # let mut store = Store::new(&Engine::<Newest>::new(&Config::new())?, 0);
/// let count = counter::<_, (i32, f64)>(&mut store);
/// count.typed::<(i32, f64), ()>(&store)?.call(&mut store, (1, 0.5))?;
/// assert_eq!(*store.data(), 1);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parameters of a host function on every Wasmtime major",
    label = "expected a tuple of at most 16 `WasmTy`",
    note = "`WasmTy` is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` and `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the linker of that major: `as_raw_mut` returns it"
)]
pub trait HostParams: Sealed + every::HostParams + Send + Sync + 'static {}

/// Results of a host function: `()`, one [`WasmTy`], or a tuple of at most 16.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Caller, Config, CoreWasmtime, Engine, Func, HostResults, Newest, Store};
///
/// /// A host function that returns the same at each call.
/// fn constant<W: CoreWasmtime, R: HostResults + Copy>(store: &mut Store<W, ()>, results: R) -> Func<W> {
///     Func::wrap(store, move |_: Caller<'_, W, ()>, (): ()| -> anyhow::Result<R> { Ok(results) })
/// }
///
/// let mut store = Store::new(&Engine::<Newest>::new(&Config::new())?, ());
/// let version = constant(&mut store, (1_i32, 7_i32));
/// assert_eq!(version.typed::<(), (i32, i32)>(&store)?.call(&mut store, ())?, (1, 7));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the results of a host function on every Wasmtime major",
    label = "expected `()`, a `WasmTy`, or a tuple of at most 16 of them",
    note = "`WasmTy` is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` and `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the linker of that major: `as_raw_mut` returns it"
)]
pub trait HostResults: Sealed + every::HostResults + Send + Sync + 'static {}

/// A value that a host can pass into a component: `bool`, the integers of 8 to 64 bits, `f32`, `f64`, `char`, strings
/// (`str`, `String`), lists (`[T]`, `Vec<T>`), `Option`, `Result`, tuples of at most 16 values, and `&T` and `Box<T>`
/// of all these; and types with the derive of this name (feature `derive`).
///
/// The trait is sealed, and which types implement it does not depend on the majors that are compiled in.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::{Component, Instance, Linker, Lower};
/// use wasmtime_compat::{Config, Engine, Newest, Result, Store, Wasmtime};
///
/// /// Calls the export `double: func(n: u32) -> u32`.
/// fn call<W: Wasmtime, P: Lower>(store: &mut Store<W, ()>, instance: &Instance<W>, param: P) -> Result<u32> {
///     let double = instance.get_typed_func::<(P,), (u32,)>(&mut *store, "double")?;
///     Ok(double.call(store, (param,))?.0)
/// }
///
/// # let wasm = wat::parse_str(
/// #     r#"(component
/// #         (core module $m
/// #             (func (export "double") (param i32) (result i32) (i32.add (local.get 0) (local.get 0))))
/// #         (core instance $i (instantiate $m))
/// #         (func (export "double") (param "n" u32) (result u32) (canon lift (core func $i "double"))))"#,
/// # )
/// # .unwrap();
/// # let engine = Engine::<Newest>::new(&Config::new())?;
/// # let mut store = Store::new(&engine, ());
/// # let instance = Linker::new(&engine).instantiate(&mut store, &Component::new(&engine, &wasm)?)?;
/// assert_eq!(call(&mut store, &instance, 21_u32)?, 42);
/// assert_eq!(call(&mut store, &instance, &21_u32)?, 42);
/// assert!(call(&mut store, &instance, "21").is_err());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value that a host can pass into a component on every Wasmtime major",
    label = "expected `bool`, a number, `char`, a string, a list, `Option`, `Result` or a tuple",
    note = "for a type of your own, derive `Lower` with `wasmtime_compat::component::Lower` (feature `derive`)",
    note = "for a type that belongs to one major, or whose `Lower` is derived for one major, use the objects of that \
            major: `as_raw` returns them, and their types are in `wasmtime_compat::vNN::wasmtime`"
)]
pub trait Lower: Sealed + every::Lower + Send + Sync {}

/// A value that a host can take out of a component: `bool`, the integers of 8 to 64 bits, `f32`, `f64`, `char`,
/// strings (`String`, `Box<str>`), lists (`Vec<T>`, `Box<[T]>`), `Option`, `Result`, and tuples of at most 16 values; and types
/// with the derive of this name (feature `derive`).
///
/// The trait is sealed, and which types implement it does not depend on the majors that are compiled in.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::{Component, Instance, Lift, Linker};
/// use wasmtime_compat::{Config, Engine, Newest, Result, Store, Wasmtime};
///
/// /// Calls the export `double: func(n: u32) -> u32`.
/// fn call<W: Wasmtime, R: Lift>(store: &mut Store<W, ()>, instance: &Instance<W>, n: u32) -> Result<R> {
///     let double = instance.get_typed_func::<(u32,), (R,)>(&mut *store, "double")?;
///     Ok(double.call(store, (n,))?.0)
/// }
///
/// # let wasm = wat::parse_str(
/// #     r#"(component
/// #         (core module $m
/// #             (func (export "double") (param i32) (result i32) (i32.add (local.get 0) (local.get 0))))
/// #         (core instance $i (instantiate $m))
/// #         (func (export "double") (param "n" u32) (result u32) (canon lift (core func $i "double"))))"#,
/// # )
/// # .unwrap();
/// # let engine = Engine::<Newest>::new(&Config::new())?;
/// # let mut store = Store::new(&engine, ());
/// # let instance = Linker::new(&engine).instantiate(&mut store, &Component::new(&engine, &wasm)?)?;
/// assert_eq!(call::<_, u32>(&mut store, &instance, 21)?, 42);
/// assert!(call::<_, String>(&mut store, &instance, 21).is_err());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value that a host can take out of a component on every Wasmtime major",
    label = "expected `bool`, a number, `char`, an owned string or list, `Option`, `Result` or a tuple",
    note = "for a type of your own, derive `Lift` with `wasmtime_compat::component::Lift` (feature `derive`)",
    note = "for a type that belongs to one major, or whose `Lift` is derived for one major, use the objects of that \
            major: `as_raw` returns them, and their types are in `wasmtime_compat::vNN::wasmtime`"
)]
pub trait Lift: Sealed + every::Lift + Send + Sync + 'static {}

/// Parameters of a component's function, or results of a host function for components: a tuple of at most 16
/// [`Lower`] types.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::{Component, Instance, Linker};
/// use wasmtime_compat::{ComponentLower, Config, Engine, Newest, Result, Store, Wasmtime};
///
/// /// Calls the export `double: func(n: u32) -> u32`.
/// fn double<W: Wasmtime, P: ComponentLower>(store: &mut Store<W, ()>, instance: &Instance<W>, n: P) -> Result<u32> {
///     Ok(instance.get_typed_func::<P, (u32,)>(&mut *store, "double")?.call(store, n)?.0)
/// }
///
/// # let wasm = wat::parse_str(
/// #     r#"(component
/// #         (core module $m
/// #             (func (export "double") (param i32) (result i32) (i32.add (local.get 0) (local.get 0))))
/// #         (core instance $i (instantiate $m))
/// #         (func (export "double") (param "n" u32) (result u32) (canon lift (core func $i "double"))))"#,
/// # )
/// # .unwrap();
/// # let engine = Engine::<Newest>::new(&Config::new())?;
/// # let mut store = Store::new(&engine, ());
/// # let instance = Linker::new(&engine).instantiate(&mut store, &Component::new(&engine, &wasm)?)?;
/// assert_eq!(double(&mut store, &instance, (21_u32,))?, 42);
/// assert!(double(&mut store, &instance, ("21", true)).is_err());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of values that a host can pass into a component on every Wasmtime major",
    label = "expected a tuple of at most 16 `Lower` types, for one value `(T,)`"
)]
pub trait ComponentLower: Lower + every::LowerList {}

/// Results of a component's function, or parameters of a host function for components: a tuple of at most 16
/// [`Lift`] types.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::{Component, Instance, Linker};
/// use wasmtime_compat::{ComponentLift, Config, Engine, Newest, Result, Store, Wasmtime};
///
/// /// Calls the export `double: func(n: u32) -> u32`.
/// fn double<W: Wasmtime, R: ComponentLift>(store: &mut Store<W, ()>, instance: &Instance<W>, n: u32) -> Result<R> {
///     instance.get_typed_func::<(u32,), R>(&mut *store, "double")?.call(store, (n,))
/// }
///
/// # let wasm = wat::parse_str(
/// #     r#"(component
/// #         (core module $m
/// #             (func (export "double") (param i32) (result i32) (i32.add (local.get 0) (local.get 0))))
/// #         (core instance $i (instantiate $m))
/// #         (func (export "double") (param "n" u32) (result u32) (canon lift (core func $i "double"))))"#,
/// # )
/// # .unwrap();
/// # let engine = Engine::<Newest>::new(&Config::new())?;
/// # let mut store = Store::new(&engine, ());
/// # let instance = Linker::new(&engine).instantiate(&mut store, &Component::new(&engine, &wasm)?)?;
/// assert_eq!(double::<_, (u32,)>(&mut store, &instance, 21)?, (42,));
/// assert!(double::<_, (String,)>(&mut store, &instance, 21).is_err());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of values that a host can take out of a component on every Wasmtime major",
    label = "expected a tuple of at most 16 `Lift` types, for one value `(T,)`"
)]
pub trait ComponentLift: Lift + every::LiftList {}

mod sealed {
    /// Closes the sets: implemented in this module's parent, and by the derives of this crate, only.
    pub trait Sealed {}
}

/// One trait for each bound that every major has: the bounds of all majors together. Those of a major that is off hold
/// for every type.
macro_rules! bounds {
    ($($major:ident)*) => {
        mod every {
            use crate::majors;

            bound!(Scalar: $(majors::$major::Scalar,)*);
            bound!(Params: $(majors::$major::Params,)*);
            bound!(Results: $(majors::$major::Results,)*);
            bound!(HostParams: $(majors::$major::HostParams,)*);
            bound!(HostResults: $(majors::$major::HostResults,)*);
            bound!(Lower: $(majors::$major::Lower,)*);
            bound!(Lift: $(majors::$major::Lift,)*);
            bound!(LowerList: $(majors::$major::LowerList,)*);
            bound!(LiftList: $(majors::$major::LiftList,)*);
        }
    };
}

macro_rules! bound {
    ($name:ident: $($bound:path,)*) => {
        /// Holds for a type when the bound of this name holds on every major.
        pub trait $name: $($bound +)* {}
        impl<T: ?Sized $(+ $bound)*> $name for T {}
    };
}

for_every_major!(bounds);

// The sets. Nothing here depends on a feature, so each line is also the proof that the types of that line meet the
// bounds of every major that is compiled in: with a major that cannot pass one of them, this file does not compile.

macro_rules! scalars {
    ($($(#[$attribute:meta])* $ty:ty,)*) => {
        $($(#[$attribute])* impl Sealed for $ty {}
        $(#[$attribute])* impl WasmTy for $ty {})*
    };
}

scalars! {
    i32, i64, u32, u64, f32, f64,
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))] V128,
}

impl<T: WasmTy> WasmParams for T {}
impl<T: WasmTy> WasmResults for T {}
impl<T: WasmTy> HostResults for T {}

/// Calls a macro with the type parameters of each tuple, from none to 16.
macro_rules! for_every_tuple {
    ($then:ident) => {
        $then!();
        $then!(A1);
        $then!(A1 A2);
        $then!(A1 A2 A3);
        $then!(A1 A2 A3 A4);
        $then!(A1 A2 A3 A4 A5);
        $then!(A1 A2 A3 A4 A5 A6);
        $then!(A1 A2 A3 A4 A5 A6 A7);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
        $then!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
    };
}

#[allow(unused_imports, reason = "the majors use it")]
pub(crate) use for_every_tuple;

macro_rules! tuple {
    ($($part:ident)*) => {
        impl<$($part),*> Sealed for ($($part,)*) {}
        impl<$($part: WasmTy),*> WasmParams for ($($part,)*) {}
        impl<$($part: WasmTy),*> WasmResults for ($($part,)*) {}
        impl<$($part: WasmTy),*> HostParams for ($($part,)*) {}
        impl<$($part: WasmTy),*> HostResults for ($($part,)*) {}
        impl<$($part: Lower),*> ComponentLower for ($($part,)*) {}
        impl<$($part: Lift),*> ComponentLift for ($($part,)*) {}
    };
}

macro_rules! tuple_value {
    ($($part:ident)*) => {
        impl<$($part: Lower),*> Lower for ($($part,)*) {}
        impl<$($part: Lift),*> Lift for ($($part,)*) {}
    };
}

for_every_tuple!(tuple);
for_every_tuple!(tuple_value);

macro_rules! owned_values {
    ($($ty:ty)*) => {
        $(impl Lower for $ty {}
        impl Lift for $ty {})*
    };
}

owned_values!(bool u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 char String);

macro_rules! sealed {
    ($($ty:ty)*) => {
        $(impl Sealed for $ty {})*
    };
}

sealed!(bool u8 i8 u16 i16 char str String);

impl<T> Sealed for [T] {}
impl<T> Sealed for Vec<T> {}
impl<T> Sealed for Option<T> {}
impl<T, E> Sealed for Result<T, E> {}
impl<T: Sealed + ?Sized> Sealed for &T {}
impl<T: Sealed + ?Sized> Sealed for Box<T> {}

impl Lower for str {}
impl<T: Lower> Lower for [T] {}
impl<T: Lower> Lower for Vec<T> {}
impl<T: Lower> Lower for Option<T> {}
impl<T: Lower, E: Lower> Lower for Result<T, E> {}
impl<T: Lower + ?Sized> Lower for &T {}
impl<T: Lower + ?Sized> Lower for Box<T> {}

impl Lift for Box<str> {}
impl<T: Lift> Lift for Box<[T]> {}
impl<T: Lift> Lift for Vec<T> {}
impl<T: Lift> Lift for Option<T> {}
impl<T: Lift, E: Lift> Lift for Result<T, E> {}
