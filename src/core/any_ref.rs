//! Owns `AnyRef` and `I31`: references to values that guests make and can look into.

use std::fmt;

use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, StoreId, Stores};

/// A reference to a value of a guest's, WebAssembly's `anyref` that is not null: a small integer, a structure or an array. From
/// 20 on; guests have such values from 32 on, up to 46 with [`Proposal::Gc`](crate::Proposal::Gc).
///
/// An `AnyRef` keeps its value alive, as an [`ExternRef`](crate::ExternRef) does.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{AnyRef, Config, Engine, I31, Newest, Store};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// # if wasmtime_compat::Newest::MAJOR < 31 { return Ok(()) }
/// # use wasmtime_compat::CoreWasmtime;
/// let reference = AnyRef::from_i31(&mut store, I31::wrapping_u32(7))?;
/// assert_eq!(reference.as_i31(&store)?.map(|number| number.get_u32()), Some(7));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct AnyRef<W: AnyRefs> {
    raw: W::AnyRef,
    pub(super) store: StoreId,
}

impl<W: AnyRefs> AnyRef<W> {
    /// A reference to a small integer.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on 18 and 19; [`ErrorKind::Other`](crate::ErrorKind::Other) if
    /// the engine has no support for references.
    pub fn from_i31(mut store: impl AsContextMut<W>, value: I31) -> Result<Self> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        Ok(Self { raw: W::any_ref_from_i31(context.raw, value)?, store })
    }

    /// Whether this refers to a small integer.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the reference belongs to another store.
    pub fn is_i31(&self, store: impl AsContext<W>) -> Result<bool> {
        Ok(self.as_i31(store)?.is_some())
    }

    /// The small integer that this refers to; `None` if the reference is to a structure or an array.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the reference belongs to another store.
    pub fn as_i31(&self, store: impl AsContext<W>) -> Result<Option<I31>> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "reference")?;
        W::any_ref_as_i31(&self.raw, context.raw)
    }

    /// Whether both refer to the same value: Wasmtime's `Rooted::ref_eq`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if a reference belongs to another store.
    pub fn ref_eq(store: impl AsContext<W>, a: &Self, b: &Self) -> Result<bool> {
        let context = store.as_context();
        let store = context.ambient().id;
        store.expect(a.store, "reference")?;
        store.expect(b.store, "reference")?;
        W::any_ref_eq(context.raw, &a.raw, &b.raw)
    }

    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn in_store(raw: W::AnyRef, store: StoreId) -> Self {
        Self { raw, store }
    }
}

handle! { [W: AnyRefs] AnyRef[W] wraps W::AnyRef, { store } }

/// An integer of 31 bits, which needs no memory of its own: the same type on every major.
///
/// ```
/// use wasmtime_compat::I31;
///
/// assert_eq!(I31::new_i32(-1).map(|number| number.get_u32()), Some(0x7fff_ffff));
/// assert_eq!(I31::new_u32(0x8000_0000), None);
/// assert_eq!(I31::wrapping_u32(0x8000_0001).get_i32(), 1);
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct I31(u32);

impl I31 {
    const MASK: u32 = u32::MAX >> 1;

    /// The number, if it has at most 31 bits.
    pub const fn new_u32(value: u32) -> Option<Self> {
        if value <= Self::MASK { Some(Self(value)) } else { None }
    }

    /// The number, if it has at most 31 bits with its sign.
    pub const fn new_i32(value: i32) -> Option<Self> {
        let wrapped = Self::wrapping_i32(value);
        if wrapped.get_i32() == value { Some(wrapped) } else { None }
    }

    /// The lowest 31 bits of a number.
    pub const fn wrapping_u32(value: u32) -> Self {
        Self(value & Self::MASK)
    }

    /// The lowest 31 bits of a number.
    pub const fn wrapping_i32(value: i32) -> Self {
        Self::wrapping_u32(value.cast_unsigned())
    }

    /// The number without a sign.
    pub const fn get_u32(&self) -> u32 {
        self.0
    }

    /// The number with its sign.
    pub const fn get_i32(&self) -> i32 {
        (self.0 << 1).cast_signed() >> 1
    }
}

impl fmt::Debug for I31 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("I31").field("as_u32", &self.get_u32()).field("as_i32", &self.get_i32()).finish()
    }
}

/// References of a major to values of guests.
pub trait AnyRefs: Stores {
    /// A type without values on 18 and 19, `Arc<wasmtime::ManuallyRooted<wasmtime::AnyRef>>` up to 36, which the store gives
    /// back, and `wasmtime::OwnedRooted<wasmtime::AnyRef>` from 37 on.
    type AnyRef: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn any_ref_from_i31<T: Data>(context: Self::StoreContextMut<'_, T>, value: I31) -> Result<Self::AnyRef>;
    #[doc(hidden)]
    fn any_ref_as_i31<T: Data>(reference: &Self::AnyRef, context: Self::StoreContext<'_, T>) -> Result<Option<I31>>;
    #[doc(hidden)]
    fn any_ref_eq<T: Data>(context: Self::StoreContext<'_, T>, a: &Self::AnyRef, b: &Self::AnyRef) -> Result<bool>;
}
