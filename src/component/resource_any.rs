//! Owns `ResourceAny`: handles of resources whose type is known when the program runs.

use super::resource::ResourceType;
use super::{Resource, ResourceDynamic};
use crate::bounds::{Data, Lift, Lower, Sealed};
use crate::error::{Error, ErrorKind, Result};
use crate::majors::{self, for_every_major};
use crate::store::{AsContextMut, StoreId, Stores, current, within, within_async};

/// A handle of a resource of any type: of one that a component defines, or of one of the host's.
///
/// The handle is an entry in the store of the component that it came from, and stays there until it is removed: pass it on as `own<…>`, or
/// call [`ResourceAny::resource_drop`]. Dropping the value does not do that.
///
/// A handle can be used with the major and the store that it came from only; another one is [`ErrorKind::InvalidArgument`].
/// Wasmtime's own handles do not know their store: there a handle of another store is a resource that happens to have the same number,
/// and up to 19 it can be a panic. A handle that a function of the major's own types returned is checked by the major only.
///
/// ```
/// use wasmtime_compat::component::{Instance, ResourceAny};
/// use wasmtime_compat::{Result, Store, Wasmtime};
///
/// /// Makes a counter of a guest's, reads its first number, and gives the counter back.
/// fn count<W: Wasmtime>(store: &mut Store<W, ()>, instance: &Instance<W>) -> Result<u32> {
///     let api = "demo:guest/counters";
///     let new = instance.get_typed_func::<(), (ResourceAny,)>(&mut *store, (api, "[constructor]counter"))?;
///     let next = instance.get_typed_func::<(ResourceAny,), (u32,)>(&mut *store, (api, "[method]counter.next"))?;
///     let (counter,) = new.call(&mut *store, ())?;
///     let (number,) = next.call(&mut *store, (counter,))?;
///     counter.resource_drop(store)?;
///     Ok(number)
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ResourceAny {
    raw: Raw,
    store: StoreId,
}

impl ResourceAny {
    /// The type of the resource.
    pub fn ty(&self) -> ResourceType {
        self.raw.ty()
    }

    /// Whether the holder owns the resource.
    pub fn owned(&self) -> bool {
        self.raw.owned()
    }

    /// Gives the handle back, and runs the destructor of the resource if the handle owned it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the handle belongs to another store or major, or has been removed;
    /// [`ErrorKind::SyncAsyncMismatch`] on an async engine; what the destructor ends with.
    pub fn resource_drop<W: ComponentResources>(self, mut store: impl AsContextMut<W>) -> Result<()> {
        let context = store.as_context_mut();
        let (store, mode) = (context.ambient().id, context.ambient().mode);
        store.expect(self.store, "resource")?;
        mode.sync(|| within(store, || W::resource_drop(&self, context.raw))).map_err(|error| error.of_store(store))
    }

    /// As [`ResourceAny::resource_drop`], on an async engine.
    ///
    /// # Errors
    /// As [`ResourceAny::resource_drop`], but [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine.
    pub fn resource_drop_async<W: ComponentResources>(
        self,
        mut store: impl AsContextMut<W, Data: Send> + Send,
    ) -> impl Future<Output = Result<()>> + Send {
        async move {
            let context = store.as_context_mut();
            let store = context.ambient().id;
            store.expect(self.store, "resource")?;
            context.ambient().mode.check_async()?;
            let dropped = within_async(store, W::resource_drop_async(&self, context.raw)).await;
            dropped.map_err(|error| error.of_store(store))
        }
    }

    /// The resource as one of the host's. The handle is removed from the store.
    ///
    /// # Errors
    /// [`ErrorKind::TypeMismatch`] if the resource is not one of the host's with the type `T`;
    /// [`ErrorKind::InvalidArgument`] if the handle belongs to another store or major, or has been removed.
    pub fn try_into_resource<T: 'static, W: ComponentResources>(
        self,
        mut store: impl AsContextMut<W>,
    ) -> Result<Resource<T>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "resource")?;
        if self.ty() != ResourceType::host::<T>() {
            return Err(Error::new(
                ErrorKind::TypeMismatch,
                format!("the resource is not a `{}` of the host", std::any::type_name::<T>()),
            ));
        }
        within(store, || W::any_into_resource(&self, context.raw))
    }

    /// The resource as one of the host's whose type is a number. The handle is removed from the store.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] up to 38; [`ErrorKind::TypeMismatch`] if the type of the resource was not made with
    /// [`ResourceType::host_dynamic`]; [`ErrorKind::InvalidArgument`] if the handle belongs to another store or major, or has been
    /// removed.
    pub fn try_into_resource_dynamic<W: ComponentResources>(
        self,
        mut store: impl AsContextMut<W>,
    ) -> Result<ResourceDynamic> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "resource")?;
        within(store, || W::any_into_dynamic(&self, context.raw))
    }

    /// As [`Resource::try_into_resource_any`].
    ///
    /// # Errors
    /// As [`Resource::try_into_resource_any`].
    pub fn try_from_resource<T: 'static, W: ComponentResources>(
        resource: Resource<T>,
        store: impl AsContextMut<W>,
    ) -> Result<Self> {
        resource.try_into_resource_any(store)
    }

    /// Refuses a handle of another store than that of the component which is called.
    #[inline]
    pub(crate) fn expect_current(&self) -> Result<()> {
        match current() {
            StoreId::UNKNOWN => Ok(()),
            store => store.expect(self.store, "resource"),
        }
    }
}

