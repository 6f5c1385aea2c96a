//! The types of components and of their imports and exports, as plain data: the same on every major.
//!
//! ```
//! use wasmtime_compat::component::types::{ComponentItem, Type};
//! use wasmtime_compat::component::Component;
//! use wasmtime_compat::{Result, Wasmtime};
//!
//! /// The names of the functions at the root of a component that take nothing but text.
//! fn of_text<W: Wasmtime>(component: &Component<W>) -> Result<Vec<String>> {
//!     let ty = component.component_type()?;
//!     let takes_text = |item: &ComponentItem| match item {
//!         ComponentItem::ComponentFunc(func) => func.params().all(|(_, ty)| ty == Type::String),
//!         _ => false,
//!     };
//!     Ok(ty.exports().filter(|(_, item)| takes_text(item)).map(|(name, _)| name.to_owned()).collect())
//! }
//! ```

mod items;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use self::items::{Component, ComponentFunc, ComponentInstance, ComponentItem, Module};
pub use super::resource::ResourceType;

/// The type of a value.
///
/// ```
/// use wasmtime_compat::component::Val;
/// use wasmtime_compat::component::types::Type;
///
/// assert_eq!(Val::from_wave(&Type::Float64, "-0.5")?, Val::Float64(-0.5));
/// assert!(Val::from_wave(&Type::Bool, "-0.5").is_err());
/// # Ok::<(), wasmtime_compat::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Type {
    /// `bool`
    Bool,
    /// `s8`
    S8,
    /// `u8`
    U8,
    /// `s16`
    S16,
    /// `u16`
    U16,
    /// `s32`
    S32,
    /// `u32`
    U32,
    /// `s64`
    S64,
    /// `u64`
    U64,
    /// `f32`
    Float32,
    /// `f64`
    Float64,
    /// `char`
    Char,
    /// `string`
    String,
    /// `list<…>`
    List(List),
    /// `record { … }`
    Record(Record),
    /// `tuple<…>`
    Tuple(Tuple),
    /// `variant { … }`
    Variant(Variant),
    /// `enum { … }`
    Enum(Enum),
    /// `option<…>`
    Option(OptionType),
    /// `result<…>`
    Result(ResultType),
    /// `flags { … }`
    Flags(Flags),
    /// `own<…>`
    Own(ResourceType),
    /// `borrow<…>`
    Borrow(ResourceType),
    /// A kind that this crate cannot pass, such as `stream<…>` and `future<…>`, by its name.
    Other(&'static str),
}

/// The parts of a type: a name where the kind has names, and a type where the part has one.
type Parts = Box<[(Box<str>, Option<Type>)]>;

/// The parts of a type, read from the major when they are first asked for: types share their parts, so that a small component
/// can have types that are large when written out.
#[derive(Clone)]
struct Node(Arc<(OnceLock<Parts>, Read)>);

type Read = Box<dyn Fn() -> Parts + Send + Sync>;

impl Node {
    fn parts(&self) -> &[(Box<str>, Option<Type>)] {
        self.0.0.get_or_init(|| (self.0.1)())
    }

    fn first(&self) -> Option<Type> {
        self.parts().first().and_then(|(_, ty)| ty.clone())
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.parts() == other.parts()
    }
}

impl Eq for Node {}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().fmt(f)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub struct $name(Node);

        impl $name {
            #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
            pub(crate) fn of<N: Into<Box<str>>>(
                read: impl Fn() -> Vec<(N, Option<Type>)> + Send + Sync + 'static,
            ) -> Self {
                let read = move || read().into_iter().map(|(name, ty)| (name.into(), ty)).collect();
                Self(Node(Arc::new((OnceLock::new(), Box::new(read)))))
            }
        })*
    };
}

