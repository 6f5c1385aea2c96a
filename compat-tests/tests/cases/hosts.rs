//! Which guests a major can host is predicted from their bytes, and then tried.

use std::collections::BTreeMap;

use compat_tests::corpus::{Sample, corpus};
use compat_tests::{captured, engine};
use wasmtime_compat::report::{GuestReport, HostVerdict, Verdict};
use wasmtime_compat::{Command, Completed, ErrorKind, Outcome, Result, RunConfig, Wasmtime as _};

use super::V;

/// Predictions that are known to be wrong where they say `fails`: the guest's name and why. A wrong `runs` is a bug.
const KNOWN_TO_RUN: &[(&str, &str)] = &[];

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
        let known = KNOWN_TO_RUN.iter().find(|(known, _)| *known == name);
        if predicted.verdict != happened {
            let line = format!("{name}: predicted {} ({}), but {how}", predicted.verdict.name(), because(&predicted));
            match known {
                Some((_, why)) if happened == Verdict::Runs => disagreements.push(format!("known: {line}: {why}")),
                _ => unexpected.push(line),
            }
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
    assert!(seen.get(&("runs", "runs")).is_some() && seen.get(&("fails", "fails")).is_some(), "{seen:?}");
    assert!(unexpected.is_empty(), "wrong predictions:\n{}", unexpected.join("\n"));
}

fn predicted(wasm: &[u8]) -> HostVerdict {
    let report = GuestReport::parse(wasm).expect("every sample can be read");
    report.hosts().into_iter().find(|host| host.major == V::MAJOR).expect("every major has a verdict")
}

fn because(verdict: &HostVerdict) -> String {
    verdict.why().unwrap_or_else(|| "nothing is in its way".to_owned())
}

/// Whether the guest was started, and what became of it.
fn happened(wasm: &[u8]) -> (Verdict, String) {
    let config = RunConfig { wasi: captured(), ..RunConfig::new() };
    let outcome = Command::new(&engine::<V>(), wasm).and_then(|command| command.run(&config));
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
            _ => true,
        },
    }
}
