//! Owns `Resource`: resources of the host as values, and what identifies the type of a resource.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::bounds::{Lift, Lower, Sealed};
use crate::error::{Error, ErrorKind, Result};
use crate::majors::{self, for_every_major};

/// A resource that the host defines: a number that the host chose, and whether the guest owns the resource or borrows it.
///
/// `T` is the host's type for the resource, usually the one that is kept in a [`ResourceTable`](super::ResourceTable). Components
/// see the resource as `own<…>` or `borrow<…>` of the resource type that was linked with
/// [`ResourceType::host::<T>`](ResourceType::host).
///
/// A host function that takes `own<…>` owns the resource afterwards and should remove it from the table; one that takes
/// `borrow<…>` should only look. A resource of the host can be passed as `borrow<…>` any number of times, whether it was made with
/// [`Resource::new_own`] or with [`Resource::new_borrow`]; as `own<…>` only if it was made with `new_own`, and once. Wasmtime
/// itself keeps an entry in the store for an owned resource that is passed as a borrow; this type does not, on any major.
///
/// ```
/// use wasmtime_compat::component::{Linker, Resource};
/// use wasmtime_compat::{Result, StoreContextMut, Wasmtime};
///
/// struct File {
///     path: String,
/// }
///
/// fn link<W: Wasmtime>(linker: &mut Linker<W, ()>) -> Result<()> {
///     let mut files = linker.instance("demo:host/files")?;
///     files.func_wrap("open", |mut context: StoreContextMut<'_, W, ()>, (path,): (String,)| {
///         let file: Resource<File> = context.resource_table().push(File { path })?;
///         Ok((file,))
///     })?;
///     files.func_wrap("path", |mut context: StoreContextMut<'_, W, ()>, (file,): (Resource<File>,)| {
///         Ok((context.resource_table().get(&file)?.path.clone(),))
///     })
/// }
/// ```
pub struct Resource<T> {
    rep: u32,
    state: AtomicU8,
    marker: PhantomData<fn() -> T>,
}

const OWNED: u8 = 0;
const BORROWED: u8 = 1;
const TAKEN: u8 = 2;

impl<T: 'static> Resource<T> {
    /// A resource that its holder owns, with the number `rep`.
    pub fn new_own(rep: u32) -> Self {
        Self::new(rep, OWNED)
    }

    /// A resource that its holder borrows, with the number `rep`.
    pub fn new_borrow(rep: u32) -> Self {
        Self::new(rep, BORROWED)
    }

    fn new(rep: u32, state: u8) -> Self {
        Self { rep, state: AtomicU8::new(state), marker: PhantomData }
    }

    /// The number that the host chose.
    pub fn rep(&self) -> u32 {
        self.rep
    }

    /// Whether the holder owns the resource.
    pub fn owned(&self) -> bool {
        self.state.load(Ordering::Relaxed) != BORROWED
    }

    /// Prepares to pass the resource on, as `own<…>` or as `borrow<…>`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a borrowed resource is passed as owned, or if an owned one has been passed on.
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn pass(&self, as_own: bool) -> Result<()> {
        match self.state.load(Ordering::Relaxed) {
            TAKEN => Err(misused("the resource has been passed on as `own` before, and cannot be passed again")),
            BORROWED if as_own => Err(misused("a borrowed resource cannot be passed as `own`")),
            OWNED if as_own => {
                self.state.store(TAKEN, Ordering::Relaxed);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[cold]
fn misused(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

impl<T> fmt::Debug for Resource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state.load(Ordering::Relaxed) {
            BORROWED => "borrow",
            TAKEN => "taken",
            _ => "own",
        };
        f.debug_struct("Resource").field("rep", &self.rep).field("state", &state).finish()
    }
}

impl<T: 'static> Sealed for Resource<T> {}
impl<T: 'static> Lower for Resource<T> {}
impl<T: 'static> Lift for Resource<T> {}

/// What identifies the type of a resource: a type of the host's, or a definition in an instance of a component.
///
/// The types of two resources can be compared, also when one comes from [`ResourceType::host`] and the other one from a
/// component that was linked with it.
///
/// ```
/// use wasmtime_compat::component::{ResourceAny, ResourceType};
///
/// struct File;
///
/// fn is_file(any: &ResourceAny) -> bool {
///     any.ty() == ResourceType::host::<File>()
/// }
///
/// assert_ne!(ResourceType::host::<File>(), ResourceType::host::<String>());
/// ```
#[derive(Clone, Copy)]
pub struct ResourceType(Kind);

#[derive(Clone, Copy)]
enum Kind {
    Host(TypeId, &'static Makers),
    Major(Raw),
}

impl ResourceType {
    /// The type of the resources that the host keeps as `T`.
    pub fn host<T: 'static>() -> Self {
        Self(Kind::Host(TypeId::of::<T>(), Of::<T>::MAKERS))
    }
}

/// The type of a resource in terms of a major.
#[doc(hidden)]
pub trait InResourceType: Copy + Sized {
    fn wrap(self) -> ResourceType;
    fn of(ty: &ResourceType) -> Option<Self>;
}

struct Of<T>(PhantomData<T>);

macro_rules! resource_types {
    ($($major:ident)*) => {
        #[allow(non_camel_case_types, reason = "the names are those of the majors' modules")]
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        enum Raw {
            $($major(majors::$major::RawResourceType),)*
        }

        /// The type of a host's resource on each major.
        struct Makers {
            $($major: fn() -> Option<majors::$major::RawResourceType>,)*
        }

        impl<T: 'static> Of<T> {
            const MAKERS: &'static Makers = &Makers { $($major: majors::$major::host_resource_type::<T>,)* };
        }

        $(impl InResourceType for majors::$major::RawResourceType {
            fn wrap(self) -> ResourceType {
                ResourceType(Kind::Major(Raw::$major(self)))
            }

            fn of(ty: &ResourceType) -> Option<Self> {
                match ty.0 {
                    Kind::Host(_, makers) => (makers.$major)(),
                    Kind::Major(Raw::$major(raw)) => Some(raw),
                    Kind::Major(_) => None,
                }
            }
        })*

        impl PartialEq for ResourceType {
            fn eq(&self, other: &Self) -> bool {
                match (self.0, other.0) {
                    (Kind::Host(one, _), Kind::Host(other, _)) => one == other,
                    (Kind::Major(one), Kind::Major(other)) => one == other,
                    (Kind::Host(_, makers), Kind::Major(raw)) | (Kind::Major(raw), Kind::Host(_, makers)) => match raw {
                        $(Raw::$major(raw) => (makers.$major)() == Some(raw),)*
                    },
                }
            }
        }
    };
}

for_every_major!(resource_types);

impl Eq for ResourceType {}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Host(id, _) => f.debug_tuple("ResourceType").field(id).finish(),
            Kind::Major(raw) => f.debug_tuple("ResourceType").field(raw).finish(),
        }
    }
}
