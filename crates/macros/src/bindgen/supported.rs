//! Refusing what bindings cannot express, with its place in WIT. Nothing of WIT is left out in silence.

use std::collections::HashSet;

use syn::Result;
use wit_parser::{Function, FunctionKind, Resolve, Span, Type, TypeDefKind, TypeId, WorldId, WorldItem, WorldKey};

use super::error;

/// As many parameters as the typed functions of every major take.
const PARAMETERS: usize = 16;

pub(super) fn check(resolve: &Resolve, world: WorldId) -> Result<()> {
    let mut check = Check { resolve, seen: HashSet::new() };
    let world = &resolve.worlds[world];
    world.imports.iter().chain(&world.exports).try_for_each(|(key, item)| check.item(key, item))
}

struct Check<'a> {
    resolve: &'a Resolve,
    seen: HashSet<TypeId>,
}

impl Check<'_> {
    fn item(&mut self, key: &WorldKey, item: &WorldItem) -> Result<()> {
        match item {
            WorldItem::Function(function) => self.function(function),
            WorldItem::Type { id, span, .. } => self.ty(&Type::Id(*id), *span),
            WorldItem::Interface { id, span, .. } => {
                let interface = &self.resolve.interfaces[*id];
                if let (WorldKey::Name(_), Some(_)) = (key, &interface.name) {
                    return self.refuse("an interface that is imported or exported under another name", *span);
                }
                interface.types.values().try_for_each(|id| self.ty(&Type::Id(*id), self.resolve.types[*id].span))?;
                interface.functions.values().try_for_each(|function| self.function(function))
            }
        }
    }

    fn function(&mut self, function: &Function) -> Result<()> {
        match function.kind {
            FunctionKind::Freestanding
            | FunctionKind::Method(_)
            | FunctionKind::Static(_)
            | FunctionKind::Constructor(_) => {}
            FunctionKind::AsyncFreestanding | FunctionKind::AsyncMethod(_) | FunctionKind::AsyncStatic(_) => {
                return self.refuse("an `async func`", function.span);
            }
            _ => return self.refuse("a getter or setter", function.span),
        }
        if function.params.len() > PARAMETERS {
            return self.refuse(&format!("a function with more than {PARAMETERS} parameters"), function.span);
        }
        let types = function.params.iter().map(|parameter| &parameter.ty).chain(&function.result);
        types.into_iter().try_for_each(|ty| self.ty(ty, function.span))
    }

    /// `span` is the place for types that have none.
    fn ty(&mut self, ty: &Type, span: Span) -> Result<()> {
        let id = match ty {
            Type::ErrorContext => return self.refuse("an `error-context`", span),
            Type::Id(id) => *id,
            _ => return Ok(()),
        };
        if !self.seen.insert(id) {
            return Ok(());
        }
        let resolve = self.resolve;
        let definition = &resolve.types[id];
        let span = if definition.name.is_some() { definition.span } else { span };
        let mut all = |types: &mut dyn Iterator<Item = &Type>| {
            for ty in types {
                self.ty(ty, span)?;
            }
            Ok(())
        };
        match &definition.kind {
            TypeDefKind::Record(record) => all(&mut record.fields.iter().map(|field| &field.ty)),
            TypeDefKind::Tuple(tuple) if tuple.types.len() > PARAMETERS => {
                self.refuse(&format!("a tuple with more than {PARAMETERS} types"), span)
            }
            TypeDefKind::Tuple(tuple) => all(&mut tuple.types.iter()),
            TypeDefKind::Variant(variant) => all(&mut variant.cases.iter().filter_map(|case| case.ty.as_ref())),
            TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => self.ty(ty, span),
            TypeDefKind::Result(result) => all(&mut result.ok.iter().chain(&result.err)),
            TypeDefKind::Resource | TypeDefKind::Handle(_) | TypeDefKind::Flags(_) | TypeDefKind::Enum(_) => Ok(()),
            TypeDefKind::Future(_) => self.refuse("a `future`", span),
            TypeDefKind::Stream(_) => self.refuse("a `stream`", span),
            TypeDefKind::Map(..) => self.refuse("a `map`", span),
            TypeDefKind::FixedLengthList(..) => self.refuse("a list of a fixed length", span),
            TypeDefKind::Unknown => self.refuse("a type of unknown kind", span),
        }
    }

    fn refuse<T>(&self, what: &str, span: Span) -> Result<T> {
        let place = self.resolve.render_location(span);
        Err(error(format!("{place}: {what} is not supported on every Wasmtime major, so there are no bindings for it")))
    }
}