impl<T: 'static> Resource<T> {
    /// A handle of the resource in a store. Dropping the handle there does not run the destructor that was linked, because no
    /// linker is known here.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] up to 19; [`ErrorKind::InvalidArgument`] if the resource is borrowed, or has been passed on.
    pub fn try_into_resource_any<W: ComponentResources>(self, mut store: impl AsContextMut<W>) -> Result<ResourceAny> {
        self.pass(true)?;
        let context = store.as_context_mut();
        within(context.ambient().id, || W::resource_into_any(self, context.raw))
    }

    /// As [`ResourceAny::try_into_resource`].
    ///
    /// # Errors
    /// As [`ResourceAny::try_into_resource`].
    pub fn try_from_resource_any<W: ComponentResources>(
        resource: ResourceAny,
        store: impl AsContextMut<W>,
    ) -> Result<Self> {
        resource.try_into_resource(store)
    }
}

impl Sealed for ResourceAny {}
impl Lower for ResourceAny {}
impl Lift for ResourceAny {}

/// A handle in terms of a major.
#[doc(hidden)]
pub trait InResourceAny: Copy + Sized {
    fn wrap(self) -> ResourceAny;
    fn of(any: &ResourceAny) -> Option<Self>;

    /// As [`InResourceAny::of`], for callers that end with it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the handle belongs to another major, or to another store than that of the component which
    /// is called.
    fn expect(any: &ResourceAny) -> Result<Self> {
        any.expect_current()?;
        Self::of(any).ok_or_else(another_major)
    }
}

#[cold]
fn another_major() -> Error {
    Error::new(ErrorKind::InvalidArgument, "the resource belongs to another Wasmtime major")
}

macro_rules! resources {
    ($($major:ident)*) => {
        #[allow(non_camel_case_types, reason = "the names are those of the majors' modules")]
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        enum Raw {
            $($major(majors::$major::RawResourceAny),)*
        }

        impl Raw {
            fn ty(&self) -> ResourceType {
                match *self {
                    $(Self::$major(raw) => majors::$major::resource_type_of(raw),)*
                }
            }

            fn owned(&self) -> bool {
                match *self {
                    $(Self::$major(raw) => majors::$major::resource_is_owned(raw),)*
                }
            }
        }

        $(impl InResourceAny for majors::$major::RawResourceAny {
            #[inline]
            fn wrap(self) -> ResourceAny {
                ResourceAny { raw: Raw::$major(self), store: current() }
            }

            #[inline]
            fn of(any: &ResourceAny) -> Option<Self> {
                match any.raw {
                    Raw::$major(raw) => Some(raw),
                    _ => None,
                }
            }
        })*
    };
}

for_every_major!(resources);

/// Handles of resources of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait ComponentResources: Stores {
    #[doc(hidden)]
    fn resource_drop<T: Data>(any: &ResourceAny, context: Self::StoreContextMut<'_, T>) -> Result<()>;
    #[doc(hidden)]
    fn resource_drop_async<T: Data + Send>(
        any: &ResourceAny,
        context: Self::StoreContextMut<'_, T>,
    ) -> impl Future<Output = Result<()>> + Send;
    #[doc(hidden)]
    fn any_into_resource<T: Data, R: 'static>(
        any: &ResourceAny,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<Resource<R>>;
    /// A handle of an owned resource.
    #[doc(hidden)]
    fn resource_into_any<T: Data, R: 'static>(
        resource: Resource<R>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<ResourceAny>;
    #[doc(hidden)]
    fn any_into_dynamic<T: Data>(any: &ResourceAny, context: Self::StoreContextMut<'_, T>) -> Result<ResourceDynamic>;
    /// A handle of an owned resource whose type is a number.
    #[doc(hidden)]
    fn dynamic_into_any<T: Data>(
        resource: ResourceDynamic,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<ResourceAny>;
}
