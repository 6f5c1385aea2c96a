//! The generic layer: each row written once for every major.

pub(crate) mod asynchronous;
pub(crate) mod command;
pub(crate) mod component;
pub(crate) mod core;
pub(crate) mod engine;
pub(crate) mod store;
pub(crate) mod wasi;
