//! Owns the signals that end the server: SIGINT, SIGTERM and SIGHUP, or Ctrl-C.

use std::sync::Arc;
use std::{mem, process};

use tokio::sync::watch;

use crate::style;

/// What shells report for a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Whether the server is to end.
pub(super) type Stop = watch::Receiver<bool>;

/// Watches the signals from now on. A second signal ends the process at once. If the process was started with one of them ignored,
/// as `nohup` and shells do for jobs in the background, all are left as they are.
///
/// # Errors
/// What the operating system reports.
pub(super) fn watch() -> Result<Stop, ctrlc::Error> {
    let (sender, receiver) = watch::channel(false);
    let sender = Arc::new(sender);
    let stop = Arc::clone(&sender);
    let watched = ctrlc::try_set_handler(move || {
        if stop.send_replace(true) {
            process::exit(INTERRUPTED);
        }
    });
    match watched {
        Err(ctrlc::Error::MultipleHandlers) => {
            style::note("a signal is ignored in this process, so that no signal waits for requests to end");
            // A receiver without a sender would report the end.
            mem::forget(sender);
        }
        watched => watched?,
    }
    Ok(receiver)
}

/// Waits for the end of the server.
pub(super) async fn requested(mut stop: Stop) {
    // The sender lives as long as the process.
    let _ = stop.wait_for(|stopped| *stopped).await;
}
