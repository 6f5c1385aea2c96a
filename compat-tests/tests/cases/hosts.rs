//! Which guests a major can host is predicted from their bytes, and then tried.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use compat_tests::corpus::{Sample, corpus};
use compat_tests::signatures::{self, Importer};
use compat_tests::{Adapter, captured, engine, wat};
use wasmtime_compat::report::{GuestReport, GuestWarning, HostReason, HostVerdict, Verdict};
use wasmtime_compat::{
    Command, Completed, CoreWasmtime as _, ErrorKind, Guest, Outcome, Result, RunConfig, Trap, by_major,
};

use super::V;

/// Guests that run although a proposal they use is off: the majors, the guest's name, and why. A wrong `runs` is a bug.
const KNOWN_TO_RUN: &[(RangeInclusive<u64>, &str, &str)] =
    &[(30..=31, "streams", UNGUARDED), (31..=31, "futures", UNGUARDED), (31..=31, "error contexts", UNGUARDED)];

/// Only the type is used, and nothing that makes or takes a value of it.
const UNGUARDED: &str = "its validator lets the type pass without the proposal";

#[test]
fn predictions_hold() {
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut disagreements = Vec::new();
    let mut unexpected = Vec::new();
    for Sample { name, wasm } in corpus() {
        let predicted = predicted(&wasm);
        let (happened, how) = happened(&wasm);
        *seen.entry((predicted.verdict.name(), happened.name())).or_default() += 1;
        println!("{:>5} {:>5}  {name}: {} | {how}", predicted.verdict.name(), happened.name(), because(&predicted));
        let known = KNOWN_TO_RUN.iter().find(|(majors, known, _)| *known == name && majors.contains(&V::MAJOR));
        let line = || format!("{name}: predicted {} ({}), but {how}", predicted.verdict.name(), because(&predicted));
        match (predicted.verdict == happened, known) {
            (true, None) => {}
            (true, Some(_)) => unexpected.push(format!("{name}: it is known to run, but does not any more")),
            (false, Some((.., why))) if happened == Verdict::Runs => {
                disagreements.push(format!("known: {}: {why}", line()));
            }
            (false, _) => unexpected.push(line()),
        }
    }
    println!("\nWasmtime {}: predicted x happened", V::report().wasmtime);
    println!("{:>10} {:>6} {:>6}", "", "runs", "fails");
    for predicted in ["runs", "fails"] {
        let count = |happened| seen.get(&(predicted, happened)).copied().unwrap_or_default();
        println!("{predicted:>10} {:>6} {:>6}", count("runs"), count("fails"));
    }
    disagreements.extend(unexpected.iter().cloned());
    println!("{} disagreements", disagreements.len());
    for line in &disagreements {
        println!("  {line}");
    }
    // Both outcomes must be among the guests, or nothing was tested.
    assert!(seen.contains_key(&("runs", "runs")) && seen.contains_key(&("fails", "fails")), "{seen:?}");
    assert!(unexpected.is_empty(), "wrong predictions:\n{}", unexpected.join("\n"));
}

#[test]
fn every_function_of_wasi_is_hosted_with_its_type() {
    let adapters = Adapter::served_on::<V>();
    let guests = signatures::right(adapters[adapters.len() - 1]);
    assert!(guests.len() > 100, "{}", guests.len());
    let wrong: Vec<String> = guests.iter().filter_map(disagreement).collect();
    assert!(wrong.is_empty(), "wrong predictions:\n{}", wrong.join("\n"));
}

#[test]
fn functions_of_wasi_with_other_types_are_named() {
    let mut wrong = Vec::new();
    for guest in signatures::changed(Adapter::V24) {
        wrong.extend(disagreement(&guest));
        let predicted = predicted(&guest.wasm);
        assert_eq!(predicted.verdict == Verdict::Runs, guest.right, "{}: {}", guest.name, because(&predicted));
        let (item, interface) = guest.function;
        let named = HostReason::ItemType { interface, item };
        assert!(guest.right || predicted.reasons == [named], "{}: {:?}", guest.name, predicted.reasons);
    }
    assert!(wrong.is_empty(), "wrong predictions:\n{}", wrong.join("\n"));
}

#[test]
fn no_call_of_preview1_works_without_a_memory() {
    for (function, signature, arguments) in [
        ("proc_exit", "(param i32)", "(i32.const 42)"),
        ("sched_yield", "(result i32)", ""),
        ("fd_close", "(param i32) (result i32)", "(i32.const 9)"),
        ("fd_write", "(param i32 i32 i32 i32) (result i32)", "(i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)"),
        ("random_get", "(param i32 i32) (result i32)", "(i32.const 0) (i32.const 0)"),
    ] {
        let result = if signature.contains("result") { "drop" } else { "" };
        let wasm = wat(&format!(
            r#"(module (import "wasi_snapshot_preview1" "{function}" (func $f {signature}))
                (func (export "_start") {arguments} call $f {result}))"#
        ));
        assert_eq!(GuestReport::parse(&wasm).unwrap().warnings, [GuestWarning::NoMemory], "{function}");
        let outcome = Command::new(&engine::<V>(), &wasm).unwrap().run(&RunConfig::new()).unwrap().outcome;
        assert!(!matches!(outcome, Outcome::Exited(_)), "{function}: {outcome}");
    }
}

/// What was predicted and what happened, if that differs.
fn disagreement(guest: &Importer) -> Option<String> {
    let (predicted, (happened, how)) = (predicted(&guest.wasm), happened(&guest.wasm));
    let differs = predicted.verdict != happened;
    differs.then(|| format!("{}: predicted {}, but {how}", guest.name, because(&predicted)))
}

fn predicted(wasm: &[u8]) -> HostVerdict {
    let report = GuestReport::parse(wasm).expect("every sample can be read");
    report.hosts().into_iter().find(|host| host.major == V::MAJOR).expect("every major has a verdict")
}

fn because(verdict: &HostVerdict) -> String {
    verdict.explanation().unwrap_or_else(|| "nothing is in its way".to_owned())
}

/// Whether the guest was started, and what became of it.
fn happened(wasm: &[u8]) -> (Verdict, String) {
    let config = RunConfig { wasi: captured(), wasi_p3: true, ..RunConfig::new() };
    let needs_p3 = Guest::parse(wasm).is_ok_and(|guest| guest.needs_wasi_p3());
    let outcome = match by_major(V::MAJOR) {
        // Its engine is chosen by the guest.
        Some(wasmtime) if needs_p3 => wasmtime.compile(wasm, &config).and_then(|command| command.run(&config)),
        _ => Command::new(&engine::<V>(), wasm).and_then(|command| command.run(&config)),
    };
    let shown = match &outcome {
        Ok(done) => done.outcome.to_string(),
        Err(error) => error.message().lines().next().unwrap_or_default().to_owned(),
    };
    (if started(&outcome) { Verdict::Runs } else { Verdict::Fails }, shown)
}

/// It ended as guests do, or it brought the host down; everything else comes before its first instruction.
fn started(outcome: &Result<Completed>) -> bool {
    match outcome {
        Err(_) => false,
        Ok(done) => match &done.outcome {
            Outcome::Failed(error) => error.kind() == ErrorKind::HostPanic,
            // Before its first instruction, as no guest here grows anything in a store that makes that a trap.
            Outcome::Trapped { trap: Trap::LimitExceeded, .. } => false,
            _ => true,
        },
    }
}
