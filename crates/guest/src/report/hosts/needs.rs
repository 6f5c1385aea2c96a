//! Owns what a guest needs of its host, as a command: from its types, for all majors at once.

use semver::Version;
use wasmparser::component_types::{ComponentDefinedType, ComponentEntityType, ComponentValType};
use wasmparser::types::{EntityType, Types, TypesRef};
use wasmparser::{CompositeInnerType, FuncType};

use super::component::Resources;
use super::{GuestWarning, preview1, preview2};
use crate::guest::{Guest, GuestKind, is_p3, wasi_version};
use crate::report::proposals::{Footprint, Skeleton};

/// So many imports that are not met everywhere are kept, and so much text: for every major, a reason may be made of
/// each. Interfaces of WASI have some 300 functions together, with names of some 20 bytes.
const MOST_NAMES: usize = 1024;
const MOST_TEXT: usize = 64 << 10;

/// What a guest needs of its host.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Needs {
    pub(super) imports: Vec<Import>,
    /// How many more imports there are that are not looked at.
    pub(super) more: usize,
    pub(super) entry: Option<Entry>,
    /// It imports interfaces of WASI 0.3, or is a command of it.
    pub(super) p3: bool,
    /// It defines a memory that threads share.
    pub(super) shared_memory: bool,
    /// The most elements that a table begins with.
    pub(super) longest_table: u64,
    /// What instantiating it makes.
    pub(super) footprint: Footprint,
    /// It calls preview1, whose functions work with the memory of the name [`MEMORY`], without having such a memory.
    no_memory: bool,
}

/// What the memory is called that functions of preview1 work with.
const MEMORY: &str = "memory";

/// An import that is not met everywhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Import {
    /// A function of `wasi_snapshot_preview1` that there is not, or not with this type.
    Preview1 { name: String, exists: bool },
    /// Of `wasi_unstable`.
    Unstable,
    /// Of a module: an interface of WASI, which components import; or an export that only such modules have.
    CoreOfComponent { name: String },
    /// Of components: an interface of WASI, and what of it must be there, each with whether its type fits.
    Interface { name: String, version: Option<Version>, items: Vec<(String, bool)> },
    /// Of components: an interface of WASI 0.3. Its items are not compared.
    P3 { name: String, version: Version },
    /// Anything else.
    Other { name: String },
}

/// What is wrong with what a command is started by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Entry {
    /// There is nothing to start.
    Missing { expected: &'static str },
    /// A module to be initialised, and then called.
    Library,
    /// It cannot be called as a command is.
    WrongType { export: String },
    /// It is a command of WASI 0.3.
    P3,
}

impl Needs {
    /// What the valid guest of these types needs.
    pub(crate) fn new(guest: &Guest, types: &Types, skeleton: &Skeleton<'_>) -> Self {
        let types = types.as_ref();
        let (imports, entry) = match guest.kind {
            GuestKind::Module => {
                let imports = module_imports(guest, &types);
                // It is started by something else once it is a component.
                let entry = if imports.core_of_component { None } else { start(&types) };
                (imports, entry)
            }
            GuestKind::Component => (component_imports(guest, &types), run(guest, &types)),
        };
        Self {
            no_memory: guest.kind == GuestKind::Module && lacks_memory(&types),
            imports: imports.kept,
            more: imports.more,
            entry,
            p3: guest.needs_wasi_p3(),
            shared_memory: skeleton.shared_memory(),
            longest_table: skeleton.longest_table(),
            footprint: skeleton.footprint(),
        }
    }

    /// Mistakes of the guest that do not prevent its start.
    pub(crate) fn warnings(&self) -> Vec<GuestWarning> {
        self.no_memory.then_some(GuestWarning::NoMemory).into_iter().collect()
    }
}

/// Imports that are not met everywhere, as many as are kept.
#[derive(Default)]
struct Imports {
    kept: Vec<Import>,
    more: usize,
    names: usize,
    text: usize,
    unstable: bool,
    core_of_component: bool,
}

impl Imports {
    /// Adds what `import` makes if it may stand for so many names with so much text.
    fn add(&mut self, names: usize, text: usize, import: impl FnOnce() -> Import) {
        let (names, text) = (self.names.saturating_add(names), self.text.saturating_add(text));
        if names > MOST_NAMES || text > MOST_TEXT {
            self.more += 1;
            return;
        }
        (self.names, self.text) = (names, text);
        self.kept.push(import());
    }
}

