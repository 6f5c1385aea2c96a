//! Owns reading one core module as an adapter would have to look.

use std::collections::BTreeSet;

use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, FunctionBody, KnownCustom, Parser, Payload, TypeRef, ValType,
};

use super::names::Names;

/// The most that is looked at. Published adapters have 56 kB, 35 types in 269 bytes with at most 11 parameters, 65
/// imports with names of at most 51 bytes, 94 functions, and 54 exports. More would only cost memory and time.
const MOST_BYTES: usize = 1 << 20;
const MOST_TYPE_BYTES: u64 = 2 << 10;
const MOST_PARAMETERS: usize = 64;
const MOST_IMPORTS: usize = 256;
const LONGEST_NAME: usize = 256;
const MOST_FUNCTIONS: usize = 512;
const MOST_EXPORTS: usize = 256;

/// How a group of types begins.
const GROUP: u8 = 0x4e;

/// The parts of a core module that tell whether it is an adapter, and which.
#[derive(Debug, Default)]
pub(super) struct Module<'a> {
    pub(super) types: Vec<Option<FuncType>>,
    /// Module and name of each imported function, with the index of its type.
    pub(super) imported: Vec<(&'a str, &'a str, u32)>,
    /// The modules of all imports.
    pub(super) import_modules: BTreeSet<&'a str>,
    /// The type of each function of its own.
    pub(super) functions: Vec<u32>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) exports: Vec<&'a str>,
    pub(super) names: Names,
    pub(super) rustc: Option<String>,
}

impl<'a> Module<'a> {
    /// Reads `wasm` if it has the shape of an adapter: no data, no elements, no memory of its own; imports from its
    /// host, the main module and WASI only; and exports that a `wasi_snapshot_preview1` adapter has.
    pub(super) fn adapter(wasm: &'a [u8]) -> Option<Self> {
        if wasm.len() > MOST_BYTES {
            return None;
        }
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            module.payload(wasm, payload.ok()?)?;
        }
        (module.functions.len() == module.bodies.len() && module.exports.iter().any(|name| of_adapter(name)))
            .then_some(module)
    }

    /// Takes up a section; `None` if no adapter has it.
    fn payload(&mut self, wasm: &[u8], payload: Payload<'a>) -> Option<()> {
        match payload {
            Payload::TypeSection(reader) => {
                let range = reader.range();
                if range.end - range.start > MOST_TYPE_BYTES {
                    return None;
                }
                let mut groups = reader.into_iter();
                // Room is made for as many types as a group says it has; but adapters have no groups.
                while wasm.get(usize::try_from(groups.original_position()).ok()?) != Some(&GROUP)
                    && let Some(group) = groups.next()
                {
                    for ty in group.ok()?.into_types() {
                        self.types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => {
                                if ty.params().len() + ty.results().len() > MOST_PARAMETERS {
                                    return None;
                                }
                                Some(ty)
                            }
                            _ => None,
                        });
                    }
                }
                if groups.len() > 0 {
                    return None;
                }
            }
            Payload::ImportSection(reader) => {
                for (count, import) in reader.into_imports().enumerate() {
                    let import = import.ok()?;
                    let too_much = count >= MOST_IMPORTS || import.module.len() + import.name.len() > LONGEST_NAME;
                    if too_much || !from_adapter(import.module) {
                        return None;
                    }
                    self.import_modules.insert(import.module);
                    if let TypeRef::Func(ty) = import.ty {
                        self.imported.push((import.module, import.name, ty));
                    }
                }
            }
            Payload::FunctionSection(reader) => {
                if usize::try_from(reader.count()).ok()? > MOST_FUNCTIONS {
                    return None;
                }
                for ty in reader {
                    self.functions.push(ty.ok()?);
                }
            }
            Payload::ExportSection(reader) => {
                if usize::try_from(reader.count()).ok()? > MOST_EXPORTS {
                    return None;
                }
                for export in reader {
                    let export = export.ok()?;
                    if export.kind == ExternalKind::Func {
                        self.exports.push(export.name);
                    }
                }
            }
            Payload::DataSection(reader) if reader.count() > 0 => return None,
            Payload::ElementSection(reader) if reader.count() > 0 => return None,
            Payload::MemorySection(_) => return None,
            Payload::CodeSectionEntry(_) if self.bodies.len() >= self.functions.len() => return None,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) if section.name() == "name" => self.names = Names::read(section.data()),
            Payload::CustomSection(section) => {
                if let KnownCustom::Producers(fields) = section.as_known() {
                    self.rustc = rustc(fields);
                }
            }
            _ => {}
        }
        Some(())
    }

    /// The type of a function by its index, imported or not.
    pub(super) fn function_type(&self, index: u32) -> Option<&FuncType> {
        let index = usize::try_from(index).ok()?;
        let ty = match self.imported.get(index) {
            Some((_, _, ty)) => *ty,
            None => *self.functions.get(index - self.imported.len())?,
        };
        self.types.get(usize::try_from(ty).ok()?)?.as_ref()
    }

    /// The place among its own functions of the function with this index.
    pub(super) fn own(&self, index: u32) -> Option<usize> {
        usize::try_from(index).ok()?.checked_sub(self.imported.len()).filter(|own| *own < self.bodies.len())
    }

    /// Whether a function has this type.
    pub(super) fn has_type(&self, index: u32, params: &[ValType], results: &[ValType]) -> bool {
        self.function_type(index).is_some_and(|ty| ty.params() == params && ty.results() == results)
    }
}

fn from_adapter(module: &str) -> bool {
    matches!(module, "env" | "__main_module__") || module.starts_with("wasi:")
}

fn of_adapter(export: &str) -> bool {
    const PREFIXES: [&str; 8] = ["args_", "clock_", "environ_", "fd_", "path_", "proc_", "sock_", "wasi:cli/run"];
    const NAMES: [&str; 5] = ["cabi_import_realloc", "poll_oneoff", "random_get", "sched_yield", "reset_adapter_state"];
    NAMES.contains(&export) || PREFIXES.iter().any(|prefix| export.starts_with(prefix))
}

/// The version of the compiler in the producers section.
fn rustc(fields: wasmparser::ProducersSectionReader<'_>) -> Option<String> {
    for field in fields {
        let field = field.ok()?;
        if field.name == "processed-by" {
            for value in field.values {
                let value = value.ok()?;
                if value.name == "rustc" {
                    return value.version.split_whitespace().next().map(str::to_owned);
                }
            }
        }
    }
    None
}
