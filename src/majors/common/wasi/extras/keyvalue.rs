//! `wasi:keyvalue`: the values of a store, for its guests. Strings and lists are looked at in the guest's memory, and copied when
//! their size is known to be within the limits.

use super::super::wasmtime::component::{
    ComponentType, Linker, LinkerInstance, Lower, Resource, ResourceType, WasmList, WasmStr,
};
use super::super::wasmtime::{self, AsContextMut as _, StoreContextMut};
use super::super::{StoreData, lists};
use crate::bounds::Data;
use crate::wasi::keyvalue::Bucket;
use crate::wasi::keyvalue::state::{Refusal, State};

const VERSION: &str = "0.2.0-draft";

/// The type `error`.
#[derive(ComponentType, Lower)]
#[component(variant)]
#[allow(dead_code, reason = "the type of the functions has every case")]
enum Failure {
    #[component(name = "no-such-store")]
    NoSuchStore,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "other")]
    Other(String),
}

/// The type `key-response`.
#[derive(ComponentType, Lower)]
#[component(record)]
struct KeyResponse {
    keys: Vec<String>,
    cursor: Option<u64>,
}

/// Why a call has no value: the guest is stopped, or gets an error.
enum Fault {
    Stopped(wasmtime::Error),
    Refused(Refusal),
}

impl From<wasmtime::Error> for Fault {
    fn from(error: wasmtime::Error) -> Self {
        Self::Stopped(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

type Context<'a, T> = StoreContextMut<'a, StoreData<T>>;

type Returned<V> = wasmtime::Result<(Result<V, Failure>,)>;

/// The result of a function.
fn returned<V>(result: Result<V, Fault>) -> Returned<V> {
    match result {
        Ok(value) => Ok((Ok(value),)),
        Err(Fault::Refused(Refusal::NoSuchStore)) => Ok((Err(Failure::NoSuchStore),)),
        Err(Fault::Refused(Refusal::Other(message))) => Ok((Err(Failure::Other(message)),)),
        Err(Fault::Stopped(error)) => Err(error),
    }
}

/// Does something with the values of the store.
fn with<T: Data, V>(context: &Context<'_, T>, work: impl FnOnce(&mut State) -> Result<V, Refusal>) -> Result<V, Fault> {
    let values = context.data().ambient().values().ok_or(Refusal::NoSuchStore)?;
    Ok(work(&mut values.lock())?)
}

pub(in super::super) fn link<T: Data>(linker: &mut Linker<StoreData<T>>) -> wasmtime::Result<()> {
    link_store(&mut interface(linker, "store")?)?;
    link_atomics(&mut interface(linker, "atomics")?)?;
    link_batch(&mut interface(linker, "batch")?)
}

/// An interface, each of which names the resource.
fn interface<'a, T: Data>(
    linker: &'a mut Linker<StoreData<T>>,
    name: &str,
) -> wasmtime::Result<LinkerInstance<'a, StoreData<T>>> {
    let mut interface = linker.instance(&format!("wasi:keyvalue/{name}@{VERSION}"))?;
    interface.resource("bucket", ResourceType::host::<Bucket>(), |_, _| Ok(()))?;
    Ok(interface)
}

fn link_store<T: Data>(interface: &mut LinkerInstance<'_, StoreData<T>>) -> wasmtime::Result<()> {
    interface.func_wrap("open", |context: Context<'_, T>, (name,): (WasmStr,)| -> Returned<Resource<Bucket>> {
        let name = name.to_str(&context)?;
        returned(with(&context, |state| Ok(Resource::new_own(state.open(&name)?))))
    })?;
    interface.func_wrap(
        "[method]bucket.get",
        |context: Context<'_, T>, (bucket, key): (Resource<Bucket>, WasmStr)| -> Returned<Option<Vec<u8>>> {
            let key = key.to_str(&context)?;
            returned(with(&context, |state| state.get(bucket.rep(), &key)))
        },
    )?;
    interface.func_wrap(
        "[method]bucket.set",
        |context: Context<'_, T>, (bucket, key, value): (Resource<Bucket>, WasmStr, WasmList<u8>)| -> Returned<()> {
            let key = key.to_str(&context)?;
            returned(with(&context, |state| state.set(bucket.rep(), &key, value.as_le_slice(&context))))
        },
    )?;
    interface.func_wrap(
        "[method]bucket.delete",
        |context: Context<'_, T>, (bucket, key): (Resource<Bucket>, WasmStr)| -> Returned<()> {
            let key = key.to_str(&context)?;
            returned(with(&context, |state| state.delete(bucket.rep(), &key)))
        },
    )?;
    interface.func_wrap(
        "[method]bucket.exists",
        |context: Context<'_, T>, (bucket, key): (Resource<Bucket>, WasmStr)| -> Returned<bool> {
            let key = key.to_str(&context)?;
            returned(with(&context, |state| state.exists(bucket.rep(), &key)))
        },
    )?;
    interface.func_wrap(
        "[method]bucket.list-keys",
        |context: Context<'_, T>, (bucket, cursor): (Resource<Bucket>, Option<u64>)| -> Returned<KeyResponse> {
            let listed = with(&context, |state| state.list(bucket.rep(), cursor));
            returned(listed.map(|(keys, cursor)| KeyResponse { keys, cursor }))
        },
    )
}

