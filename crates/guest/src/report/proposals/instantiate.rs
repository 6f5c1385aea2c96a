//! Owns instantiating a guest to count what that makes: with nothing in its components but components and instances.

use super::footprint::Footprint;
use super::instances::{Body, INSTANCE, Instances, Item, Step, length};
use crate::error::Result;
use crate::guest::too_complex;

/// Core instances and component instances together; wasmparser allows 4096 in one component.
const MOST_INSTANCES: u64 = 10_000;

/// Bytes that the host keeps for the instances, and bytes that are copied when they are made: no limit of a store counts the
/// first, and no timeout ends the second.
const MOST_CONTEXT: u64 = 256 << 20;
const MOST_COPIED: u64 = 4 << 30;

/// Instances that are being made while others wait for them.
const DEEPEST: usize = 1000;

/// Components and instances that are defined, given and exported.
const MOST_ITEMS: usize = 200_000;

/// Instantiating a guest.
pub(super) struct Run<'r, 'a> {
    instances: &'r Instances<'a>,
    /// What a function that is lowered takes at most.
    lowering: u64,
    /// The frames of all instances, complete ones included: a component may be used after the instance that defines it
    /// is complete.
    frames: Vec<Frame>,
    /// What is given to instances and exported by them, by name.
    items: Vec<(&'a str, Value)>,
    /// Of each instance, its exports in `items`.
    made: Vec<(usize, usize)>,
    /// Values kept.
    steps: usize,
    count: u64,
    time: u64,
    footprint: Footprint,
}

/// A component that is being instantiated, or was.
struct Frame {
    body: usize,
    step: usize,
    /// The frame around it where it is defined.
    outer: Option<usize>,
    /// What is given to it, in `items`.
    arguments: (usize, usize),
    components: Vec<Value>,
    instances: Vec<Value>,
}

#[derive(Clone, Copy)]
enum Value {
    /// An item from the host, or an item that does not exist, in which case the guest is invalid.
    Unknown,
    Component {
        body: u32,
        frame: u32,
    },
    Instance(u32),
}

impl<'r, 'a> Run<'r, 'a> {
    /// Of `instances`; each function that is lowered takes `lowering` at most.
    pub(super) fn new(instances: &'r Instances<'a>, lowering: u64) -> Self {
        Self {
            instances,
            lowering,
            frames: Vec::new(),
            items: Vec::new(),
            made: Vec::new(),
            steps: 0,
            count: 0,
            time: 0,
            footprint: Footprint::default(),
        }
    }

    /// Runs what the outermost component does.
    ///
    /// # Errors
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if that is too much.
    pub(super) fn run(mut self) -> Result<Footprint> {
        self.enter(0, None, (0, 0))?;
        let mut waiting = vec![0];
        while let Some(&current) = waiting.last() {
            let frame = &mut self.frames[current];
            let Some(step) = self.instances.bodies[frame.body].steps.get(frame.step) else {
                waiting.pop();
                let exports = &self.instances.bodies[frame.body].exports;
                let instance = self.make(current, exports)?;
                if let Some(&parent) = waiting.last() {
                    self.frames[parent].instances.push(instance);
                }
                continue;
            };
            frame.step += 1;
            if let Some(entered) = self.step(current, step)? {
                if waiting.len() >= DEEPEST {
                    return Err(too_complex("instances of components are nested too deeply"));
                }
                waiting.push(entered);
            }
        }
        Ok(self.footprint)
    }

