//! Owns reading a guest: from a file, assembled first if it is text.

use std::path::Path;

use wasmtime_compat::{Error, Guest, GuestKind};

use crate::json;

/// A guest's bytes and what they say about it.
#[derive(Debug)]
pub(crate) struct GuestFile {
    pub(crate) wasm: Vec<u8>,
    /// What the guest gets as its name.
    pub(crate) name: String,
    pub(crate) json: json::Guest,
}

/// Why there is no guest.
#[derive(Debug)]
pub(crate) struct NoGuest {
    pub(crate) message: String,
    pub(crate) kind: &'static str,
    pub(crate) hint: Option<&'static str>,
}

impl GuestFile {
    /// Reads and, if it is text, assembles a guest.
    pub(crate) fn read(path: &Path) -> Result<Self, NoGuest> {
        let shown = path.display();
        let bytes = std::fs::read(path).map_err(|error| NoGuest {
            message: format!("cannot read the guest {shown:?}: {error}", shown = shown.to_string()),
            kind: "io",
            hint: None,
        })?;
        Self::new(&bytes, shown.to_string(), name(path))
    }

    /// A guest called `name` from the bytes of `path`.
    pub(crate) fn new(bytes: &[u8], path: String, name: String) -> Result<Self, NoGuest> {
        let wasm = match text(bytes) {
            Some(text) => wat::parse_str(text).map_err(|mut error| {
                error.set_path(&path);
                NoGuest {
                    message: format!("cannot assemble the guest: {error}"),
                    kind: "invalid-guest",
                    hint: Some("a guest is a WebAssembly module or component, binary or in text format"),
                }
            })?,
            None => bytes.to_vec(),
        };
        let guest = Guest::parse(&wasm).map_err(|error| invalid(&path, &error))?;
        let json = json::Guest { path, kind: Some(guest.kind.name()), imports_wasi: imports_wasi(&guest) };
        Ok(Self { wasm, name, json })
    }
}

/// A guest of which only the path is known.
pub(crate) fn unknown(path: &Path) -> json::Guest {
    json::Guest { path: path.display().to_string(), kind: None, imports_wasi: Vec::new() }
}

/// The guest's `argv[0]`.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The guest as text, if that is what it looks like: what is neither text nor WebAssembly is for the parser of
/// binaries to explain.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.is_empty() && !text.starts_with('\0')).then_some(text)
}

fn invalid(path: &str, error: &Error) -> NoGuest {
    NoGuest { message: format!("{} ({path:?})", error.message()), kind: "invalid-guest", hint: None }
}

/// The WASI interfaces a component imports, or the WASI modules a module imports from, each once.
fn imports_wasi(guest: &Guest) -> Vec<String> {
    let mut wasi: Vec<String> = Vec::new();
    for import in &guest.imports {
        let name = match guest.kind {
            GuestKind::Module => import.split("::").next().unwrap_or(import),
            GuestKind::Component => import,
        };
        let is_wasi = name.starts_with("wasi:") || name.starts_with("wasi_") || name == "wasi";
        if is_wasi && !wasi.iter().any(|known| known == name) {
            wasi.push(name.to_owned());
        }
    }
    wasi
}
