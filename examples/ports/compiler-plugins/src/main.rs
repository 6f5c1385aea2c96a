//! A compiler that passes files through WebAssembly plug-ins: first with plug-ins that it compiles, then with those on disk.

use std::path::Path;
use std::{env, fs, process};

use anyhow::{Context, Result};
use port_compiler_plugins::{Output, Plugin, backend, transform_all};
use wasmtime_compat::Newest;

const FILES: [(&str, &str); 4] = [
    ("total.src", "let total = add(price, tax(price, 20))\nprint(total)\n"),
    ("nested.src", "f(g(h(first, second), 3), x)\n"),
    ("eval.src", "let text = read(1)\neval(text)\n"),
    ("debug.src", "debugger\nlet y = 2\n"),
];

fn main() -> Result<()> {
    let plugins = [
        ("count", include_str!("../guest/count.wat"), None),
        ("check", include_str!("../guest/check.wat"), None),
        ("uppercase", include_str!("../guest/uppercase.wat"), Some("3")),
    ];
    let mut binaries = Vec::new();
    for (name, text, config) in plugins {
        binaries.push((name, wat::parse_str(text).with_context(|| format!("failed to read {name}.wat"))?, config));
    }
    let plugins: Vec<_> = binaries.iter().map(|(name, wasm, config)| Plugin { name, wasm, config: *config }).collect();
    let directory = env::temp_dir().join(format!("compiler-plugins-{}", process::id()));
    fs::create_dir(&directory).with_context(|| format!("failed to create {directory:?}"))?;
    let result = compile_all(&plugins, &directory);
    fs::remove_dir_all(&directory)?;
    result
}

/// Compiles the files three times: with nothing on disk, with everything, and with a damaged plug-in.
fn compile_all(plugins: &[Plugin<'_>], directory: &Path) -> Result<()> {
    let sources = FILES.map(|(_, source)| source);
    let outputs = transform_all::<Newest>(&sources, plugins, directory);
    for ((name, source), output) in FILES.iter().zip(&outputs) {
        print(name, source, output);
    }
    print_origins("first run");

    let again = transform_all::<Newest>(&sources, plugins, directory);
    let is_same = |(first, second): (&Output, &Output)| first.code.as_ref().ok() == second.code.as_ref().ok();
    println!("same code: {}", outputs.iter().zip(&again).all(is_same));
    print_origins("second run");

    let path = backend::file(backend::engine::<Newest>()?, "count", directory);
    let bytes = fs::read(&path)?;
    // A new file: the old one may still be mapped.
    fs::remove_file(&path)?;
    fs::write(&path, &bytes[..bytes.len() / 2])?;
    transform_all::<Newest>(&sources, plugins, directory);
    print_origins("run with a damaged file");
    Ok(())
}

fn print(name: &str, source: &str, output: &Output) {
    println!("{name}:");
    match &output.code {
        Ok(code) => code.lines().for_each(|line| println!("  {line}")),
        Err(error) => println!("  error: {error:#}"),
    }
    for diagnostic in &output.diagnostics {
        let line = source.bytes().take(diagnostic.offset).filter(|byte| *byte == b'\n').count() + 1;
        println!("  {name}:{line}: {}", diagnostic.message);
    }
    println!("  ({})", output.notes.join(", "));
}

/// Ends a run as the end of the process would: the next one has only what is on disk.
fn print_origins(run: &str) {
    let origins = backend::forget::<Newest>();
    println!("{run}: {} compiled, {} from disk, {} from memory", origins.compiled, origins.disk, origins.memory);
}
