//! Values of components, 18 and 19: each knows its type, and is made by it.

use super::wasmtime::component::{
    Enum, Flags, List, OptionVal, Record, ResourceAny, ResultVal, Tuple, Type, Val as RawVal, Variant,
};
use super::wasmtime::{Error, Result};
use super::whole::host_error;
use crate::component::{InResourceAny, Val};

/// A value of a type that it fits.
pub(super) fn into_major(value: &Val, ty: &Type) -> Result<RawVal> {
    let inner = |value: &Option<Box<Val>>, ty: Option<Type>| match (value, ty) {
        (Some(value), Some(ty)) => into_major(value, &ty).map(Some),
        _ => Ok(None),
    };
    Ok(match (value, ty) {
        (Val::Bool(value), _) => RawVal::Bool(*value),
        (Val::S8(value), _) => RawVal::S8(*value),
        (Val::U8(value), _) => RawVal::U8(*value),
        (Val::S16(value), _) => RawVal::S16(*value),
        (Val::U16(value), _) => RawVal::U16(*value),
        (Val::S32(value), _) => RawVal::S32(*value),
        (Val::U32(value), _) => RawVal::U32(*value),
        (Val::S64(value), _) => RawVal::S64(*value),
        (Val::U64(value), _) => RawVal::U64(*value),
        (Val::Float32(value), _) => RawVal::Float32(*value),
        (Val::Float64(value), _) => RawVal::Float64(*value),
        (Val::Char(value), _) => RawVal::Char(*value),
        (Val::String(value), _) => RawVal::String(value.as_str().into()),
        (Val::List(values), Type::List(ty)) => {
            let element = ty.ty();
            let values: Result<_> = values.iter().map(|value| into_major(value, &element)).collect();
            RawVal::List(List::new(ty, values?)?)
        }
        (Val::Record(fields), Type::Record(ty)) => {
            let fields: Result<Vec<_>> = fields
                .iter()
                .zip(ty.fields())
                .map(|((name, value), field)| Ok((name.as_str(), into_major(value, &field.ty)?)))
                .collect();
            RawVal::Record(Record::new(ty, fields?)?)
        }
        (Val::Tuple(values), Type::Tuple(ty)) => {
            let values: Result<_> = values.iter().zip(ty.types()).map(|(value, ty)| into_major(value, &ty)).collect();
            RawVal::Tuple(Tuple::new(ty, values?)?)
        }
        (Val::Variant(name, value), Type::Variant(ty)) => {
            let case = ty.cases().find(|case| case.name == name).and_then(|case| case.ty);
            RawVal::Variant(Variant::new(ty, name, inner(value, case)?)?)
        }
        (Val::Enum(name), Type::Enum(ty)) => RawVal::Enum(Enum::new(ty, name)?),
        (Val::Option(value), Type::Option(ty)) => RawVal::Option(OptionVal::new(ty, inner(value, Some(ty.ty()))?)?),
        (Val::Result(value), Type::Result(ty)) => {
            let value = match value {
                Ok(value) => Ok(inner(value, ty.ok())?),
                Err(value) => Err(inner(value, ty.err())?),
            };
            RawVal::Result(ResultVal::new(ty, value)?)
        }
        (Val::Flags(names), Type::Flags(ty)) => {
            RawVal::Flags(Flags::new(ty, &names.iter().map(String::as_str).collect::<Vec<_>>())?)
        }
        (Val::Resource(any), _) => {
            RawVal::Resource(ResourceAny::expect(any).map_err(|error| host_error(error.into()))?)
        }
        _ => return Err(Error::msg("the value does not fit its type")),
    })
}

/// A value of the guest's, as plain data.
pub(super) fn from_major(raw: &RawVal) -> Option<Val> {
    let all = |values: &[RawVal]| values.iter().map(from_major).collect::<Option<_>>();
    let inner = |value: Option<&RawVal>| match value {
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
        RawVal::String(value) => Val::String(value.to_string()),
        RawVal::List(list) => Val::List(all(list)?),
        RawVal::Record(record) => Val::Record(
            record.fields().map(|(name, value)| Some((name.to_owned(), from_major(value)?))).collect::<Option<_>>()?,
        ),
        RawVal::Tuple(tuple) => Val::Tuple(all(tuple.values())?),
        RawVal::Variant(variant) => Val::Variant(variant.discriminant().to_owned(), inner(variant.payload())?),
        RawVal::Enum(value) => Val::Enum(value.discriminant().to_owned()),
        RawVal::Option(option) => Val::Option(inner(option.value())?),
        RawVal::Result(result) => Val::Result(match result.value() {
            Ok(value) => Ok(inner(value)?),
            Err(value) => Err(inner(value)?),
        }),
        RawVal::Flags(flags) => Val::Flags(flags.flags().map(str::to_owned).collect()),
        RawVal::Resource(any) => Val::Resource(any.wrap()),
    })
}
