//! What one write to a body may have. Up to 47, except on 36, Wasmtime takes chunks of any length there.

use std::future::Future;
use std::mem;
use std::pin::Pin;

use bytes::Bytes;

use super::super::names::{OutputStream, Pollable, StreamError, StreamResult};
use super::super::whole::at_once;
use super::StoreData;
use super::http_names::wit as types;
use super::view;
use super::wasmtime::Result;
use super::wasmtime::component::Resource;
use crate::bounds::Data;

/// Bytes of one write, which is also what `check-write` permits at most.
const BUDGET: usize = 1 << 20;

/// A stream into a body that refuses longer writes. There is none inside while it takes the place of one.
struct Budgeted(Option<Box<dyn OutputStream>>);

/// Bounds the writes of a stream into a body.
pub(in super::super) fn bound<T: Data + Send>(
    data: &mut StoreData<T>,
    stream: &Resource<types::OutputStream>,
) -> Result<()> {
    let entry = view::table(data.wasi_mut()).get_mut(stream)?;
    let unbounded = mem::replace(entry, Box::new(Budgeted(None)));
    *entry = Box::new(Budgeted(Some(unbounded)));
    Ok(())
}

impl Budgeted {
    fn inner(&mut self) -> StreamResult<&mut Box<dyn OutputStream>> {
        self.0.as_mut().ok_or(StreamError::Closed)
    }
}

impl OutputStream for Budgeted {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if bytes.len() > BUDGET {
            return Err(StreamError::trap("write exceeded budget"));
        }
        self.inner()?.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner()?.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.inner()?.check_write()
    }
}

impl Pollable for Budgeted {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        match &mut self.0 {
            Some(inner) => inner.ready(),
            None => at_once(()),
        }
    }
}
