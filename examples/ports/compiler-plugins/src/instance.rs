//! Owns instances of plug-ins: their imports, their memory, and the call that transforms a tree.

use std::env;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail, ensure};
use wasmtime_compat::wasi::{Preopen, Stdout, WasiConfig};
use wasmtime_compat::{AsContextMut, Engine, Func, FuncType, Linker, Memory, Module, Store, TypedFunc, Val, Wasmtime};

use crate::host::{Host, IMPORTS};
use crate::runtime::{Call, Caller, Import, Value, lock};
use crate::tree::SCHEMA;

const WASI: &str = "wasi_snapshot_preview1";

/// An instance of a plug-in for one file.
pub struct Instance<W: Wasmtime> {
    store: Store<W, Data<W>>,
    transform: Func<W>,
    exports: Exports<W>,
    host: Arc<Mutex<Host>>,
}

/// The data of the store, for host functions: the exports, after instantiation.
type Data<W> = Option<Exports<W>>;

struct Exports<W: Wasmtime> {
    memory: Memory<W>,
    alloc: TypedFunc<W, i32, i32>,
    free: TypedFunc<W, (i32, i32), i32>,
}

/// The memory of a plug-in through anything that its store can be borrowed from: the store itself, or the caller of a host
/// function.
struct Access<W: Wasmtime, C> {
    store: C,
    exports: Exports<W>,
}

impl<W: Wasmtime> Instance<W> {
    /// Links and instantiates a plug-in, and checks the version of its schema.
    pub fn new(engine: &Engine<W>, module: &Module<W>, config: Option<&str>) -> Result<Self> {
        let host = Arc::new(Mutex::new(Host { config: config.map(str::to_owned), ..Host::default() }));
        let mut linker = Linker::new(engine);
        for import in IMPORTS {
            link(&mut linker, import, &host)?;
        }
        let mut store = if module.imports().any(|import| import.module() == WASI) {
            linker.add_wasi()?;
            let mut wasi = WasiConfig::new();
            wasi.env("NODE_ENV", "production").stdout(Stdout::capture(1 << 16));
            wasi.preopen(Preopen::new(env::current_dir()?, "/cwd").read_only());
            Store::with_wasi(engine, None, &wasi)?
        } else {
            Store::new(engine, None)
        };
        let instance = linker.instantiate(&mut store, module)?;
        let exports = Exports {
            memory: instance.get_memory(&mut store, "memory").context("the plug-in exports no memory")?,
            alloc: instance.get_typed_func(&mut store, "__alloc")?,
            free: instance.get_typed_func(&mut store, "__free")?,
        };
        *store.data_mut() = Some(exports.clone());
        let transform = instance
            .get_func(&mut store, "__transform_plugin_process_impl")
            .context("the plug-in exports no function that transforms")?;

        let handshake = instance.get_typed_func::<(), i32>(&mut store, "__get_transform_plugin_core_pkg_diag")?;
        handshake.call(&mut store, ())?;
        let schema = lock(&host).schema.context("the plug-in has no version of the schema")?;
        ensure!(schema <= SCHEMA, "the plug-in is for version {schema} of the schema, and the host for {SCHEMA}");
        Ok(Self { store, transform, exports, host })
    }

    /// Has the plug-in transform the bytes of a tree; returns those of the new one.
    pub fn transform(&mut self, tree: &[u8]) -> Result<Vec<u8>> {
        let size = i32::try_from(tree.len()).context("the tree is too large")?;
        let mut access = Access { store: &mut self.store, exports: self.exports.clone() };
        let address = access.alloc(size)?;
        access.write(address, tree)?;

        // The function has more parameters the newer the plug-in is.
        let mark = 1;
        let params = match self.transform.ty(&self.store)?.params().len() {
            4 => vec![address, size, mark, 0],
            3 => vec![address, size, 0],
            count => bail!("a function with {count} parameters cannot transform"),
        };
        let params: Vec<Val<W>> = params.into_iter().map(Val::I32).collect();
        let mut results = [Val::I32(0)];
        self.transform.call(&mut self.store, &params, &mut results)?;

        Access { store: &mut self.store, exports: self.exports.clone() }.free(address, size)?;
        let result = std::mem::take(&mut lock(&self.host).result);
        match results[0].i32() {
            Some(0) => Ok(result),
            _ => bail!("{}", String::from_utf8_lossy(&result)),
        }
    }

    /// The state of the host functions.
    pub fn host(&self) -> &Mutex<Host> {
        &self.host
    }

    /// The standard output of a plug-in with WASI.
    pub fn stdout(&self) -> Option<String> {
        Some(self.store.stdout()?.text().trim_end().to_owned())
    }
}

/// Defines a host function of the type in the table.
fn link<W: Wasmtime>(linker: &mut Linker<W, Data<W>>, import: &'static Import, host: &Arc<Mutex<Host>>) -> Result<()> {
    let ty = FuncType::new(import.params.iter().cloned(), import.results.iter().cloned());
    let host = Arc::clone(host);
    linker.func_new("env", import.name, ty, move |caller, params, results| {
        let exports = caller.data().clone().context("a plug-in called the host before it had started")?;
        let params = params.iter().map(value).collect::<Result<Vec<_>>>()?;
        let mut caller = Access { store: caller, exports };
        let result = (import.call)(Call { caller: &mut caller, host: &host, params: &params })?;
        if let (Some(place), Some(result)) = (results.first_mut(), result) {
            *place = match result {
                Value::I32(value) => Val::I32(value),
                Value::I64(value) => Val::I64(value),
                Value::F64(value) => Val::F64(value.to_bits()),
            };
        }
        Ok(())
    })?;
    Ok(())
}

fn value<W: Wasmtime>(value: &Val<W>) -> Result<Value> {
    Ok(match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F64(bits) => Value::F64(f64::from_bits(*bits)),
        _ => bail!("host functions have no values of this type"),
    })
}

impl<W: Wasmtime, C: AsContextMut<W>> Caller for Access<W, C> {
    fn read(&self, address: i32, length: i32) -> Result<Vec<u8>> {
        let (start, length) = (address.cast_unsigned() as usize, length.cast_unsigned() as usize);
        let data = self.exports.memory.data(self.store.as_context());
        let bytes = start.checked_add(length).and_then(|end| data.get(start..end));
        Ok(bytes.with_context(|| format!("there are no {length} bytes at {start}"))?.to_vec())
    }

    fn write(&mut self, address: i32, bytes: &[u8]) -> Result<()> {
        Ok(self.exports.memory.write(&mut self.store, address.cast_unsigned() as usize, bytes)?)
    }

    fn alloc(&mut self, size: i32) -> Result<i32> {
        Ok(self.exports.alloc.call(&mut self.store, size)?)
    }

    fn free(&mut self, address: i32, size: i32) -> Result<()> {
        self.exports.free.call(&mut self.store, (address, size))?;
        Ok(())
    }
}

impl<W: Wasmtime> Clone for Exports<W> {
    fn clone(&self) -> Self {
        Self { memory: self.memory, alloc: self.alloc.clone(), free: self.free.clone() }
    }
}
