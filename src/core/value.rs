//! Owns `Val` and `Ref`: values whose types are known when the program runs.

use std::fmt;

use super::{AnyRef, ExternRef, Func, Funcs, HeapType, ValType};
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
    /// A value of the host's, or null.
    ExternRef(Option<ExternRef<W>>),
    /// A value of the guest's, or null; from 20 on.
    AnyRef(Option<AnyRef<W>>),
}

/// An element of a table.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Func, Newest, Ref, RefType, Store, Table, TableType};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let answer = Func::wrap(&mut store, || 42_i32);
/// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None))?;
/// table.set(&mut store, 1, answer.into())?;
/// assert!(table.get(&mut store, 0)?.is_some_and(|element| element.is_null()));
/// let Some(Ref::Func(Some(func))) = table.get(&mut store, 1)? else { panic!("the element is a function") };
/// assert_eq!(func.typed::<(), i32>(&store)?.call(&mut store, ())?, 42);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[non_exhaustive]
pub enum Ref<W: Funcs> {
    /// A function of the guest's or the host's, or null.
    Func(Option<Func<W>>),
    /// A value of the host's, or null.
    Extern(Option<ExternRef<W>>),
    /// A value of the guest's, or null; from 20 on.
    Any(Option<AnyRef<W>>),
}

impl<W: Funcs> Val<W> {
    /// The reference to a function that refers to none.
    pub const fn null_func_ref() -> Self {
        Self::FuncRef(None)
    }

    /// The reference to a value of the host's that refers to none.
    pub const fn null_extern_ref() -> Self {
        Self::ExternRef(None)
    }

    /// The reference to a value of a guest's that refers to none.
    pub const fn null_any_ref() -> Self {
        Self::AnyRef(None)
    }

    /// The value that a type begins with: zero or null; `None` if the type has no null.
    pub fn default_for_ty(ty: &ValType) -> Option<Self> {
        Some(match ty {
            ValType::I32 => Self::I32(0),
            ValType::I64 => Self::I64(0),
            ValType::F32 => Self::F32(0),
            ValType::F64 => Self::F64(0),
            ValType::V128 => Self::V128(V128::default()),
            ValType::Ref(ty) if ty.is_nullable() => [Self::FuncRef(None), Self::ExternRef(None), Self::AnyRef(None)]
                .into_iter()
                .find(|null| null.is_in(ty.heap_type()))?,
            ValType::Ref(_) => return None,
        })
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
    pub fn funcref(&self) -> Option<Option<&Func<W>>> {
        if let Self::FuncRef(func) = self { Some(func.as_ref()) } else { None }
    }

    /// The reference or null, if the value is a reference to a value of the host's.
    #[inline]
    pub fn externref(&self) -> Option<Option<&ExternRef<W>>> {
        if let Self::ExternRef(reference) = self { Some(reference.as_ref()) } else { None }
    }

    /// The reference or null, if the value is a reference to a value of a guest's.
    #[inline]
    pub fn anyref(&self) -> Option<Option<&AnyRef<W>>> {
        if let Self::AnyRef(reference) = self { Some(reference.as_ref()) } else { None }
    }

    /// The value as an element of a table, if it is a reference.
    #[inline]
    pub fn ref_(self) -> Option<Ref<W>> {
        match self {
            Self::FuncRef(func) => Some(Ref::Func(func)),
            Self::ExternRef(reference) => Some(Ref::Extern(reference)),
            Self::AnyRef(reference) => Some(Ref::Any(reference)),
            _ => None,
        }
    }

    fn fits(&self, ty: &ValType) -> bool {
        match (self, ty) {
            (Self::I32(_), ValType::I32)
            | (Self::I64(_), ValType::I64)
            | (Self::F32(_), ValType::F32)
            | (Self::F64(_), ValType::F64)
            | (Self::V128(_), ValType::V128) => true,
            (_, ValType::Ref(ty)) => self.is_in(ty.heap_type()),
            _ => false,
        }
    }

    /// Whether a reference is one of the hierarchy of a type.
    fn is_in(&self, ty: &HeapType) -> bool {
        match ty {
            HeapType::Func | HeapType::ConcreteFunc | HeapType::NoFunc => matches!(self, Self::FuncRef(_)),
            HeapType::Extern | HeapType::NoExtern => matches!(self, Self::ExternRef(_)),
            HeapType::Any
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Array
            | HeapType::ConcreteArray
            | HeapType::Struct
            | HeapType::ConcreteStruct
            | HeapType::None => matches!(self, Self::AnyRef(_)),
            _ => false,
        }
    }

    /// Refuses a reference to an object of another store.
    #[inline]
    pub(crate) fn expect_in(&self, store: StoreId) -> Result<()> {
        match self {
            Self::FuncRef(Some(func)) => store.expect(func.store, "function that a value refers to"),
            Self::ExternRef(Some(reference)) => store.expect(reference.store, "reference"),
            Self::AnyRef(Some(reference)) => store.expect(reference.store, "reference"),
            _ => Ok(()),
        }
    }
}

impl<W: Funcs> Ref<W> {
    /// The function or null, if this is a reference to a function.
    #[inline]
    pub fn as_func(&self) -> Option<Option<&Func<W>>> {
        if let Self::Func(func) = self { Some(func.as_ref()) } else { None }
    }

