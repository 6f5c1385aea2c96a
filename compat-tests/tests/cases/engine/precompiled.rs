//! Precompiled guests say what they are and what they fit, and what does not fit is one typed error.

use compat_tests::{
    Adapter, async_engine, captured, command, component, engine, print_preopens, runtime, trusted, wat,
};
use tempfile::tempdir;
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::wasi::Preopen;
use wasmtime_compat::{
    Command, Config, CoreWasmtime, Engine, ErrorKind, Guest, Linker, Mismatch, Module, Outcome, Precompiled, RunConfig,
    Store, by_major,
};

use super::V;

const ADD: &str = r#"(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;

/// So many preopens of one directory.
fn config(host: &std::path::Path, preopens: usize) -> RunConfig {
    let mut config = RunConfig::new();
    config.wasi = captured();
    for at in 0..preopens {
        config.wasi.preopen(Preopen::new(host, format!("/dir{at}")));
    }
    config
}

/// Why these bytes are not loaded by this engine.
fn mismatch(engine: &Engine<V>, bytes: &[u8]) -> Option<Mismatch> {
    let error = trusted(bytes).and_then(|trusted| Command::from_precompiled(engine, &trusted)).err()?;
    assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
    assert!(error.hint().is_some());
    error.mismatch().cloned()
}

#[test]
fn a_header_says_what_it_is() {
    let engine = engine::<V>();
    for wasm in [print_preopens(), component(&print_preopens(), Adapter::V24)] {
        let bytes = engine.precompile(&wasm).unwrap();
        let precompiled = Precompiled::parse(&bytes).unwrap();
        assert_eq!(precompiled.guest, Guest::parse(&wasm).unwrap());
        assert_eq!(precompiled.wasmtime, V::report().wasmtime);
        assert_eq!(Some(precompiled.fingerprint), engine.fingerprint());
        precompiled.check_compatible(&engine).unwrap();
    }
}

#[test]
fn a_component_is_serialized() {
    let engine = engine::<V>();
    let wasm = component(&print_preopens(), Adapter::V24);
    let precompiled = engine.precompile_component(&wasm).unwrap();
    let loaded = |bytes: &[u8]| Component::from_precompiled(&engine, &trusted(bytes).unwrap()).unwrap();
    for made in [Component::new(&engine, &wasm).unwrap(), loaded(&precompiled)] {
        let bytes = made.serialize().unwrap();
        let (ours, expected) = (Precompiled::parse(&bytes).unwrap(), Precompiled::parse(&precompiled).unwrap());
        assert_eq!((&ours.guest, ours.fingerprint), (&expected.guest, expected.fingerprint));
        assert_eq!(ours.adapter_warnings, expected.adapter_warnings);
        let again = loaded(&bytes);
        assert_eq!(again.adapter_warnings(), made.adapter_warnings());
        let mut linker = component::Linker::<V, ()>::new(&engine);
        linker.add_wasi().unwrap();
        linker.instantiate_pre(&again).unwrap();
    }
}

#[test]
fn commands_run_as_if_just_compiled() {
    let host = tempdir().unwrap();
    let config = config(host.path(), 2);
    for wasm in [print_preopens(), component(&print_preopens(), Adapter::V24)] {
        let engine = engine::<V>();
        let bytes = engine.precompile(&wasm).unwrap();
        let compiled = Command::from_precompiled(&engine, &trusted(&bytes).unwrap()).unwrap();
        assert_eq!(compiled.guest(), &Guest::parse(&wasm).unwrap());
        let done = compiled.run(&config).unwrap();
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{done:?}");
        assert_eq!(done.stdout.text(), "/dir0\n/dir1\n");

        let engine = async_engine::<V>();
        let bytes = engine.precompile(&wasm).unwrap();
        let compiled = Command::from_precompiled(&engine, &trusted(&bytes).unwrap()).unwrap();
        let done = runtime().block_on(compiled.run_async(&config)).unwrap();
        assert_eq!(done.stdout.text(), "/dir0\n/dir1\n");
    }
}

#[test]
fn modules_can_be_called() {
    let engine = engine::<V>();
    let bytes = engine.precompile(&wat(ADD)).unwrap();
    let module = Module::from_precompiled(&engine, &trusted(&bytes).unwrap()).unwrap();
    assert_eq!(module.exports().map(|export| export.name().to_owned()).collect::<Vec<_>>(), ["add"]);
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add").unwrap();
    assert_eq!(add.call(&mut store, (40, 2)).unwrap(), 42);
}

