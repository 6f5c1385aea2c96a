//! Owns `Body`: the body of a request or a response, whatever it is made of.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;

use super::ErrorCode;
use crate::error::{Error, ErrorKind, Result};

/// The body of an HTTP request or response: chunks of bytes, then perhaps trailers.
///
/// It is an [`http_body::Body`], and is made of any other. It is `Sync` and `Unpin` whatever it is made of.
///
/// ```
/// use wasmtime_compat::http::{Body, http};
///
/// let request = http::Request::get("http://localhost/greeting?name=Ada").body(Body::empty());
/// assert!(request.is_ok());
/// let response = http::Response::new(Body::from("Hello, Ada"));
/// assert_eq!(response.body().len(), Some(10));
/// ```
pub struct Body(Inner);

enum Inner {
    Bytes(Bytes),
    // The lock makes it `Sync`; while there is a `&mut`, nothing is locked.
    Stream(Mutex<Pin<Box<dyn HttpBody<Data = Bytes, Error = Error> + Send>>>),
}

impl Body {
    /// The body of another crate, such as `hyper::body::Incoming`.
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self(Inner::Stream(Mutex::new(Box::pin(body.map_err(|error| wrap(error.into()))))))
    }

    /// A body without bytes.
    pub fn empty() -> Self {
        Self(Inner::Bytes(Bytes::new()))
    }

    /// The size in bytes, if it is known.
    pub fn len(&self) -> Option<u64> {
        self.size_hint().exact()
    }

    /// Whether it is known to have no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// All bytes of the body, without trailers.
    ///
    /// # Errors
    /// [`ErrorKind::Http`] with [`ErrorCode::HttpResponseBodySize`] if there are more than `limit`; the error with which the body ends.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes> {
        let mut first: Option<Bytes> = None;
        let mut all = BytesMut::new();
        let mut size = 0_usize;
        while let Some(frame) = self.frame().await {
            let Ok(bytes) = frame?.into_data() else { continue };
            size = size.saturating_add(bytes.len());
            if size > limit {
                let code = ErrorCode::HttpResponseBodySize(Some(size as u64));
                return Err(Error::from_http("the body is too large", code));
            }
            match (&first, all.is_empty()) {
                (None, true) => first = Some(bytes),
                _ => {
                    if let Some(first) = first.take() {
                        all.extend_from_slice(&first);
                    }
                    all.extend_from_slice(&bytes);
                }
            }
        }
        Ok(first.unwrap_or_else(|| all.freeze()))
    }
}

/// An error of a body of another crate: one of ours is itself.
fn wrap(error: Box<dyn StdError + Send + Sync>) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(ours) => return *ours,
        Err(error) => error,
    };
    match error.downcast::<ErrorCode>() {
        Ok(code) => Error::from_http("the body failed", *code),
        Err(error) => Error::new(ErrorKind::Io, "cannot read the body").with_source(error),
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        match &mut self.0 {
            Inner::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Inner::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Inner::Stream(body) => body.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Bytes(bytes) => bytes.is_empty(),
            Inner::Stream(body) => body.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Inner::Stream(body) => body.lock().unwrap_or_else(PoisonError::into_inner).size_hint(),
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Inner::Bytes(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}

impl From<()> for Body {
    fn from((): ()) -> Self {
        Self::empty()
    }
}
