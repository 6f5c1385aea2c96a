//! Owns the wiring of a component: what its main module and its adapter are given and give, in words that mean the
//! same in any component. Two components whose words are alike differ in nothing that the main module could notice.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{CanonicalOption, ComponentExternalKind, ComponentInstance, ExternalKind, Instance, Parser, Payload};

use super::layout::{CoreExport, CoreFunc, Func, Inst, Layout, Ty, at, other, unreadable};
use super::plumbing::{Plumbing, Renaming, TABLE};
use super::refusal::Refusal;

/// Words that need more steps than this lead in a circle.
const DEEPEST: usize = 12;

/// What matters of a component with one main module and one adapter.
#[derive(Debug)]
pub(super) struct Wiring<'a> {
    /// The main module, byte for byte.
    pub(super) main: &'a [u8],
    /// What the main module imports, and what it is given.
    pub(super) given: BTreeMap<(&'a str, &'a str), String>,
    /// What is called before the component may be used.
    pub(super) calls: Vec<String>,
    /// Exports that lead to the main module: the words of a function, or of each function of an instance.
    pub(super) exports: BTreeMap<&'a str, BTreeMap<&'a str, String>>,
    /// Exports that lead to the adapter.
    pub(super) of_adapter: BTreeSet<&'a str>,
    /// The string encodings that the main module uses.
    pub(super) encodings: BTreeSet<&'static str>,
}

/// What a core instance is.
#[derive(Debug)]
enum Part<'a> {
    Main,
    Adapter,
    Shim(BTreeMap<&'a str, u32>),
    Filler,
    /// Items put together to be given to a module.
    Bundle,
}

/// A component being put into words.
struct Reader<'a, 'l> {
    layout: &'l Layout<'a>,
    parts: Vec<Part<'a>>,
    /// What is in each slot of the shims' table.
    slots: Vec<(u32, &'a str, &'a str)>,
    renamings: Vec<Renaming<'a>>,
}

impl<'a> Wiring<'a> {
    /// Reads the wiring of a valid component whose adapter is the core module at `adapter`.
    pub(super) fn read(layout: &Layout<'a>, adapter: usize) -> Result<Self, Refusal> {
        let renamings = layout.components.iter().map(|wasm| Renaming::read(wasm)).collect::<Result<_, _>>()?;
        let mut plumbing: Vec<Option<Plumbing<'a>>> = Vec::new();
        let mut mains = Vec::new();
        for (index, wasm) in layout.modules.iter().enumerate() {
            let found = if index == adapter { None } else { Plumbing::of(wasm) };
            if index != adapter && found.is_none() {
                mains.push(index);
            }
            plumbing.push(found);
        }
        let &[main] = mains.as_slice() else { return Err(Refusal::SeveralModules(mains.len())) };
        let mut reader = Reader { layout, parts: Vec::new(), slots: Vec::new(), renamings };
        let calls = reader.instances(main, adapter, plumbing)?;
        let main_instance = reader.only(|part| matches!(part, Part::Main), "main module")?;
        let adapter_instance = reader.only(|part| matches!(part, Part::Adapter), "adapter")?;
        reader.check_adapter(adapter_instance)?;
        let wasm = *layout.modules.get(main).ok_or_else(|| other("no main module"))?;
        let given = reader.given(wasm, main_instance)?;
        let calls = calls.into_iter().map(|(instance, module, name)| reader.argument(instance, module, name, 0));
        let calls = calls.collect::<Result<_, _>>()?;
        let (exports, of_adapter) = reader.exports()?;
        let mut encodings = BTreeSet::new();
        for words in given.values().chain(exports.values().flat_map(BTreeMap::values)) {
            for encoding in ["utf8", "utf16", "compact-utf16"] {
                if words.split(' ').any(|word| word == encoding) {
                    encodings.insert(encoding);
                }
            }
        }
        Ok(Self { main: wasm, given, calls, exports, of_adapter, encodings })
    }
}

