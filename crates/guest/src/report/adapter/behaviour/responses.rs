//! Owns the answers to the calls of an adapter: its guest's allocator, and as much of WASI as the probes need.
//!
//! Every other import traps when it is called. Values are laid out in memory as the canonical ABI has it, and memory is
//! asked for in the order in which Wasmtime asks: lists before what is in them.

use wasmi::{Caller, Error, Extern, Func, FuncType, Memory, Store, StoreLimits, TrapCode, Val, ValType};

/// The preopened directories: of different lengths, and no byte is in two of them.
pub(super) const PREOPENS: [&str; 5] = ["/", "abc", "defghi", "jklmnopqr", "stuvwxyz-.01"];

/// What is in each of them.
pub(super) const ENTRIES: [&str; 2] = ["north", "southwest"];

/// Where the guest's allocator takes memory from.
/// All of it is there from the start.
const HEAP: std::ops::Range<u32> = 0x1_0000..0x10_0000;

/// What answering a call costs, and each byte that is copied for it, in fuel.
const FUEL_PER_CALL: u64 = 200;
const FUEL_PER_BYTE: u64 = 1;

/// `result` is well, or `option` is something; types of files.
const OK: u8 = 0;
const SOME: u8 = 1;
const DIRECTORY: u8 = 3;
const FILE: u8 = 6;

/// What the answers to an adapter's calls depend on.
pub(super) struct State {
    pub(super) memory: Option<Memory>,
    /// How much of the heap is taken.
    heap: u32,
    /// The next number of a resource.
    handle: i32,
    /// How many entries of the directory were read.
    entries: usize,
    /// Whether the adapter is asked for memory. What it calls meanwhile must not ask again: it would have no end.
    in_realloc: bool,
    /// Whether it called what is not there.
    pub(super) missing: bool,
    pub(super) limits: StoreLimits,
}

impl State {
    pub(super) fn new(limits: StoreLimits) -> Self {
        Self { memory: None, heap: HEAP.start, handle: 100, entries: 0, in_realloc: false, missing: false, limits }
    }
}

/// How a call is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Response {
    /// Not at all: it traps.
    Missing,
    /// The main module's allocator.
    Allocate,
    /// A new resource.
    Resource,
    /// There is no terminal.
    NoTerminal,
    /// A resource is given up.
    Drop,
    Preopens,
    /// A descriptor is a directory.
    IsDirectory,
    /// Begins to read a directory.
    ReadDirectory,
    NextEntry,
    /// Identifies a file.
    Hash,
}

impl Response {
    /// How calls of this import are answered; `None` if its type is of no import that an adapter has.
    pub(super) fn to(module: &str, name: &str, ty: &FuncType) -> Option<Self> {
        let known = |ty: &ValType| matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64);
        if !ty.params().iter().chain(ty.results()).all(known) {
            return None;
        }
        let module = module.split('@').next().unwrap_or(module);
        // Up to 13 methods are functions, and resources are numbers.
        let name = name.split_once('.').filter(|(of, _)| of.starts_with("[method]")).map_or(name, |(_, method)| method);
        let (response, params, results) = match (module, name) {
            ("__main_module__", "cabi_realloc" | "canonical_abi_realloc") => (Self::Allocate, 4, 1),
            ("wasi:cli/stdin", "get-stdin") => (Self::Resource, 0, 1),
            ("wasi:cli/stdout", "get-stdout") => (Self::Resource, 0, 1),
            ("wasi:cli/stderr", "get-stderr") => (Self::Resource, 0, 1),
            ("wasi:cli/terminal-stdin", "get-terminal-stdin") => (Self::NoTerminal, 1, 0),
            ("wasi:cli/terminal-stdout", "get-terminal-stdout") => (Self::NoTerminal, 1, 0),
            ("wasi:cli/terminal-stderr", "get-terminal-stderr") => (Self::NoTerminal, 1, 0),
            ("wasi:filesystem/preopens", "get-directories") => (Self::Preopens, 1, 0),
            ("wasi:filesystem/types", "get-type") => (Self::IsDirectory, 2, 0),
            ("wasi:filesystem/types", "read-directory") => (Self::ReadDirectory, 2, 0),
            ("wasi:filesystem/types", "read-directory-entry") => (Self::NextEntry, 2, 0),
            ("wasi:filesystem/types", "metadata-hash") => (Self::Hash, 2, 0),
            ("wasi:filesystem/types", "metadata-hash-at") => (Self::Hash, 5, 0),
            (_, name) if name.starts_with("[resource-drop]") || name.starts_with("drop-") => (Self::Drop, 1, 0),
            _ => return Some(Self::Missing),
        };
        let numbers = ty.params().iter().chain(ty.results()).all(|ty| *ty == ValType::I32);
        let fits = numbers && ty.params().len() == params && ty.results().len() == results;
        Some(if fits { response } else { Self::Missing })
    }

    /// A host function of this type that answers so. What it gives back is of its type.
    pub(super) fn function(self, store: &mut Store<State>, ty: &FuncType) -> Func {
        Func::new(store, ty.clone(), move |caller, params, results| {
            // Only what is missing may have parameters that are no i32, and it looks at none.
            let params: Vec<i32> = params.iter().filter_map(Val::i32).collect();
            let result = self.respond(&mut Call { caller }, &params)?;
            if let [only] = results {
                *only = Val::I32(result);
            }
            Ok(())
        })
    }

    /// Answers a call with these parameters; what is given back is the result, if there is one.
    fn respond(self, call: &mut Call<'_>, params: &[i32]) -> Result<i32, Error> {
        call.consume_fuel(FUEL_PER_CALL)?;
        let place = params.last().copied().unwrap_or_default().cast_unsigned();
        match (self, params) {
            (Self::Allocate, &[old, old_size, align, size]) => {
                return call.allocate([old, old_size, align, size].map(i32::cast_unsigned)).map(u32::cast_signed);
            }
            (Self::Resource, _) => return Ok(call.resource()),
            (Self::NoTerminal, _) => call.write(place, &[0])?,
            (Self::Drop, _) => {}
            (Self::Preopens, _) => {
                let list = call.realloc(4, 12 * PREOPENS.len())?;
                for (index, name) in (0_u32..).zip(PREOPENS) {
                    let handle = call.resource().cast_unsigned();
                    let text = call.text(name)?;
                    call.write_numbers(list.wrapping_add(12 * index), [handle, text.0, text.1])?;
                }
                call.write_numbers(place, [list, u32::try_from(PREOPENS.len()).unwrap_or(0)])?;
            }
            (Self::IsDirectory, _) => call.write(place, &[OK, DIRECTORY])?,
            (Self::ReadDirectory, _) => {
                call.caller.data_mut().entries = 0;
                let handle = call.resource().cast_unsigned();
                call.write_numbers(place, [u32::from(OK), handle])?;
            }
            (Self::NextEntry, _) => {
                let next = call.caller.data().entries;
                call.write_numbers(place, [u32::from(OK), 0])?;
                if let Some(name) = ENTRIES.get(next) {
                    call.caller.data_mut().entries = next + 1;
                    let (at, size) = call.text(name)?;
                    let entry = [u32::from(SOME), u32::from(FILE), at, size];
                    call.write_numbers(place.wrapping_add(4), entry)?;
                }
            }
            (Self::Hash, _) => call.write_numbers(place, [u32::from(OK), 0, 1, 2, 3, 4])?,
            (Self::Missing | Self::Allocate, _) => {
                call.caller.data_mut().missing = true;
                return Err(Error::new("the called import is not provided"));
            }
        }
        Ok(0)
    }
}