fn module_imports(guest: &Guest, types: &TypesRef<'_>) -> Imports {
    let mut needed = Imports::default();
    if let Some(export) = guest.exports.iter().find(|name| name.starts_with("wasi:") && name.contains('#')) {
        needed.core_of_component = true;
        needed.add(1, export.len(), || Import::CoreOfComponent { name: export.clone() });
    }
    for (module, name, ty) in types.core_imports().into_iter().flatten() {
        match module {
            "wasi_snapshot_preview1" => {
                let known = function(types, ty).and_then(|ty| preview1::hosts(name, ty));
                if known != Some(true) {
                    let import = || Import::Preview1 { name: name.to_owned(), exists: known.is_some() };
                    needed.add(1, name.len(), import);
                }
            }
            "wasi_unstable" if std::mem::replace(&mut needed.unstable, true) => {}
            "wasi_unstable" => needed.add(1, 0, || Import::Unstable),
            _ if module.starts_with("wasi:") => {
                if !std::mem::replace(&mut needed.core_of_component, true) {
                    needed.add(1, module.len(), || Import::CoreOfComponent { name: module.to_owned() });
                }
            }
            _ => needed.add(1, module.len() + name.len(), || Import::Other { name: format!("{module}::{name}") }),
        }
    }
    needed
}

/// Whether a module imports functions of preview1 and has no memory for them.
fn lacks_memory(types: &TypesRef<'_>) -> bool {
    let calls =
        |(module, _, ty): (&str, &str, EntityType)| module == "wasi_snapshot_preview1" && function(types, ty).is_some();
    let is_memory = |(name, ty): (&str, EntityType)| name == MEMORY && matches!(ty, EntityType::Memory(_));
    types.core_imports().into_iter().flatten().any(calls) && !types.core_exports().into_iter().flatten().any(is_memory)
}

/// The type of a function; `None` if it is none.
fn function<'t>(types: &'t TypesRef<'_>, ty: EntityType) -> Option<&'t FuncType> {
    let (EntityType::Func(id) | EntityType::FuncExact(id)) = ty else { return None };
    match &types.get(id)?.composite_type.inner {
        CompositeInnerType::Func(ty) => Some(ty),
        _ => None,
    }
}

fn start(types: &TypesRef<'_>) -> Option<Entry> {
    const START: &str = "_start";
    let export = |wanted: &str| types.core_exports().into_iter().flatten().find(|(name, _)| *name == wanted);
    match export(START) {
        None if export("_initialize").is_some() => Some(Entry::Library),
        None => Some(Entry::Missing { expected: START }),
        Some((_, ty)) => {
            let fits = function(types, ty).is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty());
            (!fits).then(|| Entry::WrongType { export: START.to_owned() })
        }
    }
}

fn component_imports(guest: &Guest, types: &TypesRef<'_>) -> Imports {
    let mut needed = Imports::default();
    let mut resources = Resources::new(types);
    for name in &guest.imports {
        let other = || Import::Other { name: name.clone() };
        match types.component_item_for_import(name).map(|item| item.ty) {
            Some(ComponentEntityType::Instance(id)) => {
                let interface = name.split('@').next().filter(|interface| interface.starts_with("wasi:"));
                if let (Some(interface), Some(version)) = (interface, wasi_version(name).filter(is_p3)) {
                    needed.add(1, name.len(), || Import::P3 { name: interface.to_owned(), version });
                    continue;
                }
                let host = interface.and_then(preview2::interface);
                let items = types.get(id).map(|instance| resources.items(instance, host)).unwrap_or_default();
                let text = items.iter().map(|(item, _)| item.len() + name.len()).fold(0, usize::saturating_add);
                match interface {
                    // Of an interface with nothing but types, nothing is asked.
                    _ if items.is_empty() => {}
                    Some(interface) => needed.add(items.len(), text, || Import::Interface {
                        name: interface.to_owned(),
                        version: wasi_version(name),
                        items: items.into_iter().map(|(item, fits)| (item.to_owned(), fits)).collect(),
                    }),
                    None => needed.add(1, name.len(), other),
                }
            }
            Some(ty) if !resources.must_be_met(ty) => {}
            _ => needed.add(1, name.len(), other),
        }
    }
    needed
}

fn run(guest: &Guest, types: &TypesRef<'_>) -> Option<Entry> {
    let Some(export) = guest.run_export() else { return Some(Entry::Missing { expected: "wasi:cli/run@0.2.x" }) };
    let wrong = || Some(Entry::WrongType { export: export.to_owned() });
    let Some(ComponentEntityType::Instance(instance)) = types.component_item_for_export(export).map(|item| item.ty)
    else {
        return wrong();
    };
    let run = types.get(instance).and_then(|instance| instance.exports.get("run"));
    let Some(ComponentEntityType::Func(run)) = run.map(|item| item.ty) else { return wrong() };
    let Some(run) = types.get(run) else { return wrong() };
    let plain = match run.result {
        Some(ComponentValType::Type(id)) => {
            matches!(types.get(id), Some(ComponentDefinedType::Result { ok: None, err: None, .. }))
        }
        _ => false,
    };
    let p3 = wasi_version(export).as_ref().is_some_and(is_p3);
    if !plain || !run.params.is_empty() || (run.async_ && !p3) {
        return wrong();
    }
    p3.then_some(Entry::P3)
}
