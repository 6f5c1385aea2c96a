//! Owns finding, in one source file, what it uses of Wasmtime's API that changes.

use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Arm, Expr, ExprMatch, ExprMethodCall, ImplItem, ItemImpl, ItemUse, Macro, Pat, Token};

use super::api::{Api, Fate};
use super::names::Names;
use super::{Change, Finding};

/// What was found in a file.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) findings: Vec<Finding>,
    pub(super) uses_wasmtime: bool,
    /// Calls of methods that some types of Wasmtime lose or change, on values whose type is not known.
    pub(super) unknown_receivers: usize,
    /// Macros whose arguments are not expressions.
    pub(super) macros: usize,
    pub(super) globs: usize,
}

/// Looks through the text of a file.
pub(super) fn scan(text: &str, path: &str, from: &Api, to: &Api) -> syn::Result<Scanned> {
    let file = syn::parse_file(text)?;
    let names = Names::of(&file, from);
    let mut scan = Scan { names: &names, path, from, to, scanned: Scanned::default() };
    if names.uses_wasmtime {
        for (item, line) in &names.imports {
            scan.item(item, *line);
        }
        scan.visit_file(&file);
    }
    let mut scanned = scan.scanned;
    (scanned.uses_wasmtime, scanned.globs) = (names.uses_wasmtime, names.globs);
    scanned.findings.sort_by(|one, other| (one.line, &one.item).cmp(&(other.line, &other.item)));
    scanned.findings.dedup_by(|one, other| (one.line, &one.item) == (other.line, &other.item));
    Ok(scanned)
}

struct Scan<'a> {
    names: &'a Names<'a>,
    path: &'a str,
    from: &'a Api,
    to: &'a Api,
    scanned: Scanned,
}

impl Scan<'_> {
    /// Notes what becomes of an item that is used.
    fn item(&mut self, path: &str, line: usize) {
        let mut path = path.to_owned();
        while path.contains("::") {
            if let Some(fate) = self.from.fate(self.to, &path) {
                if let Some(change) = Change::of(fate) {
                    self.note(&path, line, change, true);
                }
                return;
            }
            // Of another crate, or of a macro: something is known if its module goes, or what it is re-exported with.
            let Some((owner, _)) = path.rsplit_once("::") else { return };
            let glob = format!("{owner}::*");
            if let Some(fate @ Fate::Removed { .. }) = self.from.fate(self.to, &glob) {
                Change::of(fate).into_iter().for_each(|change| self.note(&glob, line, change, true));
                return;
            }
            path = owner.to_owned();
            if !matches!(self.from.fate(self.to, &path), None | Some(Fate::Removed { .. })) {
                return;
            }
        }
    }

    fn note(&mut self, item: &str, line: usize, change: Change, resolved: bool) {
        let item = self.from.home(item);
        self.scanned.findings.push(Finding { file: self.path.to_owned(), line, item, change, resolved });
    }

    /// A call of a method on a value whose type is not known: something is said if every type with such a method loses or
    /// changes it.
    fn by_name(&mut self, call: &ExprMethodCall, line: usize) {
        let method = call.method.to_string();
        let owners = self.from.owners(&method);
        let fates: Vec<(&str, Option<Change>)> = owners
            .iter()
            .map(|owner| {
                let fate = self.from.fate(self.to, &format!("{owner}::{method}"));
                (*owner, fate.and_then(Change::of))
            })
            .collect();
        if COMMON.split(' ').any(|common| common == method) || fates.iter().any(|(_, change)| change.is_none()) {
            self.scanned.unknown_receivers += usize::from(fates.iter().any(|(_, change)| change.is_some()));
            return;
        }
        let fits = |owner: &&str| {
            let signature = self.from.signature(&format!("{owner}::{method}"));
            signature.is_some_and(|signature| parameters(signature) == Some(call.args.len()))
        };
        if let Some((owner, Some(change))) = fates.into_iter().find(|(owner, _)| fits(owner)) {
            self.note(&format!("{owner}::{method}"), line, change, false);
        }
    }
}

