//! Owns the estimate of the cost of validating the declarations of a guest, which is refused if the cost is too high.
//!
//! wasmparser keeps all declarations in maps, and a declaration of two bytes may occupy a hundred times that size. The
//! type of an instance with resources is copied at each of its imports, with all types in it, and so is the type that
//! contains the import: a few hundred bytes of types can expand to gigabytes. So sizes are followed from type to type.

use std::ops::Range;

use wasmparser::{
    ComponentAlias, ComponentDefinedType, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentType, ComponentTypeDeclaration, ComponentTypeRef, CompositeInnerType, CoreType, Instance,
    InstanceTypeDeclaration, ModuleTypeDeclaration, Payload, RecGroup, TypeBounds,
};

use super::code;
use crate::error::Result;
use crate::guest::{damaged, too_complex};

/// What a guest may take for each of its bytes, and whatever its size. A command of 18 kB takes a fiftieth of this, and
/// all of WASI 0.2 as a package of types, of 22 kB, a seventh.
const PER_BYTE: u64 = 8;
const BASE: u64 = 16 << 20;

const TOO_MUCH: &str = "there are more declarations than a guest of this size can have";

/// Cost per item, in bytes: measured, with room for lists that have just grown. For an item that takes little memory,
/// the cost is its validation time, one byte for each nanosecond.
const SECTION: u64 = 100;
const MODULE: u64 = 14_000;
const CORE_TYPE: u64 = 850;
const CORE_FIELD: u64 = 24;
const CORE_IMPORT: u64 = 420;
const CORE_EXPORT: u64 = 180;
const CORE_ITEM: u64 = 50;
const TYPE: u64 = 800;
const FIELD: u64 = 170;
const EXTERN: u64 = 1200;
const ITEM: u64 = 320;
const LOWERED: u64 = 850;
const COPIED: u64 = 250;

/// The most bytes of memory for each byte of a section that is read; a declaration has at least two bytes.
const READ: u64 = 80;

/// A group of no more core types than this is read without a look at how many it says it has.
const LARGEST_GROUP: u32 = 1 << 14;
const GROUP: u8 = 0x4e;

/// What is declared so far.
pub(super) struct Weight {
    total: u64,
    most: u64,
    /// Of all types together, how much there is to copy.
    sizes: u64,
    /// The component being read and those around it, from the outside in; types of instances and components, too.
    scopes: Vec<Scope>,
    in_module: bool,
    /// The most parameters and results that a function has, and the most results.
    width: usize,
    results: usize,
}

/// Something in which types have numbers.
#[derive(Default)]
struct Scope {
    /// How much there is to copy in each; `None` for what comes from an instance.
    types: Vec<Option<u64>>,
    components: Vec<Option<u64>>,
    size: u64,
}

