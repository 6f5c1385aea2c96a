//! What the store of a call holds, and the host functions of the world.

use anyhow::Result;
use wasmtime_compat::Wasmtime;

use crate::bindings::agent::tools::host::{Host, HttpError, Level, Request, Response};
use crate::hook::{Hook, Verdict};
use crate::limiter::Limiter;
use crate::network::{self, Abuse, Capabilities, Failure};

/// The data of a store.
pub struct Session<W: Wasmtime> {
    pub capabilities: Capabilities,
    pub limiter: Limiter,
    pub hook: Option<Hook<W>>,
    pub log: Vec<String>,
    requests: usize,
    millis: u64,
}

/// The files of the workspace.
const FILES: [(&str, &str); 3] = [
    ("notes/today.md", "# Today\nBuy milk.\n"),
    ("notes/long.md", "# Long\nOne.\nTwo.\nThree.\n"),
    ("private/keys.md", "secret"),
];

impl<W: Wasmtime> Session<W> {
    pub fn new(capabilities: Capabilities, limiter: Limiter, hook: Option<Hook<W>>) -> Self {
        Self { capabilities, limiter, hook, log: Vec::new(), requests: 0, millis: 1_700_000_000_000 }
    }
}

impl<W: Wasmtime> Host for Session<W> {
    fn log(&mut self, level: Level, message: String) -> Result<()> {
        let most = self.capabilities.log_lines;
        if self.log.len() >= most {
            return Err(Abuse::Log { most }.into());
        }
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        self.log.push(format!("{level}: {message}"));
        Ok(())
    }

    fn now_millis(&mut self) -> u64 {
        self.millis += 1;
        self.millis
    }

    fn workspace_read(&mut self, path: String) -> Option<String> {
        let prefix = self.capabilities.workspace?;
        if !path.starts_with(prefix) || path.contains("..") {
            return None;
        }
        FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned())
    }

    fn secret_exists(&mut self, name: String) -> bool {
        self.capabilities.secrets.iter().any(|secret| secret.name == name)
    }

    fn http_request(&mut self, mut request: Request) -> Result<Response, Failure> {
        let most = self.capabilities.requests;
        self.requests += 1;
        if self.requests > most {
            return Err(Failure::Call(Abuse::Requests { most }));
        }
        if let Some(hook) = &self.hook
            && let Verdict::Denied(reason) = hook.before_request(&request.url)
        {
            return Err(Failure::Tool(HttpError::Denied(reason)));
        }
        self.capabilities.prepare(&mut request).map_err(Failure::Tool)?;
        network::send(&request).map_err(Failure::Tool)
    }

    fn convert_http_error(&mut self, failure: Failure) -> Result<HttpError> {
        match failure {
            Failure::Tool(error) => Ok(error),
            Failure::Call(abuse) => Err(abuse.into()),
        }
    }
}
