//! Owns the comparison of types between worlds: each type is a number, the same for the same structure and names.

use std::collections::{BTreeMap, HashMap};

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem, WorldKey};

use super::wiring::version_track;

/// The shapes met so far. What is made of several parts names them by their numbers, so that none is told twice.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    known: HashMap<String, usize>,
}

/// The items of an interface and their shapes; a function or type of the world itself has one without a name.
pub(super) type Items = BTreeMap<String, usize>;

impl Shapes {
    /// The imports or exports of a world. Interfaces of WASI go by their track of versions.
    pub(super) fn items<'a>(
        &mut self,
        resolve: &Resolve,
        items: impl IntoIterator<Item = (&'a WorldKey, &'a WorldItem)>,
    ) -> BTreeMap<String, Items> {
        let mut memo = HashMap::new();
        let mut shapes: BTreeMap<String, Items> = BTreeMap::new();
        for (key, item) in items {
            let name = resolve.name_world_key(key);
            let of = shapes.entry(version_track(&name).to_owned()).or_default();
            match item {
                WorldItem::Function(function) => {
                    of.insert(String::new(), self.function(resolve, function, &mut memo));
                }
                WorldItem::Type { id, .. } => {
                    of.insert(String::new(), self.ty(resolve, *id, &mut memo));
                }
                WorldItem::Interface { id, .. } => {
                    let interface = &resolve.interfaces[*id];
                    for (name, ty) in &interface.types {
                        of.insert(format!("type {name}"), self.ty(resolve, *ty, &mut memo));
                    }
                    for (name, function) in &interface.functions {
                        of.insert(name.clone(), self.function(resolve, function, &mut memo));
                    }
                }
            }
        }
        shapes
    }

    fn function(&mut self, resolve: &Resolve, function: &Function, memo: &mut HashMap<TypeId, usize>) -> usize {
        let mut words = format!("func {:?}", function.name);
        for param in &function.params {
            words += &format!(" {}: {}", param.name, self.any(resolve, &param.ty, memo));
        }
        words += &format!(" -> {}", self.maybe(resolve, function.result.as_ref(), memo));
        self.number(words)
    }

    fn any(&mut self, resolve: &Resolve, ty: &Type, memo: &mut HashMap<TypeId, usize>) -> String {
        match ty {
            Type::Id(id) => self.ty(resolve, *id, memo).to_string(),
            simple => format!("{simple:?}"),
        }
    }

    fn maybe(&mut self, resolve: &Resolve, ty: Option<&Type>, memo: &mut HashMap<TypeId, usize>) -> String {
        ty.map_or_else(|| "_".to_owned(), |ty| self.any(resolve, ty, memo))
    }

    fn ty(&mut self, resolve: &Resolve, id: TypeId, memo: &mut HashMap<TypeId, usize>) -> usize {
        if let Some(known) = memo.get(&id) {
            return *known;
        }
        let def = &resolve.types[id];
        let mut words = match def.owner {
            TypeOwner::Interface(owner) => {
                let owner = resolve.id_of(owner).unwrap_or_default();
                format!("{} {:?} ", version_track(&owner), def.name)
            }
            _ => format!("{:?} ", def.name),
        };
        words += def.kind.as_str();
        let mut part = |word: String| {
            words.push(' ');
            words += &word;
        };
        match &def.kind {
            TypeDefKind::Record(record) => {
                for field in &record.fields {
                    part(format!("{}: {}", field.name, self.any(resolve, &field.ty, memo)));
                }
            }
            TypeDefKind::Variant(variant) => {
                for case in &variant.cases {
                    part(format!("{}({})", case.name, self.maybe(resolve, case.ty.as_ref(), memo)));
                }
            }
            TypeDefKind::Enum(cases) => cases.cases.iter().for_each(|case| part(case.name.clone())),
            TypeDefKind::Flags(flags) => flags.flags.iter().for_each(|flag| part(flag.name.clone())),
            TypeDefKind::Tuple(tuple) => {
                for ty in &tuple.types {
                    part(self.any(resolve, ty, memo));
                }
            }
            TypeDefKind::Handle(Handle::Own(of) | Handle::Borrow(of)) => part(self.ty(resolve, *of, memo).to_string()),
            TypeDefKind::Option(of) | TypeDefKind::List(of) | TypeDefKind::Type(of) => {
                part(self.any(resolve, of, memo));
            }
            TypeDefKind::FixedLengthList(of, length) => part(format!("{} {length}", self.any(resolve, of, memo))),
            TypeDefKind::Map(key, value) => {
                part(self.any(resolve, key, memo));
                part(self.any(resolve, value, memo));
            }
            TypeDefKind::Result(result) => {
                part(self.maybe(resolve, result.ok.as_ref(), memo));
                part(self.maybe(resolve, result.err.as_ref(), memo));
            }
            TypeDefKind::Future(of) | TypeDefKind::Stream(of) => part(self.maybe(resolve, of.as_ref(), memo)),
            TypeDefKind::Resource | TypeDefKind::Unknown => {}
        }
        let number = self.number(words);
        memo.insert(id, number);
        number
    }

    fn number(&mut self, words: String) -> usize {
        let next = self.known.len();
        *self.known.entry(words).or_insert(next)
    }
}
