//! Owns `ErrorCode`: the error codes of `wasi:http/types`.

use std::error::Error as StdError;
use std::fmt;

use crate::error::{Error, ErrorKind};

/// Declares the codes with their names in WIT, so that none can be without one.
macro_rules! codes {
    ($(
        $(#[doc = $doc:literal])*
        $code:ident $(($payload:ty))? $({ $($(#[doc = $field_doc:literal])* $field:ident: $field_ty:ty,)+ })? = $name:literal,
    )*) => {
        /// The reason why an HTTP request or its response failed, as guests see it: `error-code` of `wasi:http/types`. The variants
        /// are those of `wasmtime_wasi_http::Error` of Wasmtime 48.
        ///
        /// A guest gets one when an [`OutgoingHandler`](super::OutgoingHandler) denies its request; a host gets one from
        /// [`Error::http_error_code`] when a guest responded with it.
        ///
        /// ```
        /// use wasmtime_compat::http::{Body, ErrorCode};
        ///
        /// // A body of five bytes, where three are the limit.
        /// let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        /// let error = runtime.block_on(Body::from("hello").collect(3)).unwrap_err();
        /// let code = error.http_error_code().unwrap();
        /// assert_eq!(*code, ErrorCode::HttpResponseBodySize(Some(5)));
        /// assert_eq!(code.name(), "HTTP-response-body-size");
        /// ```
        #[derive(Clone, Debug, Eq, PartialEq)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(
                $(#[doc = $doc])*
                $code $(($payload))? $({ $($(#[doc = $field_doc])* $field: $field_ty,)+ })?,
            )*
        }

        impl ErrorCode {
            /// The name of the code in WIT.
            pub fn name(&self) -> &'static str {
                match self {
                    $(codes!(@pattern $code $(($payload))? $({ $($field)+ })?) => $name,)*
                }
            }
        }
    };
    (@pattern $code:ident) => { Self::$code };
    (@pattern $code:ident ($payload:ty)) => { Self::$code(_) };
    (@pattern $code:ident { $($field:ident)+ }) => { Self::$code { .. } };
}

codes! {
    /// The lookup of a name took too long.
    DnsTimeout = "DNS-timeout",
    /// The lookup of a name failed.
    DnsError {
        /// The code of the response.
        rcode: Option<String>,
        /// The extended code of the response.
        info_code: Option<u16>,
    } = "DNS-error",
    /// The destination is not known.
    DestinationNotFound = "destination-not-found",
    /// The destination is not available.
    DestinationUnavailable = "destination-unavailable",
    /// The address of the destination is prohibited.
    DestinationIpProhibited = "destination-IP-prohibited",
    /// There is no route to the destination.
    DestinationIpUnroutable = "destination-IP-unroutable",
    /// The destination refused the connection.
    ConnectionRefused = "connection-refused",
    /// The connection was closed too early.
    ConnectionTerminated = "connection-terminated",
    /// Connecting took too long.
    ConnectionTimeout = "connection-timeout",
    /// Nothing was received for too long.
    ConnectionReadTimeout = "connection-read-timeout",
    /// Nothing could be sent for too long.
    ConnectionWriteTimeout = "connection-write-timeout",
    /// Too many connections are open.
    ConnectionLimitReached = "connection-limit-reached",
    /// TLS failed.
    TlsProtocolError = "TLS-protocol-error",
    /// The certificate of the other side is not accepted.
    TlsCertificateError = "TLS-certificate-error",
    /// The other side sent a TLS alert.
    TlsAlertReceived {
        /// The number of the alert.
        alert_id: Option<u8>,
        /// The text of the alert.
        alert_message: Option<String>,
    } = "TLS-alert-received",
    /// The host does not permit the request.
    HttpRequestDenied = "HTTP-request-denied",
    /// The request must declare its length.
    HttpRequestLengthRequired = "HTTP-request-length-required",
    /// The body of the request has another size than it may have.
    HttpRequestBodySize(Option<u64>) = "HTTP-request-body-size",
    /// The method of the request is not valid.
    HttpRequestMethodInvalid = "HTTP-request-method-invalid",
    /// The URI of the request is not valid.
    HttpRequestUriInvalid = "HTTP-request-URI-invalid",
    /// The URI of the request is too long.
    HttpRequestUriTooLong = "HTTP-request-URI-too-long",
    /// The headers of the request are too large.
    HttpRequestHeaderSectionSize(Option<u32>) = "HTTP-request-header-section-size",
    /// A header of the request is too large.
    HttpRequestHeaderSize {
        /// The name of the header.
        field_name: Option<String>,
        /// The size of the header in bytes.
        field_size: Option<u32>,
    } = "HTTP-request-header-size",
    /// The trailers of the request are too large.
    HttpRequestTrailerSectionSize(Option<u32>) = "HTTP-request-trailer-section-size",
    /// A trailer of the request is too large.
    HttpRequestTrailerSize {
        /// The name of the trailer.
        field_name: Option<String>,
        /// The size of the trailer in bytes.
        field_size: Option<u32>,
    } = "HTTP-request-trailer-size",
    /// The response ended too early.
    HttpResponseIncomplete = "HTTP-response-incomplete",
    /// The headers of the response are too large.
    HttpResponseHeaderSectionSize(Option<u32>) = "HTTP-response-header-section-size",
    /// A header of the response is too large.
    HttpResponseHeaderSize {
        /// The name of the header.
        field_name: Option<String>,
        /// The size of the header in bytes.
        field_size: Option<u32>,
    } = "HTTP-response-header-size",
    /// The body of the response has another size than it may have.
    HttpResponseBodySize(Option<u64>) = "HTTP-response-body-size",
    /// The trailers of the response are too large.
    HttpResponseTrailerSectionSize(Option<u32>) = "HTTP-response-trailer-section-size",
    /// A trailer of the response is too large.
    HttpResponseTrailerSize {
        /// The name of the trailer.
        field_name: Option<String>,
        /// The size of the trailer in bytes.
        field_size: Option<u32>,
    } = "HTTP-response-trailer-size",
    /// The transfer coding of the response is not known.
    HttpResponseTransferCoding(Option<String>) = "HTTP-response-transfer-coding",
    /// The content coding of the response is not known.
    HttpResponseContentCoding(Option<String>) = "HTTP-response-content-coding",
    /// The response took too long.
    HttpResponseTimeout = "HTTP-response-timeout",
    /// The connection was not upgraded.
    HttpUpgradeFailed = "HTTP-upgrade-failed",
    /// The other side does not follow the protocol.
    HttpProtocolError = "HTTP-protocol-error",
    /// The request came back to where it had been.
    LoopDetected = "loop-detected",
    /// The host is not configured for the request.
    ConfigurationError = "configuration-error",
    /// Anything else, with a text.
    InternalError(Option<String>) = "internal-error",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::InternalError(Some(text))
            | Self::HttpResponseTransferCoding(Some(text))
            | Self::HttpResponseContentCoding(Some(text))
            | Self::DnsError { rcode: Some(text), .. }
            | Self::TlsAlertReceived { alert_message: Some(text), .. } => write!(f, " ({text})"),
            Self::HttpRequestBodySize(Some(size)) | Self::HttpResponseBodySize(Some(size)) => {
                write!(f, " ({size} bytes)")
            }
            _ => Ok(()),
        }
    }
}

impl StdError for ErrorCode {}

impl Error {
    /// An HTTP exchange that failed with a code.
    pub(crate) fn from_http(what: &str, code: ErrorCode) -> Self {
        Self::new(ErrorKind::Http, format!("{what}: {code}")).with_part(code)
    }

    /// The error code of `wasi:http`, if an HTTP exchange failed with one.
    pub fn http_error_code(&self) -> Option<&ErrorCode> {
        self.part()
    }

    /// The code that stands for this error where a guest sees it.
    #[allow(dead_code, reason = "only majors call it")]
    pub(crate) fn to_http_error_code(&self) -> ErrorCode {
        match (self.http_error_code(), self.kind()) {
            (Some(code), _) => code.clone(),
            (None, ErrorKind::TimedOut) => ErrorCode::ConnectionReadTimeout,
            (None, _) => ErrorCode::InternalError(Some(format!("{self:#}"))),
        }
    }
}
