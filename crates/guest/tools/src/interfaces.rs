//! `cargo xtask interfaces`: owns the table of WASI 0.2's interfaces, made from the world of the newest adapter.
//!
//! An adapter carries the world `wasi:cli/command` of its Wasmtime, with the types of all functions in it, also of those
//! that it does not call, and without what is marked unstable.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;
use wit_component::metadata;
use wit_parser::{Function, Handle, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem};

/// What is written.
const TABLE: &str = "crates/guest/src/report/hosts/interfaces.rs";

/// Flags of `cargo xtask interfaces`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Writes nothing; fails if the table is stale
    #[arg(long)]
    check: bool,
}

/// Writes the table if it differs from what is there, or with `--check` fails.
pub(crate) fn run(root: &Path, flags: &Flags) -> Result<()> {
    let path = root.join(TABLE);
    let text = table()?;
    if fs::read_to_string(&path).ok().as_deref() == Some(&text) {
        println!("{TABLE} is up to date");
        return Ok(());
    }
    if flags.check {
        bail!("{TABLE} is stale: run `cargo xtask interfaces`");
    }
    fs::write(&path, text).with_context(|| format!("write {path:?}"))?;
    println!("{TABLE}");
    Ok(())
}

/// The text of the table.
fn table() -> Result<String> {
    let adapter = adapter_embedded::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
    let (_, bindgen) = metadata::decode(adapter).context("read the world of the adapter")?;
    let resolve = &bindgen.resolve;
    let mut table = Table { resolve, types: BTreeMap::new() };
    let mut interfaces = String::new();
    for item in resolve.worlds[bindgen.world].imports.values() {
        let WorldItem::Interface { id, .. } = item else { continue };
        interfaces += &table.interface(*id)?;
    }
    let types: String = table.types.into_values().collect();
    Ok(format!(
        "//! Owns the interfaces of WASI 0.2 with the types of their functions. Written by `cargo xtask interfaces`; do not \
         edit.\n\nuse wasmparser::PrimitiveValType as P;\n\nuse super::preview2::Type as T;\nuse super::preview2::{{Function, \
         Interface}};\n\n{types}\n/// Every interface.\npub(super) static INTERFACES: &[Interface] = &[\n{interfaces}];\n"
    ))
}

/// The table as it is made.
struct Table<'r> {
    resolve: &'r Resolve,
    /// The definition of each named type, by its name in the table.
    types: BTreeMap<String, String>,
}

