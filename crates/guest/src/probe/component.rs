//! Owns finding a component's main module, and putting another in its place.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentInstanceSection, ComponentTypeSection, ComponentValType, ExportKind, RawSection,
};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ComponentTypeRef, ExternalKind,
    Instance, Parser, Payload, TypeRef,
};

use super::module::{ADDED_ENTRY, PREVIEW1, damaged, part};
use super::reason::Unprobeable;
use crate::error::Result;

/// The interface under which the entry of a library is exported: the version that every host of WASI 0.2 has.
const RUN: &str = "wasi:cli/run@0.2.0";

/// What of a component's structure matters here.
#[derive(Debug)]
pub(super) struct ParsedComponent<'a> {
    sections: Vec<(u8, &'a [u8])>,
    /// Of the sections the main module, and its instance.
    main: usize,
    instance: u32,
    /// How many of each sort there are, which is the index of the next one.
    next: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    modules: u32,
    core_instances: u32,
    core_functions: u32,
    types: u32,
    functions: u32,
    instances: u32,
}

impl<'a> ParsedComponent<'a> {
    /// Takes a component apart; `None` if no module of it imports preview1.
    ///
    /// # Errors
    /// If it is damaged, or more than one module would have to be replaced.
    pub(super) fn of(wasm: &'a [u8]) -> Result<Option<Self>> {
        let (mut sections, mut next) = (Vec::new(), Counts::default());
        // Index and section of each module that imports preview1; module and index of each instance.
        let (mut mains, mut instances) = (Vec::new(), Vec::new());
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.map_err(damaged)?;
            if depth > 0 {
                match payload {
                    Payload::ModuleSection { .. } if inside_component(&sections) => {
                        return Err(Unprobeable::Composed.into());
                    }
                    Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                    Payload::End(_) => depth -= 1,
                    _ => {}
                }
                continue;
            }
            if let Some((id, range)) = payload.as_section() {
                sections.push((id, part(wasm, range)));
            }
            match payload {
                Payload::ModuleSection { unchecked_range, .. } => {
                    if imports_preview1(part(wasm, unchecked_range))? {
                        mains.push((next.modules, sections.len() - 1));
                    }
                    next.modules += 1;
                    depth += 1;
                }
                Payload::ComponentSection { .. } => depth += 1,
                Payload::InstanceSection(reader) => {
                    for instance in reader {
                        if let Instance::Instantiate { module_index, .. } = instance.map_err(damaged)? {
                            instances.push((module_index, next.core_instances));
                        }
                        next.core_instances += 1;
                    }
                }
                payload => next.count(payload)?,
            }
        }
        let (index, main) = match mains.as_slice() {
            [] => return Ok(None),
            [only] => *only,
            _ => return Err(Unprobeable::SeveralModules.into()),
        };
        let mut of_main = instances.iter().filter(|(module, _)| *module == index);
        match (of_main.next(), of_main.next()) {
            (Some((_, instance)), None) => Ok(Some(Self { sections, main, instance: *instance, next })),
            _ => Err(Unprobeable::SeveralModules.into()),
        }
    }

    /// The bytes of the main module.
    pub(super) fn main(&self) -> &'a [u8] {
        self.sections.get(self.main).map_or(&[], |(_, bytes)| bytes)
    }

    /// The component with `main` as its main module; with `add_run` it exports what that exports as
    /// [`ADDED_ENTRY`] as its `wasi:cli/run`.
    pub(super) fn with(&self, main: &[u8], add_run: bool) -> Vec<u8> {
        let mut component = wasm_encoder::Component::new();
        for (at, (id, data)) in self.sections.iter().enumerate() {
            let data = if at == self.main { main } else { data };
            component.section(&RawSection { id: *id, data });
        }
        if add_run {
            self.add_run(&mut component);
        }
        component.finish()
    }

    fn add_run(&self, component: &mut wasm_encoder::Component) {
        let Counts { core_functions, types: result, functions, instances, .. } = self.next;
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(Alias::CoreInstanceExport { instance: self.instance, kind: ExportKind::Func, name: ADDED_ENTRY });
        let mut types = ComponentTypeSection::new();
        types.defined_type().result(None, None);
        let none: [(&str, ComponentValType); 0] = [];
        types.function().params(none).result(Some(ComponentValType::Type(result)));
        let mut lifted = CanonicalFunctionSection::new();
        let options: [CanonicalOption; 0] = [];
        lifted.lift(core_functions, result.saturating_add(1), options);
        let mut interface = ComponentInstanceSection::new();
        interface.export_items([("run", ComponentExportKind::Func, functions)]);
        let mut exports = ComponentExportSection::new();
        exports.export(RUN, ComponentExportKind::Instance, instances, None);
        component.section(&aliases).section(&types).section(&lifted).section(&interface).section(&exports);
    }
}

impl Counts {
    /// Counts what a section defines, apart from modules and core instances.
    fn count(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::ComponentInstanceSection(reader) => self.instances += reader.count(),
            Payload::ComponentTypeSection(reader) => self.types += reader.count(),
            Payload::ComponentAliasSection(reader) => {
                for alias in reader {
                    match alias.map_err(damaged)? {
                        ComponentAlias::InstanceExport { kind, .. } => self.external(kind),
                        ComponentAlias::CoreInstanceExport {
                            kind: ExternalKind::Func | ExternalKind::FuncExact,
                            ..
                        } => self.core_functions += 1,
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => self.types += 1,
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => self.modules += 1,
                        _ => {}
                    }
                }
            }
            Payload::ComponentCanonicalSection(reader) => {
                for function in reader {
                    match function.map_err(damaged)? {
                        CanonicalFunction::Lift { .. } => self.functions += 1,
                        _ => self.core_functions += 1,
                    }
                }
            }
            Payload::ComponentImportSection(reader) => {
                for import in reader {
                    self.external(match import.map_err(damaged)?.ty {
                        ComponentTypeRef::Module(_) => ComponentExternalKind::Module,
                        ComponentTypeRef::Func(_) => ComponentExternalKind::Func,
                        ComponentTypeRef::Type(_) => ComponentExternalKind::Type,
                        ComponentTypeRef::Instance(_) => ComponentExternalKind::Instance,
                        ComponentTypeRef::Value(_) => ComponentExternalKind::Value,
                        ComponentTypeRef::Component(_) => ComponentExternalKind::Component,
                    });
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader {
                    self.external(export.map_err(damaged)?.kind);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn external(&mut self, kind: ComponentExternalKind) {
        match kind {
            ComponentExternalKind::Module => self.modules += 1,
            ComponentExternalKind::Func => self.functions += 1,
            ComponentExternalKind::Type => self.types += 1,
            ComponentExternalKind::Instance => self.instances += 1,
            ComponentExternalKind::Value | ComponentExternalKind::Component => {}
        }
    }
}

fn imports_preview1(module: &[u8]) -> Result<bool> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(reader) = payload.map_err(damaged)? {
            for import in reader.into_imports() {
                let import = import.map_err(damaged)?;
                if import.module == PREVIEW1 && matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// Whether the outermost section that is being read is a component.
fn inside_component(sections: &[(u8, &[u8])]) -> bool {
    sections.last().is_some_and(|(id, _)| *id == 4)
}
