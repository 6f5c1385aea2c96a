//! Owns the tables of published adapters. Written by `cargo xtask adapters`; do not edit.
use super::{AdapterFlavour, Build};

pub(super) static BUILDS: [Build; 1] = [Build(AdapterFlavour::Command, 0, 0, 0)];
pub(super) static TOKENS: [(u64, u16); 0] = [];
pub(super) static SETS: [&[(u16, u16)]; 0] = [];
pub(super) static CODE: [(u64, u16); 0] = [];
pub(super) static LINES: [(&[u16], u16); 0] = [];
