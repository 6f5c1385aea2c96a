//! The host functions that plug-ins import, and what they work on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use wasmtime_compat::newest::{Caller, Linker};

use crate::abi::{Abi, Buffer, NOTHING};

/// What the store of a plug-in holds for the host functions.
#[derive(Debug, Default)]
pub struct State {
    pub name: String,
    pub config: BTreeMap<String, String>,
    pub log: Vec<String>,
    pub error: Option<String>,
}

/// A key-value store that outlives plug-ins. Each plug-in sees its own keys.
#[derive(Clone, Default)]
pub struct Kv(Arc<Mutex<Entries>>);

type Entries = BTreeMap<(String, Vec<u8>), Vec<u8>>;

/// The error of a host function: the caller of the plug-in gets the value itself.
#[derive(Debug, Eq, PartialEq)]
pub struct KeyTooLong {
    pub length: u32,
}

/// The most bytes of a key.
const KEY: u32 = 16;

/// Defines the host functions.
pub fn link(linker: &mut Linker<State>, kv: &Kv) -> Result<()> {
    let (reader, writer) = (kv.clone(), kv.clone());
    linker
        .func_wrap(
            "host",
            "log",
            |mut caller: Caller<'_, State>, level: u32, address: u32, length: u32| -> Result<()> {
                let text = text(&mut caller, Buffer { address, length })?;
                let level = ["debug", "info", "warning", "error"].get(level as usize).unwrap_or(&"unknown");
                caller.data_mut().log.push(format!("{level}: {text}"));
                Ok(())
            },
        )?
        .func_wrap("host", "error", |mut caller: Caller<'_, State>, address: u32, length: u32| -> Result<()> {
            let text = text(&mut caller, Buffer { address, length })?;
            caller.data_mut().error = Some(text);
            Ok(())
        })?
        .func_wrap("host", "config", |mut caller: Caller<'_, State>, address: u32, length: u32| -> Result<u64> {
            let key = text(&mut caller, Buffer { address, length })?;
            let value = caller.data().config.get(&key).cloned();
            give(&mut caller, value.as_deref().map(str::as_bytes))
        })?
        .func_wrap("host", "kv_get", move |mut caller: Caller<'_, State>, key: u32, length: u32| -> Result<u64> {
            let key = read(&mut caller, Buffer { address: key, length })?;
            let value = reader.get(&caller.data().name, key);
            give(&mut caller, value.as_deref())
        })?
        .func_wrap(
            "host",
            "kv_set",
            move |mut caller: Caller<'_, State>, key: u32, key_length: u32, value: u32, length: u32| -> Result<()> {
                if key_length > KEY {
                    return Err(KeyTooLong { length: key_length }.into());
                }
                let key = read(&mut caller, Buffer { address: key, length: key_length })?;
                let value = read(&mut caller, Buffer { address: value, length })?;
                writer.set(&caller.data().name, key, value);
                Ok(())
            },
        )?;
    Ok(())
}

fn read(caller: &mut Caller<'_, State>, buffer: Buffer) -> Result<Vec<u8>> {
    Abi::of_caller(caller)?.read(caller, buffer)
}

fn text(caller: &mut Caller<'_, State>, buffer: Buffer) -> Result<String> {
    Ok(String::from_utf8_lossy(&read(caller, buffer)?).into_owned())
}

/// Copies a value, if there is one, into memory that the plug-in allocates, and frees when it has used the value.
fn give(caller: &mut Caller<'_, State>, value: Option<&[u8]>) -> Result<u64> {
    match value {
        Some(value) => Ok(Abi::of_caller(caller)?.give(caller, value)?.pack()),
        None => Ok(NOTHING),
    }
}

impl Kv {
    fn get(&self, plugin: &str, key: Vec<u8>) -> Option<Vec<u8>> {
        self.entries().get(&(plugin.to_owned(), key)).cloned()
    }

    fn set(&self, plugin: &str, key: Vec<u8>, value: Vec<u8>) {
        self.entries().insert((plugin.to_owned(), key), value);
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for KeyTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key of {} bytes: the most is {KEY}", self.length)
    }
}

impl std::error::Error for KeyTooLong {}
