//! Owns `Profile`: the samples of a run.

use std::collections::BTreeMap;

use wasmtime_compat::WasmBacktrace;

use crate::interner::Interner;
use crate::meter::WeightUnit;

/// The outermost frame of a stack whose outer frames the backtrace does not have.
const CUT: &str = "[cut]";

/// The samples of a run, in the order in which they were taken.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    unit: WeightUnit,
    frames: Interner<Frame>,
    stacks: Interner<Vec<usize>>,
    samples: Vec<Sample>,
}

/// A function of a guest.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Frame {
    /// The name of the module.
    pub module: Option<String>,
    /// The name of the function; `func[N]` for a function without a name.
    pub name: String,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    stack: usize,
    weight: u64,
}

impl Profile {
    pub(crate) fn new(unit: WeightUnit) -> Self {
        Self { unit, ..Self::default() }
    }

    /// Adds a sample.
    pub(crate) fn record(&mut self, backtrace: &WasmBacktrace, weight: u64, merge_recursion: bool) {
        let mut stack = Vec::with_capacity(backtrace.frames().len() + 1);
        if backtrace.is_cut() {
            stack.push(self.frames.index(Frame { module: None, name: CUT.into() }));
        }
        for frame in backtrace.frames().iter().rev() {
            let name = frame.function.clone().unwrap_or_else(|| format!("func[{}]", frame.function_index));
            stack.push(self.frames.index(Frame { module: frame.module.clone(), name }));
        }
        if merge_recursion {
            stack.dedup();
        }
        let stack = self.stacks.index(stack);
        self.samples.push(Sample { stack, weight });
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether no sample was taken.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The unit of the weights.
    pub fn unit(&self) -> WeightUnit {
        self.unit
    }

    /// All functions in the order in which they were first seen.
    pub fn frames(&self) -> &[Frame] {
        self.frames.values()
    }

    /// The samples: a stack of indices into [`Profile::frames`], the outermost first, and the weight.
    pub fn samples(&self) -> impl Iterator<Item = (&[usize], u64)> {
        self.samples.iter().filter_map(|sample| Some((self.stacks.get(sample.stack)?.as_slice(), sample.weight)))
    }

    /// The weight of each stack, by the names of its functions.
    pub fn stacks(&self) -> BTreeMap<Vec<&Frame>, u64> {
        let mut weights = BTreeMap::new();
        for (stack, weight) in self.samples() {
            let stack = stack.iter().filter_map(|&index| self.frames.get(index)).collect::<Vec<_>>();
            *weights.entry(stack).or_insert(0_u64) += weight;
        }
        weights
    }

    /// The weight of each function without the functions that it calls, the heaviest first.
    pub fn self_weights(&self) -> Vec<(&Frame, u64)> {
        let mut weights = BTreeMap::new();
        for (stack, weight) in self.samples() {
            if let Some(frame) = stack.last().and_then(|&index| self.frames.get(index)) {
                *weights.entry(frame).or_insert(0_u64) += weight;
            }
        }
        let mut weights = weights.into_iter().collect::<Vec<_>>();
        weights.sort_by(|a, b| b.1.cmp(&a.1));
        weights
    }
}
