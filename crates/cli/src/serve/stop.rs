//! Owns the signals that end the server: SIGINT, SIGTERM and SIGHUP, or Ctrl-C.

use std::process;

use tokio::sync::watch;

/// What shells report for a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Whether the server is to end.
pub(super) type Stop = watch::Receiver<bool>;

/// Watches the signals from now on. A second signal ends the process at once.
///
/// # Errors
/// What the operating system reports.
pub(super) fn watch() -> Result<Stop, ctrlc::Error> {
    let (sender, receiver) = watch::channel(false);
    ctrlc::try_set_handler(move || {
        if sender.send_replace(true) {
            process::exit(INTERRUPTED);
        }
    })?;
    Ok(receiver)
}

/// Waits for the end of the server.
pub(super) async fn requested(mut stop: Stop) {
    // The sender lives as long as the process.
    let _ = stop.wait_for(|stopped| *stopped).await;
}
