//! Owns WASI 0.2: random calls made from the types of its functions, and the part of each result that is compared.
//!
//! The types are read from a published adapter, which contains them; the repository has no copy of the WIT files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{
    Function, Handle, Int, LiftLowerAbi, ManglingAndAbi, Resolve, ResourceIntrinsic, SizeAlign, Type, TypeDefKind,
    TypeId, WasmImport, WorldId, WorldItem,
};

use crate::guest::Plumbing;
use crate::preview1::PATHS;
use crate::program::{
    Action, Arg, Called, Core, Func, Program, Step, hex,
    layout::{DATA, DATA_LEN, END, HEAP, HIGH, LOW, RESULT, SCRATCH, SLOTS},
};
use crate::rng::{Rng, fnv};
use crate::world::Time;

/// How many slots there are for the handles of each resource.
const HANDLES: u32 = 4;

/// Where results go that are not flat.
const RETURN: u32 = LOW + 64;

/// The functions and resources of WASI 0.2 that a guest can import.
pub(crate) struct Interfaces {
    resolve: Resolve,
    world: WorldId,
    sizes: SizeAlign,
    resources: Vec<TypeId>,
    calls: Vec<Call>,
}

/// A function, or the drop of a handle.
struct Call {
    func: Func,
    of: Origin,
    weight: u64,
    return_pointer: bool,
}

impl Call {
    /// Whether the result depends on how fast the host is: what does not wait for a stream.
    fn depends_on_time(&self) -> bool {
        let method = self.func.name.split_once("-stream.").map(|(_, method)| method);
        matches!(method, Some("read" | "skip" | "splice" | "check-write"))
            || matches!(&*self.func.name, "[method]pollable.ready" | "poll")
    }
}

enum Origin {
    Function(Box<Function>),
    Drop(TypeId),
}

