//! Owns WASI 0.2: random calls made from the types of its functions, and the part of each result that is compared.
//!
//! The types are read from a published adapter, which contains them; the repository has no copy of the WIT files.

mod describe;
mod maker;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{
    Function, Handle, Int, LiftLowerAbi, ManglingAndAbi, Resolve, ResourceIntrinsic, SizeAlign, Type, TypeDefKind,
    TypeId, WasmImport, WorldId, WorldItem,
};

use self::maker::Maker;
use crate::guest::Plumbing;
use crate::program::{
    Core, Func, Program,
    layout::{HEAP, LOW, SCRATCH, SLOTS},
};
use crate::rng::Rng;

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
    /// Whether the result depends on the speed of the host: true of functions that do not wait for a stream.
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
        // A program either reads files through streams or writes files: 19 and 36 read ahead different amounts from a
        // file that grows. A program does not both append and write at an offset either: the majors write at different
        // places.
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

    /// The discriminant and the cases of a type whose representation, in memory and flat, is that of a variant.
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
}

/// A handle in a result: the index of its resource, its address, and the bytes and their values that show that the
/// handle is present.
type Found = (usize, u32, Vec<(u32, u8)>);

enum Kind<'a> {
    Plain(Type),
    Defined(TypeId, &'a TypeDefKind),
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

impl std::fmt::Debug for Interfaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut names = String::new();
        for call in &self.calls {
            writeln!(names, "{} {}", call.func.module, call.func.name)?;
        }
        f.write_str(&names)
    }
}
