//! Owns the flavours of WASI, and the interface between a flavour and the rest of the fuzzer.

use anyhow::Result;
use clap::ValueEnum;

use crate::program::{Called, Func, Program, Step};
use crate::world::Time;
use crate::{guest, preview1, preview2};

/// A flavour of WASI.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, ValueEnum)]
pub(crate) enum Flavour {
    /// Core modules with `wasi_snapshot_preview1`
    P1,
    /// Components with WASI 0.2
    P2,
}

/// A flavour, ready to make programs.
pub(crate) struct Surface {
    pub(crate) funcs: Vec<Func>,
    interfaces: Option<preview2::Interfaces>,
}

impl Flavour {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P1 => "p1",
            Self::P2 => "p2",
        }
    }
}

impl Surface {
    pub(crate) fn new(flavour: Flavour) -> Result<Self> {
        Ok(match flavour {
            Flavour::P1 => Self { funcs: preview1::funcs(), interfaces: None },
            Flavour::P2 => {
                let interfaces = preview2::Interfaces::new()?;
                Self { funcs: interfaces.funcs(), interfaces: Some(interfaces) }
            }
        })
    }

    /// The guest as text, and as the bytes that are run.
    pub(crate) fn guest(&self, big: bool) -> Result<(String, Vec<u8>)> {
        match &self.interfaces {
            None => {
                let text = guest::text(&self.funcs, &preview1::plumbing(), big)?;
                let module = guest::assemble(&text)?;
                Ok((text, module))
            }
            Some(interfaces) => {
                let text = guest::text(&self.funcs, &interfaces.plumbing(), big)?;
                let component = interfaces.component(guest::assemble(&text)?)?;
                Ok((text, component))
            }
        }
    }

    pub(crate) fn program(&self, seed: u64, calls: usize, tame: bool) -> Program {
        match &self.interfaces {
            None => preview1::program(seed, calls, tame),
            Some(interfaces) => interfaces.program(seed, calls, tame),
        }
    }

    /// The part of a call's result that must be the same on all majors.
    pub(crate) fn describe(&self, step: &Step, called: &Called, time: &Time) -> String {
        match &self.interfaces {
            None => preview1::describe(step, called, time),
            Some(interfaces) => interfaces.describe(step, called, time),
        }
    }
}
