//! Owns `ComponentExportIndex` and `ExportLookup`: the place of an export, and what can stand for one.

use std::fmt;

use semver::Version;

use super::{ComponentInstances, Components};
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreContextMut;

/// The place of an export in a component: found once by name, and used for all instances of the component.
///
/// Up to 22, where Wasmtime has no such index, it is the path of names.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::{Component, Linker};
/// use wasmtime_compat::{Config, Engine, Newest, Store};
///
/// // (component (core module (func (export "f") (result i32) i32.const 42)) (core instance (instantiate 0))
/// //     (func (result u32) (canon lift (core func 0 "f"))) (export "answer" (func 0)))
/// let wasm = b"\0asm\x0d\0\x01\0\x01\x22\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x05\x01\x01f\0\0\
///     \x0a\x06\x01\x04\0\x41\x2a\x0b\x02\x04\x01\0\0\0\x07\x05\x01\x40\0\0\x79\x06\x07\x01\0\0\x01\0\x01f\
///     \x08\x06\x01\0\0\0\0\0\x0b\x0c\x01\0\x06answer\x01\0\0";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let component = Component::new(&engine, wasm)?;
/// let index = component.get_export_index(None, "answer").expect("the component exports the function");
/// let pre = Linker::<_, ()>::new(&engine).instantiate_pre(&component)?;
/// for _ in 0..2 {
///     let mut store = Store::new(&engine, ());
///     let answer = pre.instantiate(&mut store)?.get_typed_func::<(), (u32,)>(&mut store, &index)?;
///     assert_eq!(answer.call(&mut store, ())?, (42,));
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct ComponentExportIndex<W: Components> {
    pub(super) raw: W::ComponentExportIndex,
}

impl<W: Components> ComponentExportIndex<W> {
    /// Wraps the major's own index.
    pub fn from_raw(raw: W::ComponentExportIndex) -> Self {
        Self { raw }
    }

    /// The major's own index.
    pub fn as_raw(&self) -> &W::ComponentExportIndex {
        &self.raw
    }
}

impl<W: Components> Clone for ComponentExportIndex<W> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone() }
    }
}

impl<W: Components> fmt::Debug for ComponentExportIndex<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentExportIndex").field("major", &W::NUMBER).finish_non_exhaustive()
    }
}

/// What can stand for an export of an instance: a name at the root, the pair of an interface and a name in it, or a
/// [`ComponentExportIndex`].
///
/// Names are spelled exactly as the component does; Wasmtime from 23 on also finds a compatible version of an interface.
/// [`Component::get_export_index`](super::Component::get_export_index) finds one on every major.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::{Component, Linker};
/// use wasmtime_compat::{Config, Engine, Newest, Store};
///
/// // (component (core module (func (export "f") (result i32) i32.const 42)) (core instance (instantiate 0))
/// //     (func (result u32) (canon lift (core func 0 "f"))) (export "answer" (func 0)))
/// let wasm = b"\0asm\x0d\0\x01\0\x01\x22\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x05\x01\x01f\0\0\
///     \x0a\x06\x01\x04\0\x41\x2a\x0b\x02\x04\x01\0\0\0\x07\x05\x01\x40\0\0\x79\x06\x07\x01\0\0\x01\0\x01f\
///     \x08\x06\x01\0\0\0\0\0\x0b\x0c\x01\0\x06answer\x01\0\0";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let component = Component::new(&engine, wasm)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &component)?;
/// let index = component.get_export_index(None, "answer").expect("the component exports the function");
/// assert!(instance.get_func(&mut store, "answer").is_some());
/// assert!(instance.get_func(&mut store, &index).is_some());
/// assert!(instance.get_func(&mut store, ("demo:guest/api", "answer")).is_none());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait ExportLookup<W: ComponentInstances>: lookup::Lookup<W> {}

impl<W: ComponentInstances, L: lookup::Lookup<W>> ExportLookup<W> for L {}

pub(super) mod lookup {
    use super::{ComponentInstances, Data, Result, StoreContextMut};

    /// Finds an export of an instance.
    pub trait Lookup<W: ComponentInstances> {
        /// The index of the export.
        fn find<T: Data>(
            &self,
            instance: &W::ComponentInstance,
            context: &mut StoreContextMut<'_, W, T>,
        ) -> Option<W::ComponentExportIndex>;

        /// The name of the export, and the place of the name, for messages.
        fn describe(&self) -> (String, String);

        /// As `find`, for callers that need the export.
        fn expect<T: Data>(
            &self,
            instance: &W::ComponentInstance,
            context: &mut StoreContextMut<'_, W, T>,
            kind: &str,
        ) -> Result<W::ComponentExportIndex> {
            self.find(instance, context).ok_or_else(|| super::missing(kind, self.describe()))
        }
    }
}

impl<W: ComponentInstances> lookup::Lookup<W> for &str {
    fn find<T: Data>(
        &self,
        instance: &W::ComponentInstance,
        context: &mut StoreContextMut<'_, W, T>,
    ) -> Option<W::ComponentExportIndex> {
        W::component_export(instance, W::reborrow_mut(&mut context.raw), None, self)
    }

    fn describe(&self) -> (String, String) {
        (self.to_string(), String::new())
    }
}

impl<W: ComponentInstances> lookup::Lookup<W> for &String {
    fn find<T: Data>(
        &self,
        instance: &W::ComponentInstance,
        context: &mut StoreContextMut<'_, W, T>,
    ) -> Option<W::ComponentExportIndex> {
        W::component_export(instance, W::reborrow_mut(&mut context.raw), None, self)
    }

