//! Owns `ConfigVariables`: what guests read with `wasi:config`.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The variables that a guest reads with `wasi:config/store`: names and values, which the host sets.
///
/// They are plain data: any number of stores can have one value, and cloning it is cheap. A component finds them if
/// [`Linker::add_wasi_config`](crate::component::Linker::add_wasi_config) was called and its store has them; that of a guest without
/// variables is empty.
///
/// ```
/// use wasmtime_compat::wasi::ConfigVariables;
/// use wasmtime_compat::{Result, Store, Wasmtime, component};
///
/// fn configure<W: Wasmtime>(linker: &mut component::Linker<W, ()>, store: &mut Store<W, ()>) -> Result<()> {
///     linker.add_wasi_config()?;
///     store.set_wasi_config(&ConfigVariables::from_iter([("log-level", "debug"), ("region", "north")]));
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ConfigVariables(Arc<BTreeMap<String, String>>);

impl ConfigVariables {
    /// No variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable, which takes the place of one of the same name.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        Arc::make_mut(&mut self.0).insert(name.into(), value.into());
        self
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names and values, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for ConfigVariables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(all: I) -> Self {
        Self(Arc::new(all.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }
}
