//! Standard streams, 18 to 35: they give pollable streams and say whether they are a terminal.

use super::names::{InputStream, OutputStream, StdinStream, StdoutStream};
use super::whole::{Input, Output};

impl StdoutStream for Output {
    fn stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn isatty(&self) -> bool {
        self.0.is_terminal()
    }
}

impl StdinStream for Input {
    fn stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }

    fn isatty(&self) -> bool {
        false
    }
}
