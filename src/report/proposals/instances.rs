//! Owns the count of what a component instantiates: Wasmtime compiles each instance of a component on its own.
//!
//! Every major inlines components into the outermost one: what is in a component is done again for each of its
//! instances, and a component of a few lines that instantiates the one before twice doubles it with every line. As
//! components can be arguments and exports, too, the number is not in any one of them: it is found by instantiating
//! them here, with nothing in them but components and instances, up to a limit.

use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Instance, Payload,
};

use crate::error::Result;
use crate::guest::{damaged, too_complex};

/// Core instances and component instances together; wasmparser allows 4096 in one component.
const MOST_INSTANCES: u64 = 10_000;

/// Instances that are being made while others wait for them.
const DEEPEST: usize = 1000;

/// Components and instances that are defined, given and exported.
const MOST_ITEMS: usize = 200_000;

/// What compiling the instances may take in all, in nanoseconds, for a guest of any size and for each of its bytes.
const BASE: u64 = 2_000_000_000;
const PER_BYTE: u64 = 1000;

/// What each takes, in nanoseconds, measured in an optimised build. A trampoline is machine code.
const ITEM: u64 = 1000;
const INSTANCE: u64 = 4000;
const TRAMPOLINE: u64 = 100_000;

/// What copying a part of an argument takes, from one component to another: measured with strings.
const PART: u64 = 30_000;

/// The components of a guest.
pub(super) struct Instances<'a> {
    /// The outermost one first.
    bodies: Vec<Body<'a>>,
    /// The places of those being read, from the outside in.
    open: Vec<usize>,
    /// How many imports the module being read has, if one is.
    module: Option<u64>,
    /// The most imports that a module has.
    imports: u64,
    most: u64,
}

/// A component.
#[derive(Default)]
struct Body<'a> {
    steps: Vec<Step<'a>>,
    exports: Vec<(&'a str, Item)>,
    /// What it takes without the instances of components in it.
    time: u64,
    core_instances: u64,
    /// Functions that are lowered.
    lowered: u64,
    /// How many imports each module has.
    modules: Vec<u64>,
}