impl Table<'_> {
    fn interface(&mut self, id: InterfaceId) -> Result<String> {
        let interface = &self.resolve.interfaces[id];
        let name = self.name(id)?;
        let is_resource = |id: &&TypeId| matches!(self.resolve.types[**id].kind, TypeDefKind::Resource);
        let own: Vec<&TypeId> = interface.types.values().filter(is_resource).collect();
        let resources: Vec<String> = own.into_iter().map(|id| self.resource(*id)).collect::<Result<_>>()?;
        let mut text = format!("    Interface {{\n        name: {name:?},\n        resources: &{resources:?},\n");
        text += "        functions: &[\n";
        for function in interface.functions.values() {
            writeln!(text, "            {},", self.function(function)?)?;
        }
        Ok(text + "        ],\n    },\n")
    }

    fn function(&mut self, function: &Function) -> Result<String> {
        let params: Vec<Type> = function.params.iter().map(|param| param.ty).collect();
        let (params, result) = (self.list(&params)?, self.option(function.result.as_ref(), "")?);
        Ok(format!("Function {{ name: {:?}, params: &[{params}], result: {result} }}", function.name))
    }

    fn list(&mut self, types: &[Type]) -> Result<String> {
        let types: Vec<String> = types.iter().map(|ty| self.ty(ty)).collect::<Result<_>>()?;
        Ok(types.join(", "))
    }

    /// An optional type, with what stands before it.
    fn option(&mut self, ty: Option<&Type>, before: &str) -> Result<String> {
        Ok(match ty {
            Some(ty) => format!("Some({before}{})", self.ty(ty)?),
            None => "None".to_owned(),
        })
    }

    fn ty(&mut self, ty: &Type) -> Result<String> {
        let primitive = match ty {
            Type::Bool => "Bool",
            Type::U8 => "U8",
            Type::U16 => "U16",
            Type::U32 => "U32",
            Type::U64 => "U64",
            Type::S8 => "S8",
            Type::S16 => "S16",
            Type::S32 => "S32",
            Type::S64 => "S64",
            Type::F32 => "F32",
            Type::F64 => "F64",
            Type::Char => "Char",
            Type::String => "String",
            Type::Id(id) => return self.defined(*id),
            Type::ErrorContext => bail!("the table has no word for error contexts"),
        };
        Ok(format!("T::Primitive(P::{primitive})"))
    }

    /// A type with a definition: by its name in the table if it has one.
    fn defined(&mut self, id: TypeId) -> Result<String> {
        let resolve = self.resolve;
        let def = &resolve.types[id];
        let text = match &def.kind {
            TypeDefKind::Type(ty) => return self.ty(ty),
            TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
                format!("T::Resource({:?})", self.resource(*id)?)
            }
            TypeDefKind::List(ty) => format!("T::List(&{})", self.ty(ty)?),
            TypeDefKind::Option(ty) => format!("T::Option(&{})", self.ty(ty)?),
            TypeDefKind::Tuple(tuple) => format!("T::Tuple(&[{}])", self.list(&tuple.types)?),
            TypeDefKind::Result(result) => {
                let (ok, err) = (self.option(result.ok.as_ref(), "&")?, self.option(result.err.as_ref(), "&")?);
                format!("T::Result({ok}, {err})")
            }
            TypeDefKind::Record(record) => {
                let mut fields = Vec::new();
                for field in &record.fields {
                    fields.push(format!("({:?}, {})", field.name, self.ty(&field.ty)?));
                }
                format!("T::Record(&[{}])", fields.join(", "))
            }
            TypeDefKind::Variant(variant) => {
                let mut cases = Vec::new();
                for case in &variant.cases {
                    cases.push(format!("({:?}, {})", case.name, self.option(case.ty.as_ref(), "")?));
                }
                format!("T::Variant(&[{}])", cases.join(", "))
            }
            TypeDefKind::Enum(ty) => {
                format!("T::Enum(&{:?})", ty.cases.iter().map(|case| &case.name).collect::<Vec<_>>())
            }
            TypeDefKind::Flags(ty) => {
                format!("T::Flags(&{:?})", ty.flags.iter().map(|flag| &flag.name).collect::<Vec<_>>())
            }
            other => bail!("the table has no word for a {}", other.as_str()),
        };
        let (Some(name), TypeOwner::Interface(owner)) = (&def.name, def.owner) else { return Ok(text) };
        let place = self.name(owner)?;
        let place = place.strip_prefix("wasi:").unwrap_or(&place);
        let name = format!("{place}_{name}").replace(['/', '-'], "_").to_uppercase();
        self.types.insert(name.clone(), format!("const {name}: T = {text};\n"));
        Ok(name)
    }

    /// A resource, with the interface that defines it.
    fn resource(&self, id: TypeId) -> Result<String> {
        let def = &self.resolve.types[id];
        match (&def.kind, def.owner) {
            (TypeDefKind::Type(Type::Id(id)), _) => self.resource(*id),
            (_, TypeOwner::Interface(owner)) => {
                let name = def.name.as_ref().context("a resource without a name")?;
                Ok(format!("{}/{name}", self.name(owner)?))
            }
            _ => bail!("a resource outside of interfaces"),
        }
    }

    /// The name of an interface, without its version.
    fn name(&self, id: InterfaceId) -> Result<String> {
        let interface = &self.resolve.interfaces[id];
        let package = interface.package.map(|package| &self.resolve.packages[package].name);
        let (package, name) = package.zip(interface.name.as_ref()).context("an interface without a name")?;
        Ok(format!("{}:{}/{name}", package.namespace, package.name))
    }
}

#[cfg(test)]
mod tests {
    //! The table is what the generator writes.

    use super::*;

    #[test]
    fn the_table_is_up_to_date() {
        let root = xtask::root().unwrap();
        run(root, &Flags { check: true }).unwrap();
    }
}
