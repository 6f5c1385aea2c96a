//! Owns the fingerprint of an adapter module: what of it survives wit-component, name stripping or an optimiser.
//!
//! `cargo xtask adapters` computes it of every published adapter; [`super::identify`] compares.

use std::collections::BTreeSet;

use wasmparser::{BlockType, FuncType, FunctionBody, Operator, OperatorsReader, ValType};

use super::module::Module;
use super::names::Names;

/// Numbers below and above are no lines of the adapter's source at which it checks something.
const LINES: std::ops::Range<i32> = 150..4000;

/// The most globals that a function may use: published adapters have at most 5.
const MOST_GLOBALS: usize = 64;

/// What identifies the build or the source of an adapter.
///
/// ```
/// use wasmtime_compat_guest::report::Fingerprint;
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published.
/// let fingerprint = Fingerprint::of(wasm).unwrap();
/// assert!(fingerprint.exports.iter().any(|name| name == "fd_write"));
/// assert!(fingerprint.wasi.iter().all(|name| name.starts_with("wasi:")));
/// assert!(fingerprint.names.symbols && fingerprint.rustc.is_some());
/// // A module without the exports of an adapter has no fingerprint.
/// assert_eq!(Fingerprint::of(b"\0asm\x01\0\0\0"), None);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Fingerprint {
    /// From symbol names: which build.
    pub names: Names,
    /// Digests of its functions with all they call, sorted. Names, indices, WASI versions and what wit-component puts
    /// in do not matter.
    pub code: Vec<u64>,
    /// How many instructions these functions have.
    pub instructions: usize,
    /// Lines of the source at which it checks something, sorted: `assert!` and the like compile them in.
    pub lines: Vec<u16>,
    /// The functions it exports.
    pub exports: Vec<String>,
    /// The WASI modules it imports from.
    pub wasi: Vec<String>,
    /// The compiler that built it.
    pub rustc: Option<String>,
}

impl Fingerprint {
    /// The fingerprint of a core module, if that has the shape of an adapter.
    pub fn of(wasm: &[u8]) -> Option<Self> {
        let module = Module::adapter(wasm)?;
        let (code, instructions, lines) = Digests::all(&module)?;
        Some(Self {
            code,
            instructions,
            lines,
            exports: module.exports.iter().map(|name| (*name).to_owned()).collect(),
            wasi: module
                .import_modules
                .iter()
                .filter(|name| name.starts_with("wasi:"))
                .map(ToString::to_string)
                .collect(),
            names: module.names,
            rustc: module.rustc,
        })
    }
}

/// A function's part in the adapter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    /// Compiled from the adapter's source.
    Source,
    /// Put in by wit-component: allocates by growing memory.
    Realloc,
    /// Put in by wit-component: allocates the adapter's stack.
    AllocateStack,
}

struct Digests<'m, 'a> {
    module: &'m Module<'a>,
    parts: Vec<Part>,
    known: Vec<Option<u64>>,
    instructions: usize,
    lines: BTreeSet<u16>,
}

impl<'m, 'a> Digests<'m, 'a> {
    /// Digests, their instructions, and source lines; `None` if the code is damaged.
    fn all(module: &'m Module<'a>) -> Option<(Vec<u64>, usize, Vec<u16>)> {
        let mut parts = vec![Part::Source; module.bodies.len()];
        for pass in [Part::Realloc, Part::AllocateStack] {
            for own in 0..parts.len() {
                if put_in(module, &parts, own, pass)? {
                    parts[own] = pass;
                }
            }
        }
        let known = vec![None; module.bodies.len()];
        let mut digests = Self { module, parts, known, instructions: 0, lines: BTreeSet::new() };
        for own in 0..module.bodies.len() {
            digests.digest(own)?;
        }
        let source = digests.parts.iter().zip(&digests.known).filter(|(part, _)| **part == Part::Source);
        let mut code: Vec<u64> = source.filter_map(|(_, digest)| *digest).collect();
        code.sort_unstable();
        code.dedup();
        Some((code, digests.instructions, digests.lines.into_iter().collect()))
    }