    /// Takes a step; returns the frame of an instance that is begun by it.
    fn step(&mut self, current: usize, step: &Step<'a>) -> Result<Option<usize>> {
        self.keep(1)?;
        let frame = &self.frames[current];
        match step {
            Step::Define(body) => {
                let value = match (u32::try_from(*body), u32::try_from(current)) {
                    (Ok(body), Ok(frame)) => Value::Component { body, frame },
                    _ => Value::Unknown,
                };
                self.frames[current].components.push(value);
            }
            Step::ImportComponent(name) => {
                let value = self.find(frame.arguments, name)?;
                self.frames[current].components.push(value);
            }
            Step::ImportInstance(name) => {
                let value = self.find(frame.arguments, name)?;
                self.frames[current].instances.push(value);
            }
            Step::Outer { count, index } => {
                let mut around = Some(current);
                for _ in 0..*count {
                    around = around.and_then(|around| self.frames[around].outer);
                    self.time = self.time.saturating_add(1);
                    if around.is_none() {
                        break;
                    }
                }
                let value = around.map_or(Value::Unknown, |around| at(&self.frames[around].components, *index));
                self.frames[current].components.push(value);
            }
            Step::ComponentOf { instance, name } => {
                let value = self.export(at(&frame.instances, *instance), name)?;
                self.frames[current].components.push(value);
            }
            Step::InstanceOf { instance, name } => {
                let value = self.export(at(&frame.instances, *instance), name)?;
                self.frames[current].instances.push(value);
            }
            Step::FromExports(exports) => {
                let instance = self.make(current, exports)?;
                self.frames[current].instances.push(instance);
            }
            Step::Again(item) => {
                let value = frame.value(*item);
                let frame = &mut self.frames[current];
                match item {
                    Item::Component(_) => frame.components.push(value),
                    Item::Instance(_) => frame.instances.push(value),
                }
            }
            Step::Instantiate { component, arguments } => {
                let component = at(&frame.components, *component);
                if let Value::Component { body, frame: outer } = component {
                    let arguments = self.name(current, arguments)?;
                    return self.enter(body as usize, Some(outer as usize), arguments).map(Some);
                }
                self.frames[current].instances.push(Value::Unknown);
            }
        }
        Ok(None)
    }

    /// Begins an instance of a component.
    fn enter(&mut self, body: usize, outer: Option<usize>, arguments: (usize, usize)) -> Result<usize> {
        let Body { time, core_instances, lowered, footprint, .. } = &self.instances.bodies[body];
        self.footprint.add(*footprint);
        if self.footprint.context > MOST_CONTEXT || self.footprint.copied > MOST_COPIED {
            return Err(too_complex("the instances of modules are too large"));
        }
        self.count = self.count.saturating_add(*core_instances).saturating_add(1);
        let time = time.saturating_add(lowered.saturating_mul(self.lowering)).saturating_add(INSTANCE);
        self.time = self.time.saturating_add(time);
        self.keep(0)?;
        if self.count > MOST_INSTANCES {
            return Err(too_complex(format_args!(
                "components and modules are instantiated more than {MOST_INSTANCES} times"
            )));
        }
        self.frames.push(Frame { body, step: 0, outer, arguments, components: Vec::new(), instances: Vec::new() });
        Ok(self.frames.len() - 1)
    }

    /// Makes an instance of its exports.
    fn make(&mut self, current: usize, exports: &[(&'a str, Item)]) -> Result<Value> {
        let range = self.name(current, exports)?;
        self.made.push(range);
        self.keep(1)?;
        Ok(u32::try_from(self.made.len() - 1).map_or(Value::Unknown, Value::Instance))
    }

    /// Keeps items under their names.
    fn name(&mut self, current: usize, named: &[(&'a str, Item)]) -> Result<(usize, usize)> {
        self.keep(named.len())?;
        let start = self.items.len();
        let frame = &self.frames[current];
        self.items.extend(named.iter().map(|(name, item)| (*name, frame.value(*item))));
        Ok((start, self.items.len()))
    }

    fn export(&mut self, instance: Value, name: &str) -> Result<Value> {
        let Value::Instance(instance) = instance else { return Ok(Value::Unknown) };
        let range = self.made.get(instance as usize).copied().unwrap_or_default();
        self.find(range, name)
    }

    fn find(&mut self, (start, end): (usize, usize), name: &str) -> Result<Value> {
        // A look at a name takes a few nanoseconds.
        self.time = self.time.saturating_add(4 * length(end - start));
        self.keep(0)?;
        let found = self.items[start..end].iter().find(|(known, _)| *known == name);
        Ok(found.map_or(Value::Unknown, |(_, value)| *value))
    }

    fn keep(&mut self, items: usize) -> Result<()> {
        self.steps = self.steps.saturating_add(items);
        if self.steps > MOST_ITEMS || self.time > self.instances.most {
            return Err(too_complex("instantiating the components takes too long"));
        }
        Ok(())
    }
}

impl Frame {
    fn value(&self, item: Item) -> Value {
        match item {
            Item::Component(index) => at(&self.components, index),
            Item::Instance(index) => at(&self.instances, index),
        }
    }
}

/// The value of a number; a guest that has none of that number is not valid.
fn at(values: &[Value], index: u32) -> Value {
    usize::try_from(index).ok().and_then(|index| values.get(index)).copied().unwrap_or(Value::Unknown)
}
