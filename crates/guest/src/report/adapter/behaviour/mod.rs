//! Owns running adapters to see what they do: the limits they run within, and what is concluded.
//!
//! What an adapter is may be unknown, and what it does is still there to be seen. It is run in an interpreter, in a
//! world made up for it, and is not trusted: it gets so much fuel and memory and no more. Where it does not
//! answer as a working adapter would, with or without the flaw, nothing is concluded.

mod probe;
mod responses;
mod world;

use wasmi::{CompilationMode, Config, EnforcedLimits, Engine, Module};

use self::probe::PROBES;
use super::{AdapterReport, Evidence, IssueStatus, Obstacle};

/// What looking at one flaw may cost: published adapters need about a tenth at most.
const FUEL_PER_PROBE: u64 = 1_000_000;

/// What all adapters of a guest may cost together. It is what bounds the time.
const FUEL_PER_GUEST: u64 = 20 * FUEL_PER_PROBE;

/// Larger modules are not run: published adapters have at most 56 kB.
const MOST_BYTES: usize = 1 << 18;

/// What a module costs to be made ready, and each byte of it, in fuel.
const FUEL_PER_MODULE: u64 = 5_000;
const FUEL_PER_BYTE: u64 = 4;

/// How deep calls may nest.
const DEEPEST: usize = 200;

/// Runs the adapters of one guest.
pub(in crate::report) struct Runner {
    engine: Engine,
    fuel: u64,
}

impl Runner {
    pub(in crate::report) fn new() -> Self {
        let mut config = Config::default();
        config
            .consume_fuel(true)
            // All of a module is checked; only what is called is translated.
            .compilation_mode(CompilationMode::LazyTranslation)
            .ignore_custom_sections(true)
            .set_max_recursion_depth(DEEPEST)
            .wasm_multi_memory(false)
            .wasm_tail_call(false)
            .enforced_limits(EnforcedLimits::strict());
        Self { engine: Engine::new(&config), fuel: FUEL_PER_GUEST }
    }

    /// Runs `wasm`, the adapter that `report` is about, and adds to the report what it did.
    ///
    /// What it did counts for more than what was concluded from what it is.
    pub(in crate::report) fn observe(&mut self, report: &mut AdapterReport, wasm: &[u8]) {
        // An adapter by itself lacks the stack that wit-component gives it, and would trap.
        let whole = report.path.is_empty();
        // What has no preopens, like a proxy, has nothing to be asked.
        if whole || !report.wasi.iter().any(|name| name.starts_with("wasi:filesystem/preopens")) {
            return;
        }
        let mut module = None;
        for probe in &PROBES {
            if !report.exports.iter().any(|name| name == probe.export) {
                continue;
            }
            let Some(entry) = report.issues.iter_mut().find(|entry| entry.issue.id == probe.issue) else { continue };
            let module = module.get_or_insert_with(|| self.module(wasm));
            let seen = match module {
                Ok(module) => self.run(probe, module),
                Err(obstacle) => Err(*obstacle),
            };
            let issue = entry.issue.id;
            report.evidence.push(match seen {
                Ok(flawed) => {
                    let status = if flawed { IssueStatus::Affected } else { IssueStatus::NotAffected };
                    let before = std::mem::replace(&mut entry.status, status);
                    let predicted = ![status, IssueStatus::Unknown].contains(&before);
                    Evidence::Observed { issue, flawed, predicted: predicted.then_some(before) }
                }
                Err(obstacle) => Evidence::Inconclusive { issue, obstacle },
            });
        }
    }

    fn module(&mut self, wasm: &[u8]) -> Result<Module, Obstacle> {
        let size = u64::try_from(wasm.len()).unwrap_or(u64::MAX);
        let cost = size.saturating_mul(FUEL_PER_BYTE).saturating_add(FUEL_PER_MODULE);
        if wasm.len() > MOST_BYTES || cost > self.fuel {
            return Err(Obstacle::Limit);
        }
        self.fuel -= cost;
        Module::new(&self.engine, wasm).map_err(|_| Obstacle::Invalid)
    }

    /// Whether it has the flaw.
    fn run(&mut self, probe: &probe::Probe, module: &Module) -> Result<bool, Obstacle> {
        let fuel = self.fuel.min(FUEL_PER_PROBE);
        let (seen, left) = world::with(&self.engine, module, fuel, probe.check);
        self.fuel -= fuel - left.min(fuel);
        seen
    }
}
