//! Errors of bodies, 48 and later: an error type for WASI 0.2 and 0.3, with the codes among its variants.

use super::wasmtime_wasi_http::Error;
use super::web::to_wit;
use crate::http::ErrorCode;

pub(super) fn to_body_error(code: ErrorCode) -> Error {
    to_wit(code).into()
}

/// Names the codes that have the same shape.
macro_rules! codes {
    ($error:ident; alone: $($alone:ident)+; with_value: $($value:ident)+; with_field: $($field:ident)+;) => {
        match $error {
            $(Error::$alone => ErrorCode::$alone,)+
            $(Error::$value(value) => ErrorCode::$value(value),)+
            $(Error::$field { field_name, field_size } => ErrorCode::$field { field_name, field_size },)+
            Error::DnsError { rcode, info_code } => ErrorCode::DnsError { rcode, info_code },
            Error::TlsAlertReceived { alert_id, alert_message } => {
                ErrorCode::TlsAlertReceived { alert_id, alert_message }
            }
            Error::Hyper(_) => ErrorCode::HttpProtocolError,
            Error::Connect(_) => ErrorCode::ConnectionRefused,
            Error::Tls(_) => ErrorCode::TlsProtocolError,
            error => ErrorCode::InternalError(Some(error.to_string())),
        }
    };
}

pub(super) fn from_body_error(error: Error) -> ErrorCode {
    codes! {
        error;
        alone:
            DnsTimeout
            DestinationNotFound
            DestinationUnavailable
            DestinationIpProhibited
            DestinationIpUnroutable
            ConnectionRefused
            ConnectionTerminated
            ConnectionTimeout
            ConnectionReadTimeout
            ConnectionWriteTimeout
            ConnectionLimitReached
            TlsProtocolError
            TlsCertificateError
            HttpRequestDenied
            HttpRequestLengthRequired
            HttpRequestMethodInvalid
            HttpRequestUriInvalid
            HttpRequestUriTooLong
            HttpResponseIncomplete
            HttpResponseTimeout
            HttpUpgradeFailed
            HttpProtocolError
            LoopDetected
            ConfigurationError
        ;
        with_value:
            HttpRequestBodySize
            HttpRequestHeaderSectionSize
            HttpRequestTrailerSectionSize
            HttpResponseHeaderSectionSize
            HttpResponseBodySize
            HttpResponseTrailerSectionSize
            HttpResponseTransferCoding
            HttpResponseContentCoding
            InternalError
        ;
        with_field:
            HttpRequestHeaderSize
            HttpRequestTrailerSize
            HttpResponseHeaderSize
            HttpResponseTrailerSize
        ;
    }
}
