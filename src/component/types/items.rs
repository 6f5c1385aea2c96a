//! The types of what components import and export.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{ResourceType, Type};
use crate::core::FuncType;

/// The type of a function of a component.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::types::{ComponentItem, Type};
/// use wasmtime_compat::component::Component;
/// use wasmtime_compat::{Config, Engine, Newest};
///
/// // (component (import "greet" (func (param "name" string) (result string))))
/// let wasm = b"\0asm\x0d\0\x01\0\x07\x0b\x01\x40\x01\x04name\x73\0\x73\x0a\x0a\x01\0\x05greet\x01\0";
/// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
/// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
/// let ty = component.component_type()?;
/// let Some(ComponentItem::ComponentFunc(greet)) = ty.get_import("greet") else { panic!("{ty:?}") };
/// assert_eq!(greet.params().map(|(_, ty)| ty).collect::<Vec<_>>(), [Type::String]);
/// assert_eq!(greet.results().collect::<Vec<_>>(), [Type::String]);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
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

/// An import or an export of a component or of an instance.
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
/// for (name, item) in ty.exports() {
///     match item {
///         ComponentItem::Type(Type::List(list)) => assert_eq!((name, list.ty()), ("bytes", Type::U8)),
///         other => panic!("{name}: {other:?}"),
///     }
/// }
/// assert_eq!(ty.exports().len(), 1);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
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
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::types::ComponentItem;
/// use wasmtime_compat::component::Component;
/// use wasmtime_compat::{Config, Engine, Newest};
///
/// // (component (core module) (import "log" (func (param "line" string))) (export "plugin" (core module 0)))
/// let wasm = b"\0asm\x0d\0\x01\0\x01\x08\0asm\x01\0\0\0\x07\x0b\x01\x40\x01\x04line\x73\x01\0\
///     \x0a\x08\x01\0\x03log\x01\0\x0b\x0d\x01\0\x06plugin\0\x11\0\0";
/// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
/// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
/// let ty = component.component_type()?;
/// assert!(matches!(ty.get_import("log"), Some(ComponentItem::ComponentFunc(_))));
/// assert_eq!(ty.exports().map(|(name, _)| name).collect::<Vec<_>>(), ["plugin"]);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
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
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::types::ComponentItem;
/// use wasmtime_compat::component::Component;
/// use wasmtime_compat::{Config, Engine, Newest};
///
/// // (component (import "demo:host/log" (instance (export "write" (func (param "line" string))))))
/// let wasm = b"\0asm\x0d\0\x01\0\x07\x18\x01\x42\x02\x01\x40\x01\x04line\x73\x01\0\x04\0\x05write\x01\0\
///     \x0a\x12\x01\0\x0ddemo:host/log\x05\0";
/// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
/// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
/// let ty = component.component_type()?;
/// let Some(ComponentItem::ComponentInstance(log)) = ty.get_import("demo:host/log") else { panic!("{ty:?}") };
/// assert!(matches!(log.get_export("write"), Some(ComponentItem::ComponentFunc(_))));
/// assert!(log.get_export("read").is_none());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
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
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::types::ComponentItem;
/// use wasmtime_compat::component::Component;
/// use wasmtime_compat::{Config, Engine, Newest};
///
/// // (component (core module) (export "plugin" (core module 0)))
/// let wasm = b"\0asm\x0d\0\x01\0\x01\x08\0asm\x01\0\0\0\x0b\x0d\x01\0\x06plugin\0\x11\0\0";
/// let component = Component::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
/// # if component.component_type().is_err_and(|error| error.unsupported().is_some()) { return Ok(()); }
/// let ty = component.component_type()?;
/// assert!(matches!(ty.get_export("plugin"), Some(ComponentItem::Module(_))));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Module;
