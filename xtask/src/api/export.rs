//! Owns what a crate exports: names are followed through its modules and re-exports to their definitions.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Fields, ImplItem, Item, ItemImpl, TraitItem, Type};

use super::signature;
use super::tree::{Id, Tree, is_left_out, is_public};

/// A definition: its module and its name there.
type Definition = (Id, String);

/// What a path leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Target {
    Module(Id),
    Definition(Definition),
    /// Of another crate.
    Elsewhere(String),
}

/// The names that have been looked for already, in which modules: modules import each other.
type Seen = BTreeSet<(Id, String)>;

/// The public items of a crate by their paths from its root, with their signatures.
pub(super) fn items(tree: &Tree, name: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, Target> = BTreeMap::new();
    visit(tree, 0, name, &mut BTreeSet::new(), &mut found);
    let mut items = BTreeMap::new();
    for definition in &tree.macros {
        items.insert(format!("{name}::{definition}!"), "macro".to_owned());
    }
    // The shortest path of a definition is its own; longer ones lead to it.
    let mut homes: BTreeMap<&Definition, &str> = BTreeMap::new();
    for (path, target) in &found {
        if let Target::Definition(definition) = target {
            let home = homes.entry(definition).or_insert(path);
            if (path.matches("::").count(), path.len()) < (home.matches("::").count(), home.len()) {
                *home = path;
            }
        }
    }
    let methods = methods(tree);
    for (path, target) in &found {
        match target {
            Target::Module(_) => {
                items.insert(path.clone(), "mod".to_owned());
            }
            Target::Elsewhere(elsewhere) => {
                items.insert(path.clone(), format!("use {elsewhere}"));
            }
            Target::Definition(definition) => {
                let home = homes.get(definition).copied().unwrap_or(path);
                if home != path {
                    items.insert(path.clone(), format!("= {home}"));
                    continue;
                }
                let Some((item, _)) = tree.modules[definition.0].items.get(&definition.1) else { continue };
                items.insert(path.clone(), signature::of(item));
                members(item, path, &mut items);
                for block in methods.get(definition).into_iter().flatten() {
                    of_block(block, path, &mut items);
                }
            }
        }
    }
    items
}

/// Everything public in a module, under the path `prefix`.
fn visit(tree: &Tree, id: Id, prefix: &str, around: &mut BTreeSet<Id>, found: &mut BTreeMap<String, Target>) {
    if !around.insert(id) {
        return;
    }
    let module = &tree.modules[id];
    for (name, (_, public)) in &module.items {
        if *public {
            found.insert(format!("{prefix}::{name}"), Target::Definition((id, name.clone())));
        }
    }
    for (name, (child, public)) in &module.children {
        if *public {
            let path = format!("{prefix}::{name}");
            found.insert(path.clone(), Target::Module(*child));
            visit(tree, *child, &path, around, found);
        }
    }
    for import in module.imports.iter().filter(|import| import.public) {
        match (&import.name, resolve(tree, id, &import.path, &mut Seen::new())) {
            (None, Some(Target::Module(other))) => visit(tree, other, prefix, around, found),
            (None, Some(Target::Elsewhere(path))) => {
                found.insert(format!("{prefix}::*"), Target::Elsewhere(format!("{path}::*")));
            }
            (Some(name), Some(Target::Module(other))) => {
                let path = format!("{prefix}::{name}");
                found.insert(path.clone(), Target::Module(other));
                visit(tree, other, &path, around, found);
            }
            (Some(name), Some(target)) => {
                found.entry(format!("{prefix}::{name}")).or_insert(target);
            }
            _ => {}
        }
    }
    around.remove(&id);
}

/// What a path in a module leads to; `None` if that cannot be said.
fn resolve(tree: &Tree, id: Id, path: &[String], seen: &mut Seen) -> Option<Target> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => within(tree, Target::Module(0), rest, seen),
        "self" => within(tree, Target::Module(id), rest, seen),
        "super" => within(tree, Target::Module(tree.modules[id].parent?), rest, seen),
        "" => Some(Target::Elsewhere(rest.join("::"))),
        _ => match lookup(tree, id, first, seen) {
            Some(target) => within(tree, target, rest, seen),
            // A name that the crate does not have is that of another crate.
            None => Some(Target::Elsewhere(path.join("::"))),
        },
    }
}

