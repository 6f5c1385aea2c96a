//! Owns the check that only the user of this process can write to the directory of a cache.

use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result, quoted};

/// Makes the directory if it is missing, for this user only, and checks it; returns its path without symbolic links.
pub(super) fn prepare(directory: &Path) -> Result<PathBuf> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let real = builder.create(directory).and_then(|()| fs::canonicalize(directory)).map_err(|error| {
        Error::new(ErrorKind::Io, format!("cannot make the directory {} of the cache", quoted(directory)))
            .with_source(error)
    })?;
    #[cfg(unix)]
    unix::check(&real)?;
    Ok(real)
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    use crate::error::{Error, ErrorKind, Result, quoted};

    /// The permission of a group's members and of others to write.
    const GROUP: u32 = 0o020;
    const OTHERS: u32 = 0o002;

    /// With this bit the entries of a directory can be replaced by their owners only.
    const STICKY: u32 = 0o1000;

    pub(super) fn check(directory: &Path) -> Result<()> {
        for path in directory.ancestors() {
            let metadata = fs::metadata(path).map_err(|error| {
                Error::new(ErrorKind::Io, format!("cannot look at the directory {}", quoted(path))).with_source(error)
            })?;
            let mode = metadata.mode();
            if path == directory {
                if metadata.uid() != rustix::process::geteuid().as_raw() {
                    return Err(refused(directory, "the directory belongs to another user"));
                }
                if mode & (GROUP | OTHERS) != 0 {
                    return Err(refused(directory, "others may write to the directory"));
                }
            } else if mode & OTHERS != 0 && mode & STICKY == 0 {
                return Err(refused(directory, &format!("others may replace what is in {}", quoted(path))));
            }
        }
        Ok(())
    }

    fn refused(directory: &Path, why: &str) -> Error {
        Error::new(
            ErrorKind::Config,
            format!("the directory {} is not safe for compiled code: {why}", quoted(directory)),
        )
        .with_hint("use a directory that only the user of this process can write to, mode 0700")
    }
}
