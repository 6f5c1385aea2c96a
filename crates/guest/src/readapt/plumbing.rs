//! Owns reading what wit-component puts between the modules: shims, what fills their table, and components that only
//! pass things on under other names.

use std::collections::BTreeMap;

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentTypeRef, ElementItems, ElementKind, ExternalKind, FunctionBody,
    Operator, Parser, Payload, TypeRef,
};

use super::layout::{other, unreadable};
use super::refusal::Refusal;

/// The name of the table in which shims find what they stand for.
pub(super) const TABLE: &str = "$imports";

/// A core module that is plumbing.
#[derive(Debug)]
pub(super) enum Plumbing<'a> {
    /// Its functions call what is in its table: the slot of each export.
    Shim(BTreeMap<&'a str, u32>),
    /// It fills the slots of such a table with imports, and calls imports when it is instantiated.
    Filler(Filler<'a>),
}

/// Module and name of an import.
pub(super) type ImportName<'a> = (&'a str, &'a str);

#[derive(Debug, Default)]
pub(super) struct Filler<'a> {
    /// The table it fills, if it fills one.
    pub(super) table: Option<ImportName<'a>>,
    pub(super) slots: Vec<ImportName<'a>>,
    /// What is called, in this order.
    pub(super) calls: Vec<ImportName<'a>>,
}

/// What is in a core module, as far as plumbing has it.
#[derive(Default)]
struct Contents<'a> {
    funcs: Vec<ImportName<'a>>,
    tables: Vec<ImportName<'a>>,
    own_tables: u32,
    bodies: Vec<FunctionBody<'a>>,
    exports: Vec<(&'a str, ExternalKind, u32)>,
    slots: Vec<u32>,
    start: Option<u32>,
}

impl<'a> Plumbing<'a> {
    /// Reads a core module that is known to be valid; `None` if it does anything that plumbing does not.
    pub(super) fn of(wasm: &'a [u8]) -> Option<Self> {
        let contents = Contents::read(wasm)?;
        contents.shim().map(Self::Shim).or_else(|| contents.filler().map(Self::Filler))
    }
}

impl<'a> Contents<'a> {
    fn read(wasm: &'a [u8]) -> Option<Self> {
        let mut contents = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.ok()? {
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        let import = import.ok()?;
                        match import.ty {
                            TypeRef::Func(_) => contents.funcs.push((import.module, import.name)),
                            TypeRef::Table(_) => contents.tables.push((import.module, import.name)),
                            _ => return None,
                        }
                    }
                }
                Payload::TableSection(reader) => contents.own_tables += reader.count(),
                Payload::ExportSection(reader) => {
                    for export in reader {
                        let export = export.ok()?;
                        contents.exports.push((export.name, export.kind, export.index));
                    }
                }
                Payload::ElementSection(reader) => {
                    for element in reader {
                        let element = element.ok()?;
                        let (
                            ElementKind::Active { table_index: None | Some(0), offset_expr },
                            ElementItems::Functions(functions),
                        ) = (element.kind, element.items)
                        else {
                            return None;
                        };
                        let offset = offset_expr.get_operators_reader().read().ok()?;
                        if !contents.slots.is_empty() || !matches!(offset, Operator::I32Const { value: 0 }) {
                            return None;
                        }
                        contents.slots = functions.into_iter().collect::<Result<_, _>>().ok()?;
                    }
                }
                Payload::StartSection { func, .. } => contents.start = Some(func),
                Payload::CodeSectionEntry(body) => contents.bodies.push(body),
                Payload::MemorySection(_) | Payload::GlobalSection(_) | Payload::TagSection(_) => return None,
                Payload::DataSection(reader) if reader.count() > 0 => return None,
                _ => {}
            }
        }
        Some(contents)
    }

    /// Every function calls the slot of the table that its place says, and nothing else.
    fn shim(&self) -> Option<BTreeMap<&'a str, u32>> {
        if !self.funcs.is_empty() || !self.tables.is_empty() || self.own_tables != 1 || self.start.is_some() {
            return None;
        }
        if !self.slots.is_empty() || self.bodies.is_empty() {
            return None;
        }
        let slots = self.bodies.iter().map(called_slot).collect::<Option<Vec<u32>>>()?;
        let mut of_name = BTreeMap::new();
        for (name, kind, index) in &self.exports {
            match kind {
                ExternalKind::Func => drop(of_name.insert(*name, *slots.get(usize::try_from(*index).ok()?)?)),
                ExternalKind::Table if *name == TABLE => {}
                _ => return None,
            }
        }
        Some(of_name)
    }

    /// Nothing is exported; slots are filled with imports, and only imports are called.
    fn filler(&self) -> Option<Filler<'a>> {
        if self.own_tables > 0 || self.tables.len() > 1 || !self.exports.is_empty() {
            return None;
        }
        let import = |index: u32| self.funcs.get(usize::try_from(index).ok()?).copied();
        let slots = self.slots.iter().map(|index| import(*index)).collect::<Option<Vec<_>>>()?;
        let calls = match self.start {
            None if self.bodies.is_empty() => Vec::new(),
            None => return None,
            Some(start) => match (import(start), self.bodies.as_slice()) {
                (Some(only), []) => vec![only],
                (None, [body]) => calls(body)?.into_iter().map(import).collect::<Option<_>>()?,
                _ => return None,
            },
        };
        let table = self.tables.first().copied();
        (!slots.is_empty() || !calls.is_empty()).then_some(Filler { table, slots, calls })
    }
}

