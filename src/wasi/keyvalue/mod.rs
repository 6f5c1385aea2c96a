//! Owns `KeyValue`: what guests read and write with `wasi:keyvalue`, in the memory of the host.

mod limits;
pub(crate) mod state;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::limits::KeyValueLimits;
use self::state::{Refusal, State};
use crate::error::{Error, ErrorKind, Result};

/// The type of the resource `bucket`. Its number is that of a bucket, so a handle keeps nothing in the host.
pub(crate) struct Bucket;

/// The values that guests read and write with `wasi:keyvalue`, in the memory of the host: buckets, with keys and values in each.
///
/// A clone is the same store of values: the host can keep one, and any number of stores can share it, on any majors. The functions of
/// guests read what was written before, by the same guest, by another one, or by the host. Wasmtime's own crate for `wasi:keyvalue`
/// makes a copy of its initial values for each bucket that a guest opens, and forgets what was written to the copy.
///
/// A component finds the values if [`Linker::add_wasi_keyvalue`](crate::component::Linker::add_wasi_keyvalue) was called and its
/// store has them. `open` of a bucket that the host has not added is `no-such-store`. What goes beyond a limit of
/// [`KeyValueLimits`] is `other`, with a message.
///
/// ```
/// use wasmtime_compat::wasi::{KeyValue, KeyValueLimits};
/// use wasmtime_compat::{Result, Store, Wasmtime, component};
///
/// fn configure<W: Wasmtime>(linker: &mut component::Linker<W, ()>, store: &mut Store<W, ()>) -> Result<KeyValue> {
///     linker.add_wasi_keyvalue()?;
///     let values = KeyValue::with_limits(KeyValueLimits::new().total_size(1 << 20));
///     values.add_bucket("visits");
///     values.set("visits", "2026-11-27", "41")?;
///     store.set_wasi_keyvalue(&values);
///     Ok(values)
/// }
/// ```
#[derive(Clone)]
pub struct KeyValue(Arc<Mutex<State>>);

impl KeyValue {
    /// An empty store of values with the limits of [`KeyValueLimits::new`]. It has one bucket, whose name is empty.
    pub fn new() -> Self {
        Self::with_limits(KeyValueLimits::new())
    }

    /// As [`KeyValue::new`], with other limits.
    pub fn with_limits(limits: KeyValueLimits) -> Self {
        Self(Arc::new(Mutex::new(State::new(limits))))
    }

    /// Adds an empty bucket, which guests can open by its name. A bucket that is there stays as it is.
    pub fn add_bucket(&self, name: &str) {
        self.lock().add_bucket(name);
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such bucket, or if a limit is exceeded, which holds for the host as well.
    pub fn set(&self, bucket: &str, key: &str, value: impl AsRef<[u8]>) -> Result<()> {
        let mut state = self.lock();
        state.open(bucket).and_then(|bucket| state.set(bucket, key, value.as_ref())).map_err(refused)
    }

    /// Removes a key, if it is there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such bucket.
    pub fn delete(&self, bucket: &str, key: &str) -> Result<()> {
        let mut state = self.lock();
        state.open(bucket).and_then(|bucket| state.delete(bucket, key)).map_err(refused)
    }

    /// The value of a key; `None` if there is no such bucket or key.
    pub fn get(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        let state = self.lock();
        state.open(bucket).and_then(|bucket| state.get(bucket, key)).ok().flatten()
    }

    /// The keys of a bucket, in the order in which they were added; none if there is no such bucket.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let state = self.lock();
        state.open(bucket).map(|bucket| state.keys(bucket)).unwrap_or_default()
    }

    /// The state, also after a panic of a thread that had it: no function leaves it half changed.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cold]
fn refused(refusal: Refusal) -> Error {
    let message = match refusal {
        Refusal::NoSuchStore => "there is no such bucket".to_owned(),
        Refusal::Other(message) => message,
    };
    Error::new(ErrorKind::InvalidArgument, format!("the key cannot be changed: {message}"))
}

impl Default for KeyValue {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyValue").finish_non_exhaustive()
    }
}