impl Interfaces {
    /// Those of the adapter of Wasmtime 24: WASI 0.2.0, which every major serves.
    pub(crate) fn new() -> Result<Self> {
        let adapter = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
        let (_, bindings) = metadata::decode(adapter).context("read the types of the adapter")?;
        let (resolve, world) = (bindings.resolve, bindings.world);
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve)?;
        let mut interfaces = Self { resolve, world, sizes, resources: Vec::new(), calls: Vec::new() };
        interfaces.collect();
        Ok(interfaces)
    }

    fn collect(&mut self) {
        const LEGACY: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
        for (key, item) in &self.resolve.worlds[self.world].imports {
            let WorldItem::Interface { id, .. } = item else { continue };
            let interface = &self.resolve.interfaces[*id];
            let short = interface.name.clone().unwrap_or_default();
            for function in interface.functions.values() {
                let signature = self.resolve.wasm_signature(AbiVariant::GuestImport, function);
                let core = |ty: &WasmType| if *ty == WasmType::I64 { Core::I64 } else { Core::I32 };
                let import = WasmImport::Func { interface: Some(key), func: function };
                let (module, name) = self.resolve.wasm_import_name(LEGACY, import);
                let func = Func {
                    module,
                    name,
                    params: signature.params.iter().map(core).collect(),
                    result: signature.results.first().map(core),
                };
                let floats = signature.params.iter().any(|ty| matches!(ty, WasmType::F32 | WasmType::F64));
                let weight = if signature.indirect_params || floats { 0 } else { weight(&short, &function.name) };
                let of = Origin::Function(Box::new(function.clone()));
                self.calls.push(Call { func, of, weight, return_pointer: signature.retptr });
            }
            for ty in interface.types.values() {
                if !matches!(self.resolve.types[*ty].kind, TypeDefKind::Resource) {
                    continue;
                }
                let intrinsic = ResourceIntrinsic::ImportedDrop;
                let import = WasmImport::ResourceIntrinsic { interface: Some(key), resource: *ty, intrinsic };
                let (module, name) = self.resolve.wasm_import_name(LEGACY, import);
                let func = Func { module, name, params: vec![Core::I32], result: None };
                self.resources.push(*ty);
                self.calls.push(Call { func, of: Origin::Drop(*ty), weight: 3, return_pointer: false });
            }
        }
    }

    pub(crate) fn funcs(&self) -> Vec<Func> {
        self.calls.iter().map(|call| call.func.clone()).collect()
    }

    /// The function of that name, which the guest itself or the start of a program needs.
    fn named(&self, name: &str) -> usize {
        self.calls.iter().position(|call| call.func.name == name).expect("WASI 0.2 has the function")
    }

    fn resource(&self, name: &str) -> usize {
        let named = |id: &TypeId| self.resolve.types[*id].name.as_deref() == Some(name);
        self.resources.iter().position(named).expect("WASI 0.2 has the resource")
    }

    pub(crate) fn plumbing(&self) -> Plumbing {
        let (stdin, stderr) = (self.named("get-stdin"), self.named("get-stderr"));
        let read = self.named("[method]input-stream.blocking-read");
        let write = self.named("[method]output-stream.blocking-write-and-flush");
        let slot = slot(self.resource("input-stream"), 0);
        let done = SCRATCH + 16;
        Plumbing {
            imports: String::new(),
            functions: format!(
                r#"(global $log (mut i32) (i32.const 0))
(func $start
    (global.set $log (call $f{stderr}))
    (i32.store (i32.const {slot}) (call $f{stdin})))
(func $input (param $at i32) (param $len i32)
    (loop $next
        (if (local.get $len)
            (then
                (global.set $heap (i32.const {HEAP}))
                (call $f{read} (i32.load (i32.const {slot})) (i64.extend_i32_u (local.get $len)) (i32.const {done}))
                (if (i32.load8_u (i32.const {done})) (then unreachable))
                (memory.copy (local.get $at) (i32.load offset=4 (i32.const {done})) (i32.load offset=8 (i32.const {done})))
                (local.set $at (i32.add (local.get $at) (i32.load offset=8 (i32.const {done}))))
                (local.set $len (i32.sub (local.get $len) (i32.load offset=8 (i32.const {done}))))
                (br $next)))))
(func $output (param $at i32) (param $len i32) (result i32)
    (local $part i32)
    (loop $next
        (if (local.get $len)
            (then
                (local.set $part (select (i32.const 4096) (local.get $len)
                    (i32.gt_u (local.get $len) (i32.const 4096))))
                (call $f{write} (global.get $log) (local.get $at) (local.get $part) (i32.const {done}))
                (if (i32.load8_u (i32.const {done})) (then (return (i32.const 1))))
                (local.set $at (i32.add (local.get $at) (local.get $part)))
                (local.set $len (i32.sub (local.get $len) (local.get $part)))
                (br $next))))
    (i32.const 0))"#
            ),
            entry: r#"(export "wasi:cli/run@0.2.0#run") (result i32)"#,
            returns: "(i32.const 0)",
        }
    }

    /// Makes a component of the guest.
    pub(crate) fn component(&self, mut module: Vec<u8>) -> Result<Vec<u8>> {
        embed_component_metadata(&mut module, &self.resolve, self.world, StringEncoding::UTF8, false)?;
        ComponentEncoder::default().validate(true).module(&module)?.encode()
    }

    /// A random program. `tame` leaves out sizes that are absurd.
    pub(crate) fn program(&self, seed: u64, calls: usize, tame: bool) -> Program {
        let mut rng = Rng::new(seed);
        let calls = if rng.one_in(3) { calls / 8 + 1 } else { calls };
        // Files are read or written: what a stream has read ahead when a file grows is another amount in 19 than in
        // 36. And what is written at an offset to a file that is also appended to goes elsewhere.
        let reads = rng.one_in(2);
        let mut left_out = vec!["[method]descriptor.read-via-stream", "[method]descriptor.write"];
        if reads {
            left_out = vec![
                "[method]descriptor.write",
                "[method]descriptor.set-size",
                "[method]descriptor.write-via-stream",
                "[method]descriptor.append-via-stream",
            ];
        } else if rng.one_in(2) {
            left_out[1] = "[method]descriptor.append-via-stream";
        }
        let left_out: Vec<_> = left_out.into_iter().map(|name| self.named(name)).collect();
        let waits = !tame && rng.one_in(40);
        let mut maker = Maker { of: self, rng, tame, waits, reads, steps: Vec::new(), parents: BTreeMap::new() };
        maker.prepare();
        for _ in 0..calls {
            let at = maker.rng.weighted(self.calls.iter().map(|call| call.weight));
            if !left_out.contains(&at) {
                maker.call(at);
            }
        }
        if maker.rng.one_in(4) {
            maker.finale();
        }
        if maker.rng.one_in(10) {
            maker.call(self.named("exit"));
        }
        Program { steps: maker.steps, input: b"the standard input\nof the guest\n".repeat(4), big: false }
    }

    /// What a type is, behind its names.
    fn kind(&self, ty: &Type) -> Kind<'_> {
        let mut ty = *ty;
        loop {
            let Type::Id(id) = ty else { return Kind::Plain(ty) };
            match &self.resolve.types[id].kind {
                TypeDefKind::Type(next) => ty = *next,
                kind => return Kind::Defined(id, kind),
            }
        }
    }

    /// The resource behind a handle, as an index of the resources.
    fn behind(&self, handle: &Handle) -> Option<usize> {
        let (Handle::Own(mut id) | Handle::Borrow(mut id)) = *handle;
        while let TypeDefKind::Type(Type::Id(next)) = self.resolve.types[id].kind {
            id = next;
        }
        self.resources.iter().position(|resource| *resource == id)
    }

    /// The cases of what is a variant in memory and when it is flat.
    fn cases(kind: &TypeDefKind) -> Option<(Int, Vec<Option<Type>>)> {
        Some(match kind {
            TypeDefKind::Variant(variant) => (variant.tag(), variant.cases.iter().map(|case| case.ty).collect()),
            TypeDefKind::Option(some) => (Int::U8, vec![None, Some(*some)]),
            TypeDefKind::Result(result) => (Int::U8, vec![result.ok, result.err]),
            TypeDefKind::Enum(cases) => (cases.tag(), vec![None; cases.cases.len()]),
            _ => return None,
        })
    }

    fn fields(kind: &TypeDefKind) -> Option<Vec<Type>> {
        match kind {
            TypeDefKind::Record(record) => Some(record.fields.iter().map(|field| field.ty).collect()),
            TypeDefKind::Tuple(tuple) => Some(tuple.types.clone()),
            _ => None,
        }
    }

    /// How many core values a type takes when it is flat.
    fn flat(&self, ty: &Type) -> usize {
        match self.kind(ty) {
            Kind::Plain(Type::String) | Kind::Defined(_, TypeDefKind::List(_)) => 2,
            Kind::Plain(_) => 1,
            Kind::Defined(_, kind) => match (Self::fields(kind), Self::cases(kind)) {
                (Some(fields), _) => fields.iter().map(|field| self.flat(field)).sum(),
                (_, Some((_, cases))) => 1 + cases.iter().flatten().map(|case| self.flat(case)).max().unwrap_or(0),
                _ => 1,
            },
        }
    }

    /// Adds the handles in a result in memory.
    fn handles(&self, ty: &Type, at: u32, conditions: &[(u32, u8)], out: &mut Vec<Found>) {
        let Kind::Defined(_, kind) = self.kind(ty) else { return };
        if let TypeDefKind::Handle(handle @ Handle::Own(_)) = kind {
            out.extend(self.behind(handle).map(|resource| (resource, at, conditions.to_vec())));
        } else if let Some(fields) = Self::fields(kind) {
            for (offset, field) in self.sizes.field_offsets(&fields) {
                self.handles(field, at + small(offset.size_wasm32()), conditions, out);
            }
        } else if let Some((tag, cases)) = Self::cases(kind) {
            let payload = small(self.sizes.payload_offset(tag, cases.iter().map(Option::as_ref)).size_wasm32());
            for (number, case) in cases.iter().enumerate() {
                let Some(case) = case else { continue };
                let mut conditions = conditions.to_vec();
                conditions.push((at, u8::try_from(number).unwrap_or(u8::MAX)));
                self.handles(case, at + payload, &conditions, out);
            }
        }
    }

    /// The part of a call's result that must be the same on all majors.
    pub(crate) fn describe(&self, step: &Step, called: &Called, time: &Time) -> String {
        let call = &self.calls[step.func];
        let Origin::Function(function) = &call.of else { return "dropped".to_owned() };
        let Some(result) = &function.result else { return "returned".to_owned() };
        let memory = Memory { called, function: &call.func.name, module: &call.func.module, time };
        if call.depends_on_time() {
            return "returned".to_owned();
        }
        if call.return_pointer {
            return self.read(&memory, result, RETURN).unwrap_or_else(|| "too long".to_owned());
        }
        match self.kind(result) {
            _ if memory.differs() => "a number".to_owned(),
            Kind::Defined(_, TypeDefKind::Handle(_)) => "a handle".to_owned(),
            _ => called.result.to_string(),
        }
    }

    /// A value in memory, as text.
    fn read(&self, memory: &Memory<'_>, ty: &Type, at: u32) -> Option<String> {
        let number = |len: u32| memory.number(at, len);
        let (id, kind) = match self.kind(ty) {
            Kind::Plain(Type::String) => return memory.list(at, 1).map(|bytes| memory.text(&bytes)),
            Kind::Plain(plain) => {
                let shown = number(small(self.sizes.size(&plain).size_wasm32()))?;
                return Some(if memory.differs() { "a number".to_owned() } else { shown.to_string() });
            }
            Kind::Defined(id, kind) => (id, kind),
        };
        let name = self.resolve.types[id].name.as_deref().unwrap_or_default();
        if name == "datetime" {
            let nanoseconds = number(8)?.saturating_mul(1_000_000_000);
            return Some(memory.time.show(nanoseconds.saturating_add(memory.number(at + 8, 4)?)));
        }
        if name == "metadata-hash-value" {
            return Some("a hash".to_owned());
        }
        Some(match kind {
            TypeDefKind::Handle(handle) => {
                let resource = self.behind(handle)?;
                self.resolve.types[self.resources[resource]].name.clone()?
            }
            TypeDefKind::Flags(flags) => {
                let size = small(self.sizes.size(&Type::Id(id)).size_wasm32());
                format!("{:#b} of {}", number(size.max(1))?, flags.flags.len())
            }
            TypeDefKind::Enum(cases) => {
                let case = usize::try_from(number(1)?).ok()?;
                cases.cases.get(case).map_or_else(|| case.to_string(), |case| case.name.clone())
            }
            TypeDefKind::List(of) if matches!(self.kind(of), Kind::Plain(Type::U8)) => {
                let bytes = memory.list(at, 1)?;
                if memory.differs() { format!("{} bytes", bytes.len()) } else { format!("[{}]", show_bytes(&bytes)) }
            }
            TypeDefKind::List(of) => {
                let size = small(self.sizes.size(of).size_wasm32());
                let (start, count) = (small_u64(number(4)?), small_u64(memory.number(at + 4, 4)?));
                let items = (0..count.min(64)).map(|item| self.read(memory, of, start + item * size));
                format!("{count}[{}]", items.collect::<Option<Vec<_>>>()?.join(", "))
            }
            kind => {
                if let Some(fields) = Self::fields(kind) {
                    let values = self.sizes.field_offsets(&fields).into_iter();
                    let values =
                        values.map(|(offset, field)| self.read(memory, field, at + small(offset.size_wasm32())));
                    let mut values = values.collect::<Option<Vec<_>>>()?;
                    // The size of a directory and the number of links to it depend on the file system.
                    if name == "descriptor-stat" && values[0] == "directory" {
                        values[1] = "_".to_owned();
                        values[2] = "_".to_owned();
                    }
                    return Some(format!("({})", values.join(", ")));
                }
                let (tag, cases) = Self::cases(kind)?;
                let case = usize::try_from(number(1)?).ok()?;
                let payload = small(self.sizes.payload_offset(tag, cases.iter().map(Option::as_ref)).size_wasm32());
                let name = match (kind, case) {
                    (TypeDefKind::Variant(variant), case) => variant.cases.get(case)?.name.clone(),
                    (TypeDefKind::Option(_), 0) => "none".to_owned(),
                    (TypeDefKind::Option(_), _) => "some".to_owned(),
                    (_, 0) => "ok".to_owned(),
                    _ => "err".to_owned(),
                };
                match cases.get(case)? {
                    None => name,
                    Some(ty) => format!("{name} {}", self.read(memory, ty, at + payload)?),
                }
            }
        })
    }
}

