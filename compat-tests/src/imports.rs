//! Owns guests of WASI 0.2 that are written as core modules: each imports the functions that it names, with their own
//! types, and reports the result of each call.

use wasmtime_compat::Completed;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::AbiVariant;
use wit_parser::{TypeDefKind, WorldItem};

use crate::signatures::{World, word};
use crate::{Adapter, wat};

/// A function of WASI: the name by which the guest's text calls it, its interface without the version, and its own name.
pub type Import<'a> = (&'a str, &'a str, &'a str);

/// A command of WASI 0.2.0 that runs `body` with these imports; `definitions` stands beside it.
///
/// The text can use:
/// * `$at`, 64: where the results of calls are to be stored;
/// * `$note (offset) -> i32`: reports the result at `$at`, whose error is at that offset; returns whether it is an error;
/// * `$say (byte)`: reports a byte, by which [`reported`] means `what 0`, `what 1` and so on;
/// * `$done`, the block around `body`, and `cabi_realloc`, which never frees.
pub fn wasi_command(imports: &[Import<'_>], definitions: &str, body: &str) -> Vec<u8> {
    let world = World::new(Adapter::V24);
    let own: [Import<'_>; 2] = [
        ("stdout", "wasi:cli/stdout", "get-stdout"),
        ("stdout-write", "wasi:io/streams", "[method]output-stream.blocking-write-and-flush"),
    ];
    let lines: String = own.iter().chain(imports).map(|import| world.import(*import)).collect();
    let mut module = wat(&format!(
        r#"(module {lines}
            (memory (export "memory") 16)
            (global $at i32 (i32.const 64))
            (global $free (mut i32) (i32.const 65536))
            (global $end (mut i32) (i32.const 32768))
            (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $new i32)
                (local.set $new (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                (global.set $free (i32.add (local.get $new) (local.get 3)))
                (local.get $new))
            (func $say (param $byte i32)
                (i32.store8 (global.get $end) (local.get $byte))
                (global.set $end (i32.add (global.get $end) (i32.const 1))))
            (func $note (param $offset i32) (result i32)
                (if (i32.load8_u (global.get $at))
                    (then
                        (call $say (i32.load8_u (i32.add (global.get $at) (local.get $offset))))
                        (return (i32.const 1))))
                (call $say (i32.const 255))
                (i32.const 0))
            {definitions}
            (func $body (block $done {body}))
            (func (export "wasi:cli/run@0.2.0#run") (result i32)
                (call $body)
                (call $stdout-write (call $stdout) (i32.const 32768)
                    (i32.sub (global.get $end) (i32.const 32768)) (i32.const 32))
                (i32.load8_u (i32.const 32))))"#
    ));
    let mut encode = || {
        embed_component_metadata(&mut module, &world.resolve, world.id, StringEncoding::UTF8, false)?;
        ComponentEncoder::default().validate(true).module(&module)?.encode()
    };
    encode().unwrap_or_else(|error| panic!("the test's own guest can be encoded: {error:#}"))
}

/// The results that a guest has reported, each `ok`, `what N` or the name of a case of the `error-code` of `interface`.
pub fn reported(interface: &str, done: &Completed) -> Vec<String> {
    let codes = World::new(Adapter::V24).error_codes(interface);
    let name = |byte: &u8| match codes.get(usize::from(*byte)) {
        Some(name) => name.clone(),
        None if *byte == 255 => "ok".to_owned(),
        None => format!("what {}", byte.wrapping_sub(REPORT_BASE)),
    };
    done.stdout.bytes.iter().map(name).collect()
}

/// The byte that `$say` takes for `what 0`.
pub const REPORT_BASE: u8 = 128;

impl World {
    /// The import, as a line of text.
    fn import(&self, (alias, interface, name): Import<'_>) -> String {
        let found = self.functions().into_iter().find(|(id, function)| {
            let full = self.resolve.id_of(*id).unwrap_or_default();
            function == name && full.split('@').next() == Some(interface)
        });
        let (id, _) = found.unwrap_or_else(|| panic!("WASI 0.2.0 has {interface} {name}"));
        let function = &self.resolve.interfaces[id].functions[name];
        let signature = self.resolve.wasm_signature(AbiVariant::GuestImport, function);
        let words = |types: &[_]| types.iter().map(|ty| word(*ty)).collect::<Vec<_>>().join(" ");
        let module = self.resolve.id_of(id).expect("interfaces of WASI have names");
        let (params, results) = (words(&signature.params), words(&signature.results));
        format!("(import \"{module}\" \"{name}\" (func ${alias} (param {params}) (result {results})))\n")
    }

    fn error_codes(&self, interface: &str) -> Vec<String> {
        let items = self.resolve.worlds[self.id].imports.values();
        let codes = items.filter_map(|item| match item {
            WorldItem::Interface { id, .. } => Some(*id),
            _ => None,
        });
        let named = |id: &_| self.resolve.id_of(*id).unwrap_or_default().split('@').next() == Some(interface);
        let id = codes.into_iter().find(named).unwrap_or_else(|| panic!("WASI 0.2.0 has {interface}"));
        match &self.resolve.types[self.resolve.interfaces[id].types["error-code"]].kind {
            TypeDefKind::Enum(codes) => codes.cases.iter().map(|case| case.name.clone()).collect(),
            other => panic!("an enumeration: {other:?}"),
        }
    }
}
