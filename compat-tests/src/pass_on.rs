//! Guests that pass every value on: each function that a world exports calls the import of the same name, so that a value goes
//! from the host into the guest, out of it, in again and out again.

use std::fmt::Write;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, Resolve, WorldId, WorldItem, WorldKey};

/// A component for the only world of this WIT. A function that it exports, at the root or in an interface, calls the imported
/// function of the same name, whichever interface that is in. `imports` and `definitions` are put into the core module; what
/// they export is not generated.
pub fn pass_on_with(wit: &str, imports: &str, definitions: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).expect("the test's own WIT is valid");
    let world = resolve.select_world(&[package], None).expect("the WIT has one world");
    let text = module(&resolve, world, imports, definitions);
    let mut module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .expect("the world can be encoded");
    let mut encoder = ComponentEncoder::default();
    let encoder = encoder.validate(true).module(&module).expect("the module fits the world");
    encoder.encode().expect("the component can be encoded")
}

/// As [`pass_on_with`], without more.
pub fn pass_on(wit: &str) -> Vec<u8> {
    pass_on_with(wit, "", "")
}

/// Where results are returned: below what `cabi_realloc` hands out.
const RESULTS: u32 = 1024;

fn module(resolve: &Resolve, world: WorldId, imports: &str, definitions: &str) -> String {
    let mut imports = imports.to_owned();
    let mut functions = String::new();
    for (interface, function) in functions_of(resolve, &resolve.worlds[world].imports) {
        let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
        let module = interface.as_deref().unwrap_or("$root");
        let types = types(&signature.params, &signature.results);
        writeln!(imports, "(import {module:?} {0:?} (func ${0:?} {types}))", function.name).expect("a string");
    }
    for (interface, function) in functions_of(resolve, &resolve.worlds[world].exports) {
        let name = match &interface {
            Some(interface) => format!("{interface}#{}", function.name),
            None => function.name.clone(),
        };
        if definitions.contains(&format!("(export {name:?})")) {
            continue;
        }
        let outer = resolve.wasm_signature(AbiVariant::GuestExport, function);
        let inner = resolve.wasm_signature(AbiVariant::GuestImport, function);
        let mut body: String = (0..outer.params.len()).map(|index| format!("(local.get {index})")).collect();
        if inner.retptr {
            write!(body, "(i32.const {RESULTS})").expect("a string");
        }
        write!(body, "(call ${:?})", function.name).expect("a string");
        if inner.retptr {
            write!(body, "(i32.const {RESULTS})").expect("a string");
        }
        let types = types(&outer.params, &outer.results);
        writeln!(functions, "(func (export {name:?}) {types} {body})").expect("a string");
    }
    format!(
        r#"(module {imports}
            (memory (export "memory") 64)
            (global $next (mut i32) (i32.const 4096))
            (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
                (global.set $next (i32.add (local.get $at) (local.get 3)))
                (if (i32.gt_u (global.get $next) (i32.const 4194304)) (then (unreachable)))
                (memory.copy (local.get $at) (local.get 0) (local.get 1))
                (local.get $at))
            {definitions}
            {functions})"#
    )
}

/// The functions of items of a world, with the names of their interfaces.
fn functions_of<'a>(
    resolve: &'a Resolve,
    items: impl IntoIterator<Item = (&'a WorldKey, &'a WorldItem)>,
) -> Vec<(Option<String>, &'a Function)> {
    let mut functions = Vec::new();
    for (key, item) in items {
        match item {
            WorldItem::Function(function) => functions.push((None, function)),
            WorldItem::Interface { id, .. } => {
                let name = resolve.name_world_key(key);
                functions
                    .extend(resolve.interfaces[*id].functions.values().map(|function| (Some(name.clone()), function)));
            }
            WorldItem::Type { .. } => {}
        }
    }
    functions
}

fn types(params: &[WasmType], results: &[WasmType]) -> String {
    let name = |ty: &WasmType| match ty {
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
        _ => "i32",
    };
    let list = |of: &str, types: &[WasmType]| types.iter().map(|ty| format!("({of} {})", name(ty))).collect::<String>();
    format!("{} {}", list("param", params), list("result", results))
}