/// A handle in a result: of which resource, where, and which bytes must have which value.
type Found = (usize, u32, Vec<(u32, u8)>);

enum Kind<'a> {
    Plain(Type),
    Defined(TypeId, &'a TypeDefKind),
}

/// The guest's memory after a call, as far as it was logged.
struct Memory<'a> {
    called: &'a Called,
    module: &'a str,
    function: &'a str,
    time: &'a Time,
}

impl Memory<'_> {
    /// Whether the result is another in each run.
    fn differs(&self) -> bool {
        self.module.starts_with("wasi:random/")
            || self.module.starts_with("wasi:clocks/monotonic-clock")
            || self.function == "resolution"
    }

    fn bytes(&self, at: u32, len: u32) -> Option<&[u8]> {
        let of = |start: u32, bytes: &'_ [u8]| {
            let from = usize::try_from(at.checked_sub(start)?).ok()?;
            Some((from, from.checked_add(usize::try_from(len).ok()?)?)).filter(|(_, to)| *to <= bytes.len())
        };
        let dump = self.called.dumps.first().map_or(&[][..], Vec::as_slice);
        if let Some((from, to)) = of(RETURN, dump) {
            return dump.get(from..to);
        }
        let (from, to) = of(HEAP, &self.called.heap)?;
        self.called.heap.get(from..to)
    }

    fn number(&self, at: u32, len: u32) -> Option<u64> {
        let mut bytes = [0; 8];
        bytes.get_mut(..usize::try_from(len).ok()?)?.copy_from_slice(self.bytes(at, len)?);
        Some(u64::from_le_bytes(bytes))
    }

    /// The elements of a list, as far as they were logged; then its length.
    fn list(&self, at: u32, size: u32) -> Option<Vec<u8>> {
        let (start, len) = (small_u64(self.number(at, 4)?), small_u64(self.number(at + 4, 4)?));
        if len == 0 {
            return Some(Vec::new());
        }
        if let Some(bytes) = self.bytes(start, len.checked_mul(size)?) {
            return Some(bytes.to_vec());
        }
        // Longer than what is logged: the beginning and the length are compared.
        let from = usize::try_from(start.checked_sub(HEAP)?).ok()?;
        let mut bytes = self.called.heap.get(from..)?.to_vec();
        bytes.extend(len.to_le_bytes());
        Some(bytes)
    }

    fn text(&self, bytes: &[u8]) -> String {
        // What an error says is not promised.
        if self.function.ends_with("to-debug-string") {
            return "a text".to_owned();
        }
        format!("{:?}", String::from_utf8_lossy(bytes))
    }
}

