//! Owns `AnyInstance`: an instance on some major, whose exports are called by name with values known when the program runs.

use std::fmt::Debug;

use crate::component::Val;
use crate::component::types::ComponentFunc;
use crate::error::Result;
use crate::sealed::Sealed;
use crate::wasi::Captured;

/// An instance of a guest on some major, a core module or a component, in a store of its own.
///
/// Exports are named as the guest names them; a function in an interface of a component is `interface#function`, such as
/// `demo:guest/api@1.0.0#run`. Functions of core modules have the types `s32`, `s64`, `f32` and `f64`.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::component::Val;
/// use wasmtime_compat::{RunConfig, enabled};
///
/// // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
/// let wasm = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
/// let run = RunConfig::new();
/// for wasmtime in enabled() {
///     let mut instance = wasmtime.engine(&run.engine_config())?.instantiate(wasm, &run)?;
///     assert_eq!(instance.call("add", &[Val::S32(40), Val::S32(2)])?, [Val::S32(42)]);
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait AnyInstance: Sealed + Debug + Send {
    /// The major version number.
    fn major(&self) -> u64;

    /// The type of an exported function.
    ///
    /// # Errors
    /// [`ErrorKind::Export`](crate::ErrorKind::Export) if there is no function of that name;
    /// [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) for a core function with vectors or references.
    fn func_type(&mut self, export: &str) -> Result<ComponentFunc>;

    /// Calls an exported function. A timeout of the run holds from the instantiation on; a call that ends later than that has
    /// timed out, whatever it returned.
    ///
    /// # Errors
    /// As [`AnyInstance::func_type`], and as [`component::Func::call`](crate::component::Func::call).
    fn call(&mut self, export: &str, params: &[Val]) -> Result<Vec<Val>>;

    /// Takes the captured standard output: what the guest has written since it was instantiated, or since the output was last
    /// taken. `None` if standard output is not captured.
    fn take_stdout(&mut self) -> Option<Captured>;

    /// Takes the captured standard error, as `take_stdout` does.
    fn take_stderr(&mut self) -> Option<Captured>;
}

#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::live::Live;

#[cfg(all(feature = "_runtime", not(test)))]
mod live {
    use std::fmt;
    use std::time::Instant;

    use super::AnyInstance;
    use crate::command::{Extras, RunConfig, guarded, store_for};
    use crate::component::types::{ComponentFunc, Type};
    use crate::component::{self, Component, Val};
    use crate::core::{self, Func, FuncType, Instance, Linker, Module, ValType};
    use crate::engine::Engine;
    use crate::error::{Error, ErrorKind, Result, catching};
    use crate::guest::{self, GuestKind};
    use crate::sealed::Sealed;
    use crate::store::Store;
    use crate::store::blocking::block_on;
    use crate::wasi::Captured;
    use crate::wasmtime::Wasmtime;

    /// An instance on one major.
    pub(crate) struct Live<W: Wasmtime> {
        store: Store<W, ()>,
        guest: Guest<W>,
        deadline: Option<Instant>,
    }

    enum Guest<W: Wasmtime> {
        Module(Instance<W>),
        Component(component::Instance<W>),
    }

    /// An exported function.
    enum Callable<W: Wasmtime> {
        Core(Func<W>, FuncType),
        Component(component::Func<W>),
    }

    impl<W: Wasmtime> Live<W> {
        pub(crate) fn new(engine: &Engine<W>, wasm: &[u8], config: &RunConfig) -> Result<Self> {
            let wasm = guest::binary(wasm)?;
            let compiled = Compiled::new(engine, &wasm, config)?;
            let deadline = config.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
            let mut store = store_for(engine, config)?;
            let mut guest = None;
            let result = if engine.is_async() {
                block_on(guarded(
                    async {
                        guest = Some(compiled.start_async(&mut store).await?);
                        Ok(())
                    },
                    deadline,
                ))?
            } else {
                catching(|| {
                    guest = Some(compiled.start(&mut store)?);
                    Ok(())
                })
            };
            in_time(result, deadline)?;
            let guest = guest.ok_or_else(|| Error::new(ErrorKind::Other, "the guest was not instantiated"))?;
            Ok(Self { store, guest, deadline })
        }