kinds! {
    /// The type of a list.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::component::types::{ComponentItem, Type};
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// // (component (type $t (list u8)) (export "bytes" (type $t)))
    /// let wasm = b"\0asm\x0d\0\x01\0\x07\x03\x01\x70\x7d\x0b\x0b\x01\0\x05bytes\x03\0\0";
    /// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
    /// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
    /// let ty = component.component_type()?;
    /// let Some(ComponentItem::Type(Type::List(list))) = ty.get_export("bytes") else { panic!("{ty:?}") };
    /// assert_eq!(list.ty(), Type::U8);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    List
    /// The type of a record.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::component::types::{ComponentItem, Type};
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// // (component (type $t (record (field "x" s32) (field "y" s32))) (export "point" (type $t)))
    /// let wasm = b"\0asm\x0d\0\x01\0\x07\x09\x01\x72\x02\x01x\x7a\x01y\x7a\x0b\x0b\x01\0\x05point\x03\0\0";
    /// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
    /// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
    /// let ty = component.component_type()?;
    /// let Some(ComponentItem::Type(Type::Record(record))) = ty.get_export("point") else { panic!("{ty:?}") };
    /// assert_eq!(record.fields().map(|field| field.name).collect::<Vec<_>>(), ["x", "y"]);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    Record
    /// The type of a tuple.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::component::types::{ComponentItem, Type};
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// // (component (type $t (tuple u32 string)) (export "entry" (type $t)))
    /// let wasm = b"\0asm\x0d\0\x01\0\x07\x05\x01\x6f\x02\x79\x73\x0b\x0b\x01\0\x05entry\x03\0\0";
    /// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
    /// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
    /// let ty = component.component_type()?;
    /// let Some(ComponentItem::Type(Type::Tuple(tuple))) = ty.get_export("entry") else { panic!("{ty:?}") };
    /// assert_eq!(tuple.types().collect::<Vec<_>>(), [Type::U32, Type::String]);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    Tuple
    /// The type of a variant.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::component::types::{ComponentItem, Type};
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// // (component (type $t (variant (case "point") (case "circle" f64))) (export "shape" (type $t)))
    /// let wasm = b"\0asm\x0d\0\x01\0\x07\x15\x01\x71\x02\x05point\0\0\x06circle\x01\x75\0\
    ///     \x0b\x0b\x01\0\x05shape\x03\0\0";
    /// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
    /// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
    /// let ty = component.component_type()?;
    /// let Some(ComponentItem::Type(Type::Variant(variant))) = ty.get_export("shape") else { panic!("{ty:?}") };
    /// assert_eq!(variant.cases().map(|case| case.name).collect::<Vec<_>>(), ["point", "circle"]);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    Variant
    /// The type of an enumeration.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::component::types::{ComponentItem, Type};
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// // (component (type $t (enum "red" "green")) (export "color" (type $t)))
    /// let wasm = b"\0asm\x0d\0\x01\0\x07\x0d\x01\x6d\x02\x03red\x05green\x0b\x0b\x01\0\x05color\x03\0\0";
    /// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
    /// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
    /// let ty = component.component_type()?;
    /// let Some(ComponentItem::Type(Type::Enum(color))) = ty.get_export("color") else { panic!("{ty:?}") };
    /// assert_eq!(color.names().collect::<Vec<_>>(), ["red", "green"]);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    Enum
    /// The type of an optional value.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::component::types::{ComponentItem, Type};
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// // (component (type $t (option string)) (export "name" (type $t)))
    /// let wasm = b"\0asm\x0d\0\x01\0\x07\x03\x01\x6b\x73\x0b\x0a\x01\0\x04name\x03\0\0";
    /// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
    /// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
    /// let ty = component.component_type()?;
    /// let Some(ComponentItem::Type(Type::Option(option))) = ty.get_export("name") else { panic!("{ty:?}") };
    /// assert_eq!(option.ty(), Type::String);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    OptionType
    /// The type of a result.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::component::types::{ComponentItem, Type};
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// // (component (type $t (result u32 (error string))) (export "reply" (type $t)))
    /// let wasm = b"\0asm\x0d\0\x01\0\x07\x06\x01\x6a\x01\x79\x01\x73\x0b\x0b\x01\0\x05reply\x03\0\0";
    /// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
    /// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
    /// let ty = component.component_type()?;
    /// let Some(ComponentItem::Type(Type::Result(result))) = ty.get_export("reply") else { panic!("{ty:?}") };
    /// assert_eq!((result.ok(), result.err()), (Some(Type::U32), Some(Type::String)));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    ResultType
    /// The type of flags.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::component::types::{ComponentItem, Type};
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// // (component (type $t (flags "read" "write")) (export "access" (type $t)))
    /// let wasm = b"\0asm\x0d\0\x01\0\x07\x0e\x01\x6e\x02\x04read\x05write\x0b\x0c\x01\0\x06access\x03\0\0";
    /// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
    /// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
    /// let ty = component.component_type()?;
    /// let Some(ComponentItem::Type(Type::Flags(flags))) = ty.get_export("access") else { panic!("{ty:?}") };
    /// assert_eq!(flags.names().collect::<Vec<_>>(), ["read", "write"]);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    Flags
}

