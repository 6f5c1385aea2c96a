//! Owns the world of a component as WIT text.
//!
//! A component of a few kilobytes can have a world of gigabytes, since types and instances are shared. So the size of the world is
//! known before anything is decoded, and the text has a limit.

mod size;
mod text;

use std::fmt;

use wasmparser::{Payload, WasmFeatures};
use wit_component::WitPrinter;
use wit_parser::PackageId;

use self::size::Sizes;
use self::text::Text;
use crate::apart::apart;
use crate::error::{Error, ErrorKind, Result};
use crate::guest::{GuestKind, damaged, payloads, too_complex};
use crate::report::{check_complexity, types};

/// The most bytes of a world, in the estimate before decoding and as text.
const LARGEST: usize = 16 << 20;

/// The interfaces of a component as WIT text: the world with the imports and exports, and their types.
///
/// WIT has no name for the world of a component, so the world is `root` in the package `root:component`. Interfaces of other
/// packages contain what the component uses of them. [`Display`](fmt::Display) writes one document with all packages, which
/// parsers of WIT accept.
///
/// ```
/// use wasmtime_compat_guest::wit::Wit;
///
/// // (component)
/// let wit = Wit::read(b"\0asm\x0d\0\x01\0")?;
/// assert_eq!(wit.main, "package root:component;\n\nworld root {\n}\n");
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Wit {
    /// The package with the world. If the binary is not a component to run but a package of WIT, this is that package.
    pub main: String,
    /// The packages that the world refers to.
    pub packages: Vec<Package>,
}

/// A package that a world refers to.
///
/// ```
/// use wasmtime_compat_guest::wit::Wit;
///
/// let text = r#"(component (import "demo:host/log@1.2.0" (instance (export "flush" (func)))))"#;
/// let wit = Wit::read(&wat::parse_str(text).unwrap())?;
/// let log = &wit.packages[0];
/// assert_eq!(log.name, "demo:host@1.2.0");
/// assert!(log.text.contains("flush: func();"));
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Package {
    /// The name with the version, such as `wasi:io@0.2.0`.
    pub name: String,
    /// The package as WIT, `package wasi:io@0.2.0 { … }`.
    pub text: String,
}

impl Wit {
    /// Reads the world of a component.
    ///
    /// # Errors
    /// [`ErrorKind::WrongGuestKind`] for a core module; [`ErrorKind::InvalidGuest`] if the bytes are not a valid component;
    /// [`ErrorKind::TooComplex`] if the component is too complex to be compiled, or if its world has more than 16 MiB;
    /// [`ErrorKind::NoWit`] if WIT cannot express the world, for example because the component exports a module.
    pub fn read(wasm: &[u8]) -> Result<Self> {
        GuestKind::Component.expect(wasm)?;
        check_complexity(wasm)?;
        apart("wit", || {
            check_size(wasm)?;
            decode(wasm)
        })
        .unwrap_or_else(|why| Err(no_wit(why)))
    }
}

impl fmt::Display for Wit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.main)?;
        self.packages.iter().try_for_each(|package| write!(f, "\n{}", package.text))
    }
}

/// Refuses a component whose world would be too large, before it is decoded.
fn check_size(wasm: &[u8]) -> Result<()> {
    let types = types(wasm, WasmFeatures::all())
        .map_err(|error| Error::new(ErrorKind::InvalidGuest, format!("invalid WebAssembly: {error}")))?;
    let (mut sizes, mut size) = (Sizes::new(&types), 0_u64);
    for payload in payloads(wasm, 0) {
        match payload?.1 {
            Payload::ComponentImportSection(reader) => {
                for import in reader {
                    let name = import.map_err(damaged)?.name.name;
                    let item = types.component_item_for_import(name);
                    size = size.saturating_add(item.map_or(0, |item| sizes.item(name, item)));
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader {
                    let name = export.map_err(damaged)?.name.name;
                    let item = types.component_item_for_export(name);
                    size = size.saturating_add(item.map_or(0, |item| sizes.item(name, item)));
                }
            }
            _ => {}
        }
        if usize::try_from(size).map_or(true, |size| size > LARGEST) {
            return Err(too_large());
        }
    }
    Ok(())
}

fn decode(wasm: &[u8]) -> Result<Wit> {
    let decoded = wit_component::decode(wasm).map_err(|error| no_wit(format_args!("{error:#}")))?;
    let (resolve, main) = (decoded.resolve(), decoded.package());
    let mut left = LARGEST;
    let mut print = |package: PackageId| -> Result<String> {
        let mut printer = WitPrinter::new(Text::new(left));
        printer.print_package(resolve, package, package == main).map_err(|error| no_wit(format_args!("{error:#}")))?;
        let text = printer.output.finish().ok_or_else(too_large)?;
        left = left.saturating_sub(text.len());
        Ok(text)
    };
    let text = print(main)?;
    let others = resolve.packages.iter().filter(|(id, _)| *id != main);
    let packages = others.map(|(id, package)| Ok(Package { name: package.name.to_string(), text: print(id)? }));
    Ok(Wit { main: text, packages: packages.collect::<Result<_>>()? })
}

fn too_large() -> Error {
    too_complex(format_args!("its world would have more than {LARGEST} bytes as WIT"))
}

fn no_wit(why: impl fmt::Display) -> Error {
    Error::new(ErrorKind::NoWit, format!("the component cannot be described in WIT: {why}"))
}
