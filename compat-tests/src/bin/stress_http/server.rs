//! Owns the server: the process, its events, and what it uses.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use compat_tests::http::handler;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::work::{Kind, request};

/// The most that the start of the server, or its end, may take.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    events: Receiver<Value>,
    _directory: TempDir,
}

/// What a process uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Resident bytes.
    pub(crate) memory: u64,
    /// Open files.
    pub(crate) files: usize,
}

impl Server {
    pub(crate) fn new(program: &Path, major: u64, timeout: Duration) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let guest = directory.path().join("handler.wasm");
        std::fs::write(&guest, handler())?;
        let mut process = Command::new(program)
            .args(["serve", "--json", "--no-advisories", "--addr", "127.0.0.1:0", "--wasmtime", &major.to_string()])
            .args(["--timeout", &format!("{}ms", timeout.as_millis())])
            .arg(guest)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = process.stdout.take().context("the server has no standard output")?;
        let (sender, events) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|_| Value::String(line));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        let mut server = Self { process, address: ([127, 0, 0, 1], 0).into(), events, _directory: directory };
        let listening = server.events.recv_timeout(PATIENCE).context("the server does not listen")?;
        let address = listening["address"].as_str().with_context(|| format!("no address: {listening}"))?;
        server.address = address.parse()?;
        Ok(server)
    }

    /// What the process uses now, where the system shows that in `/proc`.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let process = format!("/proc/{}", self.process.id());
        let status = std::fs::read_to_string(format!("{process}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let memory = line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024;
        Some(Usage { memory, files: std::fs::read_dir(format!("{process}/fd")).ok()?.count() })
    }

    /// Ends the server, and checks its events: one for each request, with the status that the client saw.
    pub(crate) fn end(mut self, requests: u64) -> Result<Vec<String>> {
        let id = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw).context("the process has no number")?;
        kill_process(id, Signal::TERM)?;
        let mut wrong = Vec::new();
        let mut seen = HashMap::<u64, Vec<Value>>::new();
        let stopped = loop {
            let event = self.events.recv_timeout(PATIENCE).context("the server does not stop")?;
            match event["event"].as_str() {
                Some("request") => {
                    let number = event["query"].as_str().and_then(|number| number.parse().ok());
                    seen.entry(number.with_context(|| format!("an unknown request: {event}"))?)
                        .or_default()
                        .push(event);
                }
                Some("stopping") => {}
                Some("stopped") => break event,
                _ => wrong.push(format!("an unknown event: {event}")),
            }
        };
        let status = self.process.wait()?;
        if !status.success() || stopped["aborted"] != 0 {
            wrong.push(format!("the server ended with {status}: {stopped}"));
        }
        let reported: usize = seen.values().map(Vec::len).sum();
        if stopped["requests"] != reported {
            wrong.push(format!("{reported} requests were reported: {stopped}"));
        }
        for number in 0..requests {
            let events = seen.remove(&number).unwrap_or_default();
            if let Err(error) = check(number, &events) {
                wrong.push(format!("request {number}, {}: {error:#}", Kind::of(number).name()));
            }
        }
        Ok(wrong)
    }
}

/// Checks the events of a request.
fn check(number: u64, events: &[Value]) -> Result<()> {
    let request = request(Kind::of(number), number);
    if request.goes_away_after.is_some() {
        // The client may have gone before the server read the request.
        ensure!(events.len() <= 1, "it was reported {} times", events.len());
        return Ok(());
    }
    ensure!(events.len() == 1, "it was reported {} times", events.len());
    ensure!(events[0]["status"] == request.status, "the status was reported otherwise: {}", events[0]);
    if let Some(body) = &request.expected {
        ensure!(events[0]["bytes"] == body.len() && events[0]["error"].is_null(), "not as it was: {}", events[0]);
    }
    Ok(())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
