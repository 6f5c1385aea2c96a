//! Owns the macros that let a type be passed into and out of components as another type is: the functions of Wasmtime's
//! `ComponentType`, `Lower` and `Lift`, which forward to it. The seam files of the axis `forward` say which macro serves a major.
//!
//! Each is used where the name `wasmtime` means the crate of the major, and in three forms:
//!
//! * `forward!(type [generics] Type as Other)`: the shape of `Type` is that of `Other`; with `, check` at the end, `check` compares the
//!   component's type in place of `Other`;
//! * `forward!(lower [generics] Type |this, ty| value)`: `this` is lowered as `value` is, a `wasmtime::Result` of `Other` or of
//!   a type with the same shape; `ty` is the component's type for it. In `|this, ty, cx|`, `cx` is the context of lowering;
//! * `forward!(lift [generics] Type as Other |value| this)`: `value` is an `Other`, `this` a `wasmtime::Result` of `Type`.

/// Wasmtime 18 to 34.
#[doc(hidden)]
#[macro_export]
macro_rules! __forward_18 {
    (type [$($generics:tt)*] $ty:ty as $other:ty $(, $check:expr)?) => {
        $crate::__forward_type! { [$($generics)*] $ty as $other $(, $check;)? { } }
    };
    (lower [$($generics:tt)*] $ty:ty |$this:ident, $declared:ident $(, $cx:ident)?| $value:expr) => {
        $crate::__forward_lower! { [$($generics)*] $ty |$this, $declared $(, $cx)?| $value; lower store }
    };
    (lift [$($generics:tt)*] $ty:ty as $other:ty |$value:ident| $this:expr) => {
        $crate::__forward_lift! { [$($generics)*] $ty as $other |$value| $this; lift load }
    };
}

/// Wasmtime 35: other names.
#[doc(hidden)]
#[macro_export]
macro_rules! __forward_35 {
    (type [$($generics:tt)*] $ty:ty as $other:ty $(, $check:expr)?) => {
        $crate::__forward_type! { [$($generics)*] $ty as $other $(, $check;)? { } }
    };
    (lower [$($generics:tt)*] $ty:ty |$this:ident, $declared:ident $(, $cx:ident)?| $value:expr) => {
        $crate::__forward_lower! {
            [$($generics)*] $ty |$this, $declared $(, $cx)?| $value; linear_lower_to_flat linear_lower_to_memory
        }
    };
    (lift [$($generics:tt)*] $ty:ty as $other:ty |$value:ident| $this:expr) => {
        $crate::__forward_lift! {
            [$($generics)*] $ty as $other |$value| $this; linear_lift_from_flat linear_lift_from_memory
        }
    };
}

/// Wasmtime 36 and later: a constant more.
#[doc(hidden)]
#[macro_export]
macro_rules! __forward_36 {
    (type [$($generics:tt)*] $ty:ty as $other:ty $(, $check:expr)?) => {
        $crate::__forward_type! { [$($generics)*] $ty as $other $(, $check;)? {
            const MAY_REQUIRE_REALLOC: bool = <$other as wasmtime::component::ComponentType>::MAY_REQUIRE_REALLOC;
        } }
    };
    ($kind:ident $($rest:tt)*) => {
        $crate::__forward_35! { $kind $($rest)* }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __forward_type {
    ([$($generics:tt)*] $ty:ty as $other:ty { $($more:tt)* }) => {
        $crate::__forward_type! {
            [$($generics)*] $ty as $other, <$other as wasmtime::component::ComponentType>::typecheck; { $($more)* }
        }
    };
    ([$($generics:tt)*] $ty:ty as $other:ty, $check:expr; { $($more:tt)* }) => {
        // SAFETY: shape and layout are those of a type that Wasmtime knows.
        unsafe impl<$($generics)*> wasmtime::component::ComponentType for $ty {
            type Lower = <$other as wasmtime::component::ComponentType>::Lower;

            const ABI: wasmtime::component::__internal::CanonicalAbiInfo =
                <$other as wasmtime::component::ComponentType>::ABI;
            $($more)*

            #[inline]
            fn typecheck(
                ty: &wasmtime::component::__internal::InterfaceType,
                types: &wasmtime::component::__internal::InstanceType<'_>,
            ) -> wasmtime::Result<()> {
                $check(ty, types)
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __forward_lower {
    ([$($generics:tt)*] $ty:ty |$this:ident, $declared:ident| $value:expr; $flat:ident $memory:ident) => {
        $crate::__forward_lower! { [$($generics)*] $ty |$this, $declared, cx| $value; $flat $memory }
    };
    ([$($generics:tt)*] $ty:ty |$this:ident, $declared:ident, $cx:ident| $value:expr; $flat:ident $memory:ident) => {
        // SAFETY: the value is lowered by a type that Wasmtime knows, of the same shape and layout.
        unsafe impl<$($generics)*> wasmtime::component::Lower for $ty {
            #[inline]
            fn $flat<__U>(
                &self,
                $cx: &mut wasmtime::component::__internal::LowerContext<'_, __U>,
                $declared: wasmtime::component::__internal::InterfaceType,
                dst: &mut ::std::mem::MaybeUninit<Self::Lower>,
            ) -> wasmtime::Result<()> {
                let $this = self;
                let value = $value?;
                wasmtime::component::Lower::$flat(&value, $cx, $declared, dst)
            }

            #[inline]
            fn $memory<__U>(
                &self,
                $cx: &mut wasmtime::component::__internal::LowerContext<'_, __U>,
                $declared: wasmtime::component::__internal::InterfaceType,
                offset: usize,
            ) -> wasmtime::Result<()> {
                let $this = self;
                let value = $value?;
                wasmtime::component::Lower::$memory(&value, $cx, $declared, offset)
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __forward_lift {
    ([$($generics:tt)*] $ty:ty as $other:ty |$value:ident| $this:expr; $flat:ident $memory:ident) => {
        // SAFETY: the value is lifted by a type that Wasmtime knows, of the same shape and layout.
        unsafe impl<$($generics)*> wasmtime::component::Lift for $ty {
            #[inline]
            fn $flat(
                cx: &mut wasmtime::component::__internal::LiftContext<'_>,
                ty: wasmtime::component::__internal::InterfaceType,
                src: &Self::Lower,
            ) -> wasmtime::Result<Self> {
                let $value = <$other as wasmtime::component::Lift>::$flat(cx, ty, src)?;
                $this
            }

            #[inline]
            fn $memory(
                cx: &mut wasmtime::component::__internal::LiftContext<'_>,
                ty: wasmtime::component::__internal::InterfaceType,
                bytes: &[u8],
            ) -> wasmtime::Result<Self> {
                let $value = <$other as wasmtime::component::Lift>::$memory(cx, ty, bytes)?;
                $this
            }
        }
    };
}