/// Methods that types of other crates have as well.
const COMMON: &str = "\
abort add all and any arg args as_any as_mut as_ref build by_ref bytes call cancel chain \
clear clone close code collect contains data data_mut description drop end entry env error exit extend \
file filter find finish first flush get get_mut id index inner insert into is_empty is_none is_some \
iter join keys kind last len lock map max min name new next open or parse \
path poll position push read ready remove replace reset run send set size skip sort source \
spawn split start status stderr stdin stdout sum sync take to_string to_vec ty unwrap update value \
values wait with wrap write zip";

/// How many arguments a method takes beside the receiver, by its signature.
fn parameters(signature: &str) -> Option<usize> {
    let (_, rest) = signature.split_once("fn")?;
    // Brackets around the place; the first one is that of the type parameters or of the parameters.
    let mut around: Vec<char> = Vec::new();
    let (mut count, mut last) = (0, ' ');
    let mut is_inside = false;
    for letter in rest.chars() {
        match letter {
            '(' if around.is_empty() => {
                is_inside = true;
                around.push(letter);
            }
            '(' | '<' | '[' => around.push(letter),
            // That of an arrow is no bracket.
            '>' if last == '-' => {}
            ')' | '>' | ']' => {
                around.pop();
                if is_inside && around.is_empty() {
                    return Some(count);
                }
            }
            ',' if is_inside && around.len() == 1 => count += 1,
            _ => {}
        }
        last = letter;
    }
    None
}

