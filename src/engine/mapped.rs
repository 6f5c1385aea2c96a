//! Owns compiled modules in files that are mapped into memory: Wasmtime's own code first, so that Wasmtime can map the file,
//! and the header behind it.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::precompiled::{Precompiled, written};
use super::{Engine, Mismatch};
use crate::core::{Module, Modules};
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::guest::GuestKind;

/// The end of a file that can be mapped. Before it come the lengths of the code and of the header, in 64 bits each.
const END: &[u8; 8] = b"\0wtc-map";

/// A file that Wasmtime maps into memory, and that the caller declared trusted.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct TrustedFile<'a>(&'a Path);

impl<'a> TrustedFile<'a> {
    pub(crate) fn path(self) -> &'a Path {
        self.0
    }
}

impl Precompiled<'_> {
    /// Writes a compiled module as a file that [`Module::deserialize_file`] maps into memory, so that processes which load
    /// the same file share its pages. A file with the bytes of [`Engine::precompile`] is read instead. The file appears as a
    /// whole, in the place of one that was there before; processes that have mapped that one keep it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the file cannot be written.
    pub fn write_mappable(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let (code, header) = (self.code(), written(&self.without_code()));
        let unfinished = unfinished(path);
        let write = || {
            let mut file = File::create_new(&unfinished)?;
            file.write_all(code)?;
            file.write_all(&header)?;
            file.write_all(&(code.len() as u64).to_le_bytes())?;
            file.write_all(&(header.len() as u64).to_le_bytes())?;
            file.write_all(END)?;
            drop(file);
            fs::rename(&unfinished, path)
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&unfinished);
            io_error("write", path, error)
        })
    }
}

/// The file that is written before it has the name `path`, in the same folder.
fn unfinished(path: &Path) -> PathBuf {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{number}-{now}.wtc-tmp", std::process::id()));
    path.with_file_name(name)
}

impl<W: Modules> Module<W> {
    /// Loads a compiled module from a file. Wasmtime maps a file of [`Precompiled::write_mappable`] into memory: loading
    /// the file takes little time, and processes share its pages. A file with the bytes of [`Engine::precompile`] is
    /// read.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the file cannot be read; otherwise as [`Module::from_precompiled`].
    ///
    /// # Safety
    /// As [`Precompiled::trust`], for the file; and the file must not change while the module is in use. The machine
    /// code of a file that is mapped has no checksum.
    #[expect(unsafe_code, reason = "what it asks for cannot be checked")]
    pub unsafe fn deserialize_file(engine: &Engine<W>, path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        match read(path).map_err(|error| io_error("read", path, error))? {
            Contents::Mappable(header) => {
                let precompiled = Precompiled::parse(&header)?;
                GuestKind::Module.expect_kind(precompiled.guest.kind)?;
                precompiled.check_compatible(engine)?;
                Ok(Self::in_engine(W::load_module_file(engine.as_raw(), TrustedFile(path))?, engine))
            }
            Contents::Whole(bytes) => {
                // SAFETY: the caller vouches for the file.
                let trusted = unsafe { Precompiled::parse(&bytes)?.trust() };
                Self::from_precompiled(engine, &trusted)
            }
            Contents::Damaged => Err(Error::from(Mismatch::Damaged)),
        }
    }
}

enum Contents {
    /// Code that is not read, and this header.
    Mappable(Vec<u8>),
    Whole(Vec<u8>),
    Damaged,
}

fn read(path: &Path) -> io::Result<Contents> {
    const TAIL: u64 = 8 + 8 + END.len() as u64;
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if let Some(start) = size.checked_sub(TAIL) {
        let mut number = [0; 8];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut number)?;
        let code = u64::from_le_bytes(number);
        file.read_exact(&mut number)?;
        let header = u64::from_le_bytes(number);
        file.read_exact(&mut number)?;
        if number == *END {
            if code.checked_add(header) != Some(start) {
                return Ok(Contents::Damaged);
            }
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(code))?;
            file.take(header).read_to_end(&mut bytes)?;
            return Ok(Contents::Mappable(bytes));
        }
        file.rewind()?;
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Contents::Whole(bytes))
}

#[cold]
fn io_error(verb: &str, path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot {verb} the file {}", quoted(path))).with_source(error)
}
