//! Owns the interfaces of WASI 0.2 that every major hosts alike, and the version of what came later.
//!
//! They are those of the world `wasi:cli/imports` less what is marked unstable, which no major links by default
//! (wit/deps of wasmtime-wasi); between majors only [`LATER`] differs. Within 0.2 the type of a function never changes.

use semver::Version;
use wasmparser::PrimitiveValType;

use super::interfaces::INTERFACES;

/// An interface that hosts have.
pub(super) struct Interface {
    /// Its name without a version.
    pub(super) name: &'static str,
    /// The resources that it defines, each behind the name of the interface.
    pub(super) resources: &'static [&'static str],
    /// Its functions and methods.
    pub(super) functions: &'static [Function],
}

/// A function, with what of its type Wasmtime compares: names of parameters do not matter.
pub(super) struct Function {
    /// Its name as it is spelled in components.
    pub(super) name: &'static str,
    /// The types of its parameters.
    pub(super) params: &'static [Type],
    /// The type of its result.
    pub(super) result: Option<Type>,
}

/// A type, with what of it Wasmtime compares (`typecheck` in wasmtime/src/runtime/component/func/typed.rs): whether a
/// resource is owned or borrowed does not matter, and neither do the names of types.
#[derive(Clone, Copy)]
pub(super) enum Type {
    Primitive(PrimitiveValType),
    List(&'static Type),
    Option(&'static Type),
    Tuple(&'static [Type]),
    Result(Option<&'static Type>, Option<&'static Type>),
    Record(&'static [(&'static str, Type)]),
    Variant(&'static [(&'static str, Option<Type>)]),
    Enum(&'static [&'static str]),
    Flags(&'static [&'static str]),
    /// A resource, behind the name of the interface that defines it.
    Resource(&'static str),
}

/// Functions that are not in 0.2.0, and the version that brought them.
const LATER: &[(&str, &str, Version)] = &[("wasi:cli/exit", "exit-with-code", Version::new(0, 2, 12))];

/// The interface, if hosts of WASI 0.2 have it; `name` is without a version.
pub(super) fn interface(name: &str) -> Option<&'static Interface> {
    INTERFACES.iter().find(|interface| interface.name == name)
}

impl Interface {
    /// Whether a host of WASI `version` has `item` in the interface: a function, a method or a resource, spelled as in
    /// components.
    pub(super) fn has(&self, item: &str, version: &Version) -> bool {
        let later = LATER.iter().find(|(interface, function, _)| (*interface, *function) == (self.name, item));
        let since = later.is_none_or(|(_, _, since)| version >= since);
        since && (self.function(item).is_some() || self.resource(item).is_some())
    }

    /// The function or method of this name.
    pub(super) fn function(&self, name: &str) -> Option<&'static Function> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// The resource of this name, behind the name of the interface.
    pub(super) fn resource(&self, name: &str) -> Option<&'static str> {
        let named = |full: &&&str| full.strip_prefix(self.name).and_then(|rest| rest.strip_prefix('/')) == Some(name);
        self.resources.iter().find(named).copied()
    }
}
