//! Incremental compilation: the store of the host's in this major's terms.

use std::borrow::Cow;
use std::sync::Arc;

use super::common::error;
use super::{MAJOR, wasmtime};
use crate::engine::{CacheStore, seal, unseal};
use crate::error::{ErrorKind, Result};

#[derive(Debug)]
struct Functions(Arc<dyn CacheStore>);

impl wasmtime::CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        unseal(MAJOR, key, self.0.get(key)?)
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        self.0.insert(key, seal(MAJOR, key, value))
    }
}

pub(super) fn set(raw: &mut wasmtime::Config, store: &Arc<dyn CacheStore>) -> Result<()> {
    raw.enable_incremental_compilation(Arc::new(Functions(store.clone())))
        .map(drop)
        .map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot compile incrementally"))
}
