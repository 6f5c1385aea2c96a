//! Values of components, 20 and later: plain data.

use super::wasmtime::Result;
use super::wasmtime::component::{ResourceAny, Type, Val as RawVal};
use super::whole::host_error;
use crate::component::{InResourceAny, Val, push_value};

/// A value of a type that it fits.
pub(super) fn into_major(value: &Val, _: &Type) -> Result<RawVal> {
    plain(value)
}

fn plain(value: &Val) -> Result<RawVal> {
    let inner = |value: &Option<Box<Val>>| match value {
        Some(value) => plain(value).map(|value| Some(Box::new(value))),
        None => Ok(None),
    };
    Ok(match value {
        Val::Bool(value) => RawVal::Bool(*value),
        Val::S8(value) => RawVal::S8(*value),
        Val::U8(value) => RawVal::U8(*value),
        Val::S16(value) => RawVal::S16(*value),
        Val::U16(value) => RawVal::U16(*value),
        Val::S32(value) => RawVal::S32(*value),
        Val::U32(value) => RawVal::U32(*value),
        Val::S64(value) => RawVal::S64(*value),
        Val::U64(value) => RawVal::U64(*value),
        Val::Float32(value) => RawVal::Float32(*value),
        Val::Float64(value) => RawVal::Float64(*value),
        Val::Char(value) => RawVal::Char(*value),
        Val::String(value) => RawVal::String(value.clone()),
        Val::List(values) => RawVal::List(all_plain(values)?),
        Val::Record(fields) => {
            RawVal::Record(fields.iter().map(|(name, value)| Ok((name.clone(), plain(value)?))).collect::<Result<_>>()?)
        }
        Val::Tuple(values) => RawVal::Tuple(all_plain(values)?),
        Val::Variant(name, value) => RawVal::Variant(name.clone(), inner(value)?),
        Val::Enum(name) => RawVal::Enum(name.clone()),
        Val::Option(value) => RawVal::Option(inner(value)?),
        Val::Result(Ok(value)) => RawVal::Result(Ok(inner(value)?)),
        Val::Result(Err(value)) => RawVal::Result(Err(inner(value)?)),
        Val::Flags(names) => RawVal::Flags(names.clone()),
        Val::Resource(any) => RawVal::Resource(ResourceAny::expect(any).map_err(|error| host_error(error.into()))?),
    })
}

fn all_plain(values: &[Val]) -> Result<Vec<RawVal>> {
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        push_value!(all, value of Val to RawVal, plain(value)?);
    }
    Ok(all)
}

fn all_from_major(values: &[RawVal]) -> Option<Vec<Val>> {
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        push_value!(all, value of RawVal to Val, from_major(value)?);
    }
    Some(all)
}

/// A value of the guest's, as plain data; `None` for one that this crate cannot pass.
pub(super) fn from_major(raw: &RawVal) -> Option<Val> {
    let inner = |value: &Option<Box<RawVal>>| match value {
        Some(value) => from_major(value).map(|value| Some(Box::new(value))),
        None => Some(None),
    };
    Some(match raw {
        RawVal::Bool(value) => Val::Bool(*value),
        RawVal::S8(value) => Val::S8(*value),
        RawVal::U8(value) => Val::U8(*value),
        RawVal::S16(value) => Val::S16(*value),
        RawVal::U16(value) => Val::U16(*value),
        RawVal::S32(value) => Val::S32(*value),
        RawVal::U32(value) => Val::U32(*value),
        RawVal::S64(value) => Val::S64(*value),
        RawVal::U64(value) => Val::U64(*value),
        RawVal::Float32(value) => Val::Float32(*value),
        RawVal::Float64(value) => Val::Float64(*value),
        RawVal::Char(value) => Val::Char(*value),
        RawVal::String(value) => Val::String(value.clone()),
        RawVal::List(values) => Val::List(all_from_major(values)?),
        RawVal::Record(fields) => Val::Record(
            fields.iter().map(|(name, value)| Some((name.clone(), from_major(value)?))).collect::<Option<_>>()?,
        ),
        RawVal::Tuple(values) => Val::Tuple(all_from_major(values)?),
        RawVal::Variant(name, value) => Val::Variant(name.clone(), inner(value)?),
        RawVal::Enum(name) => Val::Enum(name.clone()),
        RawVal::Option(value) => Val::Option(inner(value)?),
        RawVal::Result(Ok(value)) => Val::Result(Ok(inner(value)?)),
        RawVal::Result(Err(value)) => Val::Result(Err(inner(value)?)),
        RawVal::Flags(names) => Val::Flags(names.clone()),
        RawVal::Resource(any) => Val::Resource(any.wrap()),
        #[allow(unreachable_patterns, reason = "streams, futures, maps and more came later")]
        _ => return None,
    })
}