    /// The digest of a function; how deep this nests is bounded by the number of functions in a [`Module`].
    fn digest(&mut self, own: usize) -> Option<u64> {
        if let Some(digest) = self.known[own] {
            return Some(digest);
        }
        // What a function that calls itself finds.
        self.known[own] = Some(1);
        let body = self.module.bodies[own].clone();
        let mut hash = Hash::new();
        let index = u32::try_from(self.module.imported.len() + own).ok()?;
        hash.ty(self.module.function_type(index)?);
        locals(&mut hash, &body)?;
        let bytes = body.as_bytes();
        let start = body.range().start;
        let mut reader = body.get_operators_reader().ok()?;
        let mut first = true;
        let mut constant = None;
        // Which globals there are changes with what else is kept; which of them are the same does not.
        let mut globals: Vec<u32> = Vec::new();
        while !reader.eof() {
            let at = usize::try_from(reader.original_position().checked_sub(start)?).ok()?;
            let operator = reader.read().ok()?;
            let to = usize::try_from(reader.original_position().checked_sub(start)?).ok()?;
            if let Operator::Call { function_index } = operator {
                self.line(constant, function_index);
                if !(first && self.part(function_index) == Some(Part::AllocateStack)) {
                    self.instructions += 1;
                    hash.number(0x10);
                    let callee = self.callee(function_index)?;
                    hash.number(callee);
                }
            } else if let Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } = operator {
                self.instructions += 1;
                hash.number(u64::from(*bytes.get(at)?));
                let place = globals.iter().position(|known| *known == global_index).unwrap_or(globals.len());
                if place == globals.len() {
                    if place == MOST_GLOBALS {
                        return None;
                    }
                    globals.push(global_index);
                }
                hash.number(u64::try_from(place).ok()?);
            } else {
                self.instructions += 1;
                self.operator(&mut hash, &operator, bytes.get(at..to)?)?;
            }
            constant = if let Operator::I32Const { value } = operator { Some(value) } else { None };
            first = false;
        }
        self.known[own] = Some(hash.0);
        Some(hash.0)
    }

    fn operator(&self, hash: &mut Hash, operator: &Operator<'_>, bytes: &[u8]) -> Option<()> {
        let opcode = *bytes.first()?;
        hash.number(u64::from(opcode));
        match operator {
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => match blockty {
                BlockType::Empty => hash.number(0),
                BlockType::Type(ty) => hash.value(*ty),
                BlockType::FuncType(ty) => {
                    hash.ty(self.module.types.get(usize::try_from(*ty).ok()?)?.as_ref()?);
                }
            },
            Operator::I32Const { value } => hash.number(u64::from(value.cast_unsigned())),
            Operator::I64Const { value } => hash.number(value.cast_unsigned()),
            Operator::F32Const { .. } | Operator::F64Const { .. } => hash.bytes(bytes),
            _ if opcode >= 0xfd => hash.bytes(bytes),
            _ => hash.immediates(&bytes[1..]),
        }
        Some(())
    }

    /// What a call means, wherever its target stands.
    fn callee(&mut self, index: u32) -> Option<u64> {
        const REALLOC: u64 = 2;
        if let Some((module, name, _)) = self.module.imported.get(usize::try_from(index).ok()?) {
            if *module == "__main_module__" && matches!(*name, "cabi_realloc" | "canonical_abi_realloc") {
                return Some(REALLOC);
            }
            let mut hash = Hash::new();
            hash.bytes(module.split('@').next().unwrap_or(module).as_bytes());
            hash.bytes(name.split('@').next().unwrap_or(name).as_bytes());
            return Some(hash.0);
        }
        let own = self.module.own(index)?;
        match self.parts[own] {
            Part::Realloc => Some(REALLOC),
            _ => self.digest(own),
        }
    }

    /// Takes up `line` if it is passed to a function that takes just that.
    fn line(&mut self, line: Option<i32>, callee: u32) {
        if let Some(line) = line
            && LINES.contains(&line)
            && self.module.own(callee).is_some()
            && self.module.has_type(callee, &[ValType::I32], &[])
        {
            self.lines.extend(u16::try_from(line));
        }
    }

    fn part(&self, index: u32) -> Option<Part> {
        self.module.own(index).map(|own| self.parts[own])
    }
}

