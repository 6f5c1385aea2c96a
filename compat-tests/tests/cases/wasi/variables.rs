//! `wasi:config`: the variables that a host sets, and guests read.

use compat_tests::{engine, pass_on, pass_on_with};
use wasmtime_compat::component::{self, Component, ComponentType, Lift};
use wasmtime_compat::wasi::ConfigVariables;
use wasmtime_compat::{Command, ErrorKind, Outcome, RunConfig, Store};

use super::V;

#[derive(Clone, ComponentType, Debug, Lift, PartialEq)]
#[component(variant)]
enum Failure {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

fn guest(version: &str) -> Vec<u8> {
    pass_on(&format!(
        "
    package test:config;

    package wasi:config@{version} {{
        interface store {{
            variant error {{ upstream(string), io(string) }}
            get: func(key: string) -> result<option<string>, error>;
            get-all: func() -> result<list<tuple<string, string>>, error>;
        }}
    }}

    world user {{
        import wasi:config/store@{version};
        use wasi:config/store@{version}.{{error}};
        export get: func(key: string) -> result<option<string>, error>;
        export get-all: func() -> result<list<tuple<string, string>>, error>;
    }}"
    ))
}

type Found = Result<Option<String>, Failure>;
type All = Result<Vec<(String, String)>, Failure>;

#[test]
fn variables_of_a_store() {
    let engine = engine::<V>();
    let mut linker = component::Linker::new(&engine);
    linker.add_wasi_config().unwrap();
    let mut variables = ConfigVariables::from_iter([("region", "north"), ("empty", "")]);
    variables.insert("level", "1").insert("level", "2");
    for version in ["0.2.0-rc.1", "0.2.0-draft"] {
        let component = Component::new(&engine, guest(version)).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &component).unwrap();
        let get = instance.get_typed_func::<(&str,), (Found,)>(&mut store, "get").unwrap();
        let get_all = instance.get_typed_func::<(), (All,)>(&mut store, "get-all").unwrap();
        // A new store has none.
        assert_eq!(get.call(&mut store, ("region",)).unwrap(), (Ok(None),));
        assert_eq!(get_all.call(&mut store, ()).unwrap(), (Ok(Vec::new()),));

        store.set_wasi_config(&variables);
        assert_eq!(get.call(&mut store, ("region",)).unwrap(), (Ok(Some("north".to_owned())),));
        assert_eq!(get.call(&mut store, ("empty",)).unwrap(), (Ok(Some(String::new())),));
        assert_eq!(get.call(&mut store, ("Region",)).unwrap(), (Ok(None),));
        let all = [("empty", ""), ("level", "2"), ("region", "north")];
        let all = all.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(get_all.call(&mut store, ()).unwrap(), (Ok(all),));
    }
    assert_eq!(variables.get("level"), Some("2"));
    assert_eq!(variables.iter().len(), 3);
}

/// The functions are there if the host adds them only, and once.
#[test]
fn variables_are_off_unless_added() {
    let engine = engine::<V>();
    let component = Component::new(&engine, guest("0.2.0-rc.1")).unwrap();
    let mut linker = component::Linker::<V, ()>::new(&engine);
    linker.add_wasi().unwrap();
    let missing = linker.instantiate_pre(&component).map(drop).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Link, "{missing:?}");
    linker.add_wasi_config().unwrap();
    linker.instantiate_pre(&component).unwrap();
    assert_eq!(linker.add_wasi_config().unwrap_err().kind(), ErrorKind::Link);
}

/// A command that succeeds if the first byte of the variable `region` is an `n`.
const COMMAND: &str = "
    package test:config;

    package wasi:cli@0.2.0 {
        interface run { run: func() -> result; }
    }

    package wasi:config@0.2.0-rc.1 {
        interface store {
            variant error { upstream(string), io(string) }
            get: func(key: string) -> result<option<string>, error>;
        }
    }

    world command {
        import wasi:config/store@0.2.0-rc.1;
        export wasi:cli/run@0.2.0;
    }";

#[test]
fn variables_of_a_command() {
    let wasm = pass_on_with(
        COMMAND,
        "",
        r#"(data (i32.const 100) "region")
        (func (export "wasi:cli/run@0.2.0#run") (result i32)
            (call $"get" (i32.const 100) (i32.const 6) (i32.const 512))
            (if (i32.load8_u (i32.const 512)) (then (return (i32.const 1))))
            (if (i32.eqz (i32.load8_u (i32.const 516))) (then (return (i32.const 1))))
            (i32.ne (i32.load8_u (i32.load (i32.const 520))) (i32.const 110)))"#,
    );
    let command = Command::<V>::new(&engine(), &wasm).unwrap();
    let mut config = RunConfig::new();
    let refused = command.run(&config).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Link, "{refused:?}");
    let missing = refused.missing_import().expect("the import is named");
    assert_eq!(missing.name, "wasi:config/store@0.2.0-rc.1");
    assert!(refused.hint().is_some_and(|hint| hint.contains("WasiConfig::config_variables")), "{refused:?}");

    for (region, code) in [("north", 0), ("south", 1)] {
        config.wasi.config_variables(&ConfigVariables::from_iter([("region", region)]));
        let outcome = command.run(&config).unwrap().outcome;
        assert!(matches!(outcome, Outcome::Exited(exited) if exited == code), "{outcome:?}");
    }
}
