//! Owns `ResourceDynamic`: resources of the host whose type is a number that the host chooses when the program runs.

use std::fmt;

use super::resource::State;
use super::{ComponentResources, ResourceAny};
use crate::bounds::{Lift, Lower, Sealed};
use crate::error::Result;
use crate::store::{AsContextMut, within};

/// A resource that the host defines, of a type that is known when the program runs: the number of the resource, the number of its
/// type, and whether the guest owns the resource or borrows it.
///
/// Components see the resource as `own<…>` or `borrow<…>` of the resource type that was linked with
/// [`ResourceType::host_dynamic`](super::ResourceType::host_dynamic) of the same number. The rules of [`Resource`](super::Resource)
/// hold. The number of the type is compared when a value is passed, not when a function is looked up: a value of another type is
/// [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) then, and can be used afterwards.
///
/// Wasmtime has such resources from 39 on. Up to 38 a function that takes or returns one is
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when it is looked up. There each type of resources needs a Rust type, with
/// [`Resource`](super::Resource).
///
/// ```
/// use wasmtime_compat::component::{Linker, ResourceDynamic, ResourceType};
/// use wasmtime_compat::{Result, StoreContextMut, Wasmtime};
///
/// /// Defines an interface whose resource types have names that are known when the program runs.
/// fn link<W: Wasmtime>(linker: &mut Linker<W, ()>, names: &[String]) -> Result<()> {
///     let mut host = linker.instance("demo:host/things")?;
///     for (name, ty) in names.iter().zip(0..) {
///         host.resource(name, ResourceType::host_dynamic(ty), |_, _| Ok(()))?;
///         host.func_wrap(&format!("[constructor]{name}"), move |_: StoreContextMut<'_, W, ()>, (number,): (u32,)| {
///             Ok((ResourceDynamic::new_own(number, ty),))
///         })?;
///     }
///     Ok(())
/// }
/// ```
pub struct ResourceDynamic {
    rep: u32,
    ty: u32,
    state: State,
}

impl ResourceDynamic {
    /// A resource that its holder owns, with the number `rep`, of the type with the number `ty`.
    pub fn new_own(rep: u32, ty: u32) -> Self {
        Self { rep, ty, state: State::owned() }
    }

    /// A resource that its holder borrows, with the number `rep`, of the type with the number `ty`.
    pub fn new_borrow(rep: u32, ty: u32) -> Self {
        Self { rep, ty, state: State::borrowed() }
    }

    /// As [`ResourceAny::try_into_resource_dynamic`].
    ///
    /// # Errors
    /// As [`ResourceAny::try_into_resource_dynamic`].
    pub fn try_from_resource_any<W: ComponentResources>(
        resource: ResourceAny,
        store: impl AsContextMut<W>,
    ) -> Result<Self> {
        resource.try_into_resource_dynamic(store)
    }

    /// A handle of the resource in a store. Dropping the handle there does not run the destructor that was linked, because no
    /// linker is known here.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) up to 38;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the resource is borrowed, or has been passed on.
    pub fn try_into_resource_any<W: ComponentResources>(self, mut store: impl AsContextMut<W>) -> Result<ResourceAny> {
        self.pass(true)?;
        let context = store.as_context_mut();
        within(context.ambient().id, || W::dynamic_into_any(self, context.raw))
    }

    /// The number of the resource.
    pub fn rep(&self) -> u32 {
        self.rep
    }

    /// The number of the type.
    pub fn ty(&self) -> u32 {
        self.ty
    }

    /// Whether the holder owns the resource.
    pub fn owned(&self) -> bool {
        self.state.is_owned()
    }

    /// Prepares to pass the resource on, as `own<…>` or as `borrow<…>`.
    ///
    /// # Errors
    /// As [`State::pass`].
    #[inline]
    pub(crate) fn pass(&self, as_own: bool) -> Result<()> {
        self.state.pass(as_own)
    }
}

impl fmt::Debug for ResourceDynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rep, ty, state } = self;
        f.debug_struct("ResourceDynamic").field("rep", rep).field("ty", ty).field("state", &state.name()).finish()
    }
}

impl Sealed for ResourceDynamic {}
impl Lower for ResourceDynamic {}
impl Lift for ResourceDynamic {}