/// What is known of a component's adapters is not lost on the way.
#[test]
fn components_are_guarded_as_if_just_compiled() {
    let host = tempdir().unwrap();
    let engine = engine::<V>();
    for adapter in Adapter::served_on::<V>() {
        let wasm = component(&print_preopens(), *adapter);
        let bytes = engine.precompile(&wasm).unwrap();
        let trusted = trusted(&bytes).unwrap();
        let (compiled, loaded) =
            (Component::new(&engine, &wasm).unwrap(), Component::from_precompiled(&engine, &trusted).unwrap());
        assert_eq!(loaded.adapter_warnings(), compiled.adapter_warnings(), "{adapter:?}");
        assert_eq!(trusted.precompiled().adapter_warnings, compiled.adapter_warnings());

        let done = Command::from_precompiled(&engine, &trusted).unwrap().run(&config(host.path(), 3));
        match adapter {
            Adapter::V24 => assert_eq!(done.unwrap_err().kind(), ErrorKind::BrokenAdapter),
            _ => assert_eq!(done.unwrap().stdout.text(), "/dir0\n/dir1\n/dir2\n"),
        }
    }
}

#[test]
fn a_missing_import_is_named() {
    let engine = engine::<V>();
    let bytes = engine.precompile(&component(&print_preopens(), Adapter::V24)).unwrap();
    let component = Component::from_precompiled(&engine, &trusted(&bytes).unwrap()).unwrap();
    let error = component::Linker::<V, ()>::new(&engine).instantiate_pre(&component).unwrap_err();
    assert!(error.missing_import().unwrap().name.starts_with("wasi:"), "{error}");

    let bytes = engine.precompile(&wat(r#"(module (import "no" "where" (func)) (func (export "_start")))"#)).unwrap();
    let error = Command::from_precompiled(&engine, &trusted(&bytes).unwrap()).unwrap_err();
    assert_eq!(error.missing_import().unwrap().name, "no::where");
}

#[test]
fn other_settings_do_not_fit() {
    let bytes = engine::<V>().precompile(&command("")).unwrap();
    let other = Engine::new(&Config::new().consume_fuel(true)).unwrap();
    assert_eq!(mismatch(&other, &bytes), Some(Mismatch::OtherSettings));
    let precompiled = Precompiled::parse(&bytes).unwrap();
    assert_eq!(precompiled.check_compatible(&other).unwrap_err().mismatch(), Some(&Mismatch::OtherSettings));
    assert_eq!(mismatch(&engine(), &bytes), None);
}

#[test]
fn what_was_not_made_here_is_told_apart() {
    let engine = engine::<V>();
    let wasm = command("");
    let serialized = Module::new(&engine, &wasm).unwrap().as_raw().serialize().unwrap();
    for bytes in [&b""[..], &wasm, &serialized, b"\x7fELF", b"hello"] {
        assert_eq!(mismatch(&engine, bytes), Some(Mismatch::NotPrecompiled));
    }
}

/// Any changed byte and any missing or added one, in the whole header and here and there in the code.
#[test]
fn damage_is_found() {
    let engine = engine::<V>();
    let mut bytes = engine.precompile(&component(&print_preopens(), Adapter::V24)).unwrap();
    let places: Vec<_> = (0..2000).chain((2000..bytes.len()).step_by(bytes.len() / 100)).collect();
    for place in places {
        bytes[place] ^= 0x10;
        let found = mismatch(&engine, &bytes).unwrap_or_else(|| panic!("byte {place} makes no difference"));
        let expected = match found {
            Mismatch::NotPrecompiled => place < 8,
            Mismatch::OtherCrate { .. } => (8..32).contains(&place),
            Mismatch::Damaged => place >= 8,
            _ => false,
        };
        assert!(expected, "byte {place}: {found:?}");
        bytes[place] ^= 0x10;
        let expected = if place == 0 { Mismatch::NotPrecompiled } else { Mismatch::Damaged };
        assert_eq!(mismatch(&engine, &bytes[..place]), Some(expected), "the first {place} bytes");
    }
    bytes.push(0);
    assert_eq!(mismatch(&engine, &bytes), Some(Mismatch::Damaged));
}

/// A header that fits, before something that Wasmtime never made: refused by Wasmtime, and still one typed error.
#[test]
#[expect(unsafe_code, reason = "loading is what is tested")]
fn what_wasmtime_refuses_is_typed_too() {
    let engine = engine::<V>();
    for wasm in [command(""), component(&command(""), Adapter::V24)] {
        let mut bytes = engine.precompile(&wasm).unwrap();
        let code = bytes.windows(4).position(|window| window == b"\x7fELF").expect("Wasmtime's code is an ELF file");
        bytes[code..].fill(0);
        // The magic number, and the crate's version behind its length; the checksum is of all that follows it.
        let length = u32::from_le_bytes(bytes[8..12].try_into().unwrap());
        let checksum = 12 + usize::try_from(length).unwrap();
        let sum = crc32fast::hash(&bytes[checksum + 4..]);
        bytes[checksum..checksum + 4].copy_from_slice(&sum.to_le_bytes());
        // SAFETY: what follows the header is no ELF file, which Wasmtime sees before it takes anything for code.
        let trusted = unsafe { Precompiled::parse(&bytes).unwrap().trust() };
        let error = Command::from_precompiled(&engine, &trusted).unwrap_err();
        assert_eq!(error.mismatch(), Some(&Mismatch::Damaged), "{error:?}");
        assert!(error.wasmtime_error().is_some(), "{error:?}");
    }
}

#[test]
fn the_wrong_kind_is_refused() {
    let engine = engine::<V>();
    let module = engine.precompile(&command("")).unwrap();
    let component = engine.precompile(&component(&command(""), Adapter::V24)).unwrap();
    let error = Component::from_precompiled(&engine, &trusted(&module).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongGuestKind);
    let error = Module::from_precompiled(&engine, &trusted(&component).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongGuestKind);
}

#[test]
fn only_guests_are_precompiled() {
    let engine = engine::<V>();
    let wasm = component(&command(""), Adapter::V24);
    for bytes in [&b"module"[..], b"", &wasm[..wasm.len() / 2], b"\0asm\x01\0\0\0\x01"] {
        assert_eq!(engine.precompile(bytes).unwrap_err().kind(), ErrorKind::InvalidGuest);
    }
}

#[test]
fn majors_chosen_at_run_time_do_it_too() {
    let wasmtime = by_major(V::MAJOR).unwrap();
    let config = config(std::path::Path::new("."), 0);
    let bytes = wasmtime.precompile(&command("(call $exit (i32.const 42))"), &config).unwrap();
    let trusted = trusted(&bytes).unwrap();
    let done = wasmtime.load(&trusted, &config).unwrap().run(&config).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(42)), "{done:?}");
    // Counting fuel is another setting.
    let counting = RunConfig { fuel: Some(1000), ..config };
    let error = wasmtime.load(&trusted, &counting).unwrap_err();
    assert_eq!(error.mismatch(), Some(&Mismatch::OtherSettings));
}

