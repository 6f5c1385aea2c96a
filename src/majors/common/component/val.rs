//! Values of components whose type is known when the program runs: the check against a type, and the conversions.

use std::fmt::Write;

use super::resource_any::RawResourceAny;
use super::wasmtime::component::{Type, Val as RawVal};
use super::{error, values, wasmtime};
use crate::component::{InResourceAny, Val};
use crate::error::{Error, ErrorKind, Result};

/// The values in this major. `what` is in messages: `param` or `result`.
pub(super) fn all_into_major<'a>(
    given: &[Val],
    types: impl ExactSizeIterator<Item = &'a Type>,
    what: &str,
) -> Result<Vec<RawVal>> {
    if given.len() != types.len() {
        return Err(wrong_number(given.len(), types.len(), what));
    }
    let mut all = Vec::with_capacity(given.len());
    for (index, (value, ty)) in given.iter().zip(types).enumerate() {
        if let Err(misfit) = check(value, ty) {
            return Err(misfit.into_error(what, index));
        }
        all.push(values::into_major(value, ty).map_err(|raw| not_passed(raw, what, index))?);
    }
    Ok(all)
}

/// Values of this major as plain data, into as many places.
pub(super) fn all_from_major(raw: &[RawVal], into: &mut [Val], what: &str) -> Result<()> {
    for (index, (raw, into)) in raw.iter().zip(into).enumerate() {
        *into = from_major(raw, what, index)?;
    }
    Ok(())
}

/// A value of this major as plain data.
pub(super) fn from_major(raw: &RawVal, what: &str, index: usize) -> Result<Val> {
    values::from_major(raw).ok_or_else(|| {
        let message = format!("{what} {index} has a stream, a future or another part that cannot be passed");
        Error::new(ErrorKind::TypeMismatch, message)
    })
}

#[cold]
pub(super) fn wrong_number(given: usize, expected: usize, what: &str) -> Error {
    Error::new(ErrorKind::TypeMismatch, format!("wrong number of {what}s: expected {expected}, found {given}"))
}

#[cold]
fn not_passed(raw: wasmtime::Error, what: &str, index: usize) -> Error {
    error::classify(raw, ErrorKind::TypeMismatch, &format!("{what} {index} cannot be passed"))
}

/// Why a value does not fit a type, and the place in the value, the innermost part first.
struct Misfit {
    kind: ErrorKind,
    problem: String,
    place: Vec<String>,
}

impl Misfit {
    #[cold]
    fn new(problem: impl Into<String>) -> Self {
        Self { kind: ErrorKind::TypeMismatch, problem: problem.into(), place: Vec::new() }
    }

    #[cold]
    fn at(mut self, place: String) -> Self {
        self.place.push(place);
        self
    }

    #[cold]
    fn into_error(self, what: &str, index: usize) -> Error {
        let mut message = format!("{what} {index}");
        for place in self.place.iter().rev() {
            let _ = write!(message, ", {place}");
        }
        Error::new(self.kind, format!("{message}: {}", self.problem))
    }
}