/// Something that adds a component or an instance.
enum Step<'a> {
    /// The definition of a component, by its place.
    Define(usize),
    ImportComponent(&'a str),
    ImportInstance(&'a str),
    /// A component of one around.
    Outer {
        count: u32,
        index: u32,
    },
    ComponentOf {
        instance: u32,
        name: &'a str,
    },
    InstanceOf {
        instance: u32,
        name: &'a str,
    },
    Instantiate {
        component: u32,
        arguments: Vec<(&'a str, Item)>,
    },
    FromExports(Vec<(&'a str, Item)>),
    /// An export is a new item, too.
    Again(Item),
}

/// A component or an instance by its number.
#[derive(Clone, Copy)]
enum Item {
    Component(u32),
    Instance(u32),
}

impl<'a> Instances<'a> {
    /// Of a guest of `bytes`, of which nothing is read yet.
    pub(super) fn new(bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let most = bytes.saturating_mul(PER_BYTE).saturating_add(BASE);
        Self { bodies: Vec::new(), open: Vec::new(), module: None, imports: 0, most }
    }

    /// Adds a part.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if it is damaged.
    pub(super) fn take(&mut self, payload: &Payload<'a>) -> Result<()> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                self.open.push(self.bodies.len());
                self.bodies.push(Body::default());
            }
            Payload::Version { encoding: Encoding::Module, .. } => self.module = Some(0),
            Payload::ImportSection(reader) => {
                let imports = self.module.unwrap_or_default().saturating_add(u64::from(reader.count()));
                self.module = Some(imports);
                self.imports = self.imports.max(imports);
            }
            Payload::End(_) => match (self.module.take(), self.open.len()) {
                (Some(imports), 1..) => self.body().modules.push(imports),
                (None, 2..) => {
                    let done = self.open.pop().unwrap_or_default();
                    self.body().steps.push(Step::Define(done));
                }
                _ => {}
            },
            payload if !self.open.is_empty() => self.component(payload)?,
            _ => {}
        }
        Ok(())
    }

    fn component(&mut self, payload: &Payload<'a>) -> Result<()> {
        let imports = self.imports;
        let body = self.body();
        match payload {
            Payload::ComponentImportSection(reader) => {
                for import in reader.clone() {
                    let import = import.map_err(damaged)?;
                    body.time += ITEM;
                    match import.ty {
                        ComponentTypeRef::Component(_) => body.steps.push(Step::ImportComponent(import.name.name)),
                        ComponentTypeRef::Instance(_) => body.steps.push(Step::ImportInstance(import.name.name)),
                        ComponentTypeRef::Module(_) => body.modules.push(imports),
                        _ => {}
                    }
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader.clone() {
                    let export = export.map_err(damaged)?;
                    body.time += ITEM;
                    if let Some(item) = Item::new(export.kind, export.index) {
                        body.exports.push((export.name.name, item));
                        body.steps.push(Step::Again(item));
                    } else if export.kind == ComponentExternalKind::Module {
                        body.modules.push(body.imports_of(export.index, imports));
                    }
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader.clone() {
                    body.time += ITEM;
                    match alias.map_err(damaged)? {
                        ComponentAlias::InstanceExport { kind, instance_index: instance, name } => match kind {
                            ComponentExternalKind::Component => body.steps.push(Step::ComponentOf { instance, name }),
                            ComponentExternalKind::Instance => body.steps.push(Step::InstanceOf { instance, name }),
                            ComponentExternalKind::Module => body.modules.push(imports),
                            _ => {}
                        },
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                            body.steps.push(Step::Outer { count, index });
                        }
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => {
                            body.modules.push(imports);
                        }
                        _ => {}
                    }
                }
            }
            Payload::ComponentInstanceSection(reader) => {
                for instance in reader.clone() {
                    body.steps.push(match instance.map_err(damaged)? {
                        ComponentInstance::Instantiate { component_index: component, args } => {
                            body.time += ITEM * length(args.len());
                            let arguments = args.iter().filter_map(|argument| {
                                Some((argument.name, Item::new(argument.kind, argument.index)?))
                            });
                            Step::Instantiate { component, arguments: arguments.collect() }
                        }
                        ComponentInstance::FromExports(exports) => {
                            body.time += ITEM * (1 + length(exports.len()));
                            let items = exports
                                .iter()
                                .filter_map(|export| Some((export.name.name, Item::new(export.kind, export.index)?)));
                            Step::FromExports(items.collect())
                        }
                    });
                }
            }
            Payload::InstanceSection(reader) => {
                for instance in reader.clone() {
                    match instance.map_err(damaged)? {
                        Instance::Instantiate { module_index, .. } => {
                            body.core_instances += 1;
                            body.time += INSTANCE + ITEM * body.imports_of(module_index, imports);
                        }
                        Instance::FromExports(exports) => body.time += ITEM * (1 + length(exports.len())),
                    }
                }
            }
            Payload::ComponentCanonicalSection(reader) => {
                for function in reader.clone() {
                    body.time += match function.map_err(damaged)? {
                        CanonicalFunction::Lift { .. } => ITEM,
                        CanonicalFunction::Lower { .. } => {
                            body.lowered += 1;
                            TRAMPOLINE
                        }
                        _ => TRAMPOLINE,
                    };
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts what the outermost component instantiates, with all that is in it. What is `lifted` has that many parts at
    /// most, and each function that is lowered may be one of those.
    ///
    /// # Errors
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if that is too much.
    pub(super) fn check(&self, lifted: u64) -> Result<()> {
        if self.bodies.is_empty() {
            return Ok(());
        }
        // A component alone lowers what the host has.
        let lowering = if self.bodies.len() > 1 { lifted.saturating_mul(PART) } else { 0 };
        Run {
            instances: self,
            lowering,
            frames: Vec::new(),
            items: Vec::new(),
            made: Vec::new(),
            steps: 0,
            count: 0,
            time: 0,
        }
        .run()
    }

    fn body(&mut self) -> &mut Body<'a> {
        let place = self.open.last().copied().unwrap_or_default();
        if self.bodies.is_empty() {
            self.bodies.push(Body::default());
        }
        let place = place.min(self.bodies.len() - 1);
        &mut self.bodies[place]
    }
}

impl Body<'_> {
    fn imports_of(&self, module: u32, most: u64) -> u64 {
        usize::try_from(module).ok().and_then(|module| self.modules.get(module)).copied().unwrap_or(most)
    }
}

impl Item {
    fn new(kind: ComponentExternalKind, index: u32) -> Option<Self> {
        match kind {
            ComponentExternalKind::Component => Some(Self::Component(index)),
            ComponentExternalKind::Instance => Some(Self::Instance(index)),
            _ => None,
        }
    }
}

/// Instantiating a guest.
struct Run<'r, 'a> {
    instances: &'r Instances<'a>,
    /// What a function that is lowered takes at most.
    lowering: u64,
    /// All there were: what is defined in an instance may outlive it.
    frames: Vec<Frame>,
    /// What is given to instances and exported by them, by name.
    items: Vec<(&'a str, Value)>,
    /// Of each instance, its exports in `items`.
    made: Vec<(usize, usize)>,
    /// Values kept.
    steps: usize,
    count: u64,
    time: u64,
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
    /// From the host; or there is none, and the guest is not valid.
    Unknown,
    Component {
        body: u32,
        frame: u32,
    },
    Instance(u32),
}

impl<'a> Run<'_, 'a> {
    fn run(mut self) -> Result<()> {
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
                    return Err(too_complex("its components are instantiated within each other too deeply"));
                }
                waiting.push(entered);
            }
        }
        Ok(())
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
        let Body { time, core_instances, lowered, .. } = &self.instances.bodies[body];
        self.count = self.count.saturating_add(*core_instances).saturating_add(1);
        let time = time.saturating_add(lowered.saturating_mul(self.lowering)).saturating_add(INSTANCE);
        self.time = self.time.saturating_add(time);
        self.keep(0)?;
        if self.count > MOST_INSTANCES {
            return Err(too_complex(format_args!(
                "its components and modules are instantiated more than {MOST_INSTANCES} times"
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
            return Err(too_complex("its components take too long to instantiate"));
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

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
