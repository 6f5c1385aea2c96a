//! Owns putting the probe's code in the place of a core module's: all that other modules see of it stays.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, Encode as _, ExportKind, ExportSection, Function, MemorySection, RawSection,
};
use wasmparser::{
    CompositeInnerType, Export, ExternalKind, FuncType, MemoryType, Parser, Payload, SectionLimited, TypeRef, ValType,
};

use super::code::{self, Calls, DATA, Program, Returns};
use super::reason::Unprobeable;
use crate::error::{Error, ErrorKind, Result};

/// The module that preview1's functions are imported from.
pub(super) const PREVIEW1: &str = "wasi_snapshot_preview1";

/// The export that is added to a library, which has no entry point of its own.
pub(super) const ADDED_ENTRY: &str = "wasmtime-compat:probe";

/// `(func (result i32))`, encoded.
const RETURNS_CODE: [u8; 4] = [0x60, 0, 1, 0x7f];

const PAGE: u64 = 1 << 16;

/// The main module of a component, as far as others see it.
#[derive(Debug)]
pub(super) struct MainModule<'a> {
    pub(super) calls: Calls,
    types: Items<'a>,
    /// Of the types those of functions, by index.
    signatures: Vec<Option<FuncType>>,
    /// Sections that stay as they are.
    imports: &'a [u8],
    tables: &'a [u8],
    tags: &'a [u8],
    globals: &'a [u8],
    elements: &'a [u8],
    functions: Items<'a>,
    /// The type of each function, the imported ones first.
    function_types: Vec<u32>,
    imported: usize,
    memories: Vec<MemoryType>,
    exports: Vec<Export<'a>>,
}

/// Where the probe is entered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Entry {
    /// Through this export of the module.
    Own { name: String, returns: Returns },
    /// Through [`ADDED_ENTRY`], which returns a code.
    Added,
}

/// The items of a section, encoded, and how many.
#[derive(Clone, Copy, Debug, Default)]
struct Items<'a> {
    count: u32,
    bytes: &'a [u8],
}

