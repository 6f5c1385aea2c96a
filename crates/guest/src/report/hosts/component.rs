//! Owns what a component asks of an interface that it imports: which of its items, and with which types.

use std::collections::HashMap;

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentFuncType, ComponentInstanceType,
    ComponentValType, ResourceId,
};
use wasmparser::types::TypesRef;

use super::preview2::{Function, Interface, Type};

/// The resources that a component has imported so far.
///
/// A resource is imported once; what is imported again is the same thing under another name, and need not be met.
pub(super) struct Resources<'t> {
    types: &'t TypesRef<'t>,
    /// Of each, the host's resource that it stands for.
    known: HashMap<ResourceId, Option<&'static str>>,
}

impl<'t> Resources<'t> {
    /// Of a component that has imported nothing yet.
    pub(super) fn new(types: &'t TypesRef<'t>) -> Self {
        Self { types, known: HashMap::new() }
    }

    /// The items of an imported instance that the host has to have, each with whether its type is that of the host's
    /// item of this name, which is `false` if there is none.
    pub(super) fn items(
        &mut self,
        instance: &'t ComponentInstanceType,
        host: Option<&'static Interface>,
    ) -> Vec<(&'t str, bool)> {
        let mut items = Vec::new();
        for (name, item) in &instance.exports {
            if let Some(fits) = self.item(host, name, item.ty) {
                items.push((name.as_str(), fits));
            }
        }
        items
    }

    /// Whether the host has to give something for what is imported on its own.
    pub(super) fn must_be_met(&mut self, ty: ComponentEntityType) -> bool {
        self.item(None, "", ty).is_some()
    }

    /// Whether the host's item fits one of this type; `None` if the host does not have to have any.
    fn item(&mut self, host: Option<&'static Interface>, name: &str, ty: ComponentEntityType) -> Option<bool> {
        let resource = || host.and_then(|host| host.resource(name));
        let function = || host.and_then(|host| host.function(name));
        let exists = || resource().is_some() || function().is_some();
        match ty {
            ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(id), .. } => {
                match self.known.get(&id.resource()) {
                    None => {
                        self.known.insert(id.resource(), resource());
                        Some(resource().is_some())
                    }
                    // The host's item, if there is one, is compared.
                    Some(known) => (exists() && *known != resource()).then_some(false),
                }
            }
            ComponentEntityType::Type { .. } => None,
            ComponentEntityType::Func(id) => {
                let fits = |function: &Function| self.types.get(id).is_some_and(|ty| self.same_function(ty, function));
                Some(function().is_some_and(fits))
            }
            // An instance with nothing but types is met by nothing.
            ComponentEntityType::Instance(id) if !exists() => {
                let plain = |ty: ComponentEntityType| match ty {
                    ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(id), .. } => {
                        self.known.contains_key(&id.resource())
                    }
                    ComponentEntityType::Type { .. } => true,
                    _ => false,
                };
                let met =
                    self.types.get(id).is_some_and(|instance| instance.exports.values().all(|item| plain(item.ty)));
                (!met).then_some(false)
            }
            _ => Some(false),
        }
    }

    fn same_function(&self, ty: &ComponentFuncType, host: &Function) -> bool {
        let same = |((_, ty), host): (&(_, ComponentValType), &Type)| self.same(ty, host);
        !ty.async_
            && ty.params.len() == host.params.len()
            && ty.params.iter().zip(host.params).all(same)
            && self.same_option(ty.result.as_ref(), host.result.as_ref())
    }

    /// Whether Wasmtime takes the one type for the other. The host's type is what bounds the work.
    fn same(&self, ty: &ComponentValType, host: &Type) -> bool {
        use ComponentDefinedType as Defined;

        let ty = match ty {
            ComponentValType::Primitive(ty) => return matches!(host, Type::Primitive(host) if ty == host),
            ComponentValType::Type(id) => self.types.get(*id),
        };
        match (ty, host) {
            (Some(Defined::Primitive(ty)), Type::Primitive(host)) => ty == host,
            (Some(Defined::List { element: ty, .. }), Type::List(host))
            | (Some(Defined::Option { ty, .. }), Type::Option(host)) => self.same(ty, host),
            (Some(Defined::Tuple(ty)), Type::Tuple(host)) => {
                ty.types.len() == host.len() && ty.types.iter().zip(*host).all(|(ty, host)| self.same(ty, host))
            }
            (Some(Defined::Result { ok, err, .. }), Type::Result(host_ok, host_err)) => {
                self.same_option(ok.as_ref(), *host_ok) && self.same_option(err.as_ref(), *host_err)
            }
            (Some(Defined::Record(ty)), Type::Record(host)) => {
                let mut pairs = ty.fields.iter().zip(*host);
                ty.fields.len() == host.len()
                    && pairs.all(|((name, ty), (known, host))| name.as_str() == *known && self.same(ty, host))
            }
            (Some(Defined::Variant(ty)), Type::Variant(host)) => {
                let mut pairs = ty.cases.iter().zip(*host);
                ty.cases.len() == host.len()
                    && pairs.all(|((name, case), (known, host))| {
                        name.as_str() == *known && self.same_option(case.ty.as_ref(), host.as_ref())
                    })
            }
            (Some(Defined::Enum(names)), Type::Enum(host)) | (Some(Defined::Flags(names)), Type::Flags(host)) => {
                names.iter().map(|name| name.as_str()).eq(host.iter().copied())
            }
            (Some(Defined::Own(id) | Defined::Borrow(id)), Type::Resource(host)) => {
                self.known.get(&id.resource()).is_some_and(|known| *known == Some(*host))
            }
            _ => false,
        }
    }

    fn same_option(&self, ty: Option<&ComponentValType>, host: Option<&Type>) -> bool {
        match (ty, host) {
            (Some(ty), Some(host)) => self.same(ty, host),
            (None, None) => true,
            _ => false,
        }
    }
}
