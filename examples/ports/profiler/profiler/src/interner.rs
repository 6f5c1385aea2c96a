//! Owns a list of distinct values, each known by its index.

use std::collections::HashMap;
use std::hash::Hash;

#[derive(Clone, Debug)]
pub(crate) struct Interner<V> {
    values: Vec<V>,
    indices: HashMap<V, usize>,
}

impl<V: Clone + Eq + Hash> Interner<V> {
    /// The index of the value, which is added if it is new.
    pub(crate) fn index(&mut self, value: V) -> usize {
        if let Some(index) = self.indices.get(&value) {
            return *index;
        }
        let index = self.values.len();
        self.values.push(value.clone());
        self.indices.insert(value, index);
        index
    }

    pub(crate) fn get(&self, index: usize) -> Option<&V> {
        self.values.get(index)
    }

    /// All values, in the order in which they were added.
    pub(crate) fn values(&self) -> &[V] {
        &self.values
    }
}

impl<V> Default for Interner<V> {
    fn default() -> Self {
        Self { values: Vec::new(), indices: HashMap::new() }
    }
}
