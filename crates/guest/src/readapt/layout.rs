//! Owns reading the outermost component into its index spaces. What wit-component never writes is refused here.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExport, ComponentExternalKind, ComponentInstance,
    ComponentType, ComponentTypeRef, CustomSectionReader, ExternalKind, Instance, Parser, Payload,
};

use super::refusal::Refusal;

/// The parts of a component, each at its index.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    pub(super) modules: Vec<&'a [u8]>,
    pub(super) components: Vec<&'a [u8]>,
    pub(super) core_instances: Vec<Instance<'a>>,
    pub(super) core_funcs: Vec<CoreFunc<'a>>,
    pub(super) core_memories: Vec<CoreExport<'a>>,
    pub(super) core_tables: Vec<CoreExport<'a>>,
    pub(super) core_globals: Vec<CoreExport<'a>>,
    pub(super) funcs: Vec<Func<'a>>,
    pub(super) instances: Vec<Inst<'a>>,
    pub(super) types: Vec<Ty<'a>>,
    pub(super) exports: Vec<ComponentExport<'a>>,
    /// Custom sections of the component itself.
    pub(super) customs: Vec<CustomSectionReader<'a>>,
}

/// An export of a core instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct CoreExport<'a> {
    pub(super) instance: u32,
    pub(super) name: &'a str,
}

#[derive(Debug)]
pub(super) enum CoreFunc<'a> {
    Alias(CoreExport<'a>),
    Lower { func: u32, options: Box<[CanonicalOption]> },
    Resource { what: &'static str, ty: u32 },
}

#[derive(Debug)]
pub(super) enum Func<'a> {
    Import(&'a str),
    Alias { instance: u32, name: &'a str },
    Lift { core: u32, options: Box<[CanonicalOption]> },
    Same(u32),
}

#[derive(Debug)]
pub(super) enum Inst<'a> {
    Import(&'a str),
    Made(ComponentInstance<'a>),
    Same(u32),
}

#[derive(Debug)]
pub(super) enum Ty<'a> {
    Import(&'a str),
    Alias { instance: u32, name: &'a str },
    Resource { dtor: Option<u32> },
    Value,
}

impl<'a> Layout<'a> {
    /// Reads a component that is known to be valid.
    pub(super) fn read(wasm: &'a [u8]) -> Result<Self, Refusal> {
        let mut layout = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.map_err(unreadable)?;
            match &payload {
                Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } => {
                    if depth == 0 {
                        let bytes = part(wasm, unchecked_range).ok_or_else(|| other("a section is truncated"))?;
                        match payload {
                            Payload::ModuleSection { .. } => layout.modules.push(bytes),
                            _ => layout.components.push(bytes),
                        }
                    }
                    depth += 1;
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                _ => layout.section(payload)?,
            }
        }
        Ok(layout)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), Refusal> {
        match payload {
            Payload::InstanceSection(reader) => {
                for instance in reader {
                    self.core_instances.push(instance.map_err(unreadable)?);
                }
            }
            Payload::ComponentInstanceSection(reader) => {
                for instance in reader {
                    self.instances.push(Inst::Made(instance.map_err(unreadable)?));
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader {
                    self.alias(alias.map_err(unreadable)?)?;
                }
            }
            Payload::ComponentTypeSection(reader) => {
                for ty in reader {
                    self.types.push(match ty.map_err(unreadable)? {
                        ComponentType::Resource { dtor, .. } => Ty::Resource { dtor },
                        _ => Ty::Value,
                    });
                }
            }
            Payload::ComponentCanonicalSection(reader) => {
                for function in reader {
                    self.canonical(function.map_err(unreadable)?)?;
                }
            }
            Payload::ComponentImportSection(reader) => {
                for import in reader {
                    let import = import.map_err(unreadable)?;
                    let name = import.name.name;
                    match import.ty {
                        ComponentTypeRef::Func(_) => self.funcs.push(Func::Import(name)),
                        ComponentTypeRef::Instance(_) => self.instances.push(Inst::Import(name)),
                        ComponentTypeRef::Type(_) => self.types.push(Ty::Import(name)),
                        ty => return Err(other(format!("the component imports a {:?}", ty.kind()))),
                    }
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader {
                    let export = export.map_err(unreadable)?;
                    match export.kind {
                        ComponentExternalKind::Func => self.funcs.push(Func::Same(export.index)),
                        ComponentExternalKind::Instance => self.instances.push(Inst::Same(export.index)),
                        kind => return Err(other(format!("the component exports a {kind:?}"))),
                    }
                    self.exports.push(export);
                }
            }
            Payload::CustomSection(section) => self.customs.push(section),
            Payload::ComponentStartSection { .. } => return Err(other("the component has a start function")),
            // Core types only describe modules, which are neither imported nor exported here.
            Payload::CoreTypeSection(_) | Payload::Version { .. } => {}
            _ => return Err(other("a section is of an unknown kind")),
        }
        Ok(())
    }

    fn alias(&mut self, alias: ComponentAlias<'a>) -> Result<(), Refusal> {
        match alias {
            ComponentAlias::InstanceExport { kind, instance_index: instance, name } => match kind {
                ComponentExternalKind::Func => self.funcs.push(Func::Alias { instance, name }),
                ComponentExternalKind::Type => self.types.push(Ty::Alias { instance, name }),
                kind => return Err(other(format!("an alias refers to a {kind:?} of an instance"))),
            },
            ComponentAlias::CoreInstanceExport { kind, instance_index: instance, name } => {
                let export = CoreExport { instance, name };
                match kind {
                    ExternalKind::Func => self.core_funcs.push(CoreFunc::Alias(export)),
                    ExternalKind::Memory => self.core_memories.push(export),
                    ExternalKind::Table => self.core_tables.push(export),
                    ExternalKind::Global => self.core_globals.push(export),
                    kind => return Err(other(format!("an alias refers to a {kind:?} of a core instance"))),
                }
            }
            ComponentAlias::Outer { .. } => return Err(other("an alias refers to an enclosing component")),
        }
        Ok(())
    }

    fn canonical(&mut self, function: CanonicalFunction) -> Result<(), Refusal> {
        match function {
            CanonicalFunction::Lift { core_func_index: core, options, .. } => {
                self.funcs.push(Func::Lift { core, options });
            }
            CanonicalFunction::Lower { func_index: func, options } => {
                self.core_funcs.push(CoreFunc::Lower { func, options });
            }
            CanonicalFunction::ResourceNew { resource: ty } => self.resource("new", ty),
            CanonicalFunction::ResourceDrop { resource: ty } => self.resource("drop", ty),
            CanonicalFunction::ResourceRep { resource: ty } => self.resource("rep", ty),
            _ => return Err(other("the component uses functions of asynchronous components or of threads")),
        }
        Ok(())
    }

    fn resource(&mut self, what: &'static str, ty: u32) {
        self.core_funcs.push(CoreFunc::Resource { what, ty });
    }
}

/// What is at an index; validation has seen to it that something is.
pub(super) fn at<T>(space: &[T], index: u32) -> Result<&T, Refusal> {
    usize::try_from(index).ok().and_then(|index| space.get(index)).ok_or_else(|| other("an index is out of range"))
}

pub(super) fn other(what: impl Into<String>) -> Refusal {
    Refusal::Layout(what.into())
}

pub(super) fn unreadable(error: wasmparser::BinaryReaderError) -> Refusal {
    other(error.message())
}

fn part<'a>(wasm: &'a [u8], range: &std::ops::Range<u64>) -> Option<&'a [u8]> {
    wasm.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
}
