//! Owns the size of the values that components give each other: written out, a type of a few bytes may be a large one.
//!
//! Wasmtime compiles code for each function that one component lowers and another lifts. It copies arguments part by part,
//! and a tuple of two tuples of two tuples has eight parts.

use std::collections::HashMap;

use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentDefinedType, ComponentExternalKind, ComponentOuterAliasKind,
    ComponentType, ComponentTypeDeclaration, ComponentTypeRef, ComponentValType, Encoding, InstanceTypeDeclaration,
    Payload, TypeBounds,
};

use crate::error::Result;
use crate::guest::damaged;

/// The types of a guest's components.
#[derive(Default)]
pub(super) struct Shapes<'a> {
    /// How many parts each type has: of the component being read and those around it; in types of them, too.
    scopes: Vec<Vec<u64>>,
    /// The largest type that has this name in any instance or component. A type from an instance is looked up here.
    names: HashMap<&'a str, u64>,
    in_module: bool,
    lifted: u64,
}

impl<'a> Shapes<'a> {
    /// The most parts that the arguments and the result of a lifted function have.
    pub(super) fn lifted(&self) -> u64 {
        self.lifted
    }

    /// Adds a part.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if it is damaged.
    pub(super) fn take(&mut self, payload: &Payload<'a>) -> Result<()> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => self.scopes.push(Vec::new()),
            Payload::Version { encoding: Encoding::Module, .. } => self.in_module = true,
            Payload::End(_) if self.in_module => self.in_module = false,
            Payload::End(_) => drop(self.scopes.pop()),
            Payload::ComponentTypeSection(reader) => {
                for ty in reader.clone() {
                    self.declare(&ty.map_err(damaged)?);
                }
            }
            Payload::ComponentImportSection(reader) => {
                for import in reader.clone() {
                    let import = import.map_err(damaged)?;
                    self.external(import.name.name, import.ty);
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader.clone() {
                    let export = export.map_err(damaged)?;
                    if export.kind == ComponentExternalKind::Type {
                        let parts = self.parts_of(export.index);
                        self.name(export.name.name, parts);
                        self.push(parts);
                    }
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader.clone() {
                    self.alias(&alias.map_err(damaged)?);
                }
            }
            Payload::ComponentCanonicalSection(reader) => {
                for function in reader.clone() {
                    if let CanonicalFunction::Lift { type_index, .. } = function.map_err(damaged)? {
                        self.lifted = self.lifted.max(self.parts_of(type_index));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn declare(&mut self, ty: &ComponentType<'a>) {
        let parts = match ty {
            ComponentType::Defined(ty) => self.defined(ty),
            ComponentType::Func(ty) => {
                let types = ty.params.iter().map(|(_, ty)| ty).chain(&ty.result);
                types.fold(0, |parts: u64, ty| parts.saturating_add(self.value(ty)))
            }
            ComponentType::Instance(declarations) => {
                self.scopes.push(Vec::new());
                for declaration in declarations {
                    match declaration {
                        InstanceTypeDeclaration::Type(ty) => self.declare(ty),
                        InstanceTypeDeclaration::Alias(alias) => self.alias(alias),
                        InstanceTypeDeclaration::Export { name, ty } => self.external(name.name, *ty),
                        InstanceTypeDeclaration::CoreType(_) => {}
                    }
                }
                self.scopes.pop();
                1
            }
            ComponentType::Component(declarations) => {
                self.scopes.push(Vec::new());
                for declaration in declarations {
                    match declaration {
                        ComponentTypeDeclaration::Type(ty) => self.declare(ty),
                        ComponentTypeDeclaration::Alias(alias) => self.alias(alias),
                        ComponentTypeDeclaration::Export { name, ty } => self.external(name.name, *ty),
                        ComponentTypeDeclaration::Import(import) => self.external(import.name.name, import.ty),
                        ComponentTypeDeclaration::CoreType(_) => {}
                    }
                }
                self.scopes.pop();
                1
            }
            ComponentType::Resource { .. } => 1,
        };
        self.push(parts);
    }

    fn defined(&self, ty: &ComponentDefinedType<'a>) -> u64 {
        let all = |types: &mut dyn Iterator<Item = &ComponentValType>| {
            types.fold(1, |parts: u64, ty| parts.saturating_add(self.value(ty)))
        };
        match ty {
            ComponentDefinedType::Record(fields) => all(&mut fields.iter().map(|(_, ty)| ty)),
            ComponentDefinedType::Variant(cases) => {
                all(&mut cases.iter().filter_map(|case| case.ty.as_ref())).saturating_add(length(cases.len()))
            }
            ComponentDefinedType::Tuple(fields) => all(&mut fields.iter()),
            ComponentDefinedType::Map(key, value) => all(&mut [key, value].into_iter()),
            ComponentDefinedType::List(ty)
            | ComponentDefinedType::FixedLengthList(ty, _)
            | ComponentDefinedType::Option(ty) => all(&mut [ty].into_iter()),
            ComponentDefinedType::Result { ok, err } => all(&mut ok.iter().chain(err)),
            ComponentDefinedType::Enum(names) | ComponentDefinedType::Flags(names) => length(names.len()),
            _ => 1,
        }
    }

    fn value(&self, ty: &ComponentValType) -> u64 {
        match ty {
            ComponentValType::Primitive(_) => 1,
            ComponentValType::Type(index) => self.parts_of(*index),
        }
    }

    fn external(&mut self, name: &'a str, ty: ComponentTypeRef) {
        if let ComponentTypeRef::Type(bounds) = ty {
            let parts = match bounds {
                TypeBounds::Eq(index) => self.parts_of(index),
                TypeBounds::SubResource => 1,
            };
            self.name(name, parts);
            self.push(parts);
        }
    }

    fn alias(&mut self, alias: &ComponentAlias<'a>) {
        match alias {
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Type, name, .. } => {
                let parts = self.names.get(name).copied().unwrap_or(1);
                self.push(parts);
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, count, index } => {
                let scope = usize::try_from(*count).ok().and_then(|count| self.scopes.len().checked_sub(count + 1));
                let parts = scope.and_then(|scope| at(&self.scopes[scope], *index));
                self.push(parts.unwrap_or(1));
            }
            _ => {}
        }
    }

    fn name(&mut self, name: &'a str, parts: u64) {
        let known = self.names.entry(name).or_default();
        *known = parts.max(*known);
    }

    fn push(&mut self, parts: u64) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(parts);
        }
    }

    fn parts_of(&self, index: u32) -> u64 {
        self.scopes.last().and_then(|scope| at(scope, index)).unwrap_or(1)
    }
}

fn at(parts: &[u64], index: u32) -> Option<u64> {
    usize::try_from(index).ok().and_then(|index| parts.get(index)).copied()
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
