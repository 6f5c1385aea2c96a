//! Owns making a random program of WASI 0.2 calls from the types of the functions.

use std::collections::BTreeMap;

use wit_parser::{Type, TypeDefKind};

use super::{Call, HANDLES, Interfaces, Kind, Origin, RETURN, slot, small, small_u64};
use crate::preview1::PATHS;
use crate::program::layout::{DATA, DATA_LEN, END, HEAP, HIGH, RESULT};
use crate::program::{Action, Arg, Step};
use crate::rng::Rng;

/// Puts a program together.
pub(super) struct Maker<'a> {
    pub(super) of: &'a Interfaces,
    pub(super) rng: Rng,
    pub(super) tame: bool,
    /// Whether the program may wait for what never comes, which takes all of its time.
    pub(super) waits: bool,
    /// Whether files are read and not written.
    pub(super) reads: bool,
    pub(super) steps: Vec<Step>,
    /// The streams and sockets that the pollables in these slots are of.
    pub(super) parents: BTreeMap<u32, u32>,
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
    pub(super) fn prepare(&mut self) {
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
    pub(super) fn finale(&mut self) {
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

    pub(super) fn call(&mut self, at: usize) {
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