/// The path of a variant that a pattern names.
fn first_path(pattern: &Pat) -> Option<&syn::Path> {
    match pattern {
        Pat::Path(it) => Some(&it.path),
        Pat::TupleStruct(it) => Some(&it.path),
        Pat::Struct(it) => Some(&it.path),
        Pat::Reference(it) => first_path(&it.pat),
        Pat::Or(it) => it.cases.first().and_then(first_path),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Scan<'_> {
    /// Imports are known already.
    fn visit_item_use(&mut self, _: &'ast ItemUse) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let (Some(full), Some(first)) = (self.names.path(path), path.segments.first()) {
            // A path to an item of an item, such as a method, changes where the last part of it does.
            self.item(&full, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let line = call.method.span().start().line;
        match self.names.type_of(&call.receiver) {
            Some(ty) => self.item(&format!("{ty}::{}", call.method), line),
            None => self.by_name(call, line),
        }
        visit::visit_expr_method_call(self, call);
    }

    /// A match over all variants of an enumeration that has more of them later.
    fn visit_expr_match(&mut self, expression: &'ast ExprMatch) {
        let is_rest = |arm: &Arm| arm.guard.is_none() && matches!(arm.pat, Pat::Wild(_) | Pat::Ident(_));
        let variant = expression.arms.iter().find_map(|arm| self.names.path(first_path(&arm.pat)?));
        let owner = variant.and_then(|path| Some(self.from.home(&path).rsplit_once("::")?.0.to_owned()));
        if let Some(owner) = owner
            && !expression.arms.iter().any(is_rest)
        {
            let line = expression.match_token.span.start().line;
            for (name, signature) in self.to.below(&self.to.home(&owner)) {
                let item = format!("{owner}::{name}");
                if signature.starts_with("variant") && self.from.signature(&item).is_none() {
                    let change = Change::Required { new: signature.to_owned() };
                    let file = self.path.to_owned();
                    self.scanned.findings.push(Finding { file, line, item, change, resolved: true });
                }
            }
        }
        visit::visit_expr_match(self, expression);
    }

    /// A trait that is implemented: what it now requires, and what it no longer has.
    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        let path = block.trait_.as_ref().and_then(|(_, path, _)| Some((self.names.path(path)?, path)));
        if let Some((path, written)) = path {
            let line = written.segments.first().map_or(0, |first| first.ident.span().start().line);
            let home = self.from.home(&path);
            let there = self.to.home(&path);
            let implemented: Vec<(String, usize)> = block
                .items
                .iter()
                .filter_map(|item| match item {
                    ImplItem::Fn(it) => Some((it.sig.ident.to_string(), it.sig.ident.span().start().line)),
                    ImplItem::Type(it) => Some((it.ident.to_string(), it.ident.span().start().line)),
                    _ => None,
                })
                .collect();
            for (name, line) in &implemented {
                self.item(&format!("{path}::{name}"), *line);
            }
            for (name, signature) in self.to.below(&there) {
                let is_new = self.from.signature(&format!("{home}::{name}")).is_none();
                let required = signature.starts_with("required ") || signature == "type";
                if is_new && required && implemented.iter().all(|(known, _)| known != name) {
                    let change = Change::Required { new: signature.to_owned() };
                    self.scanned.findings.push(Finding {
                        file: self.path.to_owned(),
                        line,
                        item: format!("{there}::{name}"),
                        change,
                        resolved: true,
                    });
                }
            }
        }
        visit::visit_item_impl(self, block);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(call.tokens.clone());
        match arguments {
            Ok(arguments) => {
                // They do not live as long as the file.
                let mut inner = Scan {
                    names: self.names,
                    path: self.path,
                    from: self.from,
                    to: self.to,
                    scanned: Scanned::default(),
                };
                arguments.iter().for_each(|argument| inner.visit_expr(argument));
                self.scanned.findings.append(&mut inner.scanned.findings);
                self.scanned.unknown_receivers += inner.scanned.unknown_receivers;
                self.scanned.macros += inner.scanned.macros;
            }
            Err(_) => self.scanned.macros += 1,
        }
        if let (Some(full), Some(first)) = (self.names.path(&call.path), call.path.segments.first()) {
            self.item(&format!("{full}!"), first.ident.span().start().line);
        }
    }
}

#[cfg(test)]
mod tests {
    //! What a host from before a change uses is found, and what stays is not.

    use super::*;

    fn found(text: &str, from: u64, to: u64) -> Vec<(usize, String, bool)> {
        let (from, to) = (Api::of(from), Api::of(to));
        let scanned = scan(text, "a.rs", &from, &to).unwrap();
        scanned.findings.into_iter().map(|it| (it.line, it.item, it.resolved)).collect()
    }

    #[test]
    fn parameters_are_counted() {
        for (signature, count) in [
            ("fn(&self)", 0),
            ("unsafe fn<F: Fn(u8, u8) -> u8>(&mut self, F)", 1),
            ("fn(&self, &[(u8, u8)], impl Fn(A, B) -> C, D) -> Result<(), E>", 3),
        ] {
            assert_eq!(parameters(signature), Some(count), "{signature}");
        }
    }

    #[test]
    fn a_host_of_20_on_48() {
        let host = r#"
            use wasmtime::{Config, Engine, Linker, Store};
            use wasmtime_wasi::preview1::{self, WasiP1Ctx};

            struct Host { linker: Linker<WasiP1Ctx> }

            fn main() -> anyhow::Result<()> {
                let mut config = Config::new();
                config.static_memory_maximum_size(0).consume_fuel(true);
                let engine = Engine::new(&config)?;
                let mut linker = Linker::new(&engine);
                preview1::add_to_linker_sync(&mut linker, |t| t)?;
                println!("{}", engine.is_pulley());
                Ok(())
            }
        "#;
        let found = found(host, 20, 48);
        let has = |line: usize, item: &str| found.iter().any(|it| (it.0, it.1.as_str(), it.2) == (line, item, true));
        assert!(has(9, "wasmtime::Config::static_memory_maximum_size"), "{found:?}");
        assert!(has(12, "wasmtime_wasi::preview1::add_to_linker_sync"), "{found:?}");
        assert!(
            !found.iter().any(|it| it.1 == "wasmtime::Config::consume_fuel" || it.1 == "wasmtime::Engine::new"),
            "{found:?}"
        );
    }

    #[test]
    fn a_match_over_all_variants_is_found() {
        let host = |rest: &str| {
            format!(
                "use wasmtime::ExternType; fn f(ty: ExternType) {{ match ty {{ ExternType::Func(_) => (), {rest} }} }}"
            )
        };
        let all = "ExternType::Global(_) | ExternType::Table(_) => (), ExternType::Memory(_) => ()";
        assert_eq!(found(&host(all), 30, 37), [(1, "wasmtime::ExternType::Tag".to_owned(), true)]);
        assert_eq!(found(&host("_ => ()"), 30, 37), []);
    }

    #[test]
    fn what_does_not_use_wasmtime_has_nothing() {
        let text = "fn f(config: Other) { config.static_memory_maximum_size(0); }";
        assert_eq!(found(text, 19, 48), []);
    }
}
