//! Owns the backtrace of a guest: its WebAssembly frames, in the same terms on every major.

use std::fmt;

/// Where a guest was when it was stopped: its WebAssembly frames, the innermost first, at most 64 or as many as
/// [`Config::wasm_backtrace_max_frames`](crate::Config::wasm_backtrace_max_frames) allows.
///
/// Wasmtime records one for every error that leaves a guest, unless [`Config::backtraces`](crate::Config::backtraces)
/// switches that off. [`Display`](fmt::Display) writes a line per frame.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
///
/// # // (module $calls (func $crash unreachable) (func (export "run") (call $crash)))
/// # let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x03\x02\0\0\x07\x07\x01\x03run\0\x01\
/// #     \x0a\x0a\x02\x03\0\0\x0b\x04\0\x10\0\x0b\
/// #     \0\x17\x04name\0\x06\x05calls\x01\x08\x01\0\x05crash";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// // In the module `calls`, the export `run` calls the function `crash`, which traps.
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// let backtrace = error.wasm_backtrace().unwrap();
/// assert_eq!((backtrace.frames().len(), backtrace.is_cut()), (2, false));
/// assert!(backtrace.to_string().starts_with("0: calls!crash (offset 0x"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WasmBacktrace {
    pub(crate) frames: Vec<Frame>,
    pub(crate) is_cut: bool,
}

/// One WebAssembly frame.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
///
/// # // (module $calls (func $crash unreachable) (func (export "run") (call $crash)))
/// # let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x03\x02\0\0\x07\x07\x01\x03run\0\x01\
/// #     \x0a\x0a\x02\x03\0\0\x0b\x04\0\x10\0\x0b\
/// #     \0\x17\x04name\0\x06\x05calls\x01\x08\x01\0\x05crash";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// // In the module `calls`, the export `run` calls the function `crash`, which traps.
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// let frames = error.wasm_backtrace().unwrap().frames();
/// assert_eq!((frames[0].module.as_deref(), frames[0].function.as_deref()), (Some("calls"), Some("crash")));
/// assert_eq!((frames[1].function.as_deref(), frames[1].function_index), (None, 1));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Frame {
    /// The module's name, from its `name` section.
    pub module: Option<String>,
    /// The function's name, from the `name` section and demangled as Wasmtime does it.
    pub function: Option<String>,
    /// The function's index in its module.
    pub function_index: u32,
    /// Offset of the instruction in the module, in bytes.
    pub module_offset: Option<usize>,
    /// Offset of the instruction in the function, in bytes.
    pub function_offset: Option<usize>,
    /// Places in the source, the innermost inlined function first. Empty unless the guest has DWARF sections and
    /// [`Config::backtrace_details`](crate::Config::backtrace_details) is on.
    pub symbols: Vec<FrameSymbol>,
}

/// A place in a guest's source.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
///
/// # // (module (func (export "run") unreachable)), with DWARF
/// # let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x07\x01\x03run\0\0\x0a\x05\x01\x03\0\0\x0b\
/// #     \0\x29\x0d.debug_abbrev\x01\x11\x01\x03\x08\x1b\x08\x10\x17\x11\x01\x12\x06\0\0\
/// #     \x02\x2e\0\x03\x08\x11\x01\x12\x06\0\0\0\
/// #     \0\x40\x0b.debug_info\x30\0\0\0\x04\0\0\0\0\0\x04\x01main.c\0/src\0\0\0\0\0\x02\0\0\0\x03\0\0\0\
/// #     \x02crash\0\x02\0\0\0\x03\0\0\0\0\
/// #     \0\x45\x0b.debug_line\x35\0\0\0\x04\0\x1e\0\0\0\x01\x01\x01\xfb\x0e\x0d\0\x01\x01\x01\x01\0\0\0\x01\0\0\x01\
/// #     \0main.c\0\0\0\0\0\0\x05\x02\x02\0\0\0\x03\x29\x05\x07\x01\x02\x03\0\x01\x01";
/// let engine = Engine::<Newest>::new(&Config::new().backtrace_details(true))?;
/// let mut store = Store::new(&engine, ());
/// // The guest has DWARF sections, and traps in the function `crash` of `main.c`.
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// let symbol = &error.wasm_backtrace().unwrap().frames()[0].symbols[0];
/// assert_eq!((symbol.name.as_deref(), symbol.line, symbol.column), (Some("crash"), Some(42), Some(7)));
/// assert!(symbol.file.as_deref().is_some_and(|file| file.ends_with("main.c")));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FrameSymbol {
    /// The function's name.
    pub name: Option<String>,
    /// The file's path, as the guest's compiler wrote it down.
    pub file: Option<String>,
    /// The line, from 1 on.
    pub line: Option<u32>,
    /// The column, from 1 on.
    pub column: Option<u32>,
}

impl WasmBacktrace {
    /// The frames, the innermost first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Whether there were more frames than are kept.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }
}

impl Frame {
    /// A frame without places in the source.
    pub(crate) fn new(module: Option<&str>, function: Option<&str>, function_index: u32) -> Self {
        Self {
            module: module.map(str::to_owned),
            function: function.filter(|name| !name.is_empty()).map(str::to_owned),
            function_index,
            module_offset: None,
            function_offset: None,
            symbols: Vec::new(),
        }
    }
}

impl FrameSymbol {
    pub(crate) fn new(name: Option<&str>, file: Option<&str>, line: Option<u32>, column: Option<u32>) -> Self {
        Self { name: name.map(str::to_owned), file: file.map(str::to_owned), line, column }
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, frame) in self.frames.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{index}: {frame}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Frame {
    /// One line: module and function, and the place in the source or else the offset in the module.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(module) = &self.module {
            write!(f, "{module}!")?;
        }
        match &self.function {
            Some(function) => f.write_str(function)?,
            None => write!(f, "function {}", self.function_index)?,
        }
        match (self.symbols.first(), self.module_offset) {
            (Some(symbol @ FrameSymbol { file: Some(_), .. }), _) => write!(f, " ({})", Place(symbol)),
            (_, Some(offset)) => write!(f, " (offset {offset:#x})"),
            _ => Ok(()),
        }
    }
}

/// `file:line:column`, as far as they are known.
struct Place<'a>(&'a FrameSymbol);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.file.as_deref().unwrap_or_default())?;
        for number in [self.0.line, self.0.column].into_iter().map_while(|number| number) {
            write!(f, ":{number}")?;
        }
        Ok(())
    }
}
