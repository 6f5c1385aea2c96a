//! The bindings as code: for the compiler, in a file to read, or as a string.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use proc_macro2::TokenStream;
use quote::quote;
use syn::Result;

use super::error;
use super::options::Options;

/// The environment variable that has all bindings written to files: the folder for them.
const DEBUG: &str = "WASMTIME_COMPAT_DEBUG_BINDGEN";

/// What the macro is replaced with. `files` are watched by the compiler.
pub(super) fn finish(bindings: TokenStream, world: &str, files: &[PathBuf], options: &Options) -> Result<TokenStream> {
    if options.stringify {
        let text = format(&bindings.to_string());
        return Ok(quote!(#text));
    }
    let folder = std::env::var_os(DEBUG).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let folder = folder.or_else(|| options.debug.then(std::env::temp_dir));
    let bindings = match folder {
        Some(folder) => {
            let path = write(&folder, world, &bindings).map_err(|report| {
                error(format!("cannot write the bindings into the folder `{}`: {report}", folder.display()))
            })?;
            let path = path.to_string_lossy();
            quote!(::core::include!(#path);)
        }
        None => bindings,
    };
    let files = files.iter().map(|file| file.to_string_lossy());
    Ok(quote! {
        #bindings
        #(const _: &[u8] = ::core::include_bytes!(#files);)*
    })
}

/// Writes bindings into a new file of the folder.
fn write(folder: &Path, world: &str, bindings: &TokenStream) -> std::io::Result<PathBuf> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    std::fs::create_dir_all(folder)?;
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = folder.canonicalize()?.join(format!("{package}-{}-{world}{number}.rs", std::process::id()));
    std::fs::write(&path, format(&bindings.to_string()))?;
    Ok(path)
}

/// Formats code with `rustfmt`, if that is there.
fn format(code: &str) -> String {
    let run = || -> std::io::Result<String> {
        use std::io::Write;
        use std::process::Stdio;

        let mut child = Command::new("rustfmt")
            .args(["--edition", "2024"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(code.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let text = String::from_utf8(output.stdout).map_err(std::io::Error::other)?;
        if output.status.success() { Ok(text) } else { Err(std::io::Error::other("rustfmt failed")) }
    };
    run().unwrap_or_else(|_| code.to_owned())
}
