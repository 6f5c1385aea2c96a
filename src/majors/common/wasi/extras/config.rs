//! `wasi:config/store`: the variables of a store, for its guests.

use super::super::StoreData;
use super::super::wasmtime::component::{ComponentType, Linker, Lower, WasmStr};
use super::super::wasmtime::{self, StoreContextMut};
use crate::bounds::Data;

/// The versions that guests are made with; their functions are the same.
const NAMES: [&str; 2] = ["wasi:config/store@0.2.0-rc.1", "wasi:config/store@0.2.0-draft"];

/// The type `error`, of which no value is returned: all variables are in memory.
#[derive(ComponentType, Lower)]
#[component(variant)]
#[allow(dead_code, reason = "the type of the functions has it")]
enum Failure {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

type Found<V> = wasmtime::Result<(Result<V, Failure>,)>;

pub(in super::super) fn link<T: Data>(linker: &mut Linker<StoreData<T>>) -> wasmtime::Result<()> {
    for name in NAMES {
        let mut interface = linker.instance(name)?;
        interface.func_wrap(
            "get",
            |context: StoreContextMut<'_, StoreData<T>>, (name,): (WasmStr,)| -> Found<Option<String>> {
                let name = name.to_str(&context)?;
                let variables = context.data().ambient().variables();
                Ok((Ok(variables.and_then(|variables| variables.get(&name)).map(str::to_owned)),))
            },
        )?;
        interface.func_wrap(
            "get-all",
            |context: StoreContextMut<'_, StoreData<T>>, (): ()| -> Found<Vec<(String, String)>> {
                let all = context.data().ambient().variables().into_iter().flat_map(|variables| variables.iter());
                Ok((Ok(all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()),))
            },
        )?;
    }
    Ok(())
}