impl<'a> Reader<'a, '_> {
    /// Says what each core instance is; gives the calls that fillers make, each with the instance that makes it.
    fn instances(
        &mut self,
        main: usize,
        adapter: usize,
        mut plumbing: Vec<Option<Plumbing<'a>>>,
    ) -> Result<Vec<(u32, &'a str, &'a str)>, Refusal> {
        let mut calls = Vec::new();
        for (index, instance) in (0_u32..).zip(&self.layout.core_instances) {
            let part = match instance {
                Instance::FromExports(_) => Part::Bundle,
                Instance::Instantiate { module_index, .. } => {
                    let module = usize::try_from(*module_index).unwrap_or(usize::MAX);
                    // Taken out, so that a module that is instantiated twice is nothing known the second time.
                    match plumbing.get_mut(module).and_then(Option::take) {
                        Some(Plumbing::Shim(slots)) => Part::Shim(slots),
                        Some(Plumbing::Filler(filler)) => {
                            if !filler.slots.is_empty() {
                                let (table_module, table) =
                                    filler.table.ok_or_else(|| other("function slots without a table"))?;
                                if !self.slots.is_empty() || !self.is_shim_table(index, table_module, table)? {
                                    return Err(other("a table other than that of the shims is filled"));
                                }
                                self.slots =
                                    filler.slots.iter().map(|(module, name)| (index, *module, *name)).collect();
                            }
                            calls.extend(filler.calls.iter().map(|(module, name)| (index, *module, *name)));
                            Part::Filler
                        }
                        None if module == main => Part::Main,
                        None if module == adapter => Part::Adapter,
                        None => return Err(other("a module is instantiated twice")),
                    }
                }
            };
            self.parts.push(part);
        }
        if plumbing.iter().any(Option::is_some) {
            return Err(other("a module is not instantiated"));
        }
        Ok(calls)
    }

    fn only(&self, is: impl Fn(&Part<'a>) -> bool, what: &str) -> Result<u32, Refusal> {
        let mut found = (0_u32..).zip(&self.parts).filter(|(_, part)| is(part)).map(|(index, _)| index);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(other(format!("the {what} is not instantiated once"))),
        }
    }

    /// The instance that is given to an instance under this name.
    fn namespace(&self, instance: u32, module: &str) -> Result<u32, Refusal> {
        let Instance::Instantiate { args, .. } = at(&self.layout.core_instances, instance)? else {
            return Err(other("a bundle of exports gets arguments"));
        };
        let arg = args.iter().find(|arg| arg.name == module);
        arg.map(|arg| arg.index).ok_or_else(|| other(format!("there is no argument for {module:?}")))
    }

    /// What an instance is given for an import.
    fn argument(&self, instance: u32, module: &str, name: &str, depth: usize) -> Result<String, Refusal> {
        let from = self.namespace(instance, module)?;
        match at(&self.layout.core_instances, from)? {
            Instance::FromExports(exports) => {
                let export = exports.iter().find(|export| export.name == name);
                let export = export.ok_or_else(|| other(format!("there is no argument for {module:?} {name:?}")))?;
                match export.kind {
                    ExternalKind::Func => self.core_func(export.index, depth + 1),
                    ExternalKind::Memory => self.core_export(*at(&self.layout.core_memories, export.index)?, depth + 1),
                    ExternalKind::Table => self.core_export(*at(&self.layout.core_tables, export.index)?, depth + 1),
                    ExternalKind::Global => self.core_export(*at(&self.layout.core_globals, export.index)?, depth + 1),
                    _ => Err(other("a tag is passed on")),
                }
            }
            Instance::Instantiate { .. } => self.core_export(CoreExport { instance: from, name }, depth + 1),
        }
    }

    fn is_shim_table(&self, instance: u32, module: &str, name: &str) -> Result<bool, Refusal> {
        let from = self.namespace(instance, module)?;
        let export = match at(&self.layout.core_instances, from)? {
            Instance::FromExports(exports) => {
                let export = exports.iter().find(|export| export.name == name && export.kind == ExternalKind::Table);
                *at(&self.layout.core_tables, export.ok_or_else(|| other("a table is missing"))?.index)?
            }
            Instance::Instantiate { .. } => CoreExport { instance: from, name },
        };
        let part = usize::try_from(export.instance).ok().and_then(|index| self.parts.get(index));
        Ok(export.name == TABLE && matches!(part, Some(Part::Shim(_))))
    }

    fn core_export(&self, export: CoreExport<'_>, depth: usize) -> Result<String, Refusal> {
        let CoreExport { instance, name } = export;
        match at(&self.parts, instance)? {
            Part::Main => Ok(format!("main.{name:?}")),
            Part::Adapter => Ok(format!("adapter.{name:?}")),
            Part::Shim(slots) => {
                let slot = *slots.get(name).ok_or_else(|| other("the shims export something other than functions"))?;
                let (filler, module, name) = *at(&self.slots, slot)?;
                bounded(depth)?;
                self.argument(filler, module, name, depth + 1)
            }
            Part::Filler | Part::Bundle => Err(other("a generated module is used as if it were a module of the guest")),
        }
    }

    fn core_func(&self, index: u32, depth: usize) -> Result<String, Refusal> {
        bounded(depth)?;
        match at(&self.layout.core_funcs, index)? {
            CoreFunc::Alias(export) => self.core_export(*export, depth + 1),
            CoreFunc::Resource { what, ty } => Ok(format!("resource.{what} {}", self.ty(*ty, depth + 1)?)),
            CoreFunc::Lower { func, options } => {
                let func = self.func(*func, depth + 1)?;
                Ok(format!("lower {func}{}", self.options(options, depth + 1)?))
            }
        }
    }

    /// The options, in an order of our own.
    fn options(&self, options: &[CanonicalOption], depth: usize) -> Result<String, Refusal> {
        let mut words = BTreeSet::new();
        for option in options {
            words.insert(match option {
                CanonicalOption::UTF8 => "utf8".to_owned(),
                CanonicalOption::UTF16 => "utf16".to_owned(),
                CanonicalOption::CompactUTF16 => "compact-utf16".to_owned(),
                CanonicalOption::Memory(index) => {
                    format!("memory={}", self.core_export(*at(&self.layout.core_memories, *index)?, depth)?)
                }
                CanonicalOption::Realloc(index) => format!("realloc={}", self.core_func(*index, depth)?),
                CanonicalOption::PostReturn(index) => format!("post-return={}", self.core_func(*index, depth)?),
                _ => return Err(other("a function uses options of asynchronous components")),
            });
        }
        Ok(words.iter().map(|word| format!(" {word}")).collect())
    }

    fn func(&self, index: u32, depth: usize) -> Result<String, Refusal> {
        bounded(depth)?;
        match at(&self.layout.funcs, index)? {
            Func::Import(name) => Ok(format!("import {name:?}")),
            Func::Alias { instance, name } => match at(&self.layout.instances, *instance)? {
                Inst::Import(from) => Ok(format!("import {:?} {name:?}", version_track(from))),
                _ => Err(Refusal::Composed),
            },
            Func::Same(index) => self.func(*index, depth + 1),
            Func::Lift { core, options } => {
                let core = self.core_func(*core, depth + 1)?;
                Ok(format!("lift {core}{}", self.options(options, depth + 1)?))
            }
        }
    }

    fn ty(&self, index: u32, depth: usize) -> Result<String, Refusal> {
        bounded(depth)?;
        match at(&self.layout.types, index)? {
            Ty::Import(name) => Ok(format!("type {name:?}")),
            Ty::Value => Ok("a value".to_owned()),
            Ty::Resource { dtor: None } => Ok("own resource".to_owned()),
            Ty::Resource { dtor: Some(dtor) } => {
                Ok(format!("own resource, dtor={}", self.core_func(*dtor, depth + 1)?))
            }
            Ty::Alias { instance, name } => self.ty_of(*instance, name, depth + 1),
        }
    }

    fn ty_of(&self, instance: u32, name: &str, depth: usize) -> Result<String, Refusal> {
        bounded(depth)?;
        match at(&self.layout.instances, instance)? {
            Inst::Import(from) => Ok(format!("type {:?} {name:?}", version_track(from))),
            Inst::Same(index) => self.ty_of(*index, name, depth + 1),
            Inst::Made(ComponentInstance::Instantiate { component_index, args }) => {
                let renaming = at(&self.renamings, *component_index)?;
                let arg = renaming.types.get(name).and_then(|import| args.iter().find(|arg| arg.name == *import));
                match arg {
                    Some(arg) if arg.kind == ComponentExternalKind::Type => self.ty(arg.index, depth + 1),
                    // It is defined in there, and so no resource.
                    _ => Ok("a value".to_owned()),
                }
            }
            Inst::Made(_) => Err(other("an instance is made of single exports")),
        }
    }

    /// The adapter is given the main module's memory and functions, and WASI; nothing stands between them.
    fn check_adapter(&self, instance: u32) -> Result<(), Refusal> {
        let Instance::Instantiate { args, .. } = at(&self.layout.core_instances, instance)? else {
            return Err(other("the adapter is a bundle"));
        };
        for arg in args {
            let names: Vec<&str> = match at(&self.layout.core_instances, arg.index)? {
                Instance::FromExports(exports) => exports.iter().map(|export| export.name).collect(),
                // Only the main module is handed over whole, under the name that is its own.
                Instance::Instantiate { .. } if matches!(at(&self.parts, arg.index)?, Part::Main) => continue,
                Instance::Instantiate { .. } => return Err(other("the adapter gets a whole module as an argument")),
            };
            for name in names {
                let words = self.argument(instance, arg.name, name, 0)?;
                let usual = match arg.name {
                    "env" | "__main_module__" => words.starts_with("main."),
                    _ => words.starts_with("lower import \"wasi:") || words.starts_with("resource.drop type \"wasi:"),
                };
                if !usual {
                    return Err(other(format!("the adapter's {:?} {name:?} is {words}", arg.name)));
                }
            }
        }
        Ok(())
    }

    /// What the main module is given for each of its imports.
    fn given(&self, wasm: &'a [u8], instance: u32) -> Result<BTreeMap<(&'a str, &'a str), String>, Refusal> {
        let mut given = BTreeMap::new();
        for payload in Parser::new(0).parse_all(wasm) {
            let Payload::ImportSection(reader) = payload.map_err(unreadable)? else { continue };
            for import in reader.into_imports() {
                let import = import.map_err(unreadable)?;
                let words = self.argument(instance, import.module, import.name, 0)?;
                given.insert((import.module, import.name), words);
            }
        }
        Ok(given)
    }

    /// The exports of the main module, and those of the adapter.
    #[allow(clippy::type_complexity, reason = "the two fields of the wiring")]
    fn exports(&self) -> Result<(BTreeMap<&'a str, BTreeMap<&'a str, String>>, BTreeSet<&'a str>), Refusal> {
        let (mut of_main, mut of_adapter) = (BTreeMap::new(), BTreeSet::new());
        for export in &self.layout.exports {
            let name = export.name.name;
            let functions = match export.kind {
                ComponentExternalKind::Func => BTreeMap::from([("", self.func(export.index, 0)?)]),
                _ => self.instance(export.index, 0)?,
            };
            if functions.is_empty() || functions.values().all(|words| words.starts_with("lift main.")) {
                of_main.insert(name, functions);
            } else if functions.values().all(|words| words.starts_with("lift adapter.")) {
                of_adapter.insert(name);
            } else {
                return Err(other(format!("the export {name:?} comes from neither the main module nor the adapter")));
            }
        }
        Ok((of_main, of_adapter))
    }

    /// The functions of an exported instance.
    fn instance(&self, index: u32, depth: usize) -> Result<BTreeMap<&'a str, String>, Refusal> {
        bounded(depth)?;
        match at(&self.layout.instances, index)? {
            Inst::Import(_) => Err(other("an import is exported")),
            Inst::Same(index) => self.instance(*index, depth + 1),
            Inst::Made(ComponentInstance::FromExports(_)) => Err(other("an instance is made of single exports")),
            Inst::Made(ComponentInstance::Instantiate { component_index, args }) => {
                let renaming = at(&self.renamings, *component_index)?;
                let mut functions = BTreeMap::new();
                for (name, import) in &renaming.funcs {
                    let arg = args.iter().find(|arg| arg.name == *import && arg.kind == ComponentExternalKind::Func);
                    let arg = arg.ok_or_else(|| other(format!("there is no argument for {import:?}")))?;
                    functions.insert(*name, self.func(arg.index, depth + 1)?);
                }
                Ok(functions)
            }
        }
    }
}

/// The name of a WASI interface without what may differ within its track of compatible versions: another adapter
/// imports another WASI 0.2, and wit-component merges what the main module imports with it.
pub(super) fn version_track(name: &str) -> &str {
    match name.split_once('@') {
        Some((interface, version)) if interface.starts_with("wasi:") && version.starts_with("0.2.") => {
            name.get(..interface.len() + "@0.2".len()).unwrap_or(name)
        }
        _ => name,
    }
}

fn bounded(depth: usize) -> Result<(), Refusal> {
    if depth > DEEPEST { Err(other("the references form a cycle, or are nested too deeply")) } else { Ok(()) }
}
