//! Owns the modules of a crate as its sources have them: definitions, imports, blocks of methods.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use quote::ToTokens as _;
use syn::{Attribute, Item, ItemImpl, UseTree, Visibility};

/// A module, by its place in [`Tree::modules`].
pub(super) type Id = usize;

/// All modules of a crate; the first one is its root.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
    /// Blocks of methods, and the modules that they are in.
    pub(super) impls: Vec<(Id, ItemImpl)>,
    /// Macros that are exported from the root.
    pub(super) macros: Vec<String>,
}

/// A module.
#[derive(Default)]
pub(super) struct Module {
    /// Names from the root.
    pub(super) path: Vec<String>,
    pub(super) parent: Option<Id>,
    pub(super) children: BTreeMap<String, (Id, bool)>,
    /// Definitions, and whether they are public.
    pub(super) items: BTreeMap<String, (Item, bool)>,
    pub(super) imports: Vec<Import>,
}

/// An import, or a re-export.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// The name here; `None` for everything in `path`.
    pub(super) name: Option<String>,
    pub(super) public: bool,
}

impl Tree {
    /// Reads a crate from its root file.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.modules.push(Module::default());
        tree.file(0, root, true)?;
        Ok(tree)
    }

    fn file(&mut self, id: Id, path: &Path, owns_folder: bool) -> Result<()> {
        let text = fs::read_to_string(path).with_context(|| format!("read {path:?}"))?;
        let file = syn::parse_file(&text).with_context(|| format!("parse {path:?}"))?;
        let folder = path.parent().unwrap_or(path);
        let below = if owns_folder { folder.to_owned() } else { path.with_extension("") };
        self.items(id, file.items, folder, &below)
    }

    /// Takes the items of a module. `here` is the folder of its file, `below` that of its submodules.
    fn items(&mut self, id: Id, items: Vec<Item>, here: &Path, below: &Path) -> Result<()> {
        for item in items {
            if attributes(&item).iter().any(is_left_out) {
                continue;
            }
            match item {
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let child = self.modules.len();
                    let mut path = self.modules[id].path.clone();
                    path.push(name.clone());
                    self.modules.push(Module { path, parent: Some(id), ..Module::default() });
                    self.modules[id].children.insert(name.clone(), (child, is_public(&module.vis)));
                    match module.content {
                        Some((_, items)) => self.items(child, items, here, &below.join(&name))?,
                        None => match file_of(&module.attrs, &name, here, below) {
                            Some((file, owns_folder)) => self.file(child, &file, owns_folder)?,
                            // One for another platform, or one that a build script makes.
                            None => continue,
                        },
                    }
                }
                Item::Use(import) => {
                    let public = is_public(&import.vis);
                    let start = if import.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
                    flatten(&import.tree, start, public, &mut self.modules[id].imports);
                }
                Item::Impl(block) if block.trait_.is_none() => self.impls.push((id, block)),
                Item::Macro(definition) => {
                    let exported = definition.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
                    if let (Some(name), true) = (definition.ident, exported) {
                        self.macros.push(name.to_string());
                    }
                }
                item => {
                    if let Some((name, public)) = named(&item) {
                        self.modules[id].items.entry(name).or_insert((item, public));
                    }
                }
            }
        }
        Ok(())
    }
}

/// What is not part of the crate as users have it: tests, what stands in for a feature that is off, and what documentation
/// hides.
pub(super) fn is_left_out(attribute: &Attribute) -> bool {
    let tokens = || attribute.meta.to_token_stream().to_string().replace(' ', "");
    match attribute.path() {
        path if path.is_ident("cfg") => {
            let tokens = tokens();
            tokens == "cfg(test)" || tokens.starts_with("cfg(not(feature=") || tokens.starts_with("cfg(any(test,")
        }
        path if path.is_ident("doc") => tokens() == "doc(hidden)",
        _ => false,
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Union(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

fn named(item: &Item) -> Option<(String, bool)> {
    let (name, visibility) = match item {
        Item::Const(it) => (&it.ident, &it.vis),
        Item::Enum(it) => (&it.ident, &it.vis),
        Item::Fn(it) => (&it.sig.ident, &it.vis),
        Item::Static(it) => (&it.ident, &it.vis),
        Item::Struct(it) => (&it.ident, &it.vis),
        Item::Trait(it) => (&it.ident, &it.vis),
        Item::Type(it) => (&it.ident, &it.vis),
        Item::Union(it) => (&it.ident, &it.vis),
        _ => return None,
    };
    Some((name.to_string(), is_public(visibility)))
}

/// Whether an item is public beyond its crate, if its module is.
pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The file of a module, and whether the modules in it are in its folder.
fn file_of(attributes: &[Attribute], name: &str, here: &Path, below: &Path) -> Option<(PathBuf, bool)> {
    let given = attributes.iter().find(|attribute| attribute.path().is_ident("path")).and_then(|attribute| {
        let syn::Meta::NameValue(value) = &attribute.meta else { return None };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = &value.value else { return None };
        Some((here.join(path.value()), true))
    });
    let usual = [(below.join(format!("{name}.rs")), false), (below.join(name).join("mod.rs"), true)];
    given.into_iter().chain(usual).find(|(file, _)| file.is_file())
}

fn flatten(tree: &UseTree, mut path: Vec<String>, public: bool, out: &mut Vec<Import>) {
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            flatten(&part.tree, path, public, out);
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            // `use a::{self}` is `a`.
            if name != "self" {
                path.push(name);
            }
            let name = path.last().cloned();
            out.push(Import { path, name, public });
        }
        UseTree::Rename(rename) => {
            if rename.ident != "self" {
                path.push(rename.ident.to_string());
            }
            out.push(Import { path, name: Some(rename.rename.to_string()), public });
        }
        UseTree::Glob(_) => out.push(Import { path, name: None, public }),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, path.clone(), public, out)),
    }
}