fn link_atomics<T: Data>(interface: &mut LinkerInstance<'_, StoreData<T>>) -> wasmtime::Result<()> {
    interface.func_wrap(
        "increment",
        |context: Context<'_, T>, (bucket, key, delta): (Resource<Bucket>, WasmStr, u64)| -> Returned<u64> {
            let key = key.to_str(&context)?;
            returned(with(&context, |state| state.increment(bucket.rep(), &key, delta)))
        },
    )
}

/// A key and its value, in the guest's memory.
type Pair = (WasmStr, WasmList<u8>);

/// For each key of a list, the key and its value, if there is one.
type Found = Vec<Option<(String, Vec<u8>)>>;

fn link_batch<T: Data>(interface: &mut LinkerInstance<'_, StoreData<T>>) -> wasmtime::Result<()> {
    interface.func_wrap(
        "get-many",
        |context: Context<'_, T>, (bucket, keys): (Resource<Bucket>, WasmList<WasmStr>)| -> Returned<Found> {
            returned(get_many(context, bucket.rep(), &keys))
        },
    )?;
    interface.func_wrap(
        "set-many",
        |context: Context<'_, T>, (bucket, pairs): (Resource<Bucket>, WasmList<Pair>)| -> Returned<()> {
            returned(set_many(context, bucket.rep(), &pairs))
        },
    )?;
    interface.func_wrap(
        "delete-many",
        |context: Context<'_, T>, (bucket, keys): (Resource<Bucket>, WasmList<WasmStr>)| -> Returned<()> {
            returned(delete_many(context, bucket.rep(), &keys))
        },
    )
}

fn get_many<T: Data>(mut context: Context<'_, T>, bucket: u32, keys: &WasmList<WasmStr>) -> Result<Found, Fault> {
    let mut batch = with(&context, |state| Ok(state.batch()))?;
    batch.expect_keys(keys.len())?;
    let mut found = Vec::new();
    for key in lists::items(keys, context.as_context_mut())? {
        let key = key.to_str(&context)?;
        batch.take_key(key.len())?;
        let value = with(&context, |state| {
            let value = state.get(bucket, &key)?;
            // Keys may be the same: each is in the result, as often as the guest names it.
            batch.take(value.as_ref().map_or(0, Vec::len))?;
            Ok(value)
        })?;
        found.push(value.map(|value| (key.into_owned(), value)));
    }
    Ok(found)
}

fn set_many<T: Data>(mut context: Context<'_, T>, bucket: u32, pairs: &WasmList<Pair>) -> Result<(), Fault> {
    let mut batch = with(&context, |state| Ok(state.batch()))?;
    batch.expect_keys(pairs.len())?;
    for (key, value) in lists::items(pairs, context.as_context_mut())? {
        let (key, value) = (key.to_str(&context)?, value.as_le_slice(&context));
        batch.take_key(key.len())?;
        batch.take(value.len())?;
        with(&context, |state| state.set(bucket, &key, value))?;
    }
    Ok(())
}

fn delete_many<T: Data>(mut context: Context<'_, T>, bucket: u32, keys: &WasmList<WasmStr>) -> Result<(), Fault> {
    let mut batch = with(&context, |state| Ok(state.batch()))?;
    batch.expect_keys(keys.len())?;
    for key in lists::items(keys, context.as_context_mut())? {
        let key = key.to_str(&context)?;
        batch.take_key(key.len())?;
        with(&context, |state| state.delete(bucket, &key))?;
    }
    Ok(())
}