/// A call of the adapter.
struct Call<'c> {
    caller: Caller<'c, State>,
}

impl Call<'_> {
    /// Takes from the fuel what an answer costs: the interpreter counts its own instructions only.
    fn consume_fuel(&mut self, cost: u64) -> Result<(), Error> {
        let left = self.caller.get_fuel()?.checked_sub(cost).ok_or(TrapCode::OutOfFuel)?;
        self.caller.set_fuel(left)
    }

    fn resource(&mut self) -> i32 {
        let state = self.caller.data_mut();
        state.handle = state.handle.wrapping_add(1);
        state.handle
    }

    fn memory(&self) -> Result<Memory, Error> {
        self.caller.data().memory.ok_or_else(|| Error::new("no memory"))
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Error> {
        let at = usize::try_from(at).map_err(|_| TrapCode::MemoryOutOfBounds)?;
        let memory = self.memory()?;
        memory.write(&mut self.caller, at, bytes).map_err(|_| TrapCode::MemoryOutOfBounds.into())
    }

    fn write_numbers<const N: usize>(&mut self, at: u32, numbers: [u32; N]) -> Result<(), Error> {
        self.write(at, numbers.map(u32::to_le_bytes).as_flattened())
    }

    /// Asks the adapter for memory, as a host does for what it gives back.
    fn realloc(&mut self, align: i32, size: usize) -> Result<u32, Error> {
        let Some(Extern::Func(function)) = self.caller.get_export("cabi_import_realloc") else {
            return Err(Error::new("the adapter has no allocation function"));
        };
        let size = i32::try_from(size).map_err(|_| TrapCode::MemoryOutOfBounds)?;
        let function = function.typed::<(i32, i32, i32, i32), i32>(&self.caller)?;
        if std::mem::replace(&mut self.caller.data_mut().in_realloc, true) {
            return Err(Error::new("the adapter called an import while it allocated memory"));
        }
        let at = function.call(&mut self.caller, (0, 0, align, size))?;
        self.caller.data_mut().in_realloc = false;
        Ok(at.cast_unsigned())
    }

    /// Puts a string into memory: where it is, and how long.
    fn text(&mut self, text: &str) -> Result<(u32, u32), Error> {
        let at = self.realloc(1, text.len())?;
        self.write(at, text.as_bytes())?;
        Ok((at, u32::try_from(text.len()).map_err(|_| TrapCode::MemoryOutOfBounds)?))
    }

    /// The allocator of the main module: never frees.
    fn allocate(&mut self, [old, old_size, align, size]: [u32; 4]) -> Result<u32, Error> {
        let kept = if old == 0 { 0 } else { old_size.min(size) };
        self.consume_fuel(u64::from(kept) * FUEL_PER_BYTE)?;
        let state = self.caller.data_mut();
        let at = state.heap.checked_next_multiple_of(align.max(1));
        let end = at.and_then(|at| at.checked_add(size)).filter(|end| *end <= HEAP.end);
        let (Some(at), Some(end)) = (at, end) else { return Err(TrapCode::MemoryOutOfBounds.into()) };
        state.heap = end;
        if kept > 0 {
            let memory = self.memory()?;
            let mut bytes = vec![0; usize::try_from(kept).unwrap_or(0)];
            let from = usize::try_from(old).map_err(|_| TrapCode::MemoryOutOfBounds)?;
            memory.read(&self.caller, from, &mut bytes).map_err(|_| TrapCode::MemoryOutOfBounds)?;
            self.write(at, &bytes)?;
        }
        Ok(at)
    }
}
