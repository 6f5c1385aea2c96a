//! Owns the macros that implement a major's traits for values of components of a type that was declared by `flags!`: each
//! function forwards to a type with the same fields that the major's own `flags!` has declared. A seam (`flags`) chooses the macro; an
//! exported macro cannot be in a file that is mounted more than once.
//!
//! In them, `wasmtime` is the crate of the major, as the block has it in which they are used.

/// 18 to 34: the functions are `lower`, `store`, `lift` and `load`.
#[doc(hidden)]
#[macro_export]
macro_rules! __forward_flags_18 {
    ($name:ident $of_major:ident [$($field:ident)*]) => {
        $crate::__forward_flags! { $name $of_major [$($field)*] lower store lift load {} }
    };
}

/// 35 and later: the functions have longer names, and a constant says whether a value needs memory of the guest.
#[doc(hidden)]
#[macro_export]
macro_rules! __forward_flags_35 {
    ($name:ident $of_major:ident [$($field:ident)*]) => {
        $crate::__forward_flags! {
            $name $of_major [$($field)*]
            linear_lower_to_flat linear_lower_to_memory linear_lift_from_flat linear_lift_from_memory
            { const MAY_REQUIRE_REALLOC: bool = <$of_major as wasmtime::component::ComponentType>::MAY_REQUIRE_REALLOC; }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __forward_flags {
    (
        $name:ident $of_major:ident [$($field:ident)*]
        $lower:ident $store:ident $lift:ident $load:ident { $($constants:tt)* }
    ) => {
        // SAFETY: all of it is that of a type which Wasmtime's own macro has declared.
        #[allow(unsafe_code)]
        unsafe impl wasmtime::component::ComponentType for $name {
            type Lower = <$of_major as wasmtime::component::ComponentType>::Lower;

            const ABI: wasmtime::component::__internal::CanonicalAbiInfo =
                <$of_major as wasmtime::component::ComponentType>::ABI;
            $($constants)*

            #[inline]
            fn typecheck(
                ty: &wasmtime::component::__internal::InterfaceType,
                types: &wasmtime::component::__internal::InstanceType<'_>,
            ) -> wasmtime::Result<()> {
                <$of_major as wasmtime::component::ComponentType>::typecheck(ty, types)
            }
        }

        // SAFETY: as above; the fields of both types are the same.
        #[allow(unsafe_code)]
        unsafe impl wasmtime::component::Lower for $name {
            #[inline]
            fn $lower<T>(
                &self,
                cx: &mut wasmtime::component::__internal::LowerContext<'_, T>,
                ty: wasmtime::component::__internal::InterfaceType,
                dst: &mut ::core::mem::MaybeUninit<Self::Lower>,
            ) -> wasmtime::Result<()> {
                wasmtime::component::Lower::$lower(&$of_major { $($field: self.$field),* }, cx, ty, dst)
            }

            #[inline]
            fn $store<T>(
                &self,
                cx: &mut wasmtime::component::__internal::LowerContext<'_, T>,
                ty: wasmtime::component::__internal::InterfaceType,
                offset: usize,
            ) -> wasmtime::Result<()> {
                wasmtime::component::Lower::$store(&$of_major { $($field: self.$field),* }, cx, ty, offset)
            }
        }

        // SAFETY: as above.
        #[allow(unsafe_code)]
        unsafe impl wasmtime::component::Lift for $name {
            #[inline]
            fn $lift(
                cx: &mut wasmtime::component::__internal::LiftContext<'_>,
                ty: wasmtime::component::__internal::InterfaceType,
                src: &Self::Lower,
            ) -> wasmtime::Result<Self> {
                let $of_major { $($field),* } = <$of_major as wasmtime::component::Lift>::$lift(cx, ty, src)?;
                Ok(Self { $($field),* })
            }

            #[inline]
            fn $load(
                cx: &mut wasmtime::component::__internal::LiftContext<'_>,
                ty: wasmtime::component::__internal::InterfaceType,
                bytes: &[u8],
            ) -> wasmtime::Result<Self> {
                let $of_major { $($field),* } = <$of_major as wasmtime::component::Lift>::$load(cx, ty, bytes)?;
                Ok(Self { $($field),* })
            }
        }
    };
}
