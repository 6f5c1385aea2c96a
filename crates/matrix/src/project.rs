//! Owns what the engine is told about the code under test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::cache;
use crate::model::Column;
use crate::suite::Invocation;

/// The code under test: all its columns, from which the command line selects.
#[derive(Clone, Debug)]
pub struct Project {
    /// One per major, oldest first.
    pub columns: Vec<Plan>,
    /// Names for sets of majors, beside `all`, `latest` and `earliest`.
    pub groups: BTreeMap<String, Vec<u64>>,
    /// The folder for what is remembered, below the target directory.
    pub state: PathBuf,
    /// The hash of all sources. Without it nothing is remembered.
    pub fingerprint: Option<String>,
}

/// A column that can run.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// What is known of it. Its `command` is overwritten by that of `invocation`.
    pub column: Column,
    /// The command that tests it: `cargo nextest run`, `cargo test`, or anything else.
    pub invocation: Invocation,
    /// The toolchain that a machine which is to run it should install; none if it does not matter.
    pub install: Option<String>,
    /// Why it cannot run here.
    pub not_run: Option<String>,
}

impl Plan {
    /// A column tested by `invocation`.
    pub fn new(major: u64, invocation: Invocation) -> Self {
        let column = Column {
            major,
            pin: None,
            toolchain: None,
            experimental: false,
            facts: BTreeMap::new(),
            command: invocation.show(),
        };
        Self { column, invocation, install: None, not_run: None }
    }
}

/// A project in a file.
#[derive(Deserialize)]
struct File {
    columns: Vec<Plan>,
    groups: BTreeMap<String, Vec<u64>>,
    state: PathBuf,
    /// The folder of `sources`.
    root: PathBuf,
    /// Files and folders that results depend on.
    sources: Vec<String>,
}

impl Project {
    /// Reads a project from a JSON file.
    ///
    /// # Errors
    /// If the file cannot be read, or the sources it names cannot.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).with_context(|| format!("read {path:?}"))?;
        let file: File = serde_json::from_slice(&text).with_context(|| format!("read the columns in {path:?}"))?;
        let sources: Vec<&str> = file.sources.iter().map(String::as_str).collect();
        Ok(Self {
            columns: file.columns,
            groups: file.groups,
            state: file.state,
            fingerprint: Some(cache::fingerprint(&file.root, &sources)?),
        })
    }

    /// The numbers of all columns.
    pub fn majors(&self) -> Vec<u64> {
        self.columns.iter().map(|plan| plan.column.major).collect()
    }
}
