//! Owns how a row is measured: both sides in one process, in alternating order.

use std::time::{Duration, Instant};

use crate::shared::{Result, median};

/// One side of a row: prepares, does its work the given number of times, checks the outcome, and returns how long the
/// work took.
pub(crate) type Side = Box<dyn FnMut(u32) -> Result<Duration>>;

/// The two sides of a row, which are made when the row is measured.
pub(crate) struct Row<'a> {
    pub(crate) subject: Subject,
    pub(crate) ours: Box<dyn FnOnce() -> Result<Side> + 'a>,
    pub(crate) direct: Box<dyn FnOnce() -> Result<Side> + 'a>,
}

#[derive(serde::Deserialize, serde::Serialize)]
pub(crate) struct Subject {
    pub(crate) major: String,
    pub(crate) name: String,
    /// The ratio that shall not be exceeded.
    pub(crate) goal: f64,
}

/// The number and the length of measurements.
pub(crate) struct Effort {
    pub(crate) processes: usize,
    pub(crate) rounds: usize,
    /// The duration of one side of a round, about.
    pub(crate) sample: Duration,
}

/// The result of one process: medians over its rounds, times in seconds per iteration.
#[derive(serde::Deserialize, serde::Serialize)]
pub(crate) struct ProcessResult {
    pub(crate) subject: Subject,
    pub(crate) iterations: u32,
    pub(crate) ours: f64,
    pub(crate) direct: f64,
    pub(crate) ratio: f64,
}

/// Does some work repeatedly, and returns how long it took.
#[inline(always)]
pub(crate) fn timed(iterations: u32, mut work: impl FnMut() -> Result) -> Result<Duration> {
    let start = Instant::now();
    for _ in 0..iterations {
        work()?;
    }
    Ok(start.elapsed())
}

/// Does work that one call repeats, and returns how long it took.
#[inline(always)]
pub(crate) fn timed_once<T>(work: impl FnOnce() -> Result<T>) -> Result<(Duration, T)> {
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed(), result))
}

/// Compares a result, which is an error of the measurement if it is wrong.
pub(crate) fn expect<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Result {
    if found == expected {
        return Ok(());
    }
    Err(format!("found {found:?}, expected {expected:?}").into())
}

impl Row<'_> {
    /// The name that a filter on the command line is compared with.
    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.subject.major, self.subject.name)
    }

    pub(crate) fn run(self, effort: &Effort) -> Result<ProcessResult> {
        let label = self.label();
        let measure = || {
            let mut sides = Sides { ours: (self.ours)()?, direct: (self.direct)()? };
            sides.run(effort, self.subject)
        };
        measure().map_err(|error| format!("{label}: {error}").into())
    }
}

struct Sides {
    ours: Side,
    direct: Side,
}

impl Sides {
    fn run(&mut self, effort: &Effort, subject: Subject) -> Result<ProcessResult> {
        let iterations = self.calibrate(effort)?;
        let (mut ours, mut direct, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..effort.rounds {
            let (our, its);
            if round % 2 == 0 {
                our = (self.ours)(iterations)?.as_secs_f64();
                its = (self.direct)(iterations)?.as_secs_f64();
            } else {
                its = (self.direct)(iterations)?.as_secs_f64();
                our = (self.ours)(iterations)?.as_secs_f64();
            }
            ours.push(our / f64::from(iterations));
            direct.push(its / f64::from(iterations));
            ratios.push(our / its);
        }
        Ok(ProcessResult { subject, iterations, ours: median(ours), direct: median(direct), ratio: median(ratios) })
    }

    /// The number of iterations that take as long as a sample shall; both sides are warm after this.
    fn calibrate(&mut self, effort: &Effort) -> Result<u32> {
        let mut iterations = 1;
        loop {
            (self.ours)(iterations)?;
            let elapsed = (self.direct)(iterations)?;
            if elapsed * 2 >= effort.sample {
                let scale = effort.sample.as_secs_f64() / elapsed.as_secs_f64();
                return Ok((f64::from(iterations) * scale).ceil() as u32);
            }
            iterations *= 2;
        }
    }
}
