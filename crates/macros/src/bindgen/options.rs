//! The options of `bindgen!`, with Wasmtime's names.

use std::cell::Cell;

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitBool, LitStr, Path, Result, Token, braced, bracketed};
use wit_parser::{Resolve, WorldKey};

use super::names;
use crate::attributes;

/// The options of one use of the macro.
pub(super) struct Options {
    pub(super) paths: Vec<LitStr>,
    pub(super) inline: Option<LitStr>,
    pub(super) world: Option<LitStr>,
    pub(super) features: Vec<LitStr>,
    pub(super) library: Path,
    pub(super) imports: Rules,
    pub(super) exports: Rules,
    pub(super) trappable_errors: Vec<(LitStr, Path)>,
    pub(super) with: Vec<With>,
    pub(super) additional_derives: Vec<Path>,
    pub(super) require_store_data_send: bool,
    pub(super) stringify: bool,
    pub(super) debug: bool,
}

/// An interface or a resource that the user's own Rust stands for.
pub(super) struct With {
    pub(super) key: LitStr,
    pub(super) path: Path,
    pub(super) used: Cell<bool>,
}

/// How functions are bound.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Binding {
    pub(super) is_async: bool,
    pub(super) is_trappable: bool,
    is_exact: bool,
}

/// The bindings of functions by name.
#[derive(Default)]
pub(super) struct Rules {
    pub(super) default: Binding,
    rules: Vec<(LitStr, Binding, Cell<bool>)>,
}

impl Rules {
    /// The binding of a function of the interface `key`, or of the world.
    pub(super) fn of(&self, resolve: &Resolve, key: Option<&WorldKey>, function: &str) -> Binding {
        let lookups = match key {
            Some(key) => names::lookups(resolve, key, Some(function)),
            None => vec![(function.to_owned(), Vec::new())],
        };
        for (name, rest) in lookups {
            let found = self
                .rules
                .iter()
                .find(|(filter, binding, _)| filter.value() == name && (rest.is_empty() || !binding.is_exact));
            if let Some((_, binding, used)) = found {
                used.set(true);
                return *binding;
            }
        }
        self.default
    }

    /// Refuses rules that no function has met.
    pub(super) fn check_used(&self) -> Result<()> {
        match self.rules.iter().find(|(_, _, used)| !used.get()) {
            Some((filter, ..)) => Err(Error::new(filter.span(), "no function of the world matches this name")),
            None => Ok(()),
        }
    }
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self {
            paths: Vec::new(),
            inline: None,
            world: None,
            features: Vec::new(),
            library: attributes::default_library(),
            imports: Rules::default(),
            exports: Rules::default(),
            trappable_errors: Vec::new(),
            with: Vec::new(),
            additional_derives: Vec::new(),
            require_store_data_send: false,
            stringify: false,
            debug: false,
        };
        if !input.peek(syn::token::Brace) {
            options.world = input.parse()?;
            if input.parse::<Option<Token![in]>>()?.is_some() {
                options.paths.push(input.parse()?);
            }
            return Ok(options);
        }
        let content;
        braced!(content in input);
        while !content.is_empty() {
            options.parse_option(&content)?;
            if content.is_empty() {
                break;
            }
            content.parse::<Token![,]>()?;
        }
        Ok(options)
    }
}

