//! Owns what a command fails with: message, hint and exit code.

use std::fmt;
use std::io;
use std::process::ExitCode;

use serde::Serialize;

use crate::guest_file::UnreadableGuest;
use crate::json::{self, SCHEMA};
use crate::{run, style};

/// Why a command could not do its work. As JSON it is the command's one object.
///
/// Text from outside in the message is [visible](style::visible) already, unless `quotes` is set.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) schema: u32,
    #[serde(rename = "error")]
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The trap that ended the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trap: Option<String>,
    /// The guest's frames when it was stopped, the innermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) backtrace: Vec<json::Frame>,
    /// Whether there were more frames than are kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) backtrace_cut: bool,
    #[serde(skip)]
    pub(crate) code: u8,
    /// Standard output takes no data, so not this object either.
    #[serde(skip)]
    pub(crate) write_failed: bool,
    /// The message is of the library and quotes names as they are: to people it is shown on one line.
    #[serde(skip)]
    pub(crate) quotes: bool,
}

/// The guest is refused as it is.
pub(crate) const NOT_READAPTED: u8 = 1;
/// The command line asks for something that makes no sense, or what it asks for cannot be read or written.
pub(crate) const USAGE: u8 = 2;
/// The process that ran the guest was ended by a signal, or ended itself, before it could report how the guest ended.
pub(crate) const CRASHED: u8 = 123;
/// The guest's time was up, as with `timeout(1)`.
pub(crate) const TIMED_OUT: u8 = 124;
/// The host failed while the guest ran.
pub(crate) const HOST_FAILED: u8 = 125;
/// The guest was not started, as with a shell's "found but cannot be executed".
pub(crate) const REFUSED: u8 = 126;
/// The guest trapped: what a shell shows for SIGABRT, and Wasmtime's own command line exits with.
pub(crate) const TRAPPED: u8 = 134;

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        let (trap, backtrace, backtrace_cut) = (None, Vec::new(), false);
        let (message, schema, hint) = (message.into(), SCHEMA, None);
        Self { schema, message, hint, trap, backtrace, backtrace_cut, code, write_failed: false, quotes: false }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }

    /// What the library reports about a guest or file that the command line names.
    pub(crate) fn library(error: &wasmtime_compat::Error) -> Self {
        Self { quotes: true, ..Self::usage(format!("{error:#}")) }
    }

    /// A command line that makes no sense, from what clap says of it: a message, then usage and tips.
    pub(crate) fn parsing(text: &str) -> Self {
        let text = text.trim();
        let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
        let failure = Self::usage(message.strip_prefix("error: ").unwrap_or(message));
        if rest.is_empty() { failure } else { failure.with_hint(rest) }
    }

    /// A guest cannot have a process of its own.
    pub(crate) fn no_process(code: u8, error: &io::Error) -> Self {
        Self::new(code, format!("cannot run the guest in a process of its own: {error}"))
            .with_hint("--no-isolate runs the guest in this process")
    }

    /// What a command had to say did not reach standard output.
    pub(crate) fn write_failed(error: &io::Error) -> Self {
        Self { write_failed: true, ..Self::new(USAGE, format!("cannot write to standard output: {error}")) }
    }

    pub(crate) fn with_hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Tells the user, on standard error, and with `json` on standard output too. Returns what to exit with.
    pub(crate) fn report(&self, json: bool) -> ExitCode {
        if json && !self.write_failed {
            // That it cannot be written changes nothing: the command has failed already, and the user is told below.
            let _ = json::print(self);
        }
        let message = if self.quotes { style::visible(&self.message) } else { self.message.clone() };
        style::error(&message, self.hint.as_deref());
        run::frames(&self.backtrace, self.backtrace_cut, true);
        ExitCode::from(self.code)
    }
}

impl From<UnreadableGuest> for Failure {
    fn from(reason: UnreadableGuest) -> Self {
        let failure = Self::usage(reason.message);
        Self { hint: reason.hint, ..failure }
    }
}