    fn describe(&self) -> (String, String) {
        (self.to_string(), String::new())
    }
}

impl<W: ComponentInstances> lookup::Lookup<W> for (&str, &str) {
    fn find<T: Data>(
        &self,
        instance: &W::ComponentInstance,
        context: &mut StoreContextMut<'_, W, T>,
    ) -> Option<W::ComponentExportIndex> {
        let interface = W::component_export(instance, W::reborrow_mut(&mut context.raw), None, self.0)?;
        W::component_export(instance, W::reborrow_mut(&mut context.raw), Some(&interface), self.1)
    }

    fn describe(&self) -> (String, String) {
        describe(Some(self.0), self.1)
    }
}

impl<W: ComponentInstances> lookup::Lookup<W> for &ComponentExportIndex<W> {
    fn find<T: Data>(
        &self,
        _: &W::ComponentInstance,
        _: &mut StoreContextMut<'_, W, T>,
    ) -> Option<W::ComponentExportIndex> {
        Some(self.raw.clone())
    }

    fn describe(&self) -> (String, String) {
        ("(at the index)".to_owned(), String::new())
    }
}

/// A place in a component with the names that led to it, for messages: bindings look up by these.
#[doc(hidden)]
pub struct NamedIndex<'a, W: Components> {
    index: &'a ComponentExportIndex<W>,
    interface: Option<&'a str>,
    name: &'a str,
}

impl<'a, W: Components> NamedIndex<'a, W> {
    /// The place of a function that has a name, at the root or in an interface.
    pub fn new(index: &'a ComponentExportIndex<W>, interface: Option<&'a str>, name: &'a str) -> Self {
        Self { index, interface, name }
    }

    /// Finds the place of a function in a component.
    ///
    /// # Errors
    /// [`ErrorKind::Export`] if the component has no export of this name.
    pub fn find(
        component: &super::Component<W>,
        interface: Option<&str>,
        name: &str,
    ) -> Result<ComponentExportIndex<W>> {
        let find = || match interface {
            Some(interface) => component.get_export_index(Some(&component.get_export_index(None, interface)?), name),
            None => component.get_export_index(None, name),
        };
        find().ok_or_else(|| missing("function", describe(interface, name)))
    }
}

impl<W: ComponentInstances> lookup::Lookup<W> for NamedIndex<'_, W> {
    fn find<T: Data>(
        &self,
        _: &W::ComponentInstance,
        _: &mut StoreContextMut<'_, W, T>,
    ) -> Option<W::ComponentExportIndex> {
        Some(self.index.raw.clone())
    }

    fn describe(&self) -> (String, String) {
        describe(self.interface, self.name)
    }
}

fn describe(interface: Option<&str>, name: &str) -> (String, String) {
    (name.to_owned(), interface.map(|interface| format!(" in `{interface}`")).unwrap_or_default())
}

/// The export that is looked up for a name: the one of this name, or the newest compatible version of the same interface. Wasmtime from
/// 23 on does the same.
pub(super) fn compatible<'a>(exports: &'a [String], name: &'a str) -> &'a str {
    if exports.iter().any(|export| export == name) {
        return name;
    }
    let Some((interface, wanted)) = versioned(name) else { return name };
    let candidates = exports.iter().filter_map(|export| {
        let (other, version) = versioned(export)?;
        (other == interface && track(&version) == track(&wanted)).then_some((version, export))
    });
    candidates.max_by(|(one, _), (other, _)| one.cmp(other)).map_or(name, |(_, export)| export)
}

/// The name of an interface without its version, and the version, if there are compatible ones.
fn versioned(name: &str) -> Option<(&str, Version)> {
    let (interface, version) = name.split_once('@')?;
    let version = Version::parse(version).ok()?;
    (version.pre.is_empty() && (version.major, version.minor) != (0, 0)).then_some((interface, version))
}

/// What compatible versions have in common.
fn track(version: &Version) -> (u64, u64) {
    if version.major == 0 { (0, version.minor) } else { (version.major, 0) }
}

#[cold]
pub(super) fn missing(kind: &str, (name, place): (String, String)) -> Error {
    Error::new(ErrorKind::Export, format!("no such export: {kind} `{name}`{place}"))
}

#[cfg(test)]
mod tests {
    //! Compatible versions stand for each other.

    use super::compatible;

    #[test]
    fn versions() {
        let exports =
            ["a:b/c@1.2.0", "a:b/c@1.3.0", "a:b/c@0.2.1", "a:b/d@0.0.1", "a:b/e@1.0.0-rc.1", "f"].map(String::from);
        for (name, expected) in [
            ("a:b/c@1.2.0", "a:b/c@1.2.0"),
            ("a:b/c@1.9.9", "a:b/c@1.3.0"),
            ("a:b/c@0.2.0", "a:b/c@0.2.1"),
            ("a:b/c@0.3.0", "a:b/c@0.3.0"),
            ("a:b/c@2.0.0", "a:b/c@2.0.0"),
            ("a:b/d@0.0.2", "a:b/d@0.0.2"),
            ("a:b/e@1.0.0", "a:b/e@1.0.0"),
            ("a:b/c", "a:b/c"),
            ("f", "f"),
        ] {
            assert_eq!(compatible(&exports, name), expected);
        }
    }
}