impl Options {
    fn parse_option(&mut self, input: ParseStream<'_>) -> Result<()> {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![:]>()?;
        match name.to_string().as_str() {
            "path" => self.paths.extend(strings(input)?),
            "inline" => once(&mut self.inline, input.parse()?, "source")?,
            "world" => once(&mut self.world, input.parse()?, "world")?,
            "features" => self.features.extend(strings(input)?),
            "imports" => self.imports = rules(input)?,
            "exports" => self.exports = rules(input)?,
            "trappable_error_type" => self.trappable_errors.extend(pairs::<Token![=>]>(input)?),
            "with" => {
                let pairs = pairs::<Token![:]>(input)?;
                self.with.extend(pairs.into_iter().map(|(key, path)| With { key, path, used: Cell::new(false) }));
            }
            "additional_derives" => {
                let content;
                bracketed!(content in input);
                self.additional_derives.extend(Punctuated::<Path, Token![,]>::parse_terminated(&content)?);
            }
            "require_store_data_send" => self.require_store_data_send = input.parse::<LitBool>()?.value,
            "stringify" => self.stringify = input.parse::<LitBool>()?.value,
            "debug" | "include_generated_code_from_file" => self.debug |= input.parse::<LitBool>()?.value,
            "wasmtime_crate" => self.library = input.parse()?,
            "anyhow" => {
                input.parse::<LitBool>()?;
            }
            "ownership" => {
                let value: Ident = input.parse()?;
                if value != "Owning" {
                    return Err(Error::new(
                        value.span(),
                        "only `Owning` is supported: borrowing types are not generated",
                    ));
                }
            }
            "async" => {
                let hint = "`async` is an option of old majors: use `imports: { default: async }` and `exports: { default: async }`";
                return Err(Error::new(name.span(), hint));
            }
            "trappable_imports" => {
                let hint = "`trappable_imports` is an option of old majors: use `imports: { default: trappable }`";
                return Err(Error::new(name.span(), hint));
            }
            "tracing" | "verbose_tracing" => {
                return Err(Error::new(name.span(), "tracing of calls is not generated"));
            }
            "interfaces" | "named_imports" | "skip_mut_forwarding_impls" | "include_component_type" => {
                return Err(Error::new(name.span(), format!("`{name}` of Wasmtime's macro is not supported")));
            }
            _ => {
                let message = format!(
                    "unknown option `{name}`: expected `path`, `inline`, `world`, `features`, `imports`, `exports`, \
                     `trappable_error_type`, `with`, `additional_derives`, `require_store_data_send`, `stringify`, `debug` \
                     or `wasmtime_crate`"
                );
                return Err(Error::new(name.span(), message));
            }
        }
        Ok(())
    }
}

fn once(option: &mut Option<LitStr>, value: LitStr, what: &str) -> Result<()> {
    let span = value.span();
    match option.replace(value) {
        Some(_) => Err(Error::new(span, format!("a second {what}"))),
        None => Ok(()),
    }
}

/// A string, or a list of strings.
fn strings(input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    if input.peek(LitStr) {
        return Ok(vec![input.parse()?]);
    }
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

/// A map from names of WIT to paths of Rust.
fn pairs<S: Parse>(input: ParseStream<'_>) -> Result<Vec<(LitStr, Path)>> {
    let content;
    braced!(content in input);
    let mut pairs = Vec::new();
    while !content.is_empty() {
        let key = content.parse()?;
        content.parse::<S>()?;
        pairs.push((key, content.call(Path::parse_mod_style)?));
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(pairs)
}

fn rules(input: ParseStream<'_>) -> Result<Rules> {
    let content;
    braced!(content in input);
    let mut rules = Rules::default();
    while !content.is_empty() {
        let filter = if content.parse::<Option<Token![default]>>()?.is_some() { None } else { Some(content.parse()?) };
        content.parse::<Token![:]>()?;
        let binding = binding(&content)?;
        match filter {
            None => rules.default = binding,
            Some(filter) => rules.rules.push((filter, binding, Cell::new(false))),
        }
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(rules)
}

/// Words with `|` between them.
fn binding(input: ParseStream<'_>) -> Result<Binding> {
    let mut binding = Binding::default();
    loop {
        let word = input.call(Ident::parse_any)?;
        match word.to_string().as_str() {
            "async" => binding.is_async = true,
            "trappable" => binding.is_trappable = true,
            "exact" => binding.is_exact = true,
            "store" => {
                let message = "`store` is not supported: host functions get the data of the store, not the store";
                return Err(Error::new(word.span(), message));
            }
            "tracing" | "verbose_tracing" => return Err(Error::new(word.span(), "tracing of calls is not generated")),
            _ => return Err(Error::new(word.span(), "expected `async`, `trappable` or `exact`")),
        }
        if input.parse::<Option<Token![|]>>()?.is_none() {
            return Ok(binding);
        }
    }
}
