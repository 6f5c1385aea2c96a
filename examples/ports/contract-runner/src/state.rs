//! Owns the state of the chain: a map with pending changes, and the root by which two nodes compare their states.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Hash([u8; 32]);

/// The kind of an entry of the state.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Column {
    /// The code of an account's contract.
    Code = 0,
    /// What a contract has stored.
    Data = 1,
    /// The gas that an account has paid for.
    Gas = 2,
}

type Key = (Column, String, Vec<u8>);

/// The state of the chain.
#[derive(Debug, Default)]
pub struct State {
    committed: BTreeMap<Key, Vec<u8>>,
    /// Changes of the running transaction; `None` removes the entry.
    pending: BTreeMap<Key, Option<Vec<u8>>>,
}

impl Hash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl State {
    /// Sets or removes an entry; returns the entry before.
    pub fn replace(&mut self, column: Column, account: &str, key: &[u8], value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let before = self.get(column, account, key);
        self.pending.insert((column, account.to_owned(), key.to_vec()), value);
        before
    }

    /// Keeps the changes of the running transaction.
    pub fn commit(&mut self) {
        for (key, value) in std::mem::take(&mut self.pending) {
            match value {
                Some(value) => self.committed.insert(key, value),
                None => self.committed.remove(&key),
            };
        }
    }

    /// Forgets the changes of the running transaction.
    pub fn roll_back(&mut self) {
        self.pending.clear();
    }

    pub fn get(&self, column: Column, account: &str, key: &[u8]) -> Option<Vec<u8>> {
        let key = (column, account.to_owned(), key.to_vec());
        match self.pending.get(&key) {
            Some(changed) => changed.clone(),
            None => self.committed.get(&key).cloned(),
        }
    }

    /// The digest of all committed entries.
    pub fn root(&self) -> Hash {
        let mut digest = Sha256::new();
        for ((column, account, key), value) in &self.committed {
            digest.update([*column as u8]);
            for part in [account.as_bytes(), key, value] {
                digest.update((part.len() as u64).to_le_bytes());
                digest.update(part);
            }
        }
        Hash(digest.finalize().into())
    }
}

impl fmt::Display for Hash {
    /// The first eight bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
