//! Owns `Resource`: resources of the host as values; what identifies the type of a resource; and whether a resource is owned.

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
    state: State,
    marker: PhantomData<fn() -> T>,
}

impl<T: 'static> Resource<T> {
    /// A resource that its holder owns, with the number `rep`.
    pub fn new_own(rep: u32) -> Self {
        Self { rep, state: State::owned(), marker: PhantomData }
    }

    /// A resource that its holder borrows, with the number `rep`.
    pub fn new_borrow(rep: u32) -> Self {
        Self { rep, state: State::borrowed(), marker: PhantomData }
    }

    /// The number that the host chose.
    pub fn rep(&self) -> u32 {
        self.rep
    }

    /// Whether the holder owns the resource.
    pub fn owned(&self) -> bool {
        self.state.is_owned()
    }

    /// Prepares to pass the resource on, as `own<…>` or as `borrow<…>`.
    ///
    /// # Errors
    /// As [`State::pass`].
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    #[inline]
    pub(crate) fn pass(&self, as_own: bool) -> Result<()> {
        self.state.pass(as_own)
    }
}

impl<T> fmt::Debug for Resource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource").field("rep", &self.rep).field("state", &self.state.name()).finish()
    }
}

/// Whether the holder of a resource owns it.
pub(super) struct State(AtomicU8);

impl State {
    const OWNED: u8 = 0;
    const BORROWED: u8 = 1;
    const TAKEN: u8 = 2;

    pub(super) fn owned() -> Self {
        Self(AtomicU8::new(Self::OWNED))
    }

    pub(super) fn borrowed() -> Self {
        Self(AtomicU8::new(Self::BORROWED))
    }

    pub(super) fn is_owned(&self) -> bool {
        self.0.load(Ordering::Relaxed) != Self::BORROWED
    }

    /// Prepares to pass the resource on, as `own<…>` or as `borrow<…>`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a borrowed resource is passed as owned, or if an owned one has been passed on.
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(super) fn pass(&self, as_own: bool) -> Result<()> {
        match self.0.load(Ordering::Relaxed) {
            Self::TAKEN => Err(misused("the resource has been passed on as `own` before, and cannot be passed again")),
            Self::BORROWED if as_own => Err(misused("a borrowed resource cannot be passed as `own`")),
            Self::OWNED if as_own => {
                self.0.store(Self::TAKEN, Ordering::Relaxed);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The state in a word, for debugging.
    pub(super) fn name(&self) -> &'static str {
        match self.0.load(Ordering::Relaxed) {
            Self::BORROWED => "borrow",
            Self::TAKEN => "taken",
            _ => "own",
        }
    }
}

#[cold]
fn misused(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

impl<T: 'static> Sealed for Resource<T> {}
impl<T: 'static> Lower for Resource<T> {}
impl<T: 'static> Lift for Resource<T> {}

/// What identifies the type of a resource: a type of the host's, a number of the host's, or a definition in an instance of a component.
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
    Dynamic(u32),
    Major(Raw),
}

impl ResourceType {
    /// The type of the resources that the host keeps as `T`.
    pub fn host<T: 'static>() -> Self {
        Self(Kind::Host(TypeId::of::<T>(), Of::<T>::MAKERS))
    }

    /// The type of the resources that the host identifies by a number when the program runs, of which the values are
    /// [`ResourceDynamic`](super::ResourceDynamic). The meaning of the number is the host's own. A type of this kind never is equal to
    /// one of [`ResourceType::host`].
    ///
    /// Wasmtime has such types from 39 on. Up to 38 a linker refuses the type, with
    /// [`ErrorKind::Unsupported`].
    ///
    /// ```
    /// use wasmtime_compat::component::ResourceType;
    ///
    /// assert_eq!(ResourceType::host_dynamic(7), ResourceType::host_dynamic(7));
    /// assert_ne!(ResourceType::host_dynamic(7), ResourceType::host_dynamic(8));
    /// assert_ne!(ResourceType::host_dynamic(7), ResourceType::host::<u32>());
    /// ```
    pub fn host_dynamic(payload: u32) -> Self {
        Self(Kind::Dynamic(payload))
    }

    /// The number, if the type was made with [`ResourceType::host_dynamic`].
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn number(&self) -> Option<u32> {
        match self.0 {
            Kind::Dynamic(payload) => Some(payload),
            _ => None,
        }
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
                    Kind::Dynamic(payload) => majors::$major::dynamic_resource_type(payload),
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
                    (Kind::Dynamic(one), Kind::Dynamic(other)) => one == other,
                    (Kind::Dynamic(payload), Kind::Major(raw)) | (Kind::Major(raw), Kind::Dynamic(payload)) => match raw {
                        $(Raw::$major(raw) => majors::$major::dynamic_resource_type(payload) == Some(raw),)*
                    },
                    (Kind::Host(..), Kind::Dynamic(_)) | (Kind::Dynamic(_), Kind::Host(..)) => false,
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
            Kind::Dynamic(payload) => f.debug_tuple("ResourceType").field(payload).finish(),
            Kind::Major(raw) => f.debug_tuple("ResourceType").field(raw).finish(),
        }
    }
}