/// A file that is mapped, and a file with the bytes of `Engine::precompile`.
#[test]
#[allow(unsafe_code, reason = "the files come from `Engine::precompile`, and nobody else writes to them")]
fn modules_are_loaded_from_files() {
    let (engine, root) = (engine::<V>(), tempdir().unwrap());
    let path = root.path().join("add");
    let bytes = engine.precompile(&wat(ADD)).unwrap();
    // SAFETY: see above.
    let load = |engine| unsafe { Module::deserialize_file(engine, &path) };
    assert_eq!(load(&engine).unwrap_err().kind(), ErrorKind::Io);
    let add = |module: Module<V>| {
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
        let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add").unwrap();
        add.call(&mut store, (40, 2)).unwrap()
    };
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(add(load(&engine).unwrap()), 42);
    Precompiled::parse(&bytes).unwrap().write_mappable(&path).unwrap();
    let mapped = load(&engine).unwrap();
    // The file takes the place of one that is mapped, and nothing else is left in the folder.
    Precompiled::parse(&bytes).unwrap().write_mappable(&path).unwrap();
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    assert_eq!((add(mapped), add(load(&engine).unwrap())), (42, 42));
    let nowhere = path.join("nowhere");
    assert_eq!(Precompiled::parse(&bytes).unwrap().write_mappable(nowhere).unwrap_err().kind(), ErrorKind::Io);
    let other = Engine::new(&Config::new().consume_fuel(true)).unwrap();
    assert_eq!(load(&other).unwrap_err().mismatch(), Some(&Mismatch::OtherSettings));
    // What is cut short or longer than it was is refused before Wasmtime sees it.
    let whole = std::fs::read(&path).unwrap();
    for damaged in [&whole[1..], &[&b"\0"[..], &whole].concat(), &whole[..whole.len() - 1], b"", b"no"] {
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(load(&engine).unwrap_err().kind(), ErrorKind::Mismatch);
    }
    let wasm = component(&print_preopens(), Adapter::V24);
    let bytes = engine.precompile(&wasm).unwrap();
    Precompiled::parse(&bytes).unwrap().write_mappable(&path).unwrap();
    assert_eq!(load(&engine).unwrap_err().kind(), ErrorKind::WrongGuestKind);
}