        fn find(&mut self, export: &str) -> Result<Callable<W>> {
            let found = match &self.guest {
                Guest::Module(instance) => match instance.get_func(&mut self.store, export) {
                    Some(func) => {
                        let ty = func.ty(&self.store)?;
                        Some(Callable::Core(func, ty))
                    }
                    None => None,
                },
                Guest::Component(instance) => match export.rsplit_once('#') {
                    Some(path) => instance.get_func(&mut self.store, path).map(Callable::Component),
                    None => instance.get_func(&mut self.store, export).map(Callable::Component),
                },
            };
            found.ok_or_else(|| Error::new(ErrorKind::Export, format!("no such export: function `{export}`")))
        }

        fn call_component(&mut self, func: &component::Func<W>, params: &[Val], results: &mut [Val]) -> Result<()> {
            let store = &mut self.store;
            let result = if store.engine().is_async() {
                block_on(guarded(func.call_async(store, params, results), self.deadline))?
            } else {
                catching(|| func.call(store, params, results))
            };
            in_time(result, self.deadline)
        }

        fn call_core(&mut self, func: &Func<W>, params: &[core::Val<W>], results: &mut [core::Val<W>]) -> Result<()> {
            let store = &mut self.store;
            let result = if store.engine().is_async() {
                block_on(guarded(func.call_async(store, params, results), self.deadline))?
            } else {
                catching(|| func.call(store, params, results))
            };
            in_time(result, self.deadline)
        }
    }

    /// What guest code returned; if that was late, the error of a timeout, but for other errors of the host.
    fn in_time(result: Result<()>, deadline: Option<Instant>) -> Result<()> {
        let of_guest = result.as_ref().err().is_none_or(|error| error.kind() == ErrorKind::Trap);
        match deadline {
            Some(deadline) if of_guest && Instant::now() >= deadline => Err(Error::timed_out()),
            _ => result,
        }
    }

    enum Compiled<W: Wasmtime> {
        Module(Linker<W, ()>, Module<W>),
        Component(component::Linker<W, ()>, Component<W>),
    }

    /// What a core module exports to be called before anything else.
    const INITIALIZE: &str = "_initialize";

    impl<W: Wasmtime> Compiled<W> {
        fn new(engine: &Engine<W>, wasm: &[u8], config: &RunConfig) -> Result<Self> {
            let guest = guest::Guest::parse(wasm)?;
            Ok(match guest.kind {
                GuestKind::Module => {
                    let mut linker = Linker::new(engine);
                    linker.add_wasi()?;
                    Self::Module(linker, Module::new(engine, wasm)?)
                }
                GuestKind::Component => {
                    let mut linker = component::Linker::new(engine);
                    linker.add_wasi()?;
                    let extras = Extras::of(&guest);
                    extras.expect(&config.wasi, W::MAJOR)?;
                    extras.link(&mut linker)?;
                    Self::Component(linker, Component::new(engine, wasm)?)
                }
            })
        }

        fn start(&self, store: &mut Store<W, ()>) -> Result<Guest<W>> {
            match self {
                Self::Module(linker, module) => {
                    let instance = linker.instantiate(&mut *store, module)?;
                    if let Some(initialize) = instance.get_func(&mut *store, INITIALIZE) {
                        initialize.call(store, &[], &mut [])?;
                    }
                    Ok(Guest::Module(instance))
                }
                Self::Component(linker, component) => Ok(Guest::Component(linker.instantiate(store, component)?)),
            }
        }