impl List {
    /// The type of the elements.
    pub fn ty(&self) -> Type {
        self.0.first().unwrap_or(Type::Other("list"))
    }
}

/// A field of a record.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::types::{ComponentItem, Type};
/// use wasmtime_compat::component::Component;
/// use wasmtime_compat::{Config, Engine, Newest};
///
/// // (component (type $t (record (field "x" s32) (field "y" s32))) (export "point" (type $t)))
/// let wasm = b"\0asm\x0d\0\x01\0\x07\x09\x01\x72\x02\x01x\x7a\x01y\x7a\x0b\x0b\x01\0\x05point\x03\0\0";
/// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
/// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
/// let ty = component.component_type()?;
/// let Some(ComponentItem::Type(Type::Record(record))) = ty.get_export("point") else { panic!("{ty:?}") };
/// let Some(x) = record.fields().next() else { panic!("{record:?}") };
/// assert_eq!((x.name, x.ty), ("x", Type::S32));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Field<'a> {
    /// The name of the field.
    pub name: &'a str,
    /// The type of the field.
    pub ty: Type,
}

impl Record {
    /// The fields, in their order.
    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.0.parts().iter().filter_map(|(name, ty)| Some(Field { name, ty: ty.clone()? }))
    }
}

impl Tuple {
    /// The types of the parts, in their order.
    pub fn types(&self) -> impl Iterator<Item = Type> + '_ {
        self.0.parts().iter().filter_map(|(_, ty)| ty.clone())
    }
}

/// A case of a variant.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::types::{ComponentItem, Type};
/// use wasmtime_compat::component::Component;
/// use wasmtime_compat::{Config, Engine, Newest};
///
/// // (component (type $t (variant (case "point") (case "circle" f64))) (export "shape" (type $t)))
/// let wasm = b"\0asm\x0d\0\x01\0\x07\x15\x01\x71\x02\x05point\0\0\x06circle\x01\x75\0\
///     \x0b\x0b\x01\0\x05shape\x03\0\0";
/// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
/// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
/// let ty = component.component_type()?;
/// let Some(ComponentItem::Type(Type::Variant(variant))) = ty.get_export("shape") else { panic!("{ty:?}") };
/// // The case `point` has no value.
/// let values: Vec<_> = variant.cases().map(|case| case.ty).collect();
/// assert_eq!(values, [None, Some(Type::Float64)]);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Case<'a> {
    /// The name of the case.
    pub name: &'a str,
    /// The type of its value, if it has one.
    pub ty: Option<Type>,
}

impl Variant {
    /// The cases, in their order.
    pub fn cases(&self) -> impl ExactSizeIterator<Item = Case<'_>> {
        self.0.parts().iter().map(|(name, ty)| Case { name, ty: ty.clone() })
    }
}

impl Enum {
    /// The names of the cases, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.parts().iter().map(|(name, _)| &**name)
    }
}

impl OptionType {
    /// The type of the value, if there is one.
    pub fn ty(&self) -> Type {
        self.0.first().unwrap_or(Type::Other("option"))
    }
}

impl ResultType {
    /// The type of the value of a success, if it has one.
    pub fn ok(&self) -> Option<Type> {
        self.0.first()
    }

    /// The type of the value of an error, if it has one.
    pub fn err(&self) -> Option<Type> {
        self.0.parts().get(1).and_then(|(_, ty)| ty.clone())
    }
}

impl Flags {
    /// The names of the flags, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.parts().iter().map(|(name, _)| &**name)
    }
}
