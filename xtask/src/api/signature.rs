//! Owns signatures as text: what a caller can see of an item, and nothing that is only spelled differently.

use quote::ToTokens;
use syn::{Fields, FnArg, Generics, Item, ReturnType, Signature, Type};

/// The signature of an item, without those of its members.
pub(super) fn of(item: &Item) -> String {
    match item {
        Item::Const(it) => format!("const {}", ty(&it.ty)),
        Item::Static(it) => format!("static {}", ty(&it.ty)),
        Item::Enum(it) => format!("enum{}", generics(&it.generics)),
        Item::Struct(it) => format!("struct{}", generics(&it.generics)),
        Item::Union(it) => format!("union{}", generics(&it.generics)),
        Item::Type(it) => format!("type{} = {}", generics(&it.generics), ty(&it.ty)),
        Item::Fn(it) => function(&it.sig),
        Item::Trait(it) => {
            let above = short(&it.supertraits);
            let above = if above.is_empty() { above } else { format!(": {above}") };
            format!("trait{}{above}", generics(&it.generics))
        }
        _ => String::new(),
    }
}

/// The signature of a function, without the names of its parameters.
pub(super) fn function(signature: &Signature) -> String {
    let inputs: Vec<String> = signature
        .inputs
        .iter()
        .map(|input| match input {
            FnArg::Receiver(receiver) => {
                let mut receiver = receiver.clone();
                receiver.attrs.clear();
                short(&receiver)
            }
            FnArg::Typed(typed) => ty(&typed.ty),
        })
        .collect();
    let output = match &signature.output {
        ReturnType::Default => String::new(),
        ReturnType::Type(_, output) => format!(" -> {}", ty(output)),
    };
    let unsafety = if signature.unsafety.is_some() { "unsafe " } else { "" };
    let asyncness = if signature.asyncness.is_some() { "async " } else { "" };
    let (parameters, bounds) = (generics(&signature.generics), bounds(&signature.generics));
    format!("{unsafety}{asyncness}fn{parameters}({}){output}{bounds}", inputs.join(", "))
}

/// The signature of a method, in which the type of that path is `Self` also where its name is written out.
pub(super) fn with_self(signature: &str, path: &str) -> String {
    let name = path.rsplit("::").next().unwrap_or(path);
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut out = String::new();
    let mut rest = signature;
    while let Some(place) = rest.find(name) {
        let (before, after) = (&rest[..place], &rest[place + name.len()..]);
        // Not a part of another name, and without parameters of its own.
        let is_whole =
            !before.ends_with(is_letter) && !after.starts_with(|next| is_letter(next) || next == '<' || next == ':');
        out += before;
        out += if is_whole { "Self" } else { name };
        rest = after;
    }
    out + rest
}

/// A type.
pub(super) fn ty(ty: &Type) -> String {
    short(ty)
}

/// The fields of a variant.
pub(super) fn fields(fields: &Fields) -> String {
    let types: Vec<String> = fields
        .iter()
        .map(|field| match &field.ident {
            Some(name) => format!("{name}: {}", ty(&field.ty)),
            None => ty(&field.ty),
        })
        .collect();
    if matches!(fields, Fields::Named(_)) {
        format!(" {{ {} }}", types.join(", "))
    } else {
        format!("({})", types.join(", "))
    }
}

fn generics(generics: &Generics) -> String {
    if generics.params.is_empty() { String::new() } else { format!("<{}>", short(&generics.params)) }
}

fn bounds(generics: &Generics) -> String {
    generics.where_clause.as_ref().map_or_else(String::new, |clause| format!(" where {}", short(&clause.predicates)))
}

/// Tokens as text, with every path reduced to its last name: where a name comes from is not the caller's concern.
fn short(tokens: &(impl ToTokens + ?Sized)) -> String {
    without_parentheses(&without_modules(&compact(&tokens.to_token_stream().to_string())))
}

