//! Owns `CacheStore`: compiled functions that a host keeps, so that guests which share them compile faster.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use wasmtime_compat_guest::internal::digest;

use super::Config;

/// Where a host keeps compiled functions; see [`Config::enable_incremental_compilation`].
///
/// Both functions are called while a guest is compiled, from several threads at once. A key has 32 bytes: a digest of the
/// function, the compiler's version and all that decides how the function is compiled. A value is opaque.
///
/// ```
/// use std::borrow::Cow;
/// use std::collections::HashMap;
/// use std::sync::RwLock;
///
/// use wasmtime_compat::CacheStore;
///
/// /// Keeps compiled functions while the process lives.
/// #[derive(Debug, Default)]
/// struct InMemory(RwLock<HashMap<Vec<u8>, Vec<u8>>>);
///
/// impl CacheStore for InMemory {
///     fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
///         self.0.read().ok()?.get(key).cloned().map(Cow::Owned)
///     }
///
///     fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
///         self.0.write().is_ok_and(|mut functions| functions.insert(key.to_vec(), value).is_none())
///     }
/// }
///
/// let functions = InMemory::default();
/// assert!(functions.insert(b"key", b"code".to_vec()));
/// assert_eq!(functions.get(b"key").as_deref(), Some(&b"code"[..]));
/// ```
pub trait CacheStore: Send + Sync + fmt::Debug {
    /// The value that was inserted with this key, if the store still has it.
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>>;

    /// Keeps a value. The result says whether the store did; it has no other effect.
    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool;
}

impl Config {
    /// Takes compiled functions from a store of the host's, and puts them there: guests that have functions in common, such as two
    /// versions of one program, compile faster. [`Config::cache`] keeps guests as a whole, and is used first.
    ///
    /// One store can serve engines, majors and builds of all kinds. Values have a checksum, of this crate's, over key and major: a
    /// value that was changed, cut off or returned for another key is ignored, and the function is compiled again. What Wasmtime
    /// itself does with such a value is to panic, or to run it.
    ///
    /// On 48 the key of a function can depend on what was compiled before on the same thread, so that an engine with
    /// [`Config::parallel_compilation`] compiles now and then what the store has: in 20 of 150 runs with a guest of two functions,
    /// and in none on 19 and 36, or on one thread.
    ///
    /// Creating an engine fails with [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) in a build without Cranelift, and with
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for [`Strategy::Winch`](crate::Strategy::Winch), which has no functions to share.
    ///
    /// # Security
    /// The values hold machine code, which cannot be checked; the checksum finds accidents only. A user who can write to the store can
    /// run code in the processes that use the store, as with [`Cache`](crate::Cache) and with precompiled guests. As with Wasmtime's
    /// own function, which this one has the name of, it is for the implementation of the store to keep others out, and the function is
    /// not `unsafe`.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use std::borrow::Cow;
    /// use std::collections::HashMap;
    /// use std::sync::{Arc, Mutex};
    ///
    /// use wasmtime_compat::{CacheStore, Config, Engine, Module, Newest};
    ///
    /// #[derive(Debug, Default)]
    /// struct InMemory(Mutex<HashMap<Vec<u8>, Vec<u8>>>);
    ///
    /// impl CacheStore for InMemory {
    ///     fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
    ///         self.0.lock().ok()?.get(key).cloned().map(Cow::Owned)
    ///     }
    ///
    ///     fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
    ///         self.0.lock().is_ok_and(|mut functions| functions.insert(key.to_vec(), value).is_none())
    ///     }
    /// }
    ///
    /// let store = Arc::new(InMemory::default());
    /// let engine = Engine::<Newest>::new(&Config::new().enable_incremental_compilation(store.clone()))?;
    /// // (module (func (export "f")))
    /// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x04\x01\x02\0\x0b";
    /// Module::new(&engine, wasm)?;
    /// assert!(!store.0.lock().unwrap().is_empty());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn enable_incremental_compilation(mut self, store: Arc<dyn CacheStore>) -> Self {
        self.compiling.functions = Some(store);
        self
    }
}

/// What follows a value in a store: its checksum.
const CHECKSUM: usize = size_of::<u64>();

/// A compiled function of a major with its checksum, for a store.
#[allow(dead_code, reason = "only majors with Cranelift call it")]
pub(crate) fn seal(major: u64, key: &[u8], mut value: Vec<u8>) -> Vec<u8> {
    let checksum = digest((major, key, &*value));
    value.extend_from_slice(&checksum.to_le_bytes());
    value
}

/// The compiled function in what a store returned; `None` if that is not what `seal` made for this key.
#[allow(dead_code, reason = "only majors with Cranelift call it")]
pub(crate) fn unseal<'a>(major: u64, key: &[u8], sealed: Cow<'a, [u8]>) -> Option<Cow<'a, [u8]>> {
    let (value, checksum) = sealed.split_last_chunk::<CHECKSUM>()?;
    if digest((major, key, value)) != u64::from_le_bytes(*checksum) {
        return None;
    }
    let length = value.len();
    Some(match sealed {
        Cow::Borrowed(sealed) => Cow::Borrowed(&sealed[..length]),
        Cow::Owned(mut sealed) => {
            sealed.truncate(length);
            Cow::Owned(sealed)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_is_unsealed() {
        for value in [&b""[..], b"a", b"compiled"] {
            let sealed = seal(48, b"key", value.to_vec());
            assert_eq!(unseal(48, b"key", Cow::Borrowed(&sealed)).as_deref(), Some(value));
            assert_eq!(unseal(48, b"key", Cow::Owned(sealed.clone())).as_deref(), Some(value));
            assert_eq!(unseal(36, b"key", Cow::Borrowed(&sealed)), None);
            assert_eq!(unseal(48, b"kez", Cow::Borrowed(&sealed)), None);
            for place in 0..sealed.len() {
                assert_eq!(unseal(48, b"key", Cow::Borrowed(&sealed[..place])), None);
                let mut changed = sealed.clone();
                changed[place] ^= 1;
                assert_eq!(unseal(48, b"key", Cow::Owned(changed)), None);
            }
        }
    }
}
