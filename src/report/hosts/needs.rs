//! Owns what a guest needs of its host, as a command: from its types, for all majors at once.

use std::collections::HashSet;

use semver::Version;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentValType, ResourceId,
};
use wasmparser::types::{EntityType, Types, TypesRef};
use wasmparser::{CompositeInnerType, FuncType};

use super::preview1;
use crate::guest::{Guest, GuestKind, wasi_version};

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
    /// It defines a memory that threads share.
    pub(super) shared_memory: bool,
}

/// An import that is not met everywhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Import {
    /// A function of `wasi_snapshot_preview1` that there is not, or not with this type.
    Preview1 { name: String, exists: bool },
    /// Of `wasi_unstable`.
    Unstable,
    /// Of components: an interface of WASI, and what of it must be there.
    Interface { name: String, version: Option<Version>, items: Vec<String> },
    /// Anything else.
    Other { name: String },
}

/// What is wrong with what a command is started by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Entry {
    /// There is nothing to start.
    Missing { expected: &'static str },
    /// It cannot be called as a command is.
    WrongType { export: String },
}

impl Needs {
    /// What the valid guest of these types needs.
    pub(crate) fn new(guest: &Guest, types: &Types, shared_memory: bool) -> Self {
        let types = types.as_ref();
        let (imports, entry) = match guest.kind {
            GuestKind::Module => (module_imports(&types), start(&types)),
            GuestKind::Component => (component_imports(guest, &types), run(guest, &types)),
        };
        Self { imports: imports.kept, more: imports.more, entry, shared_memory }
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

fn module_imports(types: &TypesRef<'_>) -> Imports {
    let mut needed = Imports::default();
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
            _ => needed.add(1, module.len() + name.len(), || Import::Other { name: format!("{module}::{name}") }),
        }
    }
    needed
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
    match types.core_exports().into_iter().flatten().find(|(name, _)| *name == START) {
        None => Some(Entry::Missing { expected: START }),
        Some((_, ty)) => {
            let fits = function(types, ty).is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty());
            (!fits).then(|| Entry::WrongType { export: START.to_owned() })
        }
    }
}

fn component_imports(guest: &Guest, types: &TypesRef<'_>) -> Imports {
    let mut needed = Imports::default();
    // Resources are imported once; what is imported again is the same thing under another name, and need not be met.
    let mut resources = HashSet::new();
    for name in &guest.imports {
        let other = || Import::Other { name: name.clone() };
        match types.component_item_for_import(name).map(|item| item.ty) {
            Some(ComponentEntityType::Instance(id)) => {
                let exports = || types.get(id).into_iter().flat_map(|instance| &instance.exports);
                let items: Vec<&String> =
                    exports().filter(|(_, ty)| must_be_met(ty.ty, &mut resources)).map(|(item, _)| item).collect();
                let text = items.iter().map(|item| item.len() + name.len()).fold(0, usize::saturating_add);
                match name.split('@').next() {
                    // Of an interface with nothing but types, nothing is asked.
                    _ if items.is_empty() => {}
                    Some(interface) if interface.starts_with("wasi:") => {
                        needed.add(items.len(), text, || Import::Interface {
                            name: interface.to_owned(),
                            version: wasi_version(name),
                            items: items.into_iter().cloned().collect(),
                        });
                    }
                    _ => needed.add(1, name.len(), other),
                }
            }
            Some(ty) if !must_be_met(ty, &mut resources) => {}
            _ => needed.add(1, name.len(), other),
        }
    }
    needed
}

/// Whether the host has to give something for an import of this type.
fn must_be_met(ty: ComponentEntityType, resources: &mut HashSet<ResourceId>) -> bool {
    match ty {
        ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(id), .. } => resources.insert(id.resource()),
        ComponentEntityType::Type { .. } => false,
        _ => true,
    }
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
    if plain && run.params.is_empty() && !run.async_ { None } else { wrong() }
}
