//! What stands for HTTP in a major that is compiled without HTTP.

use super::V;
use crate::backend::Proxies;

/// The HTTP state of a store: none.
#[derive(Default)]
pub(super) struct HttpState;

impl Proxies for V {
    #[cfg(feature = "_http")]
    #[cold]
    fn proxy(_: &crate::engine::Engine<V>, _: &[u8]) -> crate::error::Result<Box<dyn crate::any_proxy::AnyProxy>> {
        use crate::error::{Error, Unsupported};

        let feature = Some(format!("wasmtime-{}-http", super::MAJOR));
        Err(Error::from_unsupported(Unsupported { feature, ..Unsupported::new("HTTP".to_owned(), super::MAJOR) }))
    }
}