        async fn start_async(&self, store: &mut Store<W, ()>) -> Result<Guest<W>> {
            match self {
                Self::Module(linker, module) => {
                    let instance = linker.instantiate_async(&mut *store, module).await?;
                    if let Some(initialize) = instance.get_func(&mut *store, INITIALIZE) {
                        initialize.call_async(store, &[], &mut []).await?;
                    }
                    Ok(Guest::Module(instance))
                }
                Self::Component(linker, component) => {
                    Ok(Guest::Component(linker.instantiate_async(store, component).await?))
                }
            }
        }
    }

    impl<W: Wasmtime> Sealed for Live<W> {}

    impl<W: Wasmtime> fmt::Debug for Live<W> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Live").field("major", &W::MAJOR).finish_non_exhaustive()
        }
    }

    impl<W: Wasmtime> AnyInstance for Live<W> {
        fn major(&self) -> u64 {
            W::MAJOR
        }

        fn func_type(&mut self, export: &str) -> Result<ComponentFunc> {
            match self.find(export)? {
                Callable::Core(_, ty) => core_type(export, &ty),
                Callable::Component(func) => func.ty(&self.store),
            }
        }

        fn call(&mut self, export: &str, params: &[Val]) -> Result<Vec<Val>> {
            match self.find(export)? {
                Callable::Component(func) => {
                    let mut results = vec![Val::Bool(false); func.ty(&self.store)?.results().len()];
                    self.call_component(&func, params, &mut results)?;
                    Ok(results)
                }
                Callable::Core(func, ty) => {
                    core_type(export, &ty)?;
                    let params: Result<Vec<core::Val<W>>> = params.iter().map(into_core).collect();
                    let mut results: Vec<core::Val<W>> = ty.results().map(|_| core::Val::I32(0)).collect();
                    self.call_core(&func, &params?, &mut results)?;
                    results.iter().map(from_core).collect()
                }
            }
        }

        fn take_stdout(&mut self) -> Option<Captured> {
            self.store.take_stdout()
        }

        fn take_stderr(&mut self) -> Option<Captured> {
            self.store.take_stderr()
        }
    }

    /// The type of a core function in terms of components.
    fn core_type(export: &str, ty: &FuncType) -> Result<ComponentFunc> {
        let unnamed = |ty| Ok((Box::default(), core_value(export, &ty)?));
        let params: Vec<(Box<str>, Type)> = ty.params().map(unnamed).collect::<Result<_>>()?;
        let results: Vec<Type> = ty.results().map(|ty| core_value(export, &ty)).collect::<Result<_>>()?;
        Ok(ComponentFunc::of(move || (params.clone(), results.clone())))
    }

    fn core_value(export: &str, ty: &ValType) -> Result<Type> {
        match ty {
            ValType::I32 => Ok(Type::S32),
            ValType::I64 => Ok(Type::S64),
            ValType::F32 => Ok(Type::Float32),
            ValType::F64 => Ok(Type::Float64),
            other => Err(Error::new(
                ErrorKind::TypeMismatch,
                format!("the function `{export}` has a value of type `{other}`, which has no text form"),
            )),
        }
    }

    fn into_core<W: Wasmtime>(value: &Val) -> Result<core::Val<W>> {
        Ok(match value {
            Val::S32(value) => core::Val::I32(*value),
            Val::S64(value) => core::Val::I64(*value),
            Val::Float32(value) => core::Val::F32(value.to_bits()),
            Val::Float64(value) => core::Val::F64(value.to_bits()),
            other => {
                let message = format!("a core function takes `s32`, `s64`, `f32` and `f64`, found `{}`", other.kind());
                return Err(Error::new(ErrorKind::TypeMismatch, message));
            }
        })
    }

    fn from_core<W: Wasmtime>(value: &core::Val<W>) -> Result<Val> {
        Ok(match value {
            core::Val::I32(value) => Val::S32(*value),
            core::Val::I64(value) => Val::S64(*value),
            core::Val::F32(bits) => Val::Float32(f32::from_bits(*bits)),
            core::Val::F64(bits) => Val::Float64(f64::from_bits(*bits)),
            _ => return Err(Error::new(ErrorKind::TypeMismatch, "a result of the core function has no text form")),
        })
    }
}
