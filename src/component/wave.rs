//! Values of components as text, in the notation WAVE that Wasmtime and other tools of components use.

use std::fmt::Write;

use super::Val;
use super::types::{Record, Type, Variant};
use crate::error::{Error, ErrorKind, Result};

impl Val {
    /// Reads a value of a type from its text in WAVE: `42`, `-0.5`, `true`, `'c'`, `"text"`, `[1, 2]`, `(1, "two")`,
    /// `{field: 1, other: none}`, `case`, `case(1)`, `some(1)`, `ok`, `err("no")`, and `{flag, other}` for flags. A field whose type is
    /// an option can be left out.
    ///
    /// ```
    /// use wasmtime_compat::component::{Val, types::Type};
    ///
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// assert_eq!(Val::from_wave(&Type::U8, "42")?, Val::U8(42));
    /// assert_eq!(Val::from_wave(&Type::String, r#""a\n""#)?.to_wave()?, r#""a\n""#);
    /// assert!(Val::from_wave(&Type::U8, "256").is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the text is not one value of this type, with the place in it.
    pub fn from_wave(ty: &Type, text: &str) -> Result<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(ty)?;
        reader.space();
        if reader.rest().is_empty() { Ok(value) } else { Err(reader.expected("the end")) }
    }

    /// The value as text in WAVE; see [`Val::from_wave`].
    ///
    /// # Errors
    /// [`ErrorKind::TypeMismatch`] if there is a resource in it, which has no text form.
    pub fn to_wave(&self) -> Result<String> {
        let mut text = String::new();
        write(self, &mut text)?;
        Ok(text)
    }
}

/// Words that are written with `%` in front when they are names.
const KEYWORDS: [&str; 8] = ["true", "false", "some", "none", "ok", "err", "inf", "nan"];

fn name(name: &str, out: &mut String) {
    if KEYWORDS.contains(&name) {
        out.push('%');
    }
    out.push_str(name);
}

fn write(value: &Val, out: &mut String) -> Result<()> {
    match value {
        Val::Bool(value) => push(out, value),
        Val::S8(value) => push(out, value),
        Val::U8(value) => push(out, value),
        Val::S16(value) => push(out, value),
        Val::U16(value) => push(out, value),
        Val::S32(value) => push(out, value),
        Val::U32(value) => push(out, value),
        Val::S64(value) => push(out, value),
        Val::U64(value) => push(out, value),
        Val::Float32(value) if value.is_nan() => out.push_str("nan"),
        Val::Float64(value) if value.is_nan() => out.push_str("nan"),
        Val::Float32(value) => push(out, value),
        Val::Float64(value) => push(out, value),
        Val::Char(value) => quoted(&value.to_string(), '\'', out),
        Val::String(text) => quoted(text, '"', out),
        Val::List(values) => list(values, ['[', ']'], out)?,
        Val::Tuple(values) => list(values, ['(', ')'], out)?,
        Val::Record(fields) => {
            out.push('{');
            for (index, (field, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                name(field, out);
                out.push_str(": ");
                write(value, out)?;
            }
            out.push('}');
        }
        Val::Variant(case, value) => {
            name(case, out);
            payload(value.as_deref(), out)?;
        }
        Val::Enum(case) => name(case, out),
        Val::Option(None) => out.push_str("none"),
        Val::Option(value) => {
            out.push_str("some");
            payload(value.as_deref(), out)?;
        }
        Val::Result(result) => {
            let (case, value) = match result {
                Ok(value) => ("ok", value),
                Err(value) => ("err", value),
            };
            out.push_str(case);
            payload(value.as_deref(), out)?;
        }
        Val::Flags(flags) => {
            out.push('{');
            for (index, flag) in flags.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                name(flag, out);
            }
            out.push('}');
        }
        Val::Resource(_) => return Err(Error::new(ErrorKind::TypeMismatch, "a resource has no text form")),
    }
    Ok(())
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

fn payload(value: Option<&Val>, out: &mut String) -> Result<()> {
    if let Some(value) = value {
        out.push('(');
        write(value, out)?;
        out.push(')');
    }
    Ok(())
}

fn list(values: &[Val], [open, close]: [char; 2], out: &mut String) -> Result<()> {
    out.push(open);
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(value, out)?;
    }
    out.push(close);
    Ok(())
}

