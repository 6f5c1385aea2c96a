//! Owns the size of a world before it is decoded: every name and every type, as often as it would be written.

use std::collections::HashMap;

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentItem, ComponentValType,
};
use wasmparser::types::Types;

/// What an item takes beside its names: keywords, punctuation, indentation.
const ITEM: u64 = 16;

/// The sizes of types, each computed once.
pub(super) struct Sizes<'t> {
    types: &'t Types,
    known: HashMap<ComponentAnyTypeId, u64>,
}

impl<'t> Sizes<'t> {
    pub(super) fn new(types: &'t Types) -> Self {
        Self { types, known: HashMap::new() }
    }

    /// The size of an item of this name. A type is written out wherever it is used, even if it has a name.
    pub(super) fn item(&mut self, name: &str, item: &ComponentItem) -> u64 {
        let names =
            [Some(name), item.implements.as_deref(), item.version_suffix.as_deref(), item.external_id.as_deref()];
        let names = names.into_iter().flatten().fold(0, |size: u64, name| size.saturating_add(length(name)));
        let ty = match item.ty {
            ComponentEntityType::Func(id) => self.any(id.into()),
            ComponentEntityType::Instance(id) => self.any(id.into()),
            ComponentEntityType::Component(id) => self.any(id.into()),
            ComponentEntityType::Type { referenced, .. } => self.any(referenced),
            ComponentEntityType::Value(ty) => self.value(&ty),
            ComponentEntityType::Module(_) => 0,
        };
        names.saturating_add(ty)
    }

    fn any(&mut self, id: ComponentAnyTypeId) -> u64 {
        if let Some(size) = self.known.get(&id) {
            return *size;
        }
        let types = self.types;
        let size = match id {
            ComponentAnyTypeId::Resource(_) => ITEM,
            ComponentAnyTypeId::Defined(id) => self.defined(&types[id]),
            ComponentAnyTypeId::Func(id) => {
                let ty = &types[id];
                let result = ty.result.as_ref().map_or(0, |ty| self.value(ty));
                ty.params.iter().fold(ITEM.saturating_add(result), |size, (name, ty)| {
                    size.saturating_add(length(name)).saturating_add(self.value(ty))
                })
            }
            ComponentAnyTypeId::Instance(id) => self.items(&types[id].exports),
            ComponentAnyTypeId::Component(id) => {
                self.items(&types[id].imports).saturating_add(self.items(&types[id].exports))
            }
        };
        self.known.insert(id, size);
        size
    }

    fn items<'i>(&mut self, items: impl IntoIterator<Item = (&'i String, &'i ComponentItem)>) -> u64 {
        items.into_iter().fold(ITEM, |size, (name, item)| size.saturating_add(self.item(name, item)))
    }

    fn defined(&mut self, ty: &ComponentDefinedType) -> u64 {
        match ty {
            ComponentDefinedType::Record(ty) => ty
                .fields
                .iter()
                .fold(ITEM, |size, (name, ty)| size.saturating_add(length(name)).saturating_add(self.value(ty))),
            ComponentDefinedType::Variant(ty) => ty.cases.iter().fold(ITEM, |size, (name, case)| {
                let ty = case.ty.as_ref().map_or(0, |ty| self.value(ty));
                size.saturating_add(length(name)).saturating_add(ty)
            }),
            ComponentDefinedType::Flags(names) | ComponentDefinedType::Enum(names) => {
                names.iter().fold(ITEM, |size, name| size.saturating_add(length(name)))
            }
            ComponentDefinedType::Tuple(ty) => self.values(&ty.types),
            ComponentDefinedType::List { element, .. } | ComponentDefinedType::FixedLengthList { element, .. } => {
                self.values([element])
            }
            ComponentDefinedType::Map { key, value, .. } => self.values([key, value]),
            ComponentDefinedType::Option { ty, .. } => self.values([ty]),
            ComponentDefinedType::Result { ok, err, .. } => self.values(ok.iter().chain(err)),
            ComponentDefinedType::Future { ty, .. } | ComponentDefinedType::Stream { ty, .. } => self.values(ty),
            ComponentDefinedType::Primitive(_) | ComponentDefinedType::Own(_) | ComponentDefinedType::Borrow(_) => ITEM,
        }
    }

    fn values<'v>(&mut self, types: impl IntoIterator<Item = &'v ComponentValType>) -> u64 {
        types.into_iter().fold(ITEM, |size, ty| size.saturating_add(self.value(ty)))
    }

    fn value(&mut self, ty: &ComponentValType) -> u64 {
        match ty {
            ComponentValType::Primitive(_) => ITEM,
            ComponentValType::Type(id) => self.any((*id).into()),
        }
    }
}

/// The length of a name, with what is around it.
fn length(name: &str) -> u64 {
    u64::try_from(name.len()).unwrap_or(u64::MAX).saturating_add(ITEM)
}
