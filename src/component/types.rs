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

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use super::resource::ResourceType;
use crate::core::FuncType;

/// The type of a value.
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
    List
    /// The type of a record.
    Record
    /// The type of a tuple.
    Tuple
    /// The type of a variant.
    Variant
    /// The type of an enumeration.
    Enum
    /// The type of an optional value.
    OptionType
    /// The type of a result.
    ResultType
    /// The type of flags.
    Flags
}

impl List {
    /// The type of the elements.
    pub fn ty(&self) -> Type {
        self.0.first().unwrap_or(Type::Other("list"))
    }
}

/// A field of a record.
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

/// The type of a function of a component.
#[derive(Clone)]
pub struct ComponentFunc(Arc<(OnceLock<Signature>, ReadSignature)>);

/// Parameters and results.
type Signature = (Box<[(Box<str>, Type)]>, Box<[Type]>);

type ReadSignature = Box<dyn Fn() -> (Vec<(Box<str>, Type)>, Vec<Type>) + Send + Sync>;

impl ComponentFunc {
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn of(read: impl Fn() -> (Vec<(Box<str>, Type)>, Vec<Type>) + Send + Sync + 'static) -> Self {
        Self(Arc::new((OnceLock::new(), Box::new(read))))
    }

    fn signature(&self) -> &Signature {
        self.0.0.get_or_init(|| {
            let (params, results) = (self.0.1)();
            (params.into(), results.into())
        })
    }

    /// The parameters: names and types. Wasmtime up to 27 does not know the names, which are empty there.
    pub fn params(&self) -> impl ExactSizeIterator<Item = (&str, Type)> + '_ {
        self.signature().0.iter().map(|(name, ty)| (&**name, ty.clone()))
    }

    /// The results.
    pub fn results(&self) -> impl ExactSizeIterator<Item = Type> + '_ {
        self.signature().1.iter().cloned()
    }
}

impl PartialEq for ComponentFunc {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.signature() == other.signature()
    }
}

impl Eq for ComponentFunc {}

impl fmt::Debug for ComponentFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (params, results) = self.signature();
        f.debug_struct("ComponentFunc").field("params", params).field("results", results).finish()
    }
}

/// What a component or an instance imports or exports.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ComponentItem {
    /// A function.
    ComponentFunc(ComponentFunc),
    /// A core function.
    CoreFunc(FuncType),
    /// A core module.
    Module(Module),
    /// A component.
    Component(Component),
    /// An instance, such as an interface.
    ComponentInstance(ComponentInstance),
    /// A type of values.
    Type(Type),
    /// A type of resources.
    Resource(ResourceType),
}

/// Names and items, read from the major when they are first asked for.
#[derive(Clone)]
struct Items(Arc<(OnceLock<Box<[Named]>>, ReadItems)>);

type Named = (Box<str>, ComponentItem);

type ReadItems = Box<dyn Fn() -> Vec<Named> + Send + Sync>;

impl Items {
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    fn of(read: impl Fn() -> Vec<Named> + Send + Sync + 'static) -> Self {
        Self(Arc::new((OnceLock::new(), Box::new(read))))
    }

    fn all(&self) -> impl ExactSizeIterator<Item = (&str, &ComponentItem)> {
        self.0.0.get_or_init(|| (self.0.1)().into()).iter().map(|(name, item)| (&**name, item))
    }

    fn find(&self, wanted: &str) -> Option<&ComponentItem> {
        self.all().find_map(|(name, item)| (name == wanted).then_some(item))
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(|(name, _)| name)).finish()
    }
}

/// The type of a component: its imports and exports.
#[derive(Clone, Debug)]
pub struct Component {
    imports: Items,
    exports: Items,
}

impl Component {
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn of(
        imports: impl Fn() -> Vec<(Box<str>, ComponentItem)> + Send + Sync + 'static,
        exports: impl Fn() -> Vec<(Box<str>, ComponentItem)> + Send + Sync + 'static,
    ) -> Self {
        Self { imports: Items::of(imports), exports: Items::of(exports) }
    }

    /// The imports, in their order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = (&str, &ComponentItem)> {
        self.imports.all()
    }

    /// The exports, in their order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = (&str, &ComponentItem)> {
        self.exports.all()
    }

    /// The import of this name.
    pub fn get_import(&self, name: &str) -> Option<&ComponentItem> {
        self.imports.find(name)
    }

    /// The export of this name.
    pub fn get_export(&self, name: &str) -> Option<&ComponentItem> {
        self.exports.find(name)
    }
}

/// The type of an instance: its exports.
#[derive(Clone, Debug)]
pub struct ComponentInstance {
    exports: Items,
}

impl ComponentInstance {
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn of(exports: impl Fn() -> Vec<(Box<str>, ComponentItem)> + Send + Sync + 'static) -> Self {
        Self { exports: Items::of(exports) }
    }

    /// The exports, in their order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = (&str, &ComponentItem)> {
        self.exports.all()
    }

    /// The export of this name.
    pub fn get_export(&self, name: &str) -> Option<&ComponentItem> {
        self.exports.find(name)
    }
}

/// The type of a core module. Its imports and exports are not shown: Wasmtime panics when it is asked for those of a module that a
/// component imports.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Module;