fn quoted(text: &str, quote: char, out: &mut String) {
    out.push(quote);
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            char if char == quote => out.extend(['\\', char]),
            char if char.is_control() => push(out, format_args!("\\u{{{:x}}}", u32::from(char))),
            char => out.push(char),
        }
    }
    out.push(quote);
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The next character after spaces, if it is this one.
    fn next_is(&mut self, wanted: char) -> bool {
        self.space();
        let is_next = self.rest().starts_with(wanted);
        if is_next {
            self.at += wanted.len_utf8();
        }
        is_next
    }

    fn expect(&mut self, wanted: char) -> Result<()> {
        if self.next_is(wanted) { Ok(()) } else { Err(self.expected(&format!("`{wanted}`"))) }
    }

    #[cold]
    fn expected(&self, what: &str) -> Error {
        let message = match self.rest().chars().next() {
            Some(found) => format!("expected {what} at byte {} of the value, found {found:?}", self.at),
            None => format!("expected {what} at the end of the value"),
        };
        Error::new(ErrorKind::InvalidArgument, message)
    }

    fn value(&mut self, ty: &Type) -> Result<Val> {
        Ok(match ty {
            Type::Bool => Val::Bool(self.number("bool")?),
            Type::S8 => Val::S8(self.number("s8")?),
            Type::U8 => Val::U8(self.number("u8")?),
            Type::S16 => Val::S16(self.number("s16")?),
            Type::U16 => Val::U16(self.number("u16")?),
            Type::S32 => Val::S32(self.number("s32")?),
            Type::U32 => Val::U32(self.number("u32")?),
            Type::S64 => Val::S64(self.number("s64")?),
            Type::U64 => Val::U64(self.number("u64")?),
            Type::Float32 => Val::Float32(self.number("f32")?),
            Type::Float64 => Val::Float64(self.number("f64")?),
            Type::Char => {
                let start = self.at;
                let text = self.quoted('\'')?;
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(char), None) => Val::Char(char),
                    _ => return Err(Self { at: start, ..*self }.expected("one character in `'`")),
                }
            }
            Type::String => Val::String(self.quoted('"')?),
            Type::List(list) => {
                let element = list.ty();
                let mut values = Vec::new();
                self.expect('[')?;
                while !self.next_is(']') {
                    values.push(self.value(&element)?);
                    if !self.next_is(',') {
                        self.expect(']')?;
                        break;
                    }
                }
                Val::List(values)
            }
            Type::Tuple(tuple) => {
                let mut values = Vec::new();
                self.expect('(')?;
                for (index, ty) in tuple.types().enumerate() {
                    if index > 0 {
                        self.expect(',')?;
                    }
                    values.push(self.value(&ty)?);
                }
                self.next_is(',');
                self.expect(')')?;
                Val::Tuple(values)
            }
            Type::Record(record) => self.record(record)?,
            Type::Variant(variant) => self.variant(variant)?,
            Type::Enum(cases) => {
                let (start, name) = (self.at, self.name());
                if !cases.names().any(|case| case == name) {
                    return Err(Self { at: start, ..*self }.expected("a case of the enumeration"));
                }
                Val::Enum(name)
            }
            Type::Option(option) => match self.word() {
                "none" => Val::Option(self.skip("none", None)),
                "some" => {
                    self.at += "some".len();
                    Val::Option(self.inner(Some(&option.ty()))?)
                }
                _ => Val::Option(Some(Box::new(self.value(&option.ty())?))),
            },
            Type::Result(result) => match self.word() {
                "ok" => {
                    self.at += "ok".len();
                    Val::Result(Ok(self.inner(result.ok().as_ref())?))
                }
                "err" => {
                    self.at += "err".len();
                    Val::Result(Err(self.inner(result.err().as_ref())?))
                }
                _ => return Err(self.expected("`ok` or `err`")),
            },
            Type::Flags(flags) => {
                let mut set = Vec::new();
                self.expect('{')?;
                while !self.next_is('}') {
                    let (start, name) = (self.at, self.name());
                    if !flags.names().any(|flag| flag == name) {
                        return Err(Self { at: start, ..*self }.expected("a flag of the type"));
                    }
                    set.push(name);
                    if !self.next_is(',') {
                        self.expect('}')?;
                        break;
                    }
                }
                Val::Flags(set)
            }
            Type::Own(_) | Type::Borrow(_) | Type::Other(_) => {
                return Err(Error::new(ErrorKind::InvalidArgument, "a value of this type has no text form"));
            }
        })
    }

    fn record(&mut self, record: &Record) -> Result<Val> {
        let mut given = Vec::new();
        self.expect('{')?;
        while !self.next_is('}') {
            let (start, name) = (self.at, self.name());
            let Some(field) = record.fields().find(|field| field.name == name) else {
                return Err(Self { at: start, ..*self }.expected("a field of the record"));
            };
            self.expect(':')?;
            given.push((name, self.value(&field.ty)?));
            if !self.next_is(',') {
                self.expect('}')?;
                break;
            }
        }
        let mut fields = Vec::new();
        for field in record.fields() {
            let value = match given.iter().position(|(name, _)| name == field.name) {
                Some(index) => given.swap_remove(index).1,
                None if matches!(field.ty, Type::Option(_)) => Val::Option(None),
                None => return Err(self.expected(&format!("the field `{}` before the end of the record", field.name))),
            };
            fields.push((field.name.to_owned(), value));
        }
        match given.first() {
            None => Ok(Val::Record(fields)),
            Some((name, _)) => {
                Err(Error::new(ErrorKind::InvalidArgument, format!("the field `{name}` is given twice")))
            }
        }
    }

    fn variant(&mut self, variant: &Variant) -> Result<Val> {
        let (start, name) = (self.at, self.name());
        match variant.cases().find(|case| case.name == name) {
            Some(case) => Ok(Val::Variant(name, self.inner(case.ty.as_ref())?)),
            None => Err(Self { at: start, ..*self }.expected("a case of the variant")),
        }
    }

    /// The value of a case, in parentheses, if the case has one.
    fn inner(&mut self, ty: Option<&Type>) -> Result<Option<Box<Val>>> {
        let Some(ty) = ty else { return Ok(None) };
        self.expect('(')?;
        let value = self.value(ty)?;
        self.expect(')')?;
        Ok(Some(Box::new(value)))
    }

    /// Passes a word.
    fn skip<T>(&mut self, word: &str, result: T) -> T {
        self.at += word.len();
        result
    }

    /// The letters, digits and signs that come next, without passing them.
    fn word(&mut self) -> &'a str {
        self.space();
        let rest = self.rest();
        let is_part = |char: char| char.is_ascii_alphanumeric() || "+-._%".contains(char);
        rest.find(|char| !is_part(char)).and_then(|end| rest.get(..end)).unwrap_or(rest)
    }

    fn name(&mut self) -> String {
        let word = self.word();
        self.at += word.len();
        word.strip_prefix('%').unwrap_or(word).to_owned()
    }

    fn number<T: std::str::FromStr>(&mut self, what: &str) -> Result<T> {
        let word = self.word();
        let value = word.parse().map_err(|_| self.expected(&format!("a value of type `{what}`")))?;
        self.at += word.len();
        Ok(value)
    }

    fn quoted(&mut self, quote: char) -> Result<String> {
        self.expect(quote)?;
        let mut text = String::new();
        loop {
            let Some(char) = self.rest().chars().next() else { return Err(self.expected(&format!("`{quote}`"))) };
            self.at += char.len_utf8();
            match char {
                '\\' => text.push(self.escaped()?),
                char if char == quote => return Ok(text),
                char => text.push(char),
            }
        }
    }

    /// The character that follows a backslash.
    fn escaped(&mut self) -> Result<char> {
        let unknown = |reader: &Self| reader.expected("`n`, `r`, `t`, `u{…}` or a quotation mark after `\\`");
        let Some(char) = self.rest().chars().next() else { return Err(unknown(self)) };
        let plain = match char {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' | '\'' | '"' => char,
            'u' => {
                let digits = self.rest().strip_prefix("u{").and_then(|rest| rest.split('}').next());
                let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
                let (Some(digits), Some(code)) = (digits, code) else { return Err(unknown(self)) };
                self.at += "u{}".len() + digits.len();
                return Ok(code);
            }
            _ => return Err(unknown(self)),
        };
        self.at += char.len_utf8();
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::types::{Enum, Flags, List, OptionType, ResultType, Tuple};

    fn same(ty: &Type, texts: &[&str]) {
        for text in texts {
            let value = Val::from_wave(ty, text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(value.to_wave().unwrap(), *text);
        }
    }

    fn refused(ty: &Type, texts: &[&str]) {
        for text in texts {
            let error = Val::from_wave(ty, text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        }
    }

    fn record() -> Type {
        Type::Record(Record::of(|| {
            let option = Type::Option(OptionType::of(|| vec![("", Some(Type::Char))]));
            vec![("x", Some(Type::U8)), ("none", Some(option))]
        }))
    }

    #[test]
    fn scalars() {
        same(&Type::Bool, &["true", "false"]);
        same(&Type::S8, &["-128", "127"]);
        same(&Type::U64, &["18446744073709551615"]);
        same(&Type::Float64, &["0.5", "-1", "nan", "inf", "-inf"]);
        same(&Type::Char, &["'a'", r"'\n'", r"'\''", "'ü'"]);
        same(&Type::String, &[r#""""#, r#""a \"b\" \\ \u{1}""#]);
        refused(&Type::U8, &["", "256", "-1", "1 2", "\"1\""]);
        refused(&Type::Char, &["''", "'ab'", "'a", "a"]);
        refused(&Type::String, &["\"", r#""\q""#, r#""\u{110000}""#, "text"]);
    }

    #[test]
    fn parts() {
        let list = Type::List(List::of(|| vec![("", Some(Type::U8))]));
        same(&list, &["[]", "[1]", "[1, 2]"]);
        refused(&list, &["[", "[1", "[,]", "[1 2]", "1"]);
        let tuple = Type::Tuple(Tuple::of(|| vec![("", Some(Type::U8)), ("", Some(Type::Bool))]));
        same(&tuple, &["(1, true)"]);
        refused(&tuple, &["()", "(1)", "(1, true, 2)"]);
        same(&record(), &["{x: 1, %none: some('a')}", "{x: 1, %none: none}"]);
        let short = Val::from_wave(&record(), " { x : 1 } ").unwrap();
        assert_eq!(short.to_wave().unwrap(), "{x: 1, %none: none}");
        refused(&record(), &["{}", "{x: 1, x: 1}", "{y: 1}", "{x 1}"]);
    }

    #[test]
    fn cases() {
        let variant = Type::Variant(Variant::of(|| vec![("a", None), ("b", Some(Type::U8))]));
        same(&variant, &["a", "b(1)"]);
        refused(&variant, &["c", "b", "a(1)", "b()"]);
        let cases = Type::Enum(Enum::of(|| vec![("a", None), ("ok", None)]));
        same(&cases, &["a", "%ok"]);
        refused(&cases, &["b", ""]);
        let flags = Type::Flags(Flags::of(|| vec![("a", None), ("b", None)]));
        same(&flags, &["{}", "{a}", "{a, b}"]);
        refused(&flags, &["{c}", "a"]);
        let option = Type::Option(OptionType::of(|| vec![("", Some(Type::U8))]));
        same(&option, &["none", "some(1)"]);
        assert_eq!(Val::from_wave(&option, "1").unwrap().to_wave().unwrap(), "some(1)");
        let result = Type::Result(ResultType::of(|| vec![("", None), ("", Some(Type::String))]));
        same(&result, &["ok", "err(\"no\")"]);
        refused(&result, &["ok(1)", "err", "1"]);
    }
}
