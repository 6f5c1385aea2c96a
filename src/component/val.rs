//! Owns `Val`: values of components whose type is known when the program runs.

use super::ResourceAny;

/// A value of a component, as plain data: the same on every major.
///
/// Records have their fields, and flags their names, as the type of the component declares them; fields must be in the order of
/// the type. Two values are equal if they have the same kind and contents; a NaN is equal to any NaN, as in Wasmtime, so that
/// values can be compared in tests.
///
/// ```
/// use wasmtime_compat::component::Val;
///
/// let ada = Val::Record(vec![
///     ("name".to_owned(), Val::from("Ada")),
///     ("born".to_owned(), Val::U32(1815)),
///     ("address".to_owned(), Val::Option(None)),
/// ]);
/// let people = Val::List(vec![ada.clone(), ada]);
/// assert_eq!(people.to_wave().unwrap().matches("1815").count(), 2);
/// assert_eq!(Val::Float32(f32::NAN), Val::from(-f32::NAN));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Val {
    /// `bool`
    Bool(bool),
    /// `s8`
    S8(i8),
    /// `u8`
    U8(u8),
    /// `s16`
    S16(i16),
    /// `u16`
    U16(u16),
    /// `s32`
    S32(i32),
    /// `u32`
    U32(u32),
    /// `s64`
    S64(i64),
    /// `u64`
    U64(u64),
    /// `f32`
    Float32(f32),
    /// `f64`
    Float64(f64),
    /// `char`
    Char(char),
    /// `string`
    String(String),
    /// `list<…>`
    List(Vec<Val>),
    /// `record { … }`: names and values of the fields.
    Record(Vec<(String, Val)>),
    /// `tuple<…>`
    Tuple(Vec<Val>),
    /// `variant { … }`: the name of the case, and its value.
    Variant(String, Option<Box<Val>>),
    /// `enum { … }`: the name of the case.
    Enum(String),
    /// `option<…>`
    Option(Option<Box<Val>>),
    /// `result<…>`
    Result(Result<Option<Box<Val>>, Option<Box<Val>>>),
    /// `flags { … }`: the names of those that are set.
    Flags(Vec<String>),
    /// `own<…>` or `borrow<…>`
    Resource(ResourceAny),
}

impl Val {
    /// The kind of the value in words, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::S8(_) => "s8",
            Self::U8(_) => "u8",
            Self::S16(_) => "s16",
            Self::U16(_) => "u16",
            Self::S32(_) => "s32",
            Self::U32(_) => "u32",
            Self::S64(_) => "s64",
            Self::U64(_) => "u64",
            Self::Float32(_) => "f32",
            Self::Float64(_) => "f64",
            Self::Char(_) => "char",
            Self::String(_) => "string",
            Self::List(_) => "list",
            Self::Record(_) => "record",
            Self::Tuple(_) => "tuple",
            Self::Variant(..) => "variant",
            Self::Enum(_) => "enum",
            Self::Option(_) => "option",
            Self::Result(_) => "result",
            Self::Flags(_) => "flags",
            Self::Resource(_) => "resource",
        }
    }
}

impl PartialEq for Val {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::S8(one), Self::S8(other)) => one == other,
            (Self::U8(one), Self::U8(other)) => one == other,
            (Self::S16(one), Self::S16(other)) => one == other,
            (Self::U16(one), Self::U16(other)) => one == other,
            (Self::S32(one), Self::S32(other)) => one == other,
            (Self::U32(one), Self::U32(other)) => one == other,
            (Self::S64(one), Self::S64(other)) => one == other,
            (Self::U64(one), Self::U64(other)) => one == other,
            (Self::Float32(one), Self::Float32(other)) => one == other || one.is_nan() && other.is_nan(),
            (Self::Float64(one), Self::Float64(other)) => one == other || one.is_nan() && other.is_nan(),
            (Self::Char(one), Self::Char(other)) => one == other,
            (Self::String(one), Self::String(other)) | (Self::Enum(one), Self::Enum(other)) => one == other,
            (Self::List(one), Self::List(other)) | (Self::Tuple(one), Self::Tuple(other)) => one == other,
            (Self::Record(one), Self::Record(other)) => one == other,
            (Self::Variant(one, value), Self::Variant(other, other_value)) => one == other && value == other_value,
            (Self::Option(one), Self::Option(other)) => one == other,
            (Self::Result(one), Self::Result(other)) => one == other,
            (Self::Flags(one), Self::Flags(other)) => one == other,
            (Self::Resource(one), Self::Resource(other)) => one == other,
            _ => false,
        }
    }
}

macro_rules! from {
    ($($variant:ident $ty:ty)*) => {
        $(impl From<$ty> for Val {
            fn from(value: $ty) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

from! {
    Bool bool S8 i8 U8 u8 S16 i16 U16 u16 S32 i32 U32 u32 S64 i64 U64 u64 Float32 f32 Float64 f64 Char char String String
    Resource ResourceAny
}

impl From<&str> for Val {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

/// Pushes a value of one kind of `Val` as another. Numbers, which most lists are of, are written where they stay: the processor
/// waits when a value is moved that has just been written in parts.
#[cfg(all(feature = "_runtime", not(test)))]
#[allow(unused_macros, reason = "18 and 19 alone convert lists otherwise")]
macro_rules! push_value {
    ($all:ident, $value:ident of $from:ident to $to:ident, $otherwise:expr) => {
        match $value {
            $from::Bool(value) => $all.push($to::Bool(*value)),
            $from::S8(value) => $all.push($to::S8(*value)),
            $from::U8(value) => $all.push($to::U8(*value)),
            $from::S16(value) => $all.push($to::S16(*value)),
            $from::U16(value) => $all.push($to::U16(*value)),
            $from::S32(value) => $all.push($to::S32(*value)),
            $from::U32(value) => $all.push($to::U32(*value)),
            $from::S64(value) => $all.push($to::S64(*value)),
            $from::U64(value) => $all.push($to::U64(*value)),
            $from::Float32(value) => $all.push($to::Float32(*value)),
            $from::Float64(value) => $all.push($to::Float64(*value)),
            $from::Char(value) => $all.push($to::Char(*value)),
            _ => $all.push($otherwise),
        }
    };
}

#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use push_value;
