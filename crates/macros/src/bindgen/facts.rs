//! What bindings have to know of each type.

use std::collections::{HashMap, HashSet};

use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId, WorldId, WorldItem};

/// What is in a type, at any depth.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Contents {
    /// A list or a string: what a value owns, and a parameter can borrow.
    pub(super) list: bool,
    pub(super) handle: bool,
}

impl Contents {
    fn and(self, other: Self) -> Self {
        Self { list: self.list || other.list, handle: self.handle || other.handle }
    }
}

/// The facts of all types.
pub(super) struct Facts {
    contents: HashMap<TypeId, Contents>,
    errors: HashSet<TypeId>,
}

impl Facts {
    pub(super) fn of(resolve: &Resolve, world: WorldId) -> Self {
        let mut facts = Self { contents: HashMap::new(), errors: HashSet::new() };
        for (id, _) in resolve.types.iter() {
            facts.visit(resolve, id);
        }
        let world = &resolve.worlds[world];
        for item in world.imports.values().chain(world.exports.values()) {
            match item {
                WorldItem::Function(function) => facts.visit_function(resolve, function),
                WorldItem::Interface { id, .. } => {
                    resolve.interfaces[*id]
                        .functions
                        .values()
                        .for_each(|function| facts.visit_function(resolve, function));
                }
                WorldItem::Type { .. } => {}
            }
        }
        facts
    }

    pub(super) fn contents(&self, id: TypeId) -> Contents {
        self.contents.get(&id).copied().unwrap_or_default()
    }

    /// Whether the type is the error of some function.
    pub(super) fn is_error(&self, id: TypeId) -> bool {
        self.errors.contains(&id)
    }

    fn visit(&mut self, resolve: &Resolve, id: TypeId) -> Contents {
        if let Some(contents) = self.contents.get(&id) {
            return *contents;
        }
        let mut of = |types: &mut dyn Iterator<Item = &Type>| {
            types.fold(Contents::default(), |all, ty| {
                all.and(match ty {
                    Type::String => Contents { list: true, handle: false },
                    Type::Id(id) => self.visit(resolve, *id),
                    _ => Contents::default(),
                })
            })
        };
        let contents = match &resolve.types[id].kind {
            TypeDefKind::Record(record) => of(&mut record.fields.iter().map(|field| &field.ty)),
            TypeDefKind::Tuple(tuple) => of(&mut tuple.types.iter()),
            TypeDefKind::Variant(variant) => of(&mut variant.cases.iter().filter_map(|case| case.ty.as_ref())),
            TypeDefKind::Option(ty) | TypeDefKind::Type(ty) => of(&mut std::iter::once(ty)),
            TypeDefKind::Result(result) => of(&mut result.ok.iter().chain(&result.err)),
            TypeDefKind::List(ty) => Contents { list: true, ..of(&mut std::iter::once(ty)) },
            TypeDefKind::Handle(_) => Contents { list: false, handle: true },
            _ => Contents::default(),
        };
        self.contents.insert(id, contents);
        contents
    }

    fn visit_function(&mut self, resolve: &Resolve, function: &Function) {
        self.errors.extend(error_of(resolve, function).map(|(_, error)| error));
    }
}

/// The definition behind names that `use` and `type` give a type.
pub(super) fn definition(resolve: &Resolve, mut id: TypeId) -> TypeId {
    while let TypeDefKind::Type(Type::Id(next)) = resolve.types[id].kind {
        id = next;
    }
    id
}

/// The types of a function that returns a value or an error, if the error is a type of its own: that of the value, and the
/// definition of the error.
pub(super) fn error_of(resolve: &Resolve, function: &Function) -> Option<(Option<Type>, TypeId)> {
    let Some(Type::Id(id)) = function.result else { return None };
    let TypeDefKind::Result(result) = &resolve.types[id].kind else { return None };
    let Some(Type::Id(error)) = result.err else { return None };
    let error = definition(resolve, error);
    resolve.types[error].name.is_some().then_some((result.ok, error))
}
