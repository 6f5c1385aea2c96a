//! A runner of compiler plug-ins: WebAssembly modules that transform syntax trees. It is generic over the Wasmtime major.

pub mod backend;
pub mod host;
pub mod instance;
pub mod runtime;
pub mod tree;

use std::path::Path;
use std::thread;

use anyhow::{Context, Result, anyhow};
use wasmtime_compat::{Error, Wasmtime};

use crate::host::{Diagnostic, Fatal};
use crate::instance::Instance;
use crate::runtime::lock;
use crate::tree::Tree;

/// A plug-in, and its configuration.
pub struct Plugin<'a> {
    pub name: &'a str,
    pub wasm: &'a [u8],
    pub config: Option<&'a str>,
}

/// The result of passing a file through the plug-ins.
pub struct Output {
    pub code: Result<String>,
    pub diagnostics: Vec<Diagnostic>,
    /// Lines about the file: counts, metrics and what plug-ins printed.
    pub notes: Vec<String>,
}

/// Transforms files, each on a thread of its own; compiled plug-ins are kept in the directory.
pub fn transform_all<W: Wasmtime>(sources: &[&str], plugins: &[Plugin<'_>], directory: &Path) -> Vec<Output> {
    thread::scope(|scope| {
        let start = |source| scope.spawn(move || transform::<W>(source, plugins, directory));
        let threads: Vec<_> = sources.iter().copied().map(start).collect();
        let finish = |thread: thread::ScopedJoinHandle<'_, Output>| {
            thread.join().unwrap_or_else(|_| Output::failed(anyhow!("a plug-in made the compiler panic")))
        };
        threads.into_iter().map(finish).collect()
    })
}

/// Passes one file through all plug-ins.
pub fn transform<W: Wasmtime>(source: &str, plugins: &[Plugin<'_>], directory: &Path) -> Output {
    let mut output = Output { code: Ok(String::new()), diagnostics: Vec::new(), notes: Vec::new() };
    let run = |output: &mut Output| {
        let mut tree = Tree::parse(source)?;
        for plugin in plugins {
            let result = apply::<W>(plugin, &tree, directory, output);
            tree = result.with_context(|| format!("failed to run the plug-in {}", plugin.name))?;
        }
        Ok(tree.to_string())
    };
    output.code = run(&mut output);
    output
}

fn apply<W: Wasmtime>(plugin: &Plugin<'_>, tree: &Tree, directory: &Path, output: &mut Output) -> Result<Tree> {
    let module = backend::module::<W>(plugin.name, plugin.wasm, directory)?;
    let mut instance = Instance::new(backend::engine::<W>()?, &module, plugin.config)?;
    let result = instance.transform(&tree.to_bytes()?);

    let mut host = lock(instance.host());
    output.diagnostics.append(&mut host.diagnostics);
    output.notes.extend(host.counts.iter().map(|(name, count)| format!("{name}: {count}")));
    output.notes.extend(host.metrics.iter().map(|(name, value)| format!("{name}: {value:.3}")));
    output.notes.extend(instance.stdout().filter(|text| !text.is_empty()));
    match result {
        Ok(bytes) => Tree::from_bytes(&bytes).context("the plug-in returned a damaged tree"),
        Err(error) => {
            // The error of the host function comes back as it was.
            let fatal = error.downcast_ref::<Error>().and_then(|error| error.downcast_ref::<Fatal>());
            output.diagnostics.extend(fatal.map(|fatal| fatal.0.clone()));
            Err(error)
        }
    }
}

impl Output {
    fn failed(error: anyhow::Error) -> Self {
        Self { code: Err(error), diagnostics: Vec::new(), notes: Vec::new() }
    }
}
