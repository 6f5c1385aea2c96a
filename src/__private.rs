//! What the macros of this crate use in the code that they write. Not part of the public interface: it can change with every
//! release, and the macros change with it.

use std::fmt;

#[cfg(feature = "derive")]
pub use wasmtime_compat_macros::__declared_elsewhere as declared_elsewhere;

pub use crate::bounds::Sealed;

pub use anyhow;

/// Writes the names of flags that are set, as Wasmtime's own `flags!` does.
pub fn debug_flags<'a>(f: &mut fmt::Formatter<'_>, names: impl Iterator<Item = &'a str>) -> fmt::Result {
    f.write_str("(")?;
    for (index, name) in names.enumerate() {
        if index > 0 {
            f.write_str("|")?;
        }
        f.write_str(name)?;
    }
    f.write_str(")")
}