/// Checks that a value fits a type, so that passing it does not fail halfway.
fn check(value: &Val, ty: &Type) -> Result<(), Misfit> {
    match (value, ty) {
        (Val::Bool(_), Type::Bool)
        | (Val::S8(_), Type::S8)
        | (Val::U8(_), Type::U8)
        | (Val::S16(_), Type::S16)
        | (Val::U16(_), Type::U16)
        | (Val::S32(_), Type::S32)
        | (Val::U32(_), Type::U32)
        | (Val::S64(_), Type::S64)
        | (Val::U64(_), Type::U64)
        | (Val::Float32(_), Type::Float32)
        | (Val::Float64(_), Type::Float64)
        | (Val::Char(_), Type::Char)
        | (Val::String(_), Type::String) => Ok(()),
        (Val::List(values), Type::List(ty)) => {
            let ty = ty.ty();
            let mut elements = values.iter().enumerate();
            elements.try_for_each(|(index, value)| {
                check(value, &ty).map_err(|misfit| misfit.at(format!("element {index}")))
            })
        }
        (Val::Record(fields), Type::Record(ty)) => {
            let expected = ty.fields();
            if expected.len() != fields.len() {
                let expected: Vec<_> = expected.map(|field| field.name).collect();
                return Err(Misfit::new(format!("expected the fields `{}`", expected.join("`, `"))));
            }
            for (field, (name, value)) in expected.zip(fields) {
                if field.name != name {
                    return Err(Misfit::new(format!("expected the field `{}`, found `{name}`", field.name)));
                }
                check(value, &field.ty).map_err(|misfit| misfit.at(format!("field \"{name}\"")))?;
            }
            Ok(())
        }
        (Val::Tuple(values), Type::Tuple(ty)) => {
            let expected = ty.types();
            if expected.len() != values.len() {
                let (expected, found) = (expected.len(), values.len());
                return Err(Misfit::new(format!("expected a tuple of {expected} parts, found {found}")));
            }
            let mut parts = expected.zip(values).enumerate();
            parts.try_for_each(|(index, (ty, value))| {
                check(value, &ty).map_err(|misfit| misfit.at(format!("part {index}")))
            })
        }
        (Val::Variant(name, value), Type::Variant(ty)) => match ty.cases().find(|case| case.name == name) {
            Some(case) => payload(value.as_deref(), case.ty.as_ref(), name),
            None => Err(Misfit::new(format!("unknown case `{name}`"))),
        },
        (Val::Enum(name), Type::Enum(ty)) if ty.names().any(|known| known == name) => Ok(()),
        (Val::Enum(name), Type::Enum(_)) => Err(Misfit::new(format!("unknown case `{name}`"))),
        (Val::Option(None), Type::Option(_)) => Ok(()),
        (Val::Option(Some(value)), Type::Option(ty)) => {
            check(value, &ty.ty()).map_err(|misfit| misfit.at("case \"some\"".to_owned()))
        }
        (Val::Result(Ok(value)), Type::Result(ty)) => payload(value.as_deref(), ty.ok().as_ref(), "ok"),
        (Val::Result(Err(value)), Type::Result(ty)) => payload(value.as_deref(), ty.err().as_ref(), "err"),
        (Val::Flags(names), Type::Flags(ty)) => {
            match names.iter().find(|name| ty.names().all(|known| known != name.as_str())) {
                Some(name) => Err(Misfit::new(format!("unknown flag `{name}`"))),
                None => Ok(()),
            }
        }
        (Val::Resource(any), Type::Own(ty) | Type::Borrow(ty)) => match RawResourceAny::of(any) {
            None => Err(Misfit::new("the resource belongs to another Wasmtime major")),
            Some(raw) => match any.expect_current() {
                Err(error) => Err(Misfit { kind: error.kind(), ..Misfit::new(error.message()) }),
                Ok(()) if raw.ty() != *ty => Err(Misfit::new("the resource has another type")),
                Ok(()) => Ok(()),
            },
        },
        _ => Err(Misfit::new(format!("expected `{}`, found `{}`", kind(ty), value.kind()))),
    }
}

/// Checks the value of a case.
fn payload(value: Option<&Val>, ty: Option<&Type>, case: &str) -> Result<(), Misfit> {
    match (value, ty) {
        (Some(value), Some(ty)) => check(value, ty).map_err(|misfit| misfit.at(format!("case \"{case}\""))),
        (None, None) => Ok(()),
        (Some(_), None) => Err(Misfit::new(format!("the case `{case}` has no value"))),
        (None, Some(ty)) => Err(Misfit::new(format!("the case `{case}` has a value of type `{}`", kind(ty)))),
    }
}

/// The kind of a type in words, for messages.
fn kind(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::S8 => "s8",
        Type::U8 => "u8",
        Type::S16 => "s16",
        Type::U16 => "u16",
        Type::S32 => "s32",
        Type::U32 => "u32",
        Type::S64 => "s64",
        Type::U64 => "u64",
        Type::Float32 => "f32",
        Type::Float64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::List(_) => "list",
        Type::Record(_) => "record",
        Type::Tuple(_) => "tuple",
        Type::Variant(_) => "variant",
        Type::Enum(_) => "enum",
        Type::Option(_) => "option",
        Type::Result(_) => "result",
        Type::Flags(_) => "flags",
        Type::Own(_) => "own",
        Type::Borrow(_) => "borrow",
        #[allow(unreachable_patterns, reason = "streams, futures, maps and more came later")]
        _ => "a type that cannot be passed",
    }
}