impl Weight {
    /// Of nothing yet, in a guest of `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        Self {
            total: 0,
            most: bytes.saturating_mul(PER_BYTE).saturating_add(BASE),
            sizes: 0,
            scopes: vec![Scope::default()],
            in_module: false,
            width: 0,
            results: 0,
        }
    }

    /// What validating takes, in bytes; at most about so many nanoseconds.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The most parameters and results that a function has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The most results that a function has.
    pub(super) fn results(&self) -> usize {
        self.results
    }

    /// Adds a part of the guest `wasm`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if it is damaged,
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if all together is too much.
    pub(super) fn take(&mut self, wasm: &[u8], payload: &Payload<'_>) -> Result<()> {
        self.add(SECTION)?;
        match payload {
            Payload::TypeSection(reader) => {
                self.groups(wasm, &reader.range())?;
                for group in reader.clone() {
                    self.group(&group.map_err(damaged)?)?;
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.clone().into_imports() {
                    let import = import.map_err(damaged)?;
                    self.add(CORE_IMPORT)?;
                    self.name(import.module)?;
                    self.name(import.name)?;
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader.clone() {
                    self.add(CORE_EXPORT)?;
                    self.name(export.map_err(damaged)?.name)?;
                }
            }
            Payload::FunctionSection(reader) => self.many(reader.count(), 16)?,
            Payload::TableSection(reader) => self.many(reader.count(), CORE_ITEM)?,
            Payload::MemorySection(reader) => self.many(reader.count(), CORE_ITEM)?,
            Payload::TagSection(reader) => self.many(reader.count(), CORE_ITEM)?,
            // These have code in them.
            Payload::GlobalSection(reader) => self.bytes(&reader.range())?,
            Payload::ElementSection(reader) => self.bytes(&reader.range())?,
            Payload::DataSection(reader) => self.many(reader.count(), CORE_ITEM)?,
            Payload::ModuleSection { .. } => {
                self.in_module = true;
                self.add(MODULE)?;
            }
            Payload::ComponentSection { .. } => {
                self.scopes.push(Scope::default());
                self.add(MODULE)?;
            }
            Payload::End(_) if self.in_module => self.in_module = false,
            Payload::End(_) if self.scopes.len() > 1 => {
                let size = self.leave();
                self.scope().components.push(Some(size));
            }
            payload => self.component(wasm, payload)?,
        }
        Ok(())
    }

    fn component(&mut self, wasm: &[u8], payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::CoreTypeSection(reader) => {
                self.items(&reader.range())?;
                self.groups(wasm, &reader.range())?;
                for ty in reader.clone() {
                    self.core_type(&ty.map_err(damaged)?)?;
                }
            }
            Payload::ComponentTypeSection(reader) => {
                self.items(&reader.range())?;
                self.groups(wasm, &reader.range())?;
                for ty in reader.clone() {
                    self.declare(&ty.map_err(damaged)?)?;
                }
            }
            Payload::ComponentImportSection(reader) => {
                for import in reader.clone() {
                    let import = import.map_err(damaged)?;
                    self.external(import.name.name, import.ty)?;
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader.clone() {
                    let export = export.map_err(damaged)?;
                    match (export.kind, export.ty) {
                        (_, Some(ty)) => self.external(export.name.name, ty)?,
                        _ => self.external(export.name.name, ComponentTypeRef::Func(0))?,
                    }
                    let scope = self.scope();
                    match export.kind {
                        ComponentExternalKind::Type if export.ty.is_none() => {
                            let size = at(&scope.types, export.index);
                            scope.types.push(size);
                        }
                        ComponentExternalKind::Component if export.ty.is_none() => {
                            let size = at(&scope.components, export.index);
                            scope.components.push(size);
                        }
                        _ => {}
                    }
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader.clone() {
                    self.alias(&alias.map_err(damaged)?)?;
                }
            }
            Payload::ComponentInstanceSection(reader) => {
                self.items(&reader.range())?;
                for instance in reader.clone() {
                    match instance.map_err(damaged)? {
                        ComponentInstance::Instantiate { component_index, args } => {
                            let size = at(&self.scope().components, component_index);
                            self.fields(args.len())?;
                            self.copy(size)?;
                        }
                        ComponentInstance::FromExports(exports) => {
                            self.fields(exports.len())?;
                            exports.iter().try_for_each(|export| self.name(export.name.name))?;
                        }
                    }
                    self.add(ITEM)?;
                }
            }
            Payload::InstanceSection(reader) => {
                self.items(&reader.range())?;
                for instance in reader.clone() {
                    match instance.map_err(damaged)? {
                        Instance::Instantiate { args, .. } => self.fields(args.len())?,
                        Instance::FromExports(exports) => {
                            self.fields(exports.len())?;
                            exports.iter().try_for_each(|export| self.name(export.name))?;
                        }
                    }
                    self.add(ITEM)?;
                }
            }
            Payload::ComponentCanonicalSection(reader) => self.many(reader.count(), LOWERED)?,
            _ => {}
        }
        Ok(())
    }

    /// Refuses a section of which one item may be too much: it is read as a whole before it can be weighed.
    fn items(&self, range: &Range<u64>) -> Result<()> {
        if (range.end - range.start).saturating_mul(READ) > self.most {
            return Err(too_complex(TOO_MUCH));
        }
        Ok(())
    }

    /// Refuses a section with a group of too many core types, because memory for all types of a group is allocated when
    /// the group is read. This function does not know whether a byte begins a group, but no other construct has the
    /// same first byte and as large a number after it.
    fn groups(&self, wasm: &[u8], range: &Range<u64>) -> Result<()> {
        let range = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        let mut rest = range.and_then(|(start, end)| wasm.get(start..end)).unwrap_or_default();
        while let Some(place) = rest.iter().position(|byte| *byte == GROUP) {
            rest = &rest[place + 1..];
            let count = code::number(rest, 0).map_or(0, |(count, _)| count);
            if count <= LARGEST_GROUP {
                continue;
            }
            if usize::try_from(count).is_ok_and(|count| count > rest.len()) {
                return Err(damaged("a group of types extends beyond its section"));
            }
            if u64::from(count).saturating_mul(CORE_TYPE) > self.most {
                return Err(too_complex(TOO_MUCH));
            }
        }
        Ok(())
    }

    /// A type with a number.
    fn declare(&mut self, ty: &ComponentType<'_>) -> Result<()> {
        let size = self.ty(ty)?;
        self.scope().types.push(Some(size));
        self.grow(size);
        Ok(())
    }

    /// Returns how much there is to copy.
    fn ty(&mut self, ty: &ComponentType<'_>) -> Result<u64> {
        self.add(TYPE)?;
        let fields = match ty {
            ComponentType::Component(declarations) => {
                self.scopes.push(Scope::default());
                for declaration in declarations {
                    match declaration {
                        ComponentTypeDeclaration::CoreType(ty) => self.core_type(ty)?,
                        ComponentTypeDeclaration::Type(ty) => self.declare(ty)?,
                        ComponentTypeDeclaration::Alias(alias) => self.alias(alias)?,
                        ComponentTypeDeclaration::Export { name, ty } => self.external(name.name, *ty)?,
                        ComponentTypeDeclaration::Import(import) => self.external(import.name.name, import.ty)?,
                    }
                }
                return Ok(self.leave());
            }
            ComponentType::Instance(declarations) => {
                self.scopes.push(Scope::default());
                for declaration in declarations {
                    match declaration {
                        InstanceTypeDeclaration::CoreType(ty) => self.core_type(ty)?,
                        InstanceTypeDeclaration::Type(ty) => self.declare(ty)?,
                        InstanceTypeDeclaration::Alias(alias) => self.alias(alias)?,
                        InstanceTypeDeclaration::Export { name, ty } => self.external(name.name, *ty)?,
                    }
                }
                return Ok(self.leave());
            }
            ComponentType::Func(ty) => ty.params.len(),
            ComponentType::Defined(ComponentDefinedType::Record(fields)) => fields.len(),
            ComponentType::Defined(ComponentDefinedType::Variant(cases)) => cases.len(),
            ComponentType::Defined(ComponentDefinedType::Tuple(fields)) => fields.len(),
            ComponentType::Defined(ComponentDefinedType::Flags(names) | ComponentDefinedType::Enum(names)) => {
                names.len()
            }
            ComponentType::Defined(_) | ComponentType::Resource { .. } => 0,
        };
        self.fields(fields)?;
        Ok(1 + u64::try_from(fields).unwrap_or(u64::MAX))
    }

    fn core_type(&mut self, ty: &CoreType<'_>) -> Result<()> {
        self.add(TYPE)?;
        match ty {
            CoreType::Rec(group) => self.group(group),
            CoreType::Module(declarations) => declarations.iter().try_for_each(|declaration| match declaration {
                ModuleTypeDeclaration::Type(group) => self.group(group),
                ModuleTypeDeclaration::Import(import) => {
                    self.add(CORE_IMPORT)?;
                    self.name(import.module)?;
                    self.name(import.name)
                }
                ModuleTypeDeclaration::Export { name, .. } => {
                    self.add(CORE_EXPORT)?;
                    self.name(name)
                }
                ModuleTypeDeclaration::OuterAlias { .. } => self.add(CORE_ITEM),
            }),
        }
    }

    fn group(&mut self, group: &RecGroup) -> Result<()> {
        self.add(SECTION)?;
        for ty in group.types() {
            let fields = match &ty.composite_type.inner {
                CompositeInnerType::Func(ty) => {
                    self.results = self.results.max(ty.results().len());
                    ty.params().len() + ty.results().len()
                }
                CompositeInnerType::Struct(ty) => ty.fields.len(),
                _ => 1,
            };
            self.width = self.width.max(fields);
            let fields = u64::try_from(fields).unwrap_or(u64::MAX);
            self.add(fields.saturating_mul(CORE_FIELD).saturating_add(CORE_TYPE))?;
        }
        Ok(())
    }

    /// An import or export, in a component or a type of one.
    fn external(&mut self, name: &str, ty: ComponentTypeRef) -> Result<()> {
        self.add(EXTERN)?;
        // Names are kept in several places, also in parts.
        (0..4).try_for_each(|_| self.name(name))?;
        self.grow(1);
        match ty {
            ComponentTypeRef::Instance(index) => {
                let size = at(&self.scope().types, index);
                self.copy(size)?;
            }
            ComponentTypeRef::Component(index) => {
                let size = at(&self.scope().types, index);
                self.scope().components.push(size);
                self.copy(size)?;
            }
            ComponentTypeRef::Type(TypeBounds::Eq(index)) => {
                let scope = self.scope();
                let size = at(&scope.types, index);
                scope.types.push(size);
            }
            ComponentTypeRef::Type(TypeBounds::SubResource) => self.scope().types.push(Some(1)),
            ComponentTypeRef::Module(_) | ComponentTypeRef::Func(_) | ComponentTypeRef::Value(_) => {}
        }
        Ok(())
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) -> Result<()> {
        self.add(ITEM)?;
        self.grow(1);
        match alias {
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Type, .. } => {
                self.scope().types.push(None);
            }
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                self.scope().components.push(None);
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, count, index } => {
                let size = self.outer(*count).and_then(|scope| at(&scope.types, *index));
                self.scope().types.push(size);
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                let size = self.outer(*count).and_then(|scope| at(&scope.components, *index));
                self.scope().components.push(size);
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds the cost of a copy of a type; a type of unknown size counts as all types together.
    fn copy(&mut self, size: Option<u64>) -> Result<()> {
        let size = size.unwrap_or(self.sizes);
        self.grow(size);
        self.add(size.saturating_mul(COPIED))
    }

    /// There is more to copy in what is being read.
    fn grow(&mut self, size: u64) {
        self.sizes = self.sizes.saturating_add(size);
        let scope = self.scope();
        scope.size = scope.size.saturating_add(size);
    }

    fn leave(&mut self) -> u64 {
        self.scopes.pop().map_or(1, |scope| scope.size.saturating_add(1))
    }

    fn outer(&self, count: u32) -> Option<&Scope> {
        let count = usize::try_from(count).ok()?;
        self.scopes.len().checked_sub(count)?.checked_sub(1).and_then(|place| self.scopes.get(place))
    }

    fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    fn fields(&mut self, count: usize) -> Result<()> {
        self.add(u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(FIELD))
    }

    fn many(&mut self, count: u32, each: u64) -> Result<()> {
        self.add(u64::from(count).saturating_mul(each))
    }

    fn bytes(&mut self, range: &Range<u64>) -> Result<()> {
        self.add((range.end - range.start).saturating_mul(12))
    }

    fn name(&mut self, name: &str) -> Result<()> {
        self.add(u64::try_from(name.len()).unwrap_or(u64::MAX))
    }

    fn add(&mut self, bytes: u64) -> Result<()> {
        self.total = self.total.saturating_add(bytes);
        if self.total > self.most {
            return Err(too_complex(TOO_MUCH));
        }
        Ok(())
    }
}

/// The size at `index`; `None` also if nothing has that index, in which case the guest is invalid.
fn at(sizes: &[Option<u64>], index: u32) -> Option<u64> {
    usize::try_from(index).ok().and_then(|index| sizes.get(index)).copied().flatten()
}
