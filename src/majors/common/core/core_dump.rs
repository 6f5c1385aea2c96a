//! Core dumps.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{MAJOR, StoreData, V, core_dumps, error, roots, types, wasmtime};
use crate::HeapType;
use crate::backend::CoreDumps;
use crate::bounds::Data;
use crate::core::{RawDump, WasmCoreDump};
use crate::error::{Error, ErrorKind, Result, Unsupported, WasmBacktrace};

/// The core dump of an error that came out of a guest, without the store.
#[cold]
pub(in super::super) fn of(raw: &Arc<wasmtime::Error>) -> Option<WasmCoreDump> {
    let dump = raw.downcast_ref::<wasmtime::WasmCoreDump>()?;
    let modules = dump.modules().iter().map(|module| module.name().map(str::to_owned)).collect();
    Some(WasmCoreDump::new(frames(dump), modules, raw.clone()))
}

fn frames(dump: &wasmtime::WasmCoreDump) -> WasmBacktrace {
    error::frames(dump.frames())
}

/// The major's own core dump.
fn own(raw: &RawDump) -> Option<&wasmtime::WasmCoreDump> {
    raw.downcast_ref::<wasmtime::Error>()?.downcast_ref()
}

impl CoreDumps for V {
    fn core_dump_modules(raw: &RawDump) -> Vec<wasmtime::Module> {
        own(raw).map(|dump| dump.modules().to_vec()).unwrap_or_default()
    }

    fn core_dump_instances(raw: &RawDump) -> Result<Vec<wasmtime::Instance>> {
        if !core_dumps::INSTANCES {
            return Err(lacking("the instances of a core dump".to_owned(), 34));
        }
        Ok(own(raw).map(|dump| dump.instances().to_vec()).unwrap_or_default())
    }

    fn core_dump_globals(raw: &RawDump) -> Vec<wasmtime::Global> {
        own(raw).map(|dump| dump.globals().to_vec()).unwrap_or_default()
    }

    fn core_dump_memories<T: Data>(raw: &RawDump, context: Self::StoreContext<'_, T>) -> Vec<wasmtime::Memory> {
        let memories = own(raw).map(wasmtime::WasmCoreDump::memories).unwrap_or_default().iter();
        memories.filter(|memory| !types::memory_type(&memory.ty(&context)).is_shared()).copied().collect()
    }

    fn core_dump_serialize<T: Data>(
        raw: &RawDump,
        mut context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Result<Vec<u8>> {
        let Some(dump) = own(raw) else { return Ok(Vec::new()) };
        check(dump, &context)?;
        let mut scope = roots::scope(&mut context);
        // The function changes nothing but the roots of the scope, so a panic leaves nothing half done.
        catch_unwind(AssertUnwindSafe(|| dump.serialize(&mut scope, name))).map_err(|_| {
            match core_dumps::WITHOUT_FUNCTIONS {
                false => unwritable("a module without functions of its own", 40),
                true => Error::new(ErrorKind::HostPanic, "Wasmtime panicked while it wrote the core dump"),
            }
        })
    }
}

/// Refuses what this major would write wrongly, or panic for.
fn check<T: Data>(dump: &wasmtime::WasmCoreDump, context: &wasmtime::StoreContextMut<'_, StoreData<T>>) -> Result<()> {
    for memory in dump.memories() {
        let ty = types::memory_type(&memory.ty(context));
        if ty.is_shared() && !core_dumps::SHARED_MEMORIES {
            return Err(unwritable("memories that threads share", 36));
        }
        if ty.is_64() && !core_dumps::WIDE_MEMORIES {
            return Err(unwritable("64-bit memories", 26));
        }
    }
    if core_dumps::EVERYTHING_ELSE {
        return Ok(());
    }
    for global in dump.globals() {
        let ty = types::global_type(&global.ty(context));
        if let Some(
            HeapType::Exn
            | HeapType::ConcreteExn
            | HeapType::NoExn
            | HeapType::Cont
            | HeapType::ConcreteCont
            | HeapType::NoCont,
        ) = ty.content().as_ref().map(crate::RefType::heap_type)
        {
            return Err(unwritable("globals that hold exceptions or continuations", 49));
        }
    }
    // What connects components imports the state of their instances, which is in no list of the store's globals.
    let connects = |import: wasmtime::ImportType<'_>| {
        import.module() == "flags" && import.name().starts_with("instance") && import.ty().global().is_some()
    };
    match dump.modules().iter().any(|module| module.imports().any(connects)) {
        true => Err(unwritable("components that call each other", 49)),
        false => Ok(()),
    }
}

#[cold]
fn lacking(what: String, since: u64) -> Error {
    Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(what, MAJOR) })
}

#[cold]
fn unwritable(what: &str, since: u64) -> Error {
    lacking(format!("writing a core dump of a store with {what}"), since)
}
