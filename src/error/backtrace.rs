//! Owns the backtrace of a guest: its WebAssembly frames, in the same terms on every major.

use std::fmt;

/// Where a guest was when it was stopped: its WebAssembly frames, the innermost first, at most 64 or as many as
/// [`Config::wasm_backtrace_max_frames`](crate::Config::wasm_backtrace_max_frames) allows.
///
/// Wasmtime records one for every error that leaves a guest, unless [`Config::backtraces`](crate::Config::backtraces)
/// switches that off. [`Display`](fmt::Display) writes a line per frame.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WasmBacktrace {
    pub(crate) frames: Vec<Frame>,
    pub(crate) is_cut: bool,
}

/// One WebAssembly frame.
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
