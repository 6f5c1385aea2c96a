//! Owns what names in a source file stand for: imports of Wasmtime's crates, and the types of variables and fields.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Expr, Field, GenericArgument, ItemExternCrate, ItemUse, Local, Pat, PatType, PathArguments, Type, UseTree};

use super::api::Api;

/// The crates whose API is known.
const CRATES: [&str; 2] = ["wasmtime", "wasmtime_wasi"];

/// What names stand for in one file.
#[derive(Debug)]
pub(super) struct Names<'a> {
    api: &'a Api,
    /// Imported names, to their paths.
    imported: BTreeMap<String, String>,
    /// Variables and fields, to the types that they have all over the file; `None` if these are several.
    typed: BTreeMap<String, Option<String>>,
    /// Each import by its path and line.
    pub(super) imports: Vec<(String, usize)>,
    /// How many modules are imported as a whole.
    pub(super) globs: usize,
    pub(super) uses_wasmtime: bool,
}

impl<'a> Names<'a> {
    /// Reads the names of a file. Types are looked for twice, so that those of fields are known in functions above.
    pub(super) fn of(file: &syn::File, api: &'a Api) -> Self {
        let mut names = Self {
            api,
            imported: CRATES.map(|name| (name.to_owned(), name.to_owned())).into(),
            typed: BTreeMap::new(),
            imports: Vec::new(),
            globs: 0,
            uses_wasmtime: false,
        };
        let mut imports = Imports(&mut names);
        imports.visit_file(file);
        Types(&mut names).visit_file(file);
        Types(&mut names).visit_file(file);
        names
    }

    /// The path in Wasmtime's crates that a path in the source means.
    pub(super) fn path(&self, path: &syn::Path) -> Option<String> {
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string());
        let first = self.imported.get(&segments.next()?)?.clone();
        let path = segments.fold(first, |path, segment| format!("{path}::{segment}"));
        Some(path)
    }

    /// The type of Wasmtime's that a type in the source means, also behind a reference or a smart pointer.
    fn ty(&self, ty: &Type) -> Option<String> {
        match ty {
            Type::Reference(it) => self.ty(&it.elem),
            Type::Paren(it) => self.ty(&it.elem),
            Type::Path(it) => {
                let last = it.path.segments.last()?;
                if ["Arc", "Box", "Rc"].iter().any(|name| last.ident == name) {
                    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
                    return arguments.args.iter().find_map(|argument| match argument {
                        GenericArgument::Type(ty) => self.ty(ty),
                        _ => None,
                    });
                }
                let home = self.api.home(&self.path(&it.path)?);
                self.api.signature(&home).is_some().then_some(home)
            }
            _ => None,
        }
    }

    /// The type of Wasmtime's that an expression has, where that follows from its parts.
    pub(super) fn type_of(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Path(it) => self.typed.get(&it.path.get_ident()?.to_string())?.clone(),
            Expr::Field(it) => match &it.member {
                syn::Member::Named(name) => self.typed.get(&name.to_string())?.clone(),
                syn::Member::Unnamed(_) => None,
            },
            Expr::Try(it) => self.type_of(&it.expr),
            Expr::Await(it) => self.type_of(&it.base),
            Expr::Paren(it) => self.type_of(&it.expr),
            Expr::Reference(it) => self.type_of(&it.expr),
            Expr::Call(it) => {
                let Expr::Path(function) = &*it.func else { return None };
                let path = self.api.home(&self.path(&function.path)?);
                let (owner, name) = path.rsplit_once("::")?;
                self.api.returned(owner, name)
            }
            Expr::MethodCall(it) => {
                let receiver = self.type_of(&it.receiver)?;
                let method = it.method.to_string();
                let passes = ["as_mut", "as_ref", "clone", "context", "expect", "unwrap", "with_context"];
                if passes.contains(&method.as_str()) { Some(receiver) } else { self.api.returned(&receiver, &method) }
            }
            _ => None,
        }
    }

    fn note(&mut self, name: String, ty: Option<String>) {
        let known = self.typed.entry(name).or_insert_with(|| ty.clone());
        if *known != ty {
            *known = None;
        }
    }
}

struct Imports<'n, 'a>(&'n mut Names<'a>);

impl Imports<'_, '_> {
    fn tree(&mut self, tree: &UseTree, path: &str) {
        let joined = |name: &syn::Ident| if path.is_empty() { name.to_string() } else { format!("{path}::{name}") };
        match tree {
            UseTree::Path(part) => self.tree(&part.tree, &joined(&part.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, path)),
            UseTree::Name(name) if name.ident == "self" => {
                let last = path.rsplit("::").next().unwrap_or(path).to_owned();
                self.import(last, path.to_owned(), &name.ident);
            }
            UseTree::Name(name) => self.import(name.ident.to_string(), joined(&name.ident), &name.ident),
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" { path.to_owned() } else { joined(&rename.ident) };
                self.import(rename.rename.to_string(), path, &rename.ident);
            }
            UseTree::Glob(_) => {
                let Some(path) = self.known(path) else { return };
                self.0.globs += 1;
                self.0.uses_wasmtime = true;
                let below: Vec<&str> = self.0.api.below(&self.0.api.home(&path)).map(|(name, _)| name).collect();
                for name in below {
                    self.0.imported.entry(name.to_owned()).or_insert_with(|| format!("{path}::{name}"));
                }
            }
        }
    }

    fn import(&mut self, name: String, path: String, place: &syn::Ident) {
        let Some(path) = self.known(&path) else { return };
        self.0.uses_wasmtime = true;
        self.0.imports.push((path.clone(), place.span().start().line));
        self.0.imported.insert(name, path);
    }

    /// A path of Wasmtime's crates, with the first name followed.
    fn known(&self, path: &str) -> Option<String> {
        let (first, rest) = path.split_once("::").map_or((path, None), |(first, rest)| (first, Some(rest)));
        let first = self.0.imported.get(first)?;
        Some(rest.map_or_else(|| first.clone(), |rest| format!("{first}::{rest}")))
    }
}

impl<'ast> Visit<'ast> for Imports<'_, '_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&item.tree, "");
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        if let Some((_, name)) = &item.rename {
            self.import(name.to_string(), item.ident.to_string(), &item.ident);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // Used without an import.
        let first = path.segments.first().filter(|_| path.segments.len() > 1);
        self.0.uses_wasmtime |= first.is_some_and(|first| CRATES.iter().any(|name| first.ident == name));
        visit::visit_path(self, path);
    }
}

struct Types<'n, 'a>(&'n mut Names<'a>);

impl<'ast> Visit<'ast> for Types<'_, '_> {
    fn visit_pat_type(&mut self, pattern: &'ast PatType) {
        if let Pat::Ident(name) = &*pattern.pat {
            self.0.note(name.ident.to_string(), self.0.ty(&pattern.ty));
        }
        visit::visit_pat_type(self, pattern);
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if let Some(name) = &field.ident {
            self.0.note(name.to_string(), self.0.ty(&field.ty));
        }
        visit::visit_field(self, field);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init) {
            let ty = self.0.type_of(&init.expr);
            // What cannot be followed says nothing about other variables of the name.
            if ty.is_some() {
                self.0.note(name.ident.to_string(), ty);
            }
        }
        visit::visit_local(self, local);
    }
}
