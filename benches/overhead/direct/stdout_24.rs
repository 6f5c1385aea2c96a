//! Standard output up to 35: it gives pollable streams and says whether it is a terminal.

use super::stream::Counting;
use super::wasmtime_wasi::{HostOutputStream, StdoutStream};

impl StdoutStream for Counting {
    fn stream(&self) -> Box<dyn HostOutputStream> {
        Box::new(self.clone())
    }

    fn isatty(&self) -> bool {
        false
    }
}