/// The text without parentheses that only group the bounds of a type.
fn without_parentheses(text: &str) -> String {
    let mut out = text.to_owned();
    for start in ["impl(", "&mut(dyn", "&(dyn"] {
        while let Some(place) = out.find(start) {
            let open = place + start.find('(').unwrap_or(0);
            let mut depth = 0_usize;
            let close = out[open..].char_indices().find(|(_, letter)| {
                match letter {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            let Some((length, _)) = close else { break };
            out.remove(open + length);
            out.replace_range(open..=open, " ");
        }
    }
    out
}

/// The text without the names of modules, which begin with a small letter and stand in front of `::`.
fn without_modules(text: &str) -> String {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut parts = text.split("::").peekable();
    let mut out = String::new();
    while let Some(part) = parts.next() {
        out += part;
        if parts.peek().is_none() {
            break;
        }
        let name = out.trim_end_matches(is_letter).len();
        match out[name..].chars().next() {
            Some(first) if !first.is_lowercase() => out += "::",
            None if out.ends_with('>') => out += "::",
            _ => out.truncate(name),
        }
    }
    out
}

/// The text of tokens with spaces only where they are needed, or usual.
fn compact(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let (last, first) = (out.chars().next_back(), word.chars().next());
        let letters = |letter: Option<char>| {
            letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '\'')
        };
        let spaced = letters(last) && letters(first)
            || matches!(last, Some(',' | ':' | '=' | '+')) && !out.ends_with("::") && first != Some(':')
            || matches!(word, "+" | "=" | "->")
            || out.ends_with("->")
            || last == Some(')') && letters(first)
            || last == Some('>') && letters(first);
        if spaced && !out.is_empty() {
            out.push(' ');
        }
        out += word;
    }
    out.trim_end_matches(',').to_owned()
}

#[cfg(test)]
mod tests {
    //! Signatures say what a caller sees.

    use super::*;

    fn signature(text: &str) -> String {
        of(&syn::parse_str(text).unwrap())
    }

    #[test]
    fn functions() {
        for (text, expected) in [
            ("fn f(&mut self, enable: bool) -> &mut Self {}", "fn(&mut self, bool) -> &mut Self"),
            ("unsafe fn f(a: &[u8], b: std::path::PathBuf) {}", "unsafe fn(&[u8], PathBuf)"),
            (
                "async fn f<T: Send>(t: T) -> crate::Result<()> where T: 'static {}",
                "async fn<T: Send>(T) -> Result<()> where T: 'static",
            ),
            (
                "fn f<T: View>(t: T::Out, s: <T as crate::View>::Out, u: ::std::vec::Vec<Self::X>) {}",
                "fn<T: View>(T::Out, <T as View>::Out, Vec<Self::X>)",
            ),
            ("fn f(x: impl (FnMut(&mut T) -> &mut (dyn R)) + Send) {}", "fn(impl FnMut(&mut T) -> &mut dyn R + Send)"),
            ("fn f(x: &mut dyn wasmtime::AsContext<Data = ()>)  {}", "fn(&mut dyn AsContext<Data = ()>)"),
        ] {
            assert_eq!(signature(text), expected);
        }
    }

    #[test]
    fn a_type_is_itself_in_its_methods() {
        let own = |signature: &str| with_self(signature, "w::Engine");
        assert_eq!(own("fn(&Config) -> Result<Engine>"), "fn(&Config) -> Result<Self>");
        assert_eq!(own("fn(EngineWeak, Engine, Engine<T>)"), "fn(EngineWeak, Self, Engine<T>)");
    }

    #[test]
    fn other_items() {
        for (text, expected) in [
            ("pub struct S<T: 'static> { a: T }", "struct<T: 'static>"),
            ("pub type R<T, E = crate::Error> = core::result::Result<T, E>;", "type<T, E = Error> = Result<T, E>"),
            ("pub const C: usize = 1;", "const usize"),
            ("pub trait View: super::Io + Send {}", "trait: Io + Send"),
        ] {
            assert_eq!(signature(text), expected);
        }
    }
}