/// Whether wit-component has put this function in as `part`; allocating the stack is known by what it calls.
fn put_in(module: &Module<'_>, parts: &[Part], own: usize, part: Part) -> Option<bool> {
    let index = u32::try_from(module.imported.len() + own).ok()?;
    let is_realloc = part == Part::Realloc;
    let fits = match is_realloc {
        true => module.has_type(index, &[ValType::I32; 4], &[ValType::I32]),
        false => module.has_type(index, &[], &[]),
    };
    // An optimiser may make them longer, but not by much; nothing else this short grows memory or sets the stack.
    const MOST: usize = 60;
    let body = &module.bodies[own];
    if !fits || body.as_bytes().len() > 4 * MOST {
        return Some(false);
    }
    let mut reader: OperatorsReader<'_> = body.get_operators_reader().ok()?;
    let (mut grows, mut sets, mut calls, mut others) = (false, false, 0, false);
    while !reader.eof() {
        match reader.read().ok()? {
            Operator::MemoryGrow { .. } => grows = true,
            Operator::GlobalSet { .. } => sets = true,
            Operator::Call { function_index } => {
                let realloc = match module.own(function_index) {
                    Some(own) => parts[own] == Part::Realloc,
                    None => {
                        module.imported.get(usize::try_from(function_index).ok()?).is_some_and(|(module, name, _)| {
                            *module == "__main_module__" && matches!(*name, "cabi_realloc" | "canonical_abi_realloc")
                        })
                    }
                };
                calls += 1;
                others |= !realloc;
            }
            Operator::I32Load { .. } | Operator::I32Store { .. } => others = true,
            _ => {}
        }
    }
    Some(match is_realloc {
        true => grows && calls == 0 && !others,
        false => sets && calls == 1 && !others,
    })
}

fn locals(hash: &mut Hash, body: &FunctionBody<'_>) -> Option<()> {
    let mut add = |(count, ty): (u64, ValType)| {
        hash.number(count);
        hash.value(ty);
    };
    let mut run: Option<(u64, ValType)> = None;
    for local in body.get_locals_reader().ok()? {
        let (count, ty) = local.ok()?;
        run = match run {
            Some((total, last)) if last == ty => Some((total + u64::from(count), ty)),
            _ => {
                run.map(&mut add);
                Some((u64::from(count), ty))
            }
        };
    }
    run.map(add);
    Some(())
}

/// FNV-1a with 64 bits: the same on every machine and in every Rust version.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// Unsigned LEB128 numbers, however long they are written: linkers pad them, wit-component does not.
    fn immediates(&mut self, bytes: &[u8]) {
        let (mut number, mut shift) = (0_u64, 0_u32);
        for byte in bytes {
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte & 0x80 == 0 {
                self.number(number);
                (number, shift) = (0, 0);
            }
        }
    }

    fn value(&mut self, ty: ValType) {
        self.number(match ty {
            ValType::I32 => 1,
            ValType::I64 => 2,
            ValType::F32 => 3,
            ValType::F64 => 4,
            ValType::V128 => 5,
            ValType::Ref(_) => 6,
        });
    }

    fn ty(&mut self, ty: &FuncType) {
        ty.params().iter().for_each(|ty| self.value(*ty));
        self.number(7);
        ty.results().iter().for_each(|ty| self.value(*ty));
    }
}
