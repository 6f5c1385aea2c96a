//! Names of WIT as names of Rust, and the keys by which options name interfaces and what is in them.

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};
use wit_parser::{Function, FunctionKind, PackageId, Resolve, WorldKey};

/// A name of Rust in snake case, with `_` behind a keyword.
pub(super) fn snake(name: &str) -> Ident {
    ident(&name.to_snake_case())
}

/// A name of Rust in camel case. `host` is `Host_`: the trait that a host implements is called `Host`.
pub(super) fn camel(name: &str) -> Ident {
    match name {
        "host" => Ident::new("Host_", Span::call_site()),
        name => ident(&name.to_upper_camel_case()),
    }
}

/// As [`camel`], for cases: none of them can be taken for a trait.
pub(super) fn camel_case(name: &str) -> Ident {
    ident(&name.to_upper_camel_case())
}

fn ident(name: &str) -> Ident {
    // `gen` is a keyword from the edition 2024 on, which the parser does not know.
    match syn::parse_str::<Ident>(name) {
        Ok(ident) if name != "gen" => ident,
        _ => Ident::new(&format!("{name}_"), Span::call_site()),
    }
}

/// The name of the function of a trait that stands for a function of WIT.
pub(super) fn method(function: &Function) -> Ident {
    match function.kind {
        FunctionKind::Constructor(_) => Ident::new("new", Span::call_site()),
        _ => snake(function.item_name()),
    }
}

/// The name of the field that holds an exported function.
pub(super) fn field(resolve: &Resolve, function: &Function) -> Ident {
    let resource = || {
        let id = function.kind.resource()?;
        resolve.types[id].name.as_deref()
    };
    let prefix = match function.kind {
        FunctionKind::Method(_) => "method",
        FunctionKind::Static(_) => "static",
        FunctionKind::Constructor(_) => "constructor",
        _ => return snake(function.item_name()),
    };
    let resource = resource().unwrap_or_default();
    snake(&format!("{prefix}-{resource}-{}", function.item_name()))
}

/// The module of a package: with the version if another version of the package is there too.
pub(super) fn package(resolve: &Resolve, id: PackageId) -> Ident {
    let name = &resolve.packages[id].name;
    let is_same = |other: &&wit_parser::PackageName| other.namespace == name.namespace && other.name == name.name;
    let versions = resolve.packages.iter().map(|(_, package)| &package.name).filter(is_same).count();
    match &name.version {
        Some(version) if versions > 1 => {
            let version = version.to_string().replace(['.', '-', '+'], "_");
            ident(&format!("{}{}", name.name.to_snake_case(), version.to_snake_case()))
        }
        _ => snake(&name.name),
    }
}

/// The keys that name an interface, or `item` in it, the most specific one first: with its version and without, then its
/// package, then its namespace. With each key comes the path in Rust from what it names to the item.
pub(super) fn lookups(resolve: &Resolve, key: &WorldKey, item: Option<&str>) -> Vec<(String, Vec<Ident>)> {
    let of_item = |prefix: &str| item.map(|item| format!("{prefix}.{item}"));
    let id = match key {
        WorldKey::Name(name) => return vec![(of_item(name).unwrap_or_else(|| name.clone()), Vec::new())],
        WorldKey::Interface(id) => *id,
    };
    let interface = &resolve.interfaces[id];
    let (Some(name), Some(package), Some(versioned)) = (&interface.name, interface.package, resolve.id_of(id)) else {
        return Vec::new();
    };
    let package = &resolve.packages[package].name;
    let unversioned_package = format!("{}:{}", package.namespace, package.name);
    let unversioned = format!("{unversioned_package}/{name}");

    let mut lookups = Vec::new();
    let mut rest = Vec::new();
    if let Some(item) = item {
        for prefix in [&versioned, &unversioned] {
            lookups.extend(of_item(prefix).map(|key| (key, Vec::new())));
            // As majors before 38 spell it.
            lookups.push((format!("{prefix}/{item}"), Vec::new()));
        }
        rest.push(camel(item));
    }
    lookups.extend([versioned, unversioned].map(|key| (key, rest.clone())));
    rest.insert(0, snake(name));
    lookups.extend([package.to_string(), unversioned_package].map(|key| (key, rest.clone())));
    rest.insert(0, snake(&package.name));
    lookups.push((package.namespace.clone(), rest));
    lookups
}