fn within(tree: &Tree, start: Target, path: &[String], seen: &mut Seen) -> Option<Target> {
    path.iter().try_fold(start, |target, name| match target {
        Target::Module(id) if name == "super" => tree.modules[id].parent.map(Target::Module),
        Target::Module(id) => lookup(tree, id, name, seen),
        Target::Definition(_) => None,
        Target::Elsewhere(path) => Some(Target::Elsewhere(format!("{path}::{name}"))),
    })
}

/// What a name in a module stands for.
fn lookup(tree: &Tree, id: Id, name: &str, seen: &mut Seen) -> Option<Target> {
    if !seen.insert((id, name.to_owned())) {
        return None;
    }
    let module = &tree.modules[id];
    if module.items.contains_key(name) {
        return Some(Target::Definition((id, name.to_owned())));
    }
    if let Some((child, _)) = module.children.get(name) {
        return Some(Target::Module(*child));
    }
    let by_name = module.imports.iter().filter(|import| import.name.as_deref() == Some(name));
    // `use anyhow::anyhow;` names something of a crate of that name, and not that crate.
    let mut by_name = by_name.filter(|import| import.path.first().is_some_and(|first| first != name));
    if let Some(import) = by_name.next() {
        return resolve(tree, id, &import.path, seen);
    }
    let globs = module.imports.iter().filter(|import| import.name.is_none());
    globs.into_iter().find_map(|import| match resolve(tree, id, &import.path, seen)? {
        Target::Module(other) if other != id => lookup(tree, other, name, seen),
        _ => None,
    })
}

/// The blocks of methods of each type.
fn methods(tree: &Tree) -> BTreeMap<Definition, Vec<&ItemImpl>> {
    let mut methods: BTreeMap<Definition, Vec<&ItemImpl>> = BTreeMap::new();
    for (id, block) in &tree.impls {
        let Type::Path(path) = &*block.self_ty else { continue };
        let path: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(Target::Definition(definition)) = resolve(tree, *id, &path, &mut Seen::new()) {
            methods.entry(definition).or_default().push(block);
        }
    }
    methods
}

fn of_block(block: &ItemImpl, path: &str, items: &mut BTreeMap<String, String>) {
    for item in &block.items {
        match item {
            ImplItem::Fn(it) if is_public(&it.vis) && !it.attrs.iter().any(is_left_out) => {
                let signature = signature::with_self(&signature::function(&it.sig), path);
                items.insert(format!("{path}::{}", it.sig.ident), signature);
            }
            ImplItem::Const(it) if is_public(&it.vis) && !it.attrs.iter().any(is_left_out) => {
                items.insert(format!("{path}::{}", it.ident), format!("const {}", signature::ty(&it.ty)));
            }
            _ => {}
        }
    }
}

/// Fields, variants, and the items of traits.
fn members(item: &Item, path: &str, items: &mut BTreeMap<String, String>) {
    match item {
        Item::Struct(it) => {
            for field in it.fields.iter().filter(|field| is_public(&field.vis)) {
                if let Some(name) = &field.ident {
                    items.insert(format!("{path}::{name}"), format!("field {}", signature::ty(&field.ty)));
                }
            }
        }
        Item::Enum(it) => {
            for variant in it.variants.iter().filter(|variant| !variant.attrs.iter().any(is_left_out)) {
                let fields = match &variant.fields {
                    Fields::Unit => String::new(),
                    fields => signature::fields(fields),
                };
                items.insert(format!("{path}::{}", variant.ident), format!("variant{fields}"));
            }
        }
        Item::Trait(it) => {
            for item in &it.items {
                match item {
                    TraitItem::Fn(it) if !it.attrs.iter().any(is_left_out) => {
                        let kind = if it.default.is_some() { "provided" } else { "required" };
                        let signature = format!("{kind} {}", signature::function(&it.sig));
                        items.insert(format!("{path}::{}", it.sig.ident), signature);
                    }
                    TraitItem::Type(it) => {
                        items.insert(format!("{path}::{}", it.ident), "type".to_owned());
                    }
                    TraitItem::Const(it) => {
                        items.insert(format!("{path}::{}", it.ident), format!("const {}", signature::ty(&it.ty)));
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}