impl<'a> MainModule<'a> {
    /// Reads a core module.
    ///
    /// # Errors
    /// If it is damaged, or has not one 32-bit memory of its own.
    pub(super) fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut module = Self {
            calls: Calls::default(),
            types: Items::default(),
            signatures: Vec::new(),
            imports: &[],
            tables: &[],
            tags: &[],
            globals: &[],
            elements: &[],
            functions: Items::default(),
            function_types: Vec::new(),
            imported: 0,
            memories: Vec::new(),
            exports: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            module.payload(wasm, payload.map_err(damaged)?)?;
        }
        match module.memories.as_slice() {
            [memory] if !memory.memory64 && !memory.shared && memory.page_size_log2.is_none() => Ok(module),
            _ => Err(Unprobeable::UnusualModule.into()),
        }
    }

    fn payload(&mut self, wasm: &'a [u8], payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(reader) => {
                self.types = Items::of(wasm, &reader);
                for group in reader {
                    for ty in group.map_err(damaged)?.into_types() {
                        self.signatures.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => Some(ty),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(reader) => {
                self.imports = part(wasm, reader.range());
                for import in reader.into_imports() {
                    let import = import.map_err(damaged)?;
                    match import.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                            let index = u32::try_from(self.imported).unwrap_or(u32::MAX);
                            if import.module == PREVIEW1 {
                                self.calls.add(import.name, index);
                            }
                            self.function_types.push(ty);
                            self.imported += 1;
                        }
                        TypeRef::Memory(_) => return Err(Unprobeable::UnusualModule.into()),
                        _ => {}
                    }
                }
            }
            Payload::FunctionSection(reader) => {
                self.functions = Items::of(wasm, &reader);
                for ty in reader {
                    self.function_types.push(ty.map_err(damaged)?);
                }
            }
            Payload::TableSection(reader) => self.tables = part(wasm, reader.range()),
            Payload::TagSection(reader) => self.tags = part(wasm, reader.range()),
            Payload::GlobalSection(reader) => self.globals = part(wasm, reader.range()),
            Payload::ElementSection(reader) => self.elements = part(wasm, reader.range()),
            Payload::MemorySection(reader) => {
                for memory in reader {
                    self.memories.push(memory.map_err(damaged)?);
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    self.exports.push(export.map_err(damaged)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Its `_start`.
    pub(super) fn start(&self) -> Option<Entry> {
        let start = self.exports.iter().find(|export| export.name == "_start")?;
        self.has_type(start, &[], &[]).then(|| Entry::Own { name: start.name.to_owned(), returns: Returns::Nothing })
    }

    /// The function that becomes `wasi:cli/run`, in guests that serve that themselves.
    pub(super) fn run(&self) -> Option<Entry> {
        let named = |name: &str| {
            name.strip_prefix("wasi:cli/run@").is_some_and(|rest| rest.ends_with("#run"))
                || name.strip_prefix("cm32p2|wasi:cli/run@").is_some_and(|rest| rest.ends_with("|run"))
        };
        let is_run = |export: &&Export<'_>| named(export.name) && self.has_type(export, &[], &[ValType::I32]);
        let run = self.exports.iter().find(is_run)?;
        Some(Entry::Own { name: run.name.to_owned(), returns: Returns::Code })
    }

    /// [`ADDED_ENTRY`], if that name is free.
    pub(super) fn added(&self) -> Option<Entry> {
        self.exports.iter().all(|export| export.name != ADDED_ENTRY).then_some(Entry::Added)
    }

    /// The module with `program` at its entry. Allocators work; other functions do nothing, or trap.
    pub(super) fn with(&self, entry: &Entry, program: &Program) -> Vec<u8> {
        let mut added = Functions { first: self.function_types.len(), ..Functions::default() };
        let mut exports = ExportSection::new();
        for export in &self.exports {
            let mut index = export.index;
            if let Some(ty) = self.own_function(export) {
                if matches!(entry, Entry::Own { name, .. } if name == export.name) {
                    index = added.add(ty, program.body.clone());
                } else if self.is_realloc(export) {
                    index = added.add(ty, code::realloc(program.heap));
                }
            }
            exports.export(export.name, kind(export.kind), index);
        }
        let mut types = Items::default();
        if *entry == Entry::Added {
            types = Items { count: 1, bytes: &RETURNS_CODE };
            // Behind all others; recursion groups may hold several, so their number is not that of the section.
            let ty = u32::try_from(self.signatures.len()).unwrap_or(u32::MAX);
            exports.export(ADDED_ENTRY, ExportKind::Func, added.add(ty, program.body.clone()));
        }
        let mut module = wasm_encoder::Module::new();
        let raw = |module: &mut wasm_encoder::Module, id, data: &[u8]| {
            if !data.is_empty() {
                module.section(&RawSection { id, data });
            }
        };
        // In the order of sections, which is not that of their ids.
        raw(&mut module, 1, &self.types.and(types));
        raw(&mut module, 2, self.imports);
        raw(&mut module, 3, &self.functions.and(Items { count: added.count(), bytes: &added.types }));
        raw(&mut module, 4, self.tables);
        module.section(&self.memory(program.heap));
        raw(&mut module, 13, self.tags);
        raw(&mut module, 6, self.globals);
        module.section(&exports);
        raw(&mut module, 9, self.elements);
        let mut bodies = CodeSection::new();
        for ty in self.function_types.iter().skip(self.imported) {
            let empty = |ty: &FuncType| ty.params().is_empty() && ty.results().is_empty();
            bodies.function(&code::stub(self.signature(*ty).is_some_and(empty)));
        }
        for body in &added.bodies {
            bodies.function(body);
        }
        module.section(&bodies).section(&data(program));
        module.finish()
    }

    /// The type of an exported function, if it is one of its own.
    fn own_function(&self, export: &Export<'_>) -> Option<u32> {
        let index = usize::try_from(export.index).ok()?;
        let own = matches!(export.kind, ExternalKind::Func | ExternalKind::FuncExact) && index >= self.imported;
        self.function_types.get(index).copied().filter(|_| own)
    }

    fn signature(&self, ty: u32) -> Option<&FuncType> {
        self.signatures.get(usize::try_from(ty).ok()?)?.as_ref()
    }

    fn has_type(&self, export: &Export<'_>, params: &[ValType], results: &[ValType]) -> bool {
        let ty = self.own_function(export).and_then(|ty| self.signature(ty));
        ty.is_some_and(|ty| ty.params() == params && ty.results() == results)
    }

    /// Whether it is `cabi_realloc`, by whatever name tools give that.
    fn is_realloc(&self, export: &Export<'_>) -> bool {
        export.name.contains("realloc") && self.has_type(export, &[ValType::I32; 4], &[ValType::I32])
    }

    /// A memory with room for the probe. It may grow without bound: the guest's bound was for the guest.
    fn memory(&self, heap: u32) -> MemorySection {
        let initial = self.memories.first().map_or(0, |memory| memory.initial);
        let minimum = initial.max(u64::from(heap).div_ceil(PAGE));
        let mut memories = MemorySection::new();
        memories.memory(wasm_encoder::MemoryType {
            minimum,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        memories
    }
}

/// A whole preview1 command of ours: it imports the functions that `wanted` allows, and the one to write with.
pub(super) fn built_in(wanted: impl Fn(&str) -> bool, program: impl FnOnce(&Calls, u32) -> Program) -> Vec<u8> {
    use wasm_encoder::{EntityType, FunctionSection, ImportSection, TypeSection, ValType::I32, ValType::I64};

    let all: [(&str, &[wasm_encoder::ValType]); 5] = [
        ("fd_write", &[I32; 4]),
        ("fd_prestat_get", &[I32; 2]),
        ("fd_prestat_dir_name", &[I32; 3]),
        ("path_open", &[I32, I32, I32, I32, I32, I64, I64, I32, I32]),
        ("fd_close", &[I32]),
    ];
    let (mut types, mut imports, mut calls) = (TypeSection::new(), ImportSection::new(), Calls::default());
    let mut count = 0;
    for (name, params) in all.into_iter().filter(|(name, _)| *name == "fd_write" || wanted(name)) {
        types.ty().function(params.iter().copied(), [I32]);
        imports.import(PREVIEW1, name, EntityType::Function(count));
        calls.add(name, count);
        count += 1;
    }
    types.ty().function([], []);
    let program = program(&calls, 0);
    let mut functions = FunctionSection::new();
    functions.function(count);
    let mut memories = MemorySection::new();
    memories.memory(wasm_encoder::MemoryType {
        minimum: u64::from(program.heap).div_ceil(PAGE),
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0).export("_start", ExportKind::Func, count);
    let mut bodies = CodeSection::new();
    bodies.function(&program.body);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories).section(&exports);
    module.section(&bodies).section(&data(&program));
    module.finish()
}

fn data(program: &Program) -> DataSection {
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(DATA.cast_signed()), program.data.iter().copied());
    data
}

/// Functions behind those that a module has.
#[derive(Default)]
struct Functions {
    first: usize,
    types: Vec<u8>,
    bodies: Vec<Function>,
}

impl Functions {
    /// Adds one; its index.
    fn add(&mut self, ty: u32, body: Function) -> u32 {
        let index = u32::try_from(self.first + self.bodies.len()).unwrap_or(u32::MAX);
        ty.encode(&mut self.types);
        self.bodies.push(body);
        index
    }

    fn count(&self) -> u32 {
        u32::try_from(self.bodies.len()).unwrap_or(u32::MAX)
    }
}

impl<'a> Items<'a> {
    fn of<T>(wasm: &'a [u8], reader: &SectionLimited<'a, T>) -> Self {
        Self { count: reader.count(), bytes: part(wasm, reader.original_position()..reader.range().end) }
    }

    /// A section of these and then the others.
    fn and(self, others: Items<'_>) -> Vec<u8> {
        let mut section = Vec::with_capacity(self.bytes.len() + others.bytes.len() + 5);
        self.count.saturating_add(others.count).encode(&mut section);
        section.extend_from_slice(self.bytes);
        section.extend_from_slice(others.bytes);
        section
    }
}

impl Calls {
    /// Takes note of an imported function that is of use here.
    fn add(&mut self, name: &str, index: u32) {
        let call = match name {
            "fd_prestat_get" => &mut self.prestat,
            "fd_prestat_dir_name" => &mut self.name,
            "path_open" => &mut self.open,
            "fd_close" => &mut self.close,
            "fd_write" => &mut self.write,
            _ => return,
        };
        *call = Some(index);
    }
}

/// The bytes of a range; none if it is out of bounds, which the parser rules out.
pub(super) fn part(wasm: &[u8], range: std::ops::Range<u64>) -> &[u8] {
    let range = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
    range.and_then(|(start, end)| wasm.get(start..end)).unwrap_or_default()
}

fn kind(kind: ExternalKind) -> ExportKind {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        ExternalKind::Tag => ExportKind::Tag,
    }
}

pub(super) fn damaged(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidGuest, format!("damaged WebAssembly: {error}"))
}
