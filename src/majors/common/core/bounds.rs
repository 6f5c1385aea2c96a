//! What stands for the values of core functions in this major, and how it takes host functions.

use super::wasmtime::{Caller, Linker, Result, WasmRet, WasmTy};
use super::{AsyncParams, StoreData, host_error, wasmtime};
use crate::bounds::{Data, for_every_tuple};

/// A value of a core function.
pub trait Scalar: Sized + Send + Sync + 'static {
    /// What this major passes in its place.
    type InMajor: WasmTy + Send + Sync + 'static;
    #[doc(hidden)]
    fn into_major(self) -> Self::InMajor;
    #[doc(hidden)]
    fn from_major(value: Self::InMajor) -> Self;
}

/// Parameters of functions in this major.
pub trait Params: Sized {
    /// What this major passes in their place.
    type InMajor: wasmtime::WasmParams + Send + Sync + 'static;
    #[doc(hidden)]
    fn into_major(self) -> Self::InMajor;
}

/// Results of functions in this major.
pub trait Results: Sized {
    /// What this major returns in their place.
    type InMajor: wasmtime::WasmResults + Send + Sync + 'static;
    #[doc(hidden)]
    fn from_major(value: Self::InMajor) -> Self;
}

/// Results of host functions in this major.
pub trait HostResults: Sized {
    /// What this major takes in their place.
    type InMajor: WasmRet + Send + Sync + 'static;
    #[doc(hidden)]
    fn into_major(self) -> Self::InMajor;
}

/// Parameters of host functions in this major: tuples.
pub trait HostParams: Sized {
    /// What this major passes in their place.
    type InMajor: AsyncParams;
    #[doc(hidden)]
    fn from_major(value: Self::InMajor) -> Self;
    #[doc(hidden)]
    fn wrap<T, R, F>(linker: &mut Linker<StoreData<T>>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data,
        R: HostResults,
        F: Fn(Caller<'_, StoreData<T>>, Self) -> anyhow::Result<R> + Send + Sync + 'static;
}

macro_rules! itself {
    ($($ty:ty)*) => {
        $(impl Scalar for $ty {
            type InMajor = Self;
            #[inline(always)]
            fn into_major(self) -> Self {
                self
            }
            #[inline(always)]
            fn from_major(value: Self) -> Self {
                value
            }
        })*
    };
}

itself!(i32 i64 u32 u64 f32 f64);

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
impl Scalar for crate::V128 {
    type InMajor = wasmtime::V128;
    #[inline(always)]
    fn into_major(self) -> wasmtime::V128 {
        self.as_u128().into()
    }
    #[inline(always)]
    fn from_major(value: wasmtime::V128) -> Self {
        value.as_u128().into()
    }
}

impl<T: Scalar> Params for T {
    type InMajor = T::InMajor;
    #[inline(always)]
    fn into_major(self) -> T::InMajor {
        Scalar::into_major(self)
    }
}

impl<T: Scalar> Results for T {
    type InMajor = T::InMajor;
    #[inline(always)]
    fn from_major(value: T::InMajor) -> Self {
        Scalar::from_major(value)
    }
}

impl<T: Scalar> HostResults for T {
    type InMajor = T::InMajor;
    #[inline(always)]
    fn into_major(self) -> T::InMajor {
        Scalar::into_major(self)
    }
}

macro_rules! tuple {
    ($($part:ident)*) => {
        #[allow(non_snake_case, clippy::unused_unit, reason = "one name serves as type and as variable; `()` is a tuple")]
        const _: () = {
            impl<$($part: Scalar),*> Params for ($($part,)*) {
                type InMajor = ($($part::InMajor,)*);
                #[inline(always)]
                fn into_major(self) -> Self::InMajor {
                    let ($($part,)*) = self;
                    ($(Scalar::into_major($part),)*)
                }
            }

            impl<$($part: Scalar),*> Results for ($($part,)*) {
                type InMajor = ($($part::InMajor,)*);
                #[inline(always)]
                fn from_major(($($part,)*): Self::InMajor) -> Self {
                    ($($part::from_major($part),)*)
                }
            }

            impl<$($part: Scalar),*> HostResults for ($($part,)*) {
                type InMajor = ($($part::InMajor,)*);
                #[inline(always)]
                fn into_major(self) -> Self::InMajor {
                    Params::into_major(self)
                }
            }

            impl<$($part: Scalar),*> HostParams for ($($part,)*) {
                type InMajor = ($($part::InMajor,)*);
                #[inline(always)]
                fn from_major(value: Self::InMajor) -> Self {
                    Results::from_major(value)
                }
                fn wrap<T, R, F>(linker: &mut Linker<StoreData<T>>, module: &str, name: &str, func: F) -> Result<()>
                where
                    T: Data,
                    R: HostResults,
                    F: Fn(Caller<'_, StoreData<T>>, Self) -> anyhow::Result<R> + Send + Sync + 'static,
                {
                    linker.func_wrap(
                        module,
                        name,
                        move |caller: Caller<'_, StoreData<T>>, $($part: $part::InMajor),*| -> Result<R::InMajor> {
                            func(caller, ($($part::from_major($part),)*)).map(R::into_major).map_err(host_error)
                        },
                    )?;
                    Ok(())
                }
            }
        };
    };
}

for_every_tuple!(tuple);
