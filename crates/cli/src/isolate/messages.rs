//! Owns what the two processes of an isolated run send each other: the request with the guest, and the reports.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::mpsc::Sender;

use serde::{Deserialize, Serialize};

use crate::json::{self, Run};

/// What the other process reads first, on a line; the guest's bytes follow.
#[derive(Deserialize, Serialize)]
pub(super) struct Request {
    pub(super) name: String,
    pub(super) guest: json::Guest,
    pub(super) length: u64,
}

/// What the other process writes, each on a line.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Report {
    Compiled,
    Finished(Box<Finished>),
}

/// A run, with the fields that its own JSON leaves out, and without the guest, which the process that waits has. The text
/// of the streams follows the line as it is: as JSON it could be six times as long.
#[derive(Deserialize, Serialize)]
pub(super) struct Finished {
    pub(super) run: Run,
    pub(super) stdout_kept: usize,
    pub(super) stderr_kept: usize,
    pub(super) stdout_length: u64,
    pub(super) stderr_length: u64,
}

/// Sends a value on a line.
pub(super) fn send(pipe: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    pipe.write_all(&line)
}

/// Sends the run, and behind it the text of its streams.
pub(super) fn send_run(reports: &mut dyn Write, mut run: Run) -> io::Result<()> {
    let (stdout, stderr) = (std::mem::take(&mut run.stdout), std::mem::take(&mut run.stderr));
    run.guest.imports_wasi = Vec::new();
    let length = |text: &str| u64::try_from(text.len()).map_err(io::Error::other);
    let finished = Finished {
        stdout_kept: run.stdout_kept,
        stderr_kept: run.stderr_kept,
        stdout_length: length(&stdout)?,
        stderr_length: length(&stderr)?,
        run,
    };
    send(reports, &Report::Finished(Box::new(finished)))?;
    reports.write_all(stdout.as_bytes())?;
    reports.write_all(stderr.as_bytes())?;
    reports.flush()
}

/// Hands on the reports that come over a pipe, up to its end or to something else than a report.
pub(super) fn receive(pipe: impl Read, reports: &Sender<Report>) {
    let mut pipe = BufReader::new(pipe);
    loop {
        let mut line = Vec::new();
        match pipe.read_until(b'\n', &mut line) {
            Ok(1..) if line.last() == Some(&b'\n') => {}
            _ => return,
        }
        let Ok(mut report) = serde_json::from_slice(&line) else { return };
        if let Report::Finished(finished) = &mut report {
            let Finished { run, stdout_length, stderr_length, .. } = &mut **finished;
            for (stream, length) in [(&mut run.stdout, *stdout_length), (&mut run.stderr, *stderr_length)] {
                match (&mut pipe).take(length).read_to_string(stream) {
                    Ok(count) if u64::try_from(count) == Ok(length) => {}
                    _ => return,
                }
            }
        }
        if reports.send(report).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn received(bytes: &[u8]) -> usize {
        let (sender, receiver) = mpsc::channel();
        receive(bytes, &sender);
        drop(sender);
        receiver.iter().count()
    }

    #[test]
    fn what_is_not_a_report_ends_the_reports() {
        assert_eq!(received(b"\"compiled\"\n\"compiled\"\n"), 2);
        assert_eq!(received(b"\"compiled\"\nnonsense\n\"compiled\"\n"), 1);
        assert_eq!(received(b"\"compiled\"\n{\"finished\":{}}\n"), 1);
        assert_eq!(received(b"\"compiled\""), 0, "the line does not end");
        assert_eq!(received(b""), 0);
    }
}
