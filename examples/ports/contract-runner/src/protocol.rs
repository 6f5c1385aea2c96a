//! Owns the table of protocol versions: which Wasmtime runs the contracts of a version, and by which rules.

use anyhow::{Context, Result};
use wasmtime_compat::{Visitor, Wasmtime, visit_enabled};

use crate::limits::Limits;
use crate::vm::{Runner, Vm};

/// A protocol version. Blocks are run again with the version that they were made with, and so with the same Wasmtime.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    pub version: u32,
    pub era: Era,
    pub rules: Rules,
}

/// Which of the majors in this build.
#[derive(Clone, Copy, Debug)]
pub enum Era {
    Oldest,
    Newest,
}

/// The rules that every node has to share.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Gas for calling a host function.
    pub host_call: u64,
    /// Gas for each byte that a host function moves.
    pub byte: u64,
    pub has_storage_remove: bool,
    pub limits: Limits,
}

const LIMITS: Limits = Limits { memory: 1 << 20, table: 100 };

/// Every version, oldest first.
pub const PROTOCOLS: [Protocol; 2] = [
    Protocol {
        version: 1,
        era: Era::Oldest,
        rules: Rules { host_call: 100, byte: 3, has_storage_remove: false, limits: LIMITS },
    },
    Protocol {
        version: 2,
        era: Era::Newest,
        rules: Rules { host_call: 60, byte: 2, has_storage_remove: true, limits: LIMITS },
    },
];

/// Makes a runner on one major.
type Maker = fn(Rules) -> wasmtime_compat::Result<Box<dyn Vm>>;

/// Collects the makers of all majors in this build.
struct Makers;

impl Visitor for Makers {
    type Output = Maker;

    fn visit<W: Wasmtime>(&mut self) -> Maker {
        |rules| Ok(Box::new(Runner::<W>::new(rules)?))
    }
}

impl Protocol {
    /// A runner of contracts for this version.
    pub fn vm(&self) -> Result<Box<dyn Vm>> {
        let makers = visit_enabled(&mut Makers);
        let maker = match self.era {
            Era::Oldest => makers.first(),
            Era::Newest => makers.last(),
        };
        let maker = maker.context("no Wasmtime in this build: turn on a feature such as `wasmtime-48`")?;
        maker(self.rules).with_context(|| format!("start the runner of protocol version {}", self.version))
    }
}
