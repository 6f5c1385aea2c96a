//! WASI 0.3: its commands run on majors that host it, with the same world, and are refused with the reason on the others.

use std::time::Duration;

use compat_tests::p3::{Does, guest};
use compat_tests::{Adapter, PRINT, command_with, component, not_applicable, trusted};
use wasmtime_compat::component::{Component, Linker};
use wasmtime_compat::report::{GuestReport, Verdict};
use wasmtime_compat::wasi::{Preopen, Stdout};
use wasmtime_compat::{
    Command, Completed, Config, CoreWasmtime as _, Engine, ErrorKind, Outcome, RunConfig, Strategy, Trap, by_major,
};

use super::V;

/// Whether the major hosts WASI 0.3.
fn is_hosted() -> bool {
    V::report().wasi.p3.is_some()
}

fn config() -> Config {
    Config::new().async_support(true).wasm_component_model_async(true)
}

/// A run with an argument, whose output is captured.
fn captured(arg: &str) -> RunConfig {
    let mut config = RunConfig { wasi_p3: true, ..RunConfig::new() };
    config.wasi.arg(arg).stdout(Stdout::capture(1 << 20));
    config
}

/// Runs it on an engine of the object-safe layer, which chooses the settings by the guest.
fn run(does: Does, config: &RunConfig) -> Completed {
    let major = by_major(V::MAJOR).expect("it is compiled in");
    major.compile(&guest(does), config).unwrap().run(config).unwrap()
}

#[test]
fn the_first_major_with_wasi_0_3_is_46() {
    assert_eq!(V::report().wasi.p3.map(|version| version.to_string()).as_deref(), (V::MAJOR >= 46).then_some("0.3.0"));
}

#[test]
fn a_command_of_wasi_0_3_runs_or_is_refused_with_the_reason() {
    if is_hosted() {
        let done = run(Does::Echo, &captured("hello, world"));
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
        assert_eq!(String::from_utf8_lossy(&done.stdout.bytes), "hello, world");
        return;
    }
    let engine = Engine::<V>::new(&Config::new()).unwrap();
    for error in [
        Engine::<V>::new(&config()).map(drop).unwrap_err(),
        Command::new(&engine, guest(Does::Echo)).map(drop).unwrap_err(),
        Linker::<V, ()>::new(&engine).add_wasi_p3().unwrap_err(),
        by_major(V::MAJOR).unwrap().compile(&guest(Does::Echo), &captured("")).map(drop).unwrap_err(),
    ] {
        let since = error.unsupported().and_then(|unsupported| unsupported.since);
        assert_eq!((error.kind(), since), (ErrorKind::Unsupported, Some(46)), "{error:?}");
    }
}

/// A guest of WASI 0.3 has the directories of the configuration, as one of WASI 0.2 does.
#[test]
fn preopens_of_wasi_0_3() {
    if !is_hosted() {
        return not_applicable("WASI 0.3");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut config = captured("");
    config.wasi.preopen(Preopen::new(folder.path(), "data"));
    let done = run(Does::Directory, &config);
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    assert_eq!(String::from_utf8_lossy(&done.stdout.bytes), "data");
    assert_eq!(run(Does::Directory, &captured("")).stdout.total, 0);
}

#[test]
fn outcomes_of_commands_of_wasi_0_3() {
    if !is_hosted() {
        return not_applicable("WASI 0.3");
    }
    let outcome = |does| run(does, &captured("")).outcome;
    assert!(matches!(outcome(Does::Fail), Outcome::Exited(1)));
    assert!(matches!(outcome(Does::Exit), Outcome::Exited(7)));
    let trapped = outcome(Does::Trap);
    assert!(matches!(&trapped, Outcome::Trapped { trap: Trap::Unreachable, .. }), "{trapped:?}");
}

#[test]
fn timeouts_of_commands_of_wasi_0_3() {
    if !is_hosted() {
        return not_applicable("WASI 0.3");
    }
    let config = RunConfig { timeout: Some(Duration::from_millis(200)), ..captured("") };
    for does in [Does::Loop, Does::Wait] {
        let outcome = run(does, &config).outcome;
        assert!(matches!(outcome, Outcome::TimedOut), "{does:?}: {outcome:?}");
    }
}

/// Each engine says what it lacks.
#[test]
fn engines_for_wasi_0_3() {
    if !is_hosted() {
        return not_applicable("WASI 0.3");
    }
    let plain = Engine::<V>::new(&Config::new().async_support(true)).unwrap();
    let refused = Command::new(&plain, guest(Does::Echo)).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Config, "{refused:?}");
    assert!(refused.hint().is_some_and(|hint| hint.contains("wasm_component_model_async")), "{refused:?}");
    assert_eq!(Linker::<V, ()>::new(&plain).add_wasi_p3().unwrap_err().kind(), ErrorKind::Config);
    // Whatever else is compiled in, it takes no asynchronous components unless asked.
    let refused = Component::new(&plain, guest(Does::Echo)).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidGuest, "{refused:?}");

    let refused = |config: Config| Engine::<V>::new(&config).map(drop).unwrap_err().kind();
    assert_eq!(refused(config().async_support(false)), ErrorKind::Config);
    assert_eq!(refused(config().strategy(Strategy::Winch)), ErrorKind::Config);
    // The build has WASI 0.3; whether its guests run is for the host to decide.
    let major = by_major(V::MAJOR).expect("it is compiled in");
    let refused = major.compile(&guest(Does::Echo), &RunConfig::new()).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Config, "{refused:?}");
    let mut config = captured("");
    config.wasi.virtual_sleep(true);
    let refused = major.compile(&guest(Does::Wait), &config).unwrap().run(&config).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported, "{refused:?}");
}

/// On an engine for WASI 0.3 everything else runs as before.
#[test]
fn commands_of_other_versions_beside_wasi_0_3() {
    if !is_hosted() {
        return not_applicable("WASI 0.3");
    }
    let engine = Engine::<V>::new(&config()).unwrap();
    let module = command_with(
        PRINT,
        r#"(i32.store (i32.const 64) (i32.const 0x0a6b6f)) (call $print (i32.const 64) (i32.const 3))"#,
    );
    for wasm in [module.clone(), component(&module, Adapter::V48)] {
        let command = Command::new(&engine, &wasm).unwrap();
        let config = captured("");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let done = runtime.block_on(command.run_async(&config)).unwrap();
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
        assert_eq!(done.stdout.bytes, b"ok\n");
    }
}

/// A precompiled command is loaded into an engine for it.
#[test]
fn precompiled_commands_of_wasi_0_3() {
    if !is_hosted() {
        return not_applicable("WASI 0.3");
    }
    let major = by_major(V::MAJOR).expect("it is compiled in");
    let config = captured("again");
    let bytes = major.precompile(&guest(Does::Echo), &config).unwrap();
    let done = major.load(&trusted(&bytes).unwrap(), &config).unwrap().run(&config).unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout.bytes), "again");
}

/// The prediction for the guest holds in a build with all majors.
#[test]
fn predictions_for_wasi_0_3() {
    let report = GuestReport::parse(&guest(Does::Echo)).unwrap();
    let host = report.hosts().into_iter().find(|host| host.major == V::MAJOR).expect("every major is in it");
    assert_eq!(host.verdict == Verdict::Runs, is_hosted(), "{:?}", host.reasons);
}