    /// The reference or null, if this is a reference to a value of the host's.
    #[inline]
    pub fn as_extern(&self) -> Option<Option<&ExternRef<W>>> {
        if let Self::Extern(reference) = self { Some(reference.as_ref()) } else { None }
    }

    /// The reference or null, if this is a reference to a value of a guest's.
    #[inline]
    pub fn as_any(&self) -> Option<Option<&AnyRef<W>>> {
        if let Self::Any(reference) = self { Some(reference.as_ref()) } else { None }
    }

    /// Whether the reference is null.
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Func(None) | Self::Extern(None) | Self::Any(None))
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
    Error::new(ErrorKind::Unsupported, "a host cannot hold references to exceptions and continuations")
}

impl<W: Funcs> From<Ref<W>> for Val<W> {
    #[inline]
    fn from(reference: Ref<W>) -> Self {
        match reference {
            Ref::Func(func) => Self::FuncRef(func),
            Ref::Extern(reference) => Self::ExternRef(reference),
            Ref::Any(reference) => Self::AnyRef(reference),
        }
    }
}

macro_rules! from {
    ($of:ident: $($ty:ty: $value:ident => $val:expr;)*) => {
        $(impl<W: Funcs> From<$ty> for $of<W> {
            #[inline]
            fn from($value: $ty) -> Self {
                $val
            }
        })*
    };
}

from! { Val:
    i32: value => Self::I32(value);
    i64: value => Self::I64(value);
    f32: value => Self::F32(value.to_bits());
    f64: value => Self::F64(value.to_bits());
    V128: value => Self::V128(value);
    u128: value => Self::V128(value.into());
    Func<W>: value => Self::FuncRef(Some(value));
    Option<Func<W>>: value => Self::FuncRef(value);
    ExternRef<W>: value => Self::ExternRef(Some(value));
    Option<ExternRef<W>>: value => Self::ExternRef(value);
    AnyRef<W>: value => Self::AnyRef(Some(value));
    Option<AnyRef<W>>: value => Self::AnyRef(value);
}

from! { Ref:
    Func<W>: value => Self::Func(Some(value));
    Option<Func<W>>: value => Self::Func(value);
    ExternRef<W>: value => Self::Extern(Some(value));
    Option<ExternRef<W>>: value => Self::Extern(value);
    AnyRef<W>: value => Self::Any(Some(value));
    Option<AnyRef<W>>: value => Self::Any(value);
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
            Self::ExternRef(reference) => Self::ExternRef(reference.clone()),
            Self::AnyRef(reference) => Self::AnyRef(reference.clone()),
        }
    }
}

impl<W: Funcs> Clone for Ref<W> {
    fn clone(&self) -> Self {
        match self {
            Self::Func(func) => Self::Func(*func),
            Self::Extern(reference) => Self::Extern(reference.clone()),
            Self::Any(reference) => Self::Any(reference.clone()),
        }
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
            Self::ExternRef(reference) => f.debug_tuple("ExternRef").field(reference).finish(),
            Self::AnyRef(reference) => f.debug_tuple("AnyRef").field(reference).finish(),
        }
    }
}

impl<W: Funcs> fmt::Debug for Ref<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Func(func) => f.debug_tuple("Func").field(func).finish(),
            Self::Extern(reference) => f.debug_tuple("Extern").field(reference).finish(),
            Self::Any(reference) => f.debug_tuple("Any").field(reference).finish(),
        }
    }
}
