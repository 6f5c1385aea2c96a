//! Owns the count of what a component instantiates: Wasmtime compiles each instance of a component on its own.
//!
//! Every major inlines components into the outermost one: the contents of a component are compiled again for each of
//! its instances, and if each of a few components instantiates the previous one twice, every component doubles the
//! work. Components can also be arguments and exports, so the number of instances cannot be read from any one of them.
//! It is counted by instantiating the components here, reduced to components and instances, up to a limit.

use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Instance, Payload,
};

use super::footprint::Footprint;
use super::instantiate::Run;
use crate::error::Result;
use crate::guest::damaged;

/// What compiling the instances may take in all, in nanoseconds, for a guest of any size and for each of its bytes.
const BASE: u64 = 2_000_000_000;
const PER_BYTE: u64 = 1000;

/// What each takes, in nanoseconds, measured in an optimised build. A trampoline is machine code.
const ITEM: u64 = 1000;
pub(super) const INSTANCE: u64 = 4000;
const TRAMPOLINE: u64 = 100_000;

/// What copying a part of an argument takes, from one component to another: measured with strings.
const PART: u64 = 30_000;

/// The components of a guest.
pub(super) struct Instances<'a> {
    /// The outermost one first.
    pub(super) bodies: Vec<Body<'a>>,
    /// The places of those being read, from the outside in.
    open: Vec<usize>,
    /// The module being read, if one is.
    module: Option<(u32, Footprint)>,
    /// The footprints of the modules. The first is empty, and all modules with an empty footprint share it.
    footprints: Vec<Footprint>,
    /// The footprint that stands for a module whose definition is elsewhere: the largest of all modules.
    unknown: Footprint,
    /// What the guest makes if it is a module.
    alone: Footprint,
    /// The most imports that a module has.
    imports: u32,
    pub(super) most: u64,
}

/// A module of a component, in few bytes: modules may be a few bytes long.
#[derive(Clone, Copy)]
struct Module {
    imports: u32,
    /// The place of what it makes.
    footprint: u32,
}

/// A component.
#[derive(Default)]
pub(super) struct Body<'a> {
    pub(super) steps: Vec<Step<'a>>,
    pub(super) exports: Vec<(&'a str, Item)>,
    /// What it takes without the instances of components in it.
    pub(super) time: u64,
    pub(super) core_instances: u64,
    /// Functions that are lowered.
    pub(super) lowered: u64,
    modules: Vec<Module>,
    /// What its modules make, each as often as it is instantiated; of those that come from elsewhere nothing is known.
    pub(super) footprint: Footprint,
}

/// Something that adds a component or an instance.
pub(super) enum Step<'a> {
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
pub(super) enum Item {
    Component(u32),
    Instance(u32),
}

impl<'a> Instances<'a> {
    /// Of a guest of `bytes`, of which nothing is read yet.
    pub(super) fn new(bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let most = bytes.saturating_mul(PER_BYTE).saturating_add(BASE);
        Self {
            bodies: Vec::new(),
            open: Vec::new(),
            module: None,
            footprints: vec![Footprint::default()],
            unknown: Footprint::default(),
            alone: Footprint::default(),
            imports: 0,
            most,
        }
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
            Payload::Version { encoding: Encoding::Module, .. } => self.module = Some((0, Footprint::default())),
            Payload::ImportSection(reader) => {
                let (imports, _) = self.module.get_or_insert_default();
                *imports = imports.saturating_add(reader.count());
                self.imports = self.imports.max(*imports);
                self.module.get_or_insert_default().1.take(payload)?;
            }
            Payload::FunctionSection(_)
            | Payload::TableSection(_)
            | Payload::MemorySection(_)
            | Payload::TagSection(_)
            | Payload::GlobalSection(_)
            | Payload::ElementSection(_)
            | Payload::DataSection(_) => self.module.get_or_insert_default().1.take(payload)?,
            Payload::End(_) => match (self.module.take(), self.open.len()) {
                (Some((imports, footprint)), 1..) => {
                    let footprint = self.add_footprint(footprint);
                    self.body().modules.push(Module { imports, footprint });
                }
                (Some((_, footprint)), 0) => self.alone = footprint,
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
        let unknown = Module { imports: self.imports, footprint: u32::MAX };
        let place = self.place();
        let Self { bodies, footprints, unknown: most, .. } = self;
        let body = &mut bodies[place];
        match payload {
            Payload::ComponentImportSection(reader) => {
                for import in reader.clone() {
                    let import = import.map_err(damaged)?;
                    body.time += ITEM;
                    match import.ty {
                        ComponentTypeRef::Component(_) => body.steps.push(Step::ImportComponent(import.name.name)),
                        ComponentTypeRef::Instance(_) => body.steps.push(Step::ImportInstance(import.name.name)),
                        ComponentTypeRef::Module(_) => body.modules.push(unknown),
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
                        body.modules.push(body.module(export.index, unknown));
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
                            ComponentExternalKind::Module => body.modules.push(unknown),
                            _ => {}
                        },
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                            body.steps.push(Step::Outer { count, index });
                        }
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => {
                            body.modules.push(unknown);
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
                            let module = body.module(module_index, unknown);
                            body.core_instances += 1;
                            body.time += INSTANCE + ITEM * u64::from(module.imports);
                            body.footprint.add(footprints.get(module.footprint as usize).copied().unwrap_or(*most));
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

    /// Counts the instances that the outermost component makes, including those in its inner components. `lifted` is
    /// the most parts of a lifted function, and each function that is lowered counts as one with that number of parts.
    /// Returns the footprint of all instances of modules, or of the guest itself if it is a module.
    ///
    /// # Errors
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if that is too much.
    pub(super) fn check(&self, lifted: u64) -> Result<Footprint> {
        if self.bodies.is_empty() {
            return Ok(self.alone);
        }
        // A component alone lowers what the host has.
        let lowering = if self.bodies.len() > 1 { lifted.saturating_mul(PART) } else { 0 };
        Run::new(self, lowering).run()
    }

    /// Keeps what a module makes.
    fn add_footprint(&mut self, footprint: Footprint) -> u32 {
        if footprint == Footprint::default() {
            return 0;
        }
        // Memories and tables are left out: the report counts only those of modules that it can see.
        self.unknown.context = self.unknown.context.max(footprint.context);
        self.unknown.copied = self.unknown.copied.max(footprint.copied);
        self.footprints.push(footprint);
        u32::try_from(self.footprints.len() - 1).unwrap_or_default()
    }

    fn body(&mut self) -> &mut Body<'a> {
        let place = self.place();
        &mut self.bodies[place]
    }

    /// The place of the component being read.
    fn place(&mut self) -> usize {
        if self.bodies.is_empty() {
            self.bodies.push(Body::default());
        }
        self.open.last().copied().unwrap_or_default().min(self.bodies.len() - 1)
    }
}

impl Body<'_> {
    fn module(&self, module: u32, unknown: Module) -> Module {
        usize::try_from(module).ok().and_then(|module| self.modules.get(module)).copied().unwrap_or(unknown)
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

pub(super) fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
