//! Owns `KeyValueLimits`: what the values of guests may take of the host's memory.

/// Limits on a [`KeyValue`](super::KeyValue), over all of its buckets.
///
/// ```
/// use wasmtime_compat::wasi::KeyValueLimits;
///
/// let limits = KeyValueLimits::new().keys(100).value_size(4 << 10);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyValueLimits {
    pub(super) keys: usize,
    pub(super) key_size: usize,
    pub(super) value_size: usize,
    pub(super) total_size: usize,
    pub(super) call_keys: usize,
    pub(super) call_size: usize,
}

impl KeyValueLimits {
    /// The limits of [`KeyValue::new`](super::KeyValue::new):
    ///
    /// | limit | value |
    /// |---|---|
    /// | [`keys`](Self::keys) | 10,000 |
    /// | [`key_size`](Self::key_size) | 4 KiB |
    /// | [`value_size`](Self::value_size) | 1 MiB |
    /// | [`total_size`](Self::total_size) | 64 MiB |
    /// | [`call_keys`](Self::call_keys) | 1,000 |
    /// | [`call_size`](Self::call_size) | 16 MiB |
    pub const fn new() -> Self {
        Self {
            keys: 10_000,
            key_size: 4 << 10,
            value_size: 1 << 20,
            total_size: 64 << 20,
            call_keys: 1_000,
            call_size: 16 << 20,
        }
    }

    /// The number of keys.
    #[must_use]
    pub const fn keys(self, keys: usize) -> Self {
        Self { keys, ..self }
    }

    /// The bytes of one key.
    #[must_use]
    pub const fn key_size(self, bytes: usize) -> Self {
        Self { key_size: bytes, ..self }
    }

    /// The bytes of one value.
    #[must_use]
    pub const fn value_size(self, bytes: usize) -> Self {
        Self { value_size: bytes, ..self }
    }

    /// The bytes of all keys and values together.
    #[must_use]
    pub const fn total_size(self, bytes: usize) -> Self {
        Self { total_size: bytes, ..self }
    }

    /// The keys in one call of `wasi:keyvalue/batch`, and in one result of `list-keys`, which has a cursor for the next ones.
    #[must_use]
    pub const fn call_keys(self, keys: usize) -> Self {
        Self { call_keys: keys, ..self }
    }

    /// The bytes of the keys and values in one call of `wasi:keyvalue/batch`, and in its result.
    #[must_use]
    pub const fn call_size(self, bytes: usize) -> Self {
        Self { call_size: bytes, ..self }
    }
}

impl Default for KeyValueLimits {
    fn default() -> Self {
        Self::new()
    }
}
