//! Owns `Val` and `Ref`: values whose types are known when the program runs.

use std::fmt;

use super::{Func, Funcs, HeapType, ValType};
use crate::V128;
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreId;

/// A value of a core module.
///
/// Floating-point numbers are kept as their bits, so that values compare and no NaN changes on the way.
///
/// ```
/// use wasmtime_compat::{CoreWasmtime, Val};
///
/// fn sum<W: CoreWasmtime>(values: &[Val<W>]) -> i64 {
///     values.iter().filter_map(|value| value.i64()).sum()
/// }
/// ```
#[non_exhaustive]
pub enum Val<W: Funcs> {
    /// 32-bit integer.
    I32(i32),
    /// 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit floating-point number.
    F32(u32),
    /// The bits of a 64-bit floating-point number.
    F64(u64),
    /// 128-bit vector.
    V128(V128),
    /// A function of the guest's or the host's, or null.
    FuncRef(Option<Func<W>>),
}

/// An element of a table.
#[non_exhaustive]
pub enum Ref<W: Funcs> {
    /// A function of the guest's or the host's, or null.
    Func(Option<Func<W>>),
}

impl<W: Funcs> Val<W> {
    /// The reference to a function that refers to none.
    pub const fn null_func_ref() -> Self {
        Self::FuncRef(None)
    }

    /// The value, if it is a 32-bit integer.
    #[inline]
    pub fn i32(&self) -> Option<i32> {
        if let Self::I32(value) = self { Some(*value) } else { None }
    }

    /// The value, if it is a 64-bit integer.
    #[inline]
    pub fn i64(&self) -> Option<i64> {
        if let Self::I64(value) = self { Some(*value) } else { None }
    }

    /// The value, if it is a 32-bit floating-point number.
    #[inline]
    pub fn f32(&self) -> Option<f32> {
        if let Self::F32(bits) = self { Some(f32::from_bits(*bits)) } else { None }
    }

    /// The value, if it is a 64-bit floating-point number.
    #[inline]
    pub fn f64(&self) -> Option<f64> {
        if let Self::F64(bits) = self { Some(f64::from_bits(*bits)) } else { None }
    }

    /// The value, if it is a vector.
    #[inline]
    pub fn v128(&self) -> Option<V128> {
        if let Self::V128(value) = self { Some(*value) } else { None }
    }

    /// The function or null, if the value is a reference to a function.
    #[inline]
    pub fn func_ref(&self) -> Option<Option<&Func<W>>> {
        if let Self::FuncRef(func) = self { Some(func.as_ref()) } else { None }
    }

    /// The value as an element of a table, if it is a reference.
    #[inline]
    pub fn ref_(self) -> Option<Ref<W>> {
        if let Self::FuncRef(func) = self { Some(Ref::Func(func)) } else { None }
    }

    fn fits(&self, ty: &ValType) -> bool {
        match (self, ty) {
            (Self::I32(_), ValType::I32)
            | (Self::I64(_), ValType::I64)
            | (Self::F32(_), ValType::F32)
            | (Self::F64(_), ValType::F64)
            | (Self::V128(_), ValType::V128) => true,
            (Self::FuncRef(_), ValType::Ref(ty)) => {
                matches!(ty.heap_type(), HeapType::Func | HeapType::ConcreteFunc | HeapType::NoFunc)
            }
            _ => false,
        }
    }

    /// Refuses a reference to an object of another store.
    #[inline]
    pub(crate) fn expect_in(&self, store: StoreId) -> Result<()> {
        match self {
            Self::FuncRef(Some(func)) => store.expect(func.store, "function that a value refers to"),
            _ => Ok(()),
        }
    }
}

impl<W: Funcs> Ref<W> {
    /// The function or null, if this is a reference to a function.
    #[inline]
    pub fn as_func(&self) -> Option<Option<&Func<W>>> {
        let Self::Func(func) = self;
        Some(func.as_ref())
    }

    /// Whether the reference is null.
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Func(None))
    }
}

/// Whether the values have these types.
#[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
pub(crate) fn fit<W: Funcs>(values: &[Val<W>], mut types: impl ExactSizeIterator<Item = ValType>) -> bool {
    values.len() == types.len() && values.iter().all(|value| types.next().is_some_and(|ty| value.fits(&ty)))
}

/// Refuses references to objects of another store.
#[inline]
pub(crate) fn expect_in<W: Funcs>(store: StoreId, values: &[Val<W>]) -> Result<()> {
    values.iter().try_for_each(|value| value.expect_in(store))
}

/// A value of a major that has no place in a [`Val`] yet.
#[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
#[cold]
pub(crate) fn not_a_value() -> Error {
    Error::new(ErrorKind::Unsupported, "a host can hold references to functions, and no other references")
}

impl<W: Funcs> From<Ref<W>> for Val<W> {
    fn from(Ref::Func(func): Ref<W>) -> Self {
        Self::FuncRef(func)
    }
}

macro_rules! from {
    ($($ty:ty: $value:ident => $val:expr;)*) => {
        $(impl<W: Funcs> From<$ty> for Val<W> {
            #[inline]
            fn from($value: $ty) -> Self {
                $val
            }
        })*
    };
}

from! {
    i32: value => Self::I32(value);
    i64: value => Self::I64(value);
    f32: value => Self::F32(value.to_bits());
    f64: value => Self::F64(value.to_bits());
    V128: value => Self::V128(value);
    u128: value => Self::V128(value.into());
    Func<W>: value => Self::FuncRef(Some(value));
    Option<Func<W>>: value => Self::FuncRef(value);
}

impl<W: Funcs> From<Func<W>> for Ref<W> {
    fn from(func: Func<W>) -> Self {
        Self::Func(Some(func))
    }
}

impl<W: Funcs> From<Option<Func<W>>> for Ref<W> {
    fn from(func: Option<Func<W>>) -> Self {
        Self::Func(func)
    }
}

impl<W: Funcs> Clone for Val<W> {
    fn clone(&self) -> Self {
        match self {
            Self::I32(value) => Self::I32(*value),
            Self::I64(value) => Self::I64(*value),
            Self::F32(bits) => Self::F32(*bits),
            Self::F64(bits) => Self::F64(*bits),
            Self::V128(value) => Self::V128(*value),
            Self::FuncRef(func) => Self::FuncRef(*func),
        }
    }
}

impl<W: Funcs> Clone for Ref<W> {
    fn clone(&self) -> Self {
        let Self::Func(func) = self;
        Self::Func(*func)
    }
}

impl<W: Funcs> fmt::Debug for Val<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I32(value) => f.debug_tuple("I32").field(value).finish(),
            Self::I64(value) => f.debug_tuple("I64").field(value).finish(),
            Self::F32(bits) => f.debug_tuple("F32").field(bits).finish(),
            Self::F64(bits) => f.debug_tuple("F64").field(bits).finish(),
            Self::V128(value) => f.debug_tuple("V128").field(value).finish(),
            Self::FuncRef(func) => f.debug_tuple("FuncRef").field(func).finish(),
        }
    }
}

impl<W: Funcs> fmt::Debug for Ref<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Func(func) = self;
        f.debug_tuple("Func").field(func).finish()
    }
}
