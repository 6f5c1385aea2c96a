//! Owns when samples are taken, and the thread that advances the epoch.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use wasmtime_compat::{CoreWasmtime, Engine};

/// When a sample is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sampling {
    /// By the wall clock: a thread advances the epoch of the engine this many times a second.
    Clock {
        /// Samples a second, at least one.
        hertz: u32,
    },
    /// By the guest's own progress: at every so many epoch checks. A guest checks the epoch whenever it enters a function or
    /// begins a round of a loop, so two runs with the same input have the same samples. The store must not have a timeout.
    Steps {
        /// Epoch checks from one sample to the next, at least one.
        interval: u64,
    },
}

impl Sampling {
    /// The ticks of the epoch after which the guest reaches its deadline; with 0 every check finds the deadline reached.
    pub(crate) fn ticks(self) -> u64 {
        match self {
            Self::Clock { .. } => 1,
            Self::Steps { .. } => 0,
        }
    }

    /// The checks at which the deadline is reached, from one sample to the next.
    pub(crate) fn checks(self) -> u64 {
        match self {
            Self::Clock { .. } => 1,
            Self::Steps { interval } => interval.max(1),
        }
    }
}

/// The thread that advances the epoch, until this is dropped.
pub(crate) struct Ticker {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Ticker {
    pub(crate) fn start<W: CoreWasmtime>(engine: &Engine<W>, sampling: Sampling) -> anyhow::Result<Self> {
        let Sampling::Clock { hertz } = sampling else { return Ok(Self { running: None }) };
        let period = Duration::from_secs(1) / hertz.max(1);
        let engine = engine.weak();
        let (sender, receiver) = mpsc::channel::<()>();
        let tick = move || {
            while receiver.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => break,
                }
            }
        };
        let thread = thread::Builder::new().name("guest-profiler".into());
        let thread = thread.spawn(tick).context("the thread that advances the epoch cannot be started")?;
        Ok(Self { running: Some((sender, thread)) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.running.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}
