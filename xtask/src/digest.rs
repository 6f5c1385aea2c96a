//! Owns digests of files, by which downloads and results are told apart.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// SHA-256 of a file, in hexadecimal.
pub fn sha256_of(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("read {path:?}"))?;
    let mut out = String::new();
    for byte in Sha256::digest(&bytes) {
        write!(out, "{byte:02x}").expect("write to a string");
    }
    Ok(out)
}
