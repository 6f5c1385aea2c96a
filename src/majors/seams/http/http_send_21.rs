//! Sending requests of guests, 21 to 47: the default is a function.

use super::http_names::{
    HyperOutgoingBody, IncomingResponse, OutgoingRequestConfig, default_send_request_handler, wit::ErrorCode,
};
use super::web::{Decided, Timeouts, decide, limited, to_wit};
use crate::http::HttpConfig;

/// The response to a request.
pub(super) async fn respond(
    config: HttpConfig,
    request: http::Request<HyperOutgoingBody>,
    options: OutgoingRequestConfig,
) -> Result<IncomingResponse, ErrorCode> {
    let timeouts = Timeouts {
        connect: options.connect_timeout,
        first_byte: options.first_byte_timeout,
        between_bytes: options.between_bytes_timeout,
    };
    match decide(&config, request, timeouts).await.map_err(to_wit)? {
        Decided::Respond(resp, between_bytes_timeout) => {
            Ok(IncomingResponse { resp, worker: None, between_bytes_timeout })
        }
        Decided::Send(request, use_tls, timeouts, places) => {
            let most = timeouts.until_response();
            let options = OutgoingRequestConfig {
                use_tls,
                connect_timeout: timeouts.connect,
                first_byte_timeout: timeouts.first_byte,
                between_bytes_timeout: timeouts.between_bytes,
            };
            let sent = tokio::time::timeout(most, default_send_request_handler(request, options)).await;
            let mut response = sent.map_err(|_| ErrorCode::ConnectionTimeout)??;
            response.resp = limited(&config, response.resp, response.between_bytes_timeout, places).map_err(to_wit)?;
            Ok(response)
        }
    }
}