/// The slot that is called with just the parameters.
fn called_slot(body: &FunctionBody<'_>) -> Option<u32> {
    if body.get_locals_reader().ok()?.get_count() > 0 {
        return None;
    }
    let mut reader = body.get_operators_reader().ok()?;
    let mut params = 0;
    let slot = loop {
        match reader.read().ok()? {
            Operator::LocalGet { local_index } if local_index == params => params += 1,
            Operator::I32Const { value } => break u32::try_from(value).ok()?,
            _ => return None,
        }
    };
    // That it takes all parameters is validation's word: what is left on the stack must be the results, and the types
    // of a shim and of its slot are one and the same only if none is left out.
    let call = reader.read().ok()?;
    let end = reader.read().ok()?;
    (matches!(call, Operator::CallIndirect { table_index: 0, .. }) && matches!(end, Operator::End) && reader.eof())
        .then_some(slot)
}

/// The functions that are called, if nothing else is done.
fn calls(body: &FunctionBody<'_>) -> Option<Vec<u32>> {
    if body.get_locals_reader().ok()?.get_count() > 0 {
        return None;
    }
    let mut reader = body.get_operators_reader().ok()?;
    let mut calls = Vec::new();
    loop {
        match reader.read().ok()? {
            Operator::Call { function_index } => calls.push(function_index),
            Operator::End if reader.eof() => return Some(calls),
            _ => return None,
        }
    }
}

/// A component that passes on, under another name, what it is given: names of exports, and of the imports they are.
#[derive(Debug, Default)]
pub(super) struct Renaming<'a> {
    pub(super) funcs: BTreeMap<&'a str, &'a str>,
    pub(super) types: BTreeMap<&'a str, &'a str>,
}

impl<'a> Renaming<'a> {
    /// Reads a component that is known to be valid.
    ///
    /// # Errors
    /// [`Refusal::Composed`] if it does anything else.
    pub(super) fn read(wasm: &'a [u8]) -> Result<Self, Refusal> {
        let mut renaming = Self::default();
        let mut funcs: Vec<Option<&str>> = Vec::new();
        let mut types: Vec<Option<&str>> = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(unreadable)? {
                Payload::ComponentTypeSection(reader) => {
                    for ty in reader {
                        if matches!(ty.map_err(unreadable)?, wasmparser::ComponentType::Resource { .. }) {
                            return Err(Refusal::Composed);
                        }
                        types.push(None);
                    }
                }
                Payload::ComponentImportSection(reader) => {
                    for import in reader {
                        let import = import.map_err(unreadable)?;
                        match import.ty {
                            ComponentTypeRef::Func(_) => funcs.push(Some(import.name.name)),
                            ComponentTypeRef::Type(_) => types.push(Some(import.name.name)),
                            _ => return Err(Refusal::Composed),
                        }
                    }
                }
                Payload::ComponentAliasSection(reader) => {
                    for alias in reader {
                        match alias.map_err(unreadable)? {
                            ComponentAlias::Outer { kind: wasmparser::ComponentOuterAliasKind::Type, .. } => {
                                types.push(None);
                            }
                            _ => return Err(Refusal::Composed),
                        }
                    }
                }
                Payload::ComponentExportSection(reader) => {
                    for export in reader {
                        let export = export.map_err(unreadable)?;
                        let (space, names) = match export.kind {
                            ComponentExternalKind::Func => (&mut funcs, &mut renaming.funcs),
                            ComponentExternalKind::Type => (&mut types, &mut renaming.types),
                            _ => return Err(Refusal::Composed),
                        };
                        let of = *super::layout::at(space, export.index)?;
                        space.push(of);
                        match of {
                            Some(import) => drop(names.insert(export.name.name, import)),
                            None if export.kind == ComponentExternalKind::Type => {}
                            None => return Err(other("the source of a function is not defined")),
                        }
                    }
                }
                Payload::Version { .. } | Payload::CustomSection(_) | Payload::End(_) => {}
                _ => return Err(Refusal::Composed),
            }
        }
        Ok(renaming)
    }
}
