//! Owns the neutral types: the values that guests and hosts pass each other, the same set whichever majors are on.

use std::fmt;

use crate::majors::for_every_major;
pub use sealed::Sealed;

/// A 128-bit vector, the value of WebAssembly's `v128`: the same type on every major.
///
/// Lane 0 is in the least significant bits. Wasmtime 18 to 34 pass vectors in typed calls on x86_64 and AArch64 only,
/// so [`WasmTy`] holds for this type on these two only, on every major.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct V128(u128);

impl V128 {
    /// The vector as an integer.
    pub const fn as_u128(&self) -> u128 {
        self.0
    }
}

impl From<u128> for V128 {
    fn from(bits: u128) -> Self {
        Self(bits)
    }
}

impl From<V128> for u128 {
    fn from(vector: V128) -> Self {
        vector.0
    }
}

impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A value of a core WebAssembly function: `i32`, `i64`, `u32`, `u64`, `f32`, `f64` or [`V128`].
///
/// The trait is sealed, and which types implement it does not depend on the majors that are compiled in.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a WebAssembly value that every Wasmtime major can pass",
    label = "expected `i32`, `i64`, `u32`, `u64`, `f32`, `f64` or `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the objects of that major: `as_raw` returns them, and their types \
            are in `wasmtime_compat::vNN::wasmtime`"
)]
pub trait WasmTy: Sealed + every::Scalar + Copy + Send + Sync + 'static {}

/// Parameters of a WebAssembly function: `()`, one [`WasmTy`], or a tuple of at most 16.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parameters of a WebAssembly function on every Wasmtime major",
    label = "expected `()`, a `WasmTy`, or a tuple of at most 16 of them",
    note = "`WasmTy` is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` and `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the objects of that major: `as_raw` returns them, and their types \
            are in `wasmtime_compat::vNN::wasmtime`"
)]
pub trait WasmParams: Sealed + every::Params + Send + Sync + 'static {}

/// Results of a WebAssembly function: `()`, one [`WasmTy`], or a tuple of at most 16.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the results of a WebAssembly function on every Wasmtime major",
    label = "expected `()`, a `WasmTy`, or a tuple of at most 16 of them",
    note = "`WasmTy` is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` and `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the objects of that major: `as_raw` returns them, and their types \
            are in `wasmtime_compat::vNN::wasmtime`"
)]
pub trait WasmResults: Sealed + every::Results + Send + Sync + 'static {}

/// Parameters of a host function: a tuple of at most 16 [`WasmTy`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parameters of a host function on every Wasmtime major",
    label = "expected a tuple of at most 16 `WasmTy`",
    note = "`WasmTy` is `i32`, `i64`, `u32`, `u64`, `f32`, `f64` and `wasmtime_compat::V128`",
    note = "for a type that belongs to one major, use the linker of that major: `as_raw_mut` returns it"
)]
pub trait HostParams: Sealed + every::HostParams + Send + Sync + 'static {}

/// Results of a host function: `()`, one [`WasmTy`], or a tuple of at most 16.
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of values that a host can pass into a component on every Wasmtime major",
    label = "expected a tuple of at most 16 `Lower` types, for one value `(T,)`"
)]
pub trait ComponentLower: Lower + every::LowerList {}

/// Results of a component's function, or parameters of a host function for components: a tuple of at most 16
/// [`Lift`] types.
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
