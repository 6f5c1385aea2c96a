//! Owns the part of an error that names a missing export.

use super::{Error, ErrorKind};

/// The name of an export that a guest lacks.
struct MissingExport(String);

impl Error {
    /// A function that the guest does not export; `place` names the interface.
    #[cold]
    pub(crate) fn no_function(name: &str, place: &str) -> Self {
        Self::new(ErrorKind::Export, format!("no such export: function `{name}`{place}"))
            .with_part(MissingExport(name.to_owned()))
    }

    /// The name of the function that the guest does not export, if that is the error.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
    ///
    /// let engine = Engine::<Newest>::new(&Config::new())?;
    /// let module = Module::new(&engine, b"\0asm\x01\0\0\0")?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    /// let error = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap_err();
    /// assert_eq!(error.missing_export(), Some("run"));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn missing_export(&self) -> Option<&str> {
        self.part().map(|MissingExport(name)| name.as_str())
    }
}
