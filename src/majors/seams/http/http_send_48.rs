//! Sending requests of guests, 48 and later: the default is a function that also returns what the connection does meanwhile.

use std::future::{Future, ready};
use std::time::Duration;

use super::http_errors::to_body_error;
use super::wasmtime_wasi_http::{Error, RequestOptions, WasiBody, default_send_request};
use super::web::{Decided, Timeouts, decide, limited};
use crate::http::HttpConfig;

/// What the connection does while the response is read.
pub(super) type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// The timeout where the guest sets none.
const LONG: Duration = Duration::from_secs(600);

/// The response to a request.
pub(super) async fn respond(
    config: HttpConfig,
    request: http::Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(http::Response<WasiBody>, Io), Error> {
    let options = options.unwrap_or_default();
    let timeouts = Timeouts {
        connect: options.connect_timeout.unwrap_or(LONG),
        first_byte: options.first_byte_timeout.unwrap_or(LONG),
        between_bytes: options.between_bytes_timeout.unwrap_or(LONG),
    };
    match decide(&config, request, timeouts).await.map_err(to_body_error)? {
        Decided::Respond(response, _) => Ok((response, Box::new(ready(Ok(()))))),
        Decided::Send(request, _, timeouts, places) => {
            let most = timeouts.until_response();
            let options = RequestOptions {
                connect_timeout: Some(timeouts.connect),
                first_byte_timeout: Some(timeouts.first_byte),
                between_bytes_timeout: Some(timeouts.between_bytes),
            };
            let sent = tokio::time::timeout(most, default_send_request(request, Some(options))).await;
            let (response, io) = sent.map_err(|_| Error::ConnectionTimeout)??;
            let response = limited(&config, response.map(WasiBody::new), timeouts.between_bytes, places);
            Ok((response.map_err(to_body_error)?, Box::new(io)))
        }
    }
}