fn show_bytes(bytes: &[u8]) -> String {
    if bytes.len() > 32 { format!("{} bytes {:016x}", bytes.len(), fnv(bytes)) } else { hex(bytes) }
}

/// How often a function is called.
fn weight(interface: &str, name: &str) -> u64 {
    match (interface, name) {
        (_, "exit") => 0,
        (_, "[method]descriptor.open-at") => 60,
        (_, "[method]input-stream.read" | "[method]input-stream.skip" | "[method]output-stream.splice") => 0,
        (_, "[method]output-stream.subscribe" | "[method]output-stream.check-write") => 8,
        (_, "[method]descriptor.read-via-stream" | "[method]descriptor.write-via-stream") => 25,
        ("streams", name) if name.ends_with("subscribe") => 15,
        ("streams", _) => 22,
        ("types", _) => 9,
        ("poll", _) => 20,
        ("random" | "insecure" | "insecure-seed", _) => 4,
        ("environment", _) => 2,
        _ => 3,
    }
}

fn slot(resource: usize, number: u32) -> u32 {
    SLOTS + 4 * (small(resource) * HANDLES + number)
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn small_u64(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Puts a program together.
struct Maker<'a> {
    of: &'a Interfaces,
    rng: Rng,
    tame: bool,
    /// Whether the program may wait for what never comes, which takes all of its time.
    waits: bool,
    /// Whether files are read and not written.
    reads: bool,
    steps: Vec<Step>,
    /// The streams and sockets that the pollables in these slots are of.
    parents: BTreeMap<u32, u32>,
}

/// The arguments of one call.
#[derive(Default)]
struct Arguments {
    args: Vec<Arg>,
    before: Vec<Action>,
    needs: Vec<u32>,
    free: u32,
}

impl Arguments {
    fn constant(&mut self, value: u64) {
        self.args.push(Arg::Const(value));
    }

    fn poke(&mut self, bytes: Vec<u8>) -> u32 {
        let to = HIGH + self.free;
        self.free = (self.free + small(bytes.len()) + 8).next_multiple_of(8);
        self.before.push(Action::Poke { to, bytes });
        to
    }
}

impl Maker<'_> {
    /// Gets the preopened directories and the standard streams, and opens some files.
    fn prepare(&mut self) {
        let directories = self.of.named("get-directories");
        let descriptor = self.of.resource("descriptor");
        let after = (0..2).map(|at| {
            let (to, from) = (slot(descriptor, at), HEAP + 12 * at);
            Action::CopyIf { to, from, len: 4, conditions: Vec::new() }
        });
        let step = Step {
            before: vec![Action::Fill { to: RETURN, len: 8 }],
            func: directories,
            args: vec![Arg::Const(u64::from(RETURN))],
            needs: Vec::new(),
            dumps: vec![(RETURN, 8)],
            after: after.collect(),
        };
        self.steps.push(step);
        self.call(self.of.named("get-stdout"));
        let open = self.of.named("[method]descriptor.open-at");
        for (number, path, flags, open_flags) in [(2, "a.txt", 3, 0), (3, "d", 1, 2)] {
            let mut arguments = Arguments { needs: vec![slot(descriptor, 0)], ..Arguments::default() };
            arguments.args.push(Arg::Slot(slot(descriptor, 0)));
            arguments.constant(1);
            let at = arguments.poke(path.as_bytes().to_vec());
            [u64::from(at), path.len() as u64, open_flags, flags].into_iter().for_each(|arg| arguments.constant(arg));
            self.finish(open, arguments, Some(number));
        }
    }

    /// How much a call does that does not wait depends on time: these are the last of a program.
    fn finale(&mut self) {
        match self.rng.below(3) {
            0 => self.call(self.of.named("[method]input-stream.read")),
            1 => self.call(self.of.named("[method]input-stream.skip")),
            _ => {
                let (input, output) = (self.of.resource("input-stream"), self.of.resource("output-stream"));
                self.finish(self.of.named("get-stdin"), Arguments::default(), Some(0));
                self.finish(self.of.named("get-stdout"), Arguments::default(), Some(0));
                let slots = [slot(output, 0), slot(input, 0)];
                let mut arguments = Arguments { needs: slots.to_vec(), ..Arguments::default() };
                arguments.args.extend(slots.map(Arg::Slot));
                let len = self.number("", "len", Type::U64);
                arguments.constant(len);
                self.finish(self.of.named("[method]output-stream.splice"), arguments, None);
            }
        }
    }

    fn call(&mut self, at: usize) {
        let call = &self.of.calls[at];
        match &call.of {
            Origin::Drop(resource) => {
                let resource = self.of.resources.iter().position(|known| known == resource).unwrap_or(0);
                let number = small_u64(self.rng.below(u64::from(HANDLES)));
                // The directories are needed until the end, and so is the log.
                if call.func.name.ends_with("]descriptor") && number < 2 && !self.rng.one_in(20) {
                    return;
                }
                self.drop_handle(resource, number);
            }
            Origin::Function(function) => {
                let mut arguments = Arguments::default();
                // What may be written is asked before it is written: without that, writing traps.
                let writes =
                    ["].write", ".write", ".write-zeroes", ".splice"].iter().any(|end| function.name.ends_with(end));
                let writes = writes && function.name.contains("output-stream");
                for (number, param) in function.params.iter().enumerate() {
                    self.value(&mut arguments, &function.name, &param.name, &param.ty);
                    if number == 0
                        && writes
                        && !self.rng.one_in(30)
                        && let Some(Arg::Slot(stream)) = arguments.args.first().copied()
                    {
                        self.on_stream("[method]output-stream.check-write", stream);
                    }
                }
                let stream = arguments.args.first().copied();
                self.finish(at, arguments, None);
                // What is written is there after a flush; before it depends on time.
                let flushed = function.name.ends_with(".blocking-flush") || !function.name.contains("]output-stream.");
                if let (Some(Arg::Slot(stream)), false) = (stream, flushed) {
                    self.on_stream("[method]output-stream.blocking-flush", stream);
                }
            }
        }
    }

    fn on_stream(&mut self, function: &str, stream: u32) {
        let arguments = Arguments { args: vec![Arg::Slot(stream)], needs: vec![stream], ..Arguments::default() };
        self.finish(self.of.named(function), arguments, None);
    }

    /// Ends a handle, after those of the pollables that depend on it.
    fn drop_handle(&mut self, resource: usize, number: u32) {
        let parent = slot(resource, number);
        let pollable = self.of.resource("pollable");
        let children: Vec<_> = self.parents.iter().filter(|(_, of)| **of == parent).map(|(child, _)| *child).collect();
        for child in children {
            self.parents.remove(&child);
            self.drop_slot(pollable, child);
        }
        self.drop_slot(resource, parent);
    }

    fn drop_slot(&mut self, resource: usize, slot: u32) {
        let is = |call: &Call| matches!(call.of, Origin::Drop(id) if id == self.of.resources[resource]);
        let func = self.of.calls.iter().position(is).unwrap_or(0);
        self.steps.push(Step {
            before: Vec::new(),
            func,
            args: vec![Arg::Slot(slot)],
            needs: vec![slot],
            dumps: Vec::new(),
            // Nothing is at the result of a function that has none: the handle is gone.
            after: vec![Action::CopyIf { to: slot, from: RESULT, len: 4, conditions: Vec::new() }],
        });
    }

    /// Adds where the result goes, and what is kept of it.
    fn finish(&mut self, func: usize, mut arguments: Arguments, number: Option<u32>) {
        let call = &self.of.calls[func];
        let Origin::Function(function) = &call.of else { return };
        let (mut dumps, mut after, mut found) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(result) = &function.result {
            if call.return_pointer {
                let len = small(self.of.sizes.size(result).size_wasm32());
                arguments.before.push(Action::Fill { to: RETURN, len });
                dumps.push((RETURN, len));
                let at = if self.rng.one_in(600) {
                    self.rng.pick(&[RETURN + 1, RETURN + 4, END - 1, END, 0x7FFF_FFF8, 0xFFFF_FFF8])
                } else {
                    RETURN
                };
                arguments.constant(u64::from(at));
                self.of.handles(result, RETURN, &[], &mut found);
            } else {
                self.of.handles(result, RESULT, &[], &mut found);
            }
        }
        for (resource, from, conditions) in found {
            let number = number.unwrap_or_else(|| small_u64(self.rng.below(u64::from(HANDLES))));
            let first = if resource == self.of.resource("descriptor") { 2 } else { 0 };
            let to = slot(resource, number.max(first));
            if resource == self.of.resource("pollable") {
                // It would never be dropped, and what it depends on could not be dropped either.
                self.drop_slot(resource, to);
                if let Some(Arg::Slot(parent)) = arguments.args.first() {
                    self.parents.insert(to, *parent);
                }
            }
            after.push(Action::CopyIf { to, from, len: 4, conditions });
        }
        let Arguments { args, before, needs, .. } = arguments;
        self.steps.push(Step { before, func, args, needs, dumps, after });
    }

    /// A random value of a type, flat.
    fn value(&mut self, arguments: &mut Arguments, function: &str, name: &str, ty: &Type) {
        let kind = match self.of.kind(ty) {
            Kind::Plain(Type::String) => {
                let mut path = self.rng.pick(PATHS).to_vec();
                if self.rng.one_in(60) {
                    path = self.rng.pick(&[&b"x".repeat(255)[..], &b"x".repeat(256), &b"x/".repeat(2048)]).to_vec();
                }
                let len = path.len() as u64;
                let at = arguments.poke(path);
                let wild = self.rng.one_in(400);
                arguments.constant(if wild { u64::from(END - 2) } else { u64::from(at) });
                arguments.constant(len);
                return;
            }
            Kind::Plain(plain) => {
                let value = self.number(function, name, plain);
                arguments.constant(value);
                return;
            }
            Kind::Defined(_, kind) => kind,
        };
        match kind {
            TypeDefKind::Handle(handle) => {
                let resource = self.of.behind(handle).unwrap_or(0);
                if self.rng.one_in(400) {
                    let junk = self.rng.pick(&[0, 1_000_000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]);
                    arguments.constant(junk);
                    return;
                }
                let mut number = small_u64(self.rng.below(u64::from(HANDLES)));
                // Most paths are in the first directory.
                if function.ends_with("-at") && !self.rng.one_in(4) {
                    number = 0;
                }
                let slot = slot(resource, number);
                arguments.needs.push(slot);
                arguments.args.push(Arg::Slot(slot));
            }
            TypeDefKind::Flags(flags) => {
                let all = (1_u64 << flags.flags.len()) - 1;
                let value = match (function, name) {
                    _ if self.rng.one_in(250) => all + 1,
                    ("[method]descriptor.open-at", "open-flags") if !self.rng.one_in(3) => self.rng.pick(&[0, 0, 0, 1]),
                    ("[method]descriptor.open-at", "flags") if !self.rng.one_in(3) => self.rng.pick(&[1, 3, 3, 2]),
                    _ => self.rng.next() & all,
                };
                let truncates = name == "open-flags" && self.reads;
                arguments.constant(if truncates { value & !8 } else { value });
            }
            TypeDefKind::List(of) => self.list(arguments, of),
            kind => {
                if let Some(fields) = Interfaces::fields(kind) {
                    for field in &fields {
                        self.value(arguments, function, name, field);
                    }
                    return;
                }
                let Some((_, cases)) = Interfaces::cases(kind) else { return arguments.constant(0) };
                let flat = self.of.flat(ty);
                let end = arguments.args.len() + flat;
                let count = cases.len() as u64;
                let case = if self.rng.one_in(300) { count } else { self.rng.below(count) };
                arguments.constant(case);
                let payload = usize::try_from(case).ok().and_then(|case| cases.get(case).copied().flatten());
                if let Some(payload) = payload {
                    self.value(arguments, function, name, &payload);
                }
                while arguments.args.len() < end {
                    arguments.constant(0);
                }
            }
        }
    }

    fn list(&mut self, arguments: &mut Arguments, of: &Type) {
        match self.of.kind(of) {
            Kind::Plain(Type::U8) => {
                let len = match self.rng.below(80) {
                    0 => 4097,
                    1 => DATA_LEN,
                    2 if !self.tame => 0xFFFF_FFFF,
                    3 if !self.tame => 0x10_0000,
                    _ => self.rng.pick(&[0, 1, 7, 26, 100, 1000, 4096]),
                };
                arguments.constant(u64::from(DATA));
                arguments.constant(u64::from(len));
            }
            Kind::Defined(_, TypeDefKind::Handle(handle)) => {
                let resource = self.of.behind(handle).unwrap_or(0);
                let count = if self.rng.one_in(60) { 0 } else { 1 + small_u64(self.rng.below(3)) };
                let at = arguments.poke(vec![0; usize::try_from(count * 4).unwrap_or(0)]);
                for item in 0..count {
                    let from = slot(resource, small_u64(self.rng.below(u64::from(HANDLES))));
                    arguments.needs.push(from);
                    arguments.before.push(Action::Copy { to: at + 4 * item, from, len: 4 });
                }
                arguments.constant(u64::from(at));
                let wild = !self.tame && self.rng.one_in(100);
                arguments.constant(if wild { 0x2000_0000 } else { u64::from(count) });
            }
            _ => {
                arguments.constant(u64::from(HIGH));
                arguments.constant(0);
            }
        }
    }

    fn number(&mut self, function: &str, name: &str, ty: Type) -> u64 {
        const EXTREME: &[u64] =
            &[1 << 20, 1 << 31, (1 << 32) - 1, 1 << 46, (1 << 62) + 1, (1 << 63) - 1, 1 << 63, u64::MAX - 1, u64::MAX];
        let waits = function.starts_with("subscribe-");
        match ty {
            Type::U64 | Type::S64 => {
                let honest: &[u64] = match name {
                    "len" | "length" => &[0, 1, 5, 26, 100, 4096, 4096],
                    "offset" | "size" => &[0, 0, 1, 5, 26, 100, 4096, 5000, 65536],
                    _ if waits => &[0, 1, 1000, 500_000],
                    _ => &[0, 1, 1_000_000_000, 1_500_000_000],
                };
                let absurd = match (waits, name) {
                    (true, _) => self.waits && self.rng.one_in(10),
                    (_, "len" | "length") => !self.tame && self.rng.one_in(20),
                    _ => self.rng.one_in(12),
                };
                if absurd { self.rng.pick(EXTREME) } else { self.rng.pick(honest) }
            }
            Type::U32 | Type::S32 => {
                self.rng.pick(&[0, 1, 999_999_999, 500_000_000, 1_000_000_000, (1 << 31) - 1, (1 << 32) - 1])
            }
            Type::U16 | Type::S16 => self.rng.below(1 << 16),
            Type::U8 | Type::S8 => self.rng.below(256),
            Type::Bool => self.rng.below(2),
            _ => 0,
        }
    }
}

impl std::fmt::Debug for Interfaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut names = String::new();
        for call in &self.calls {
            writeln!(names, "{} {}", call.func.module, call.func.name)?;
        }
        f.write_str(&names)
    }
}
