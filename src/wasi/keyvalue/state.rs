//! Owns the buckets of a `KeyValue`, and the checks of what guests do with them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::KeyValueLimits;

/// Why a guest gets an error.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// There is no bucket of this name.
    NoSuchStore,
    /// Anything else, in words.
    Other(String),
}

impl Refusal {
    #[cold]
    fn beyond(what: &str, limit: usize) -> Self {
        Self::Other(format!("{what} exceeds the limit of {limit}"))
    }
}

/// Keys of a bucket, and the cursor for those after them, if there are more.
pub(crate) type Keys = (Vec<String>, Option<u64>);

/// The buckets of a `KeyValue`, by numbers that no other one has.
pub(crate) struct State {
    limits: KeyValueLimits,
    names: BTreeMap<String, u32>,
    buckets: BTreeMap<u32, Bucket>,
    /// Keys in all buckets.
    keys: usize,
    /// Bytes of all keys and values.
    bytes: usize,
    /// The place of the key that is added next.
    next: u64,
}

#[derive(Default)]
struct Bucket {
    entries: BTreeMap<Arc<str>, Entry>,
    /// The keys in the order in which they were added. A cursor is a place in it, which stays what it is when keys come and go.
    order: BTreeMap<u64, Arc<str>>,
}

struct Entry {
    place: u64,
    value: Vec<u8>,
}

impl State {
    pub(super) fn new(limits: KeyValueLimits) -> Self {
        let mut state = Self { limits, names: BTreeMap::new(), buckets: BTreeMap::new(), keys: 0, bytes: 0, next: 1 };
        state.add_bucket("");
        state
    }

    pub(super) fn add_bucket(&mut self, name: &str) {
        /// So that a handle of one `KeyValue` is not one of another.
        static NUMBERS: AtomicU32 = AtomicU32::new(1);
        if !self.names.contains_key(name) {
            let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
            self.names.insert(name.to_owned(), number);
            self.buckets.insert(number, Bucket::default());
        }
    }

    /// The number of a bucket.
    pub(crate) fn open(&self, name: &str) -> Result<u32, Refusal> {
        self.names.get(name).copied().ok_or(Refusal::NoSuchStore)
    }

    pub(crate) fn get(&self, bucket: u32, key: &str) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(self.bucket(bucket)?.entries.get(key).map(|entry| entry.value.clone()))
    }

    pub(crate) fn exists(&self, bucket: u32, key: &str) -> Result<bool, Refusal> {
        Ok(self.bucket(bucket)?.entries.contains_key(key))
    }

    pub(crate) fn set(&mut self, bucket: u32, key: &str, value: &[u8]) -> Result<(), Refusal> {
        let limits = self.limits;
        let old = self.bucket(bucket)?.entries.get(key).map(|entry| entry.value.len());
        if key.len() > limits.key_size {
            return Err(Refusal::beyond("the size of the key", limits.key_size));
        }
        if value.len() > limits.value_size {
            return Err(Refusal::beyond("the size of the value", limits.value_size));
        }
        if old.is_none() && self.keys >= limits.keys {
            return Err(Refusal::beyond("the number of keys", limits.keys));
        }
        let without = self.bytes - old.map_or(0, |old| key.len() + old);
        let bytes = without.saturating_add(key.len()).saturating_add(value.len());
        // A value that becomes smaller always has room.
        if bytes > limits.total_size && old.is_none_or(|old| value.len() > old) {
            return Err(Refusal::beyond("the size of all keys and values", limits.total_size));
        }
        let place = self.next;
        let bucket = self.buckets.get_mut(&bucket).ok_or_else(closed)?;
        match bucket.entries.get_mut(key) {
            Some(entry) => entry.value = value.to_vec(),
            None => {
                let key: Arc<str> = key.into();
                bucket.order.insert(place, Arc::clone(&key));
                bucket.entries.insert(key, Entry { place, value: value.to_vec() });
                self.next += 1;
                self.keys += 1;
            }
        }
        self.bytes = bytes;
        Ok(())
    }

    pub(crate) fn delete(&mut self, bucket: u32, key: &str) -> Result<(), Refusal> {
        let bucket = self.buckets.get_mut(&bucket).ok_or_else(closed)?;
        if let Some(entry) = bucket.entries.remove(key) {
            bucket.order.remove(&entry.place);
            self.keys -= 1;
            self.bytes -= key.len() + entry.value.len();
        }
        Ok(())
    }

    /// Adds to a number that is kept as decimal digits; a key that is not there is 0.
    pub(crate) fn increment(&mut self, bucket: u32, key: &str, delta: u64) -> Result<u64, Refusal> {
        let old: u64 = match self.bucket(bucket)?.entries.get(key) {
            None => 0,
            Some(entry) => {
                let text = std::str::from_utf8(&entry.value).ok();
                text.and_then(|text| text.parse().ok()).ok_or_else(|| other("the value is not a number"))?
            }
        };
        let new = old.checked_add(delta).ok_or_else(|| other("the number would exceed 64 bits"))?;
        self.set(bucket, key, new.to_string().as_bytes())?;
        Ok(new)
    }

    /// Keys from a cursor on, as many as one result may have.
    pub(crate) fn list(&self, bucket: u32, cursor: Option<u64>) -> Result<Keys, Refusal> {
        let rest = self.bucket(bucket)?.order.range(cursor.unwrap_or(0)..);
        let mut batch = self.batch();
        let mut keys = Vec::new();
        for (&place, key) in rest {
            // One key is in the result in any case, so that a guest gets on.
            if batch.take_key(key.len()).is_err() && !keys.is_empty() {
                return Ok((keys, Some(place)));
            }
            keys.push(String::from(&**key));
        }
        Ok((keys, None))
    }

    /// All keys, for the host.
    pub(super) fn keys(&self, bucket: u32) -> Vec<String> {
        let bucket = self.bucket(bucket);
        bucket.map(|bucket| bucket.order.values().map(|key| String::from(&**key)).collect()).unwrap_or_default()
    }

    /// The room in one call of `wasi:keyvalue/batch`, or in its result.
    pub(crate) fn batch(&self) -> Batch {
        let KeyValueLimits { call_keys, call_size, .. } = self.limits;
        Batch { keys: call_keys, bytes: call_size, limits: self.limits }
    }

    fn bucket(&self, number: u32) -> Result<&Bucket, Refusal> {
        self.buckets.get(&number).ok_or_else(closed)
    }
}

#[cold]
fn other(message: &str) -> Refusal {
    Refusal::Other(message.to_owned())
}

#[cold]
fn closed() -> Refusal {
    other("the bucket belongs to values that the store had before")
}

/// What is left of the room in a call.
pub(crate) struct Batch {
    keys: usize,
    bytes: usize,
    limits: KeyValueLimits,
}

impl Batch {
    /// Whether a list may have so many keys, before it is read.
    pub(crate) fn expect_keys(&self, keys: usize) -> Result<(), Refusal> {
        if keys > self.keys {
            Err(Refusal::beyond("the number of keys in one call", self.limits.call_keys))
        } else {
            Ok(())
        }
    }

    /// Takes the room of a key.
    pub(crate) fn take_key(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.expect_keys(1)?;
        self.keys -= 1;
        self.take(bytes)
    }

    /// Takes room for bytes.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Refusal> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or_else(|| Refusal::beyond("the size of one call", self.limits.call_size))?;
        Ok(())
    }
}
