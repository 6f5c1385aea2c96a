//! Types of components: this major's into ours.

use super::wasmtime::component::Type as RawType;
use super::wasmtime::component::types::{self as raw, ComponentItem as RawItem};
use super::{core_types, func_parts, reflection, wasmtime};
use crate::component::InResourceType;
use crate::component::types::{
    Component, ComponentFunc, ComponentInstance, ComponentItem, Enum, Flags, List, Module, OptionType, Record,
    ResultType, Tuple, Type, Variant,
};

/// The type of a value.
pub(super) fn value_type(ty: RawType) -> Type {
    match ty {
        RawType::Bool => Type::Bool,
        RawType::S8 => Type::S8,
        RawType::U8 => Type::U8,
        RawType::S16 => Type::S16,
        RawType::U16 => Type::U16,
        RawType::S32 => Type::S32,
        RawType::U32 => Type::U32,
        RawType::S64 => Type::S64,
        RawType::U64 => Type::U64,
        RawType::Float32 => Type::Float32,
        RawType::Float64 => Type::Float64,
        RawType::Char => Type::Char,
        RawType::String => Type::String,
        RawType::List(ty) => Type::List(List::of(move || unnamed([Some(ty.ty())]))),
        RawType::Record(ty) => Type::Record(Record::of(move || {
            ty.fields().map(|field| (field.name.to_owned(), Some(value_type(field.ty)))).collect()
        })),
        RawType::Tuple(ty) => Type::Tuple(Tuple::of(move || unnamed(ty.types().map(Some)))),
        RawType::Variant(ty) => Type::Variant(Variant::of(move || {
            ty.cases().map(|case| (case.name.to_owned(), case.ty.map(value_type))).collect()
        })),
        RawType::Enum(ty) => Type::Enum(Enum::of(move || ty.names().map(|name| (name.to_owned(), None)).collect())),
        RawType::Option(ty) => Type::Option(OptionType::of(move || unnamed([Some(ty.ty())]))),
        RawType::Result(ty) => Type::Result(ResultType::of(move || unnamed([ty.ok(), ty.err()]))),
        RawType::Flags(ty) => Type::Flags(Flags::of(move || ty.names().map(|name| (name.to_owned(), None)).collect())),
        RawType::Own(ty) => Type::Own(ty.wrap()),
        RawType::Borrow(ty) => Type::Borrow(ty.wrap()),
        #[allow(unreachable_patterns, reason = "streams, futures, maps and more came later")]
        _ => Type::Other("stream, future, map or another newer type"),
    }
}

fn unnamed(types: impl IntoIterator<Item = Option<RawType>>) -> Vec<(String, Option<Type>)> {
    types.into_iter().map(|ty| (String::new(), ty.map(value_type))).collect()
}

/// The type of a function, by its parts.
pub(super) fn func_type(params: Vec<(Box<str>, RawType)>, results: Vec<RawType>) -> ComponentFunc {
    ComponentFunc::of(move || {
        let params = params.iter().map(|(name, ty)| (name.clone(), value_type(ty.clone()))).collect();
        (params, results.iter().cloned().map(value_type).collect())
    })
}

/// The type of a function.
pub(super) fn component_func(ty: &raw::ComponentFunc) -> ComponentFunc {
    let ty = ty.clone();
    ComponentFunc::of(move || {
        let params = func_parts::params(&ty).into_iter().map(|(name, ty)| (name, value_type(ty))).collect();
        (params, ty.results().map(value_type).collect())
    })
}

/// An import or an export.
pub(super) fn item(ty: RawItem, engine: &wasmtime::Engine) -> ComponentItem {
    match ty {
        RawItem::ComponentFunc(ty) => ComponentItem::ComponentFunc(component_func(&ty)),
        RawItem::CoreFunc(ty) => ComponentItem::CoreFunc(core_types::func_type(&ty)),
        RawItem::Module(_) => ComponentItem::Module(Module),
        RawItem::Component(ty) => ComponentItem::Component(component(ty, engine)),
        RawItem::ComponentInstance(ty) => {
            let engine = engine.clone();
            ComponentItem::ComponentInstance(ComponentInstance::of(move || {
                items(reflection::instance_exports(&ty, &engine), &engine)
            }))
        }
        RawItem::Type(ty) => ComponentItem::Type(value_type(ty)),
        RawItem::Resource(ty) => ComponentItem::Resource(ty.wrap()),
    }
}

fn items(raw: Vec<(Box<str>, RawItem)>, engine: &wasmtime::Engine) -> Vec<(Box<str>, ComponentItem)> {
    raw.into_iter().map(|(name, ty)| (name, item(ty, engine))).collect()
}

/// The type of a component.
pub(super) fn component(ty: raw::Component, engine: &wasmtime::Engine) -> Component {
    let (imports, exports) = ((ty.clone(), engine.clone()), (ty, engine.clone()));
    Component::of(
        move || items(reflection::imports(&imports.0, &imports.1), &imports.1),
        move || items(reflection::exports(&exports.0, &exports.1), &exports.1),
    )
}

/// The item at a path of names. As when Wasmtime links, a compatible version of an interface is found if the same is not there.
pub(super) fn find(mut items: Vec<(Box<str>, RawItem)>, path: &[&str], engine: &wasmtime::Engine) -> Option<RawItem> {
    let (wanted, inside) = path.split_first()?;
    let same = items.iter().position(|(name, _)| **name == **wanted);
    let index = same.or_else(|| {
        let wanted = track(wanted)?;
        items.iter().position(|(name, _)| track(name) == Some(wanted))
    })?;
    let (_, item) = items.swap_remove(index);
    match item {
        item if inside.is_empty() => Some(item),
        RawItem::ComponentInstance(instance) => find(reflection::instance_exports(&instance, engine), inside, engine),
        _ => None,
    }
}

/// The name of an interface, and the part of its version that compatible versions have in common.
fn track(name: &str) -> Option<(&str, &str)> {
    let (interface, version) = name.split_once('@')?;
    let mut ends = version.match_indices('.').map(|(at, _)| at);
    let (major, minor) = (version.get(..ends.next()?)?, version.get(..ends.next()?)?);
    if major != "0" {
        return Some((interface, major));
    }
    (minor != "0.0").then_some((interface, minor))
}

/// Whether there is an export at a path of names.
#[allow(dead_code, reason = "from 23 on exports are found without the type of the component")]
pub(in super::super::super) fn has_export(
    exports: Vec<(Box<str>, RawItem)>,
    path: &[&str],
    engine: &wasmtime::Engine,
) -> bool {
    find(exports, path, engine).is_some()
}
