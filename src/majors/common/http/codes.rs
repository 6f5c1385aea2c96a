//! Error codes: ours into those of the major's bindings, and back.

use super::http_names::wit::{DnsErrorPayload, ErrorCode as Wit, FieldSizePayload, TlsAlertReceivedPayload};
use crate::http::ErrorCode;

/// Writes both directions from one list of the codes that have the same shape.
macro_rules! codes {
    (alone: $($alone:ident)+; with_value: $($value:ident)+; with_field: $($field:ident)+;) => {
        /// A code that a guest gets.
        pub(in super::super) fn to_wit(code: ErrorCode) -> Wit {
            match code {
                $(ErrorCode::$alone => Wit::$alone,)+
                $(ErrorCode::$value(value) => Wit::$value(value),)+
                $(ErrorCode::$field { field_name, field_size } => Wit::$field(FieldSizePayload { field_name, field_size }),)+
                ErrorCode::HttpRequestHeaderSize { field_name, field_size } => {
                    Wit::HttpRequestHeaderSize(Some(FieldSizePayload { field_name, field_size }))
                }
                ErrorCode::DnsError { rcode, info_code } => Wit::DnsError(DnsErrorPayload { rcode, info_code }),
                ErrorCode::TlsAlertReceived { alert_id, alert_message } => {
                    Wit::TlsAlertReceived(TlsAlertReceivedPayload { alert_id, alert_message })
                }
            }
        }

        /// A code that a guest gave.
        pub(in super::super) fn from_wit(code: Wit) -> ErrorCode {
            match code {
                $(Wit::$alone => ErrorCode::$alone,)+
                $(Wit::$value(value) => ErrorCode::$value(value),)+
                $(Wit::$field(FieldSizePayload { field_name, field_size }) => ErrorCode::$field { field_name, field_size },)+
                Wit::HttpRequestHeaderSize(field) => {
                    let (field_name, field_size) = field.map_or((None, None), |field| (field.field_name, field.field_size));
                    ErrorCode::HttpRequestHeaderSize { field_name, field_size }
                }
                Wit::DnsError(DnsErrorPayload { rcode, info_code }) => ErrorCode::DnsError { rcode, info_code },
                Wit::TlsAlertReceived(TlsAlertReceivedPayload { alert_id, alert_message }) => {
                    ErrorCode::TlsAlertReceived { alert_id, alert_message }
                }
            }
        }
    };
}

codes! {
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
        HttpRequestTrailerSize
        HttpResponseHeaderSize
        HttpResponseTrailerSize
    ;
}
