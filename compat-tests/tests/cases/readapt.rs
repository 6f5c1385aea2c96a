//! Guests with another adapter: what went wrong goes right, and everything else goes as before.

use compat_tests::{
    Adapter, PRINT, assert_known_difference, captured, cat, command, command_with, component, create_file, dir, engine,
    library, print_preopens, run,
};
use tempfile::{TempDir, tempdir};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::readapt::{Replacement, readapt};
use wasmtime_compat::wasi::{Preopen, Stdin};
use wasmtime_compat::{Completed, ErrorKind, Result, RunConfig, Store, StoreContextMut};

use super::V;

/// What the guest shall call its preopens. One that is in the middle, and others of other lengths.
const NAMES: [&str; 5] = ["/src", "/data", "/var/lib/tool", "out", "."];

fn config(root: &TempDir, names: &[&str]) -> RunConfig {
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    let preopens = (0..).zip(names).map(|(index, name)| Preopen::new(dir(root.path(), &format!("{index}")), *name));
    config.wasi.preopens.extend(preopens);
    config
}

/// Runs a guest whose adapter gives preopens wrong names, for which it would be refused.
fn run_flawed(wasm: &[u8], config: &RunConfig) -> Completed {
    let mut config = config.clone();
    config.wasi.allow_broken_adapter(true);
    run::<V>(wasm, &config).unwrap()
}

/// Makes the component again, and runs it. Only hosts that compare the versions of WASI exactly refuse it.
fn run_repaired(wasm: &[u8], config: &RunConfig) -> Option<Completed> {
    let repaired = readapt(wasm, &Replacement::embedded()).unwrap();
    assert!(repaired.after.affected().all(|issue| issue.fixed.is_none()));
    runs(run::<V>(&repaired.wasm, config))
}

fn runs<T>(result: Result<T>) -> Option<T> {
    match result {
        Ok(done) => {
            assert_known_difference::<V>("exact-wasi-imports", false);
            Some(done)
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Link, "{error:?}");
            assert_known_difference::<V>("exact-wasi-imports", true);
            None
        }
    }
}

#[test]
fn five_preopens_have_their_names_again() {
    let root = tempdir().unwrap();
    let config = config(&root, &NAMES);
    let right: String = NAMES.iter().map(|name| format!("{name}\n")).collect();
    let guest = component(&print_preopens(), Adapter::V24);

    let flawed = run_flawed(&guest, &config).stdout.text().into_owned();
    let lines: Vec<&str> = flawed.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[4]), (5, NAMES[0], NAMES[4]));
    assert!((1..4).all(|middle| lines[middle] != NAMES[middle]), "{flawed}");

    if let Some(done) = run_repaired(&guest, &config) {
        assert_eq!(done.stdout.text(), right);
    }
    // The other way out: a good adapter from the start.
    if let Some(done) = runs(run::<V>(&component(&print_preopens(), Adapter::V48), &config)) {
        assert_eq!(done.stdout.text(), right);
    }
}

#[test]
fn everything_else_goes_as_before() {
    let root = tempdir().unwrap();
    // With two preopens nothing is wrong.
    let mut config = config(&root, &["/one", "two"]);
    config.wasi.args(["guest", "ümlaut"]).env("KEY", "value").stdin(Stdin::bytes("line\n".repeat(3000)));
    let arguments = r#"(if (call $args_sizes (i32.const 24) (i32.const 28)) (then unreachable))
        (if (call $args (i32.const 2048) (i32.const 4096)) (then unreachable))
        (call $print (i32.const 4096) (i32.load (i32.const 28)))
        (if (call $environ_sizes (i32.const 24) (i32.const 28)) (then unreachable))
        (if (call $environ (i32.const 2048) (i32.const 4096)) (then unreachable))
        (call $print (i32.const 4096) (i32.load (i32.const 28)))"#;
    for module in [
        print_preopens(),
        cat(),
        create_file(),
        command_with(PRINT, arguments),
        command("(call $exit (i32.const 3))"),
        command("unreachable"),
    ] {
        let guest = component(&module, Adapter::V24);
        let before = run::<V>(&guest, &config).unwrap();
        if let Some(after) = run_repaired(&guest, &config) {
            assert_eq!(after.stdout.text(), before.stdout.text());
            assert_eq!(after.stderr.text(), before.stderr.text());
            assert_eq!(after.outcome.to_string(), before.outcome.to_string());
        }
    }
}

/// What the library said, and what each preopen is called.
fn names(wasm: &[u8], config: &RunConfig) -> Result<(Vec<String>, Vec<String>)> {
    let engine = engine::<V>();
    let mut linker = component::Linker::<V, Vec<String>>::new(&engine);
    linker.add_wasi()?;
    linker.instance("test:host/log")?.func_wrap(
        "say",
        |mut context: StoreContextMut<'_, V, Vec<String>>, (text,): (String,)| {
            let length = u32::try_from(text.len())?;
            context.data_mut().push(text);
            Ok((length,))
        },
    )?;
    let pre = linker.instantiate_pre(&Component::new(&engine, wasm)?)?;
    let mut store = Store::with_wasi(&engine, Vec::new(), &config.wasi)?;
    let instance: component::Instance<V> = pre.instantiate(&mut store)?;
    let mut names = Vec::new();
    for fd in (3..).take(NAMES.len()) {
        let name = instance.get_typed_func::<(u32,), (String,)>(&mut store, "name")?;
        names.push(name.call(&mut store, (fd,))?.0);
    }
    Ok((store.data().clone(), names))
}

#[test]
fn a_library_keeps_its_own_imports_and_exports() {
    let root = tempdir().unwrap();
    let config = config(&root, &NAMES);
    let guest = library(Adapter::V24);
    assert_eq!(names(&guest, &config).unwrap_err().kind(), ErrorKind::BrokenAdapter);
    let mut allowed = config.clone();
    allowed.wasi.allow_broken_adapter(true);
    let (said, flawed) = names(&guest, &allowed).unwrap();
    assert_eq!(said, flawed);
    assert_eq!((&*flawed[0], &*flawed[4]), (NAMES[0], NAMES[4]));
    assert!((1..4).all(|middle| flawed[middle] != NAMES[middle]), "{flawed:?}");

    let repaired = readapt(&guest, &Replacement::embedded()).unwrap();
    if let Some((said, right)) = runs(names(&repaired.wasm, &config)) {
        assert_eq!(right, NAMES);
        assert_eq!(said, right);
    }
}
