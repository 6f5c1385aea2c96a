//! The network of the demonstration, and what tools may do in it.

use std::time::Duration;

use crate::bindings::agent::tools::host::{HttpError, Request, Response};

/// Why there is no response.
#[derive(Debug)]
pub enum Failure {
    /// The tool finds out, as an error of WIT.
    Tool(HttpError),
    /// The call of the tool ends.
    Call(Abuse),
}

/// A tool has used up what it may use of the host.
#[derive(Debug, Eq, PartialEq)]
pub enum Abuse {
    Requests { most: usize },
    Log { most: usize },
}

/// What a tool may use.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// The hosts that it may send requests to.
    pub hosts: Vec<&'static str>,
    /// Secrets by name, each with the host and the header for it.
    pub secrets: Vec<Secret>,
    /// What the paths of its files begin with.
    pub workspace: Option<&'static str>,
    pub requests: usize,
    pub log_lines: usize,
}

#[derive(Clone, Debug)]
pub struct Secret {
    pub name: &'static str,
    pub value: &'static str,
    pub host: &'static str,
    pub header: &'static str,
}

impl Capabilities {
    /// Nothing but a few log lines.
    pub fn none() -> Self {
        Self { hosts: Vec::new(), secrets: Vec::new(), workspace: None, requests: 0, log_lines: 8 }
    }

    /// Checks a request and adds the secrets that its host gets.
    pub fn prepare(&self, request: &mut Request) -> Result<(), HttpError> {
        let host = host_of(&request.url)
            .ok_or_else(|| HttpError::Denied(format!("{:?} is not an https address", request.url)))?;
        if !self.hosts.contains(&host) {
            return Err(HttpError::Denied(format!("requests to {host} are not allowed")));
        }
        if let Some(secret) = self.secrets.iter().find(|secret| request.url.contains(secret.value)) {
            return Err(HttpError::Denied(format!("the address contains the secret {}", secret.name)));
        }
        let secrets = self.secrets.iter().filter(|secret| secret.host == host);
        request.headers.extend(secrets.map(|secret| (secret.header.to_owned(), secret.value.to_owned())));
        Ok(())
    }
}

fn host_of(url: &str) -> Option<&str> {
    url.strip_prefix("https://")?.split(['/', '?']).next()
}

/// Sends a request. The servers are functions of this file.
pub fn send(request: &Request) -> Result<Response, HttpError> {
    let timeout = Duration::from_millis(request.timeout_ms.unwrap_or(1000).into());
    match (request.method.as_str(), host_of(&request.url)) {
        ("GET", Some("weather.example")) => Ok(weather(request)),
        // This server never responds.
        ("GET", Some("slow.example")) => {
            std::thread::sleep(timeout);
            Err(HttpError::TimedOut)
        }
        ("GET", Some(host)) => Err(HttpError::Failed(format!("there is no server {host}"))),
        (method, _) => Err(HttpError::Failed(format!("no server takes {method}"))),
    }
}

fn weather(request: &Request) -> Response {
    let is_known = request.headers.iter().any(|(name, value)| name == "authorization" && value == "key-1234");
    let (status, body) = match (is_known, request.url.rsplit_once('=')) {
        (false, _) => (401, "no key".to_owned()),
        (true, Some((_, city))) => (200, format!("{} degrees in {city}", city.len() * 3)),
        (true, None) => (404, "no city".to_owned()),
    };
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    Response { status, headers, body: body.into_bytes() }
}

impl std::fmt::Display for Abuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Requests { most } => write!(f, "more than {most} requests"),
            Self::Log { most } => write!(f, "more than {most} lines of log"),
        }
    }
}

impl std::error::Error for Abuse {}
