//! Bodies: ours into those of the major, and back.

use http_body_util::BodyExt as _;

use super::http_errors::{from_body_error, to_body_error};
use super::http_names::{HyperIncomingBody, HyperOutgoingBody};
use crate::error::Error;
use crate::http::Body;

/// The body of a request to a guest, or of a response to it.
pub(in super::super) fn body_to_raw(body: Body) -> HyperIncomingBody {
    HyperIncomingBody::new(body.map_err(|error: Error| to_body_error(error.to_http_error_code())))
}

/// The body of a guest's response, or of its request.
pub(in super::super) fn body_from_raw(raw: HyperOutgoingBody) -> Body {
    Body::new(raw.map_err(|error| Error::from_http("the body failed", from_body_error(error))))
}
