//! Owns what a terminal shows: progress while it runs, and the folded grid at the end.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use indicatif::{ProgressBar, ProgressStyle};

use crate::event::{Consumer, Event};
use crate::grid::{self, Grid};
use crate::model::{ColumnEnd, ColumnReport, Report, Verdict};

/// The number of lines of a failure's output that are shown; the rest is in the reports.
const LINES: usize = 25;

/// Prints an event. A failure to print does not stop the matrix.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Whether standard output should have colours.
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal() && no_color_is_off()
}

fn no_color_is_off() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Progress on standard error: a bar on a terminal, a line per column elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    total: usize,
    done: usize,
    cases: usize,
    /// The columns that really ran, and the time that took.
    ran: (u32, Duration),
    start: Instant,
}

impl Progress {
    /// For standard error as it is.
    pub(crate) fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let colour = if no_color_is_off() { ".green" } else { "" };
            let template = format!("[{{bar:24{colour}}}] {{pos}}/{{len}} majors  {{elapsed}}{{prefix}}  {{wide_msg}}");
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        });
        Self { bar, total: 0, done: 0, cases: 0, ran: (0, Duration::ZERO), start: Instant::now() }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => say(line),
        }
    }

    /// What it does: on a terminal in the bar; elsewhere a line where it `matters`.
    fn doing(&self, major: u64, what: &str, matters: bool) {
        match &self.bar {
            Some(bar) => bar.set_message(format!("Wasmtime {major}: {what}")),
            None if matters => say(&format!("[{}/{}] Wasmtime {major}: {what}", self.done + 1, self.total)),
            None => {}
        }
    }

    fn finished(&mut self, major: u64, end: &ColumnEnd) {
        self.done += 1;
        if !end.cached && !matches!(end.verdict, Verdict::NotRun { .. }) {
            self.ran = (self.ran.0 + 1, self.ran.1 + self.start.elapsed());
        }
        let mut line = format!("[{}/{}] Wasmtime {major}: {}", self.done, self.total, end.verdict.describe());
        if self.cases > 0 {
            let _ = write!(line, ", {} cases", self.cases);
        }
        if end.cached {
            line += ", cached";
        } else if !matches!(end.verdict, Verdict::NotRun { .. }) {
            let _ = write!(line, ", {:.1} s to build, {:.1} s to run", end.build_seconds, end.run_seconds);
        }
        self.say(&line);
        if let Some(bar) = &self.bar {
            bar.set_position(self.done as u64);
            let left = self.total.saturating_sub(self.done);
            if self.ran.0 > 0 && left > 0 {
                let left = self.ran.1 / self.ran.0 * u32::try_from(left).unwrap_or(u32::MAX);
                bar.set_prefix(format!("  about {} left", minutes(left)));
            } else {
                bar.set_prefix("");
            }
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Consumer for Progress {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Planned(columns) => {
                self.total = columns.len();
                if let Some(bar) = &self.bar {
                    bar.set_length(self.total as u64);
                }
            }
            Event::ColumnStarted { .. } => {
                self.cases = 0;
                self.start = Instant::now();
            }
            Event::Building { major, .. } => self.doing(*major, "building", true),
            Event::Running { major, .. } => self.doing(*major, "running", true),
            Event::Step { major, text } => self.doing(*major, text, false),
            Event::CaseFinished { .. } => self.cases += 1,
            Event::ColumnFinished { major, end } => self.finished(*major, end),
            Event::Done => {
                if let Some(bar) = &self.bar {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

fn minutes(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// The whole of a report as text: columns, folded grid, reasons, and the command that reproduces each failure.
pub(crate) fn summary(report: &Report, colour: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", columns(report));
    out += &folded(report, colour);
    for reason in grid::reasons(report) {
        let name = paint(colour, reason.verdict, reason.verdict.name());
        let _ = write!(out, "{name} on {}: {}", reason.majors, reason.verdict.reason().unwrap_or_default());
        if !reason.cases.is_empty() {
            let _ = write!(out, "\n    cases: {}", reason.cases.join(", "));
        }
        if let Some(link) = reason.verdict.link() {
            let _ = write!(out, "\n    {link}");
        }
        out.push('\n');
    }
    for failure in grid::failures(report) {
        let name = paint(colour, failure.verdict, &failure.verdict.describe());
        let case = failure.case.map(|case| format!(", {case}")).unwrap_or_default();
        let _ = writeln!(out, "\nWasmtime {}{case}: {name}", failure.major);
        if let Some(link) = failure.verdict.link() {
            let _ = writeln!(out, "    {link}");
        }
        let lines: Vec<&str> = failure.output.unwrap_or_default().lines().collect();
        for line in &lines[lines.len().saturating_sub(LINES)..] {
            let _ = writeln!(out, "    | {}", visible(line));
        }
        let _ = writeln!(out, "    $ {}", failure.reproduce);
    }
    out
}

/// A line per column.
fn columns(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(COLUMNS_HEADER);
    for column in &report.columns {
        table.add_row(column_row(column));
    }
    for index in 3..COLUMNS_HEADER.len() {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The header of the table of columns.
pub(crate) const COLUMNS_HEADER: [&str; 11] =
    ["major", "pin", "verdict", "pass", "fail", "xfail", "n/a", "skip", "build s", "run s", "CPU s"];

/// Where the times begin in [`COLUMNS_HEADER`].
pub(crate) const TIMES: usize = 8;

/// A column's row in the table of columns.
pub(crate) fn column_row(column: &ColumnReport) -> [String; 11] {
    let count = |names: &[&str]| names.iter().map(|name| column.count(name)).sum::<usize>().to_string();
    let end = &column.end;
    let verdict = end.verdict.describe() + if end.cached { " (cached)" } else { "" };
    [
        column.column.major.to_string(),
        column.column.pin.clone().unwrap_or_default(),
        verdict,
        count(&["pass"]),
        count(&["fail", "xpass", "timeout"]),
        count(&["xfail"]),
        count(&["n/a"]),
        count(&["skip"]),
        format!("{:.1}", end.build_seconds),
        format!("{:.1}", end.run_seconds),
        end.cpu_seconds.map(|seconds| format!("{seconds:.1}")).unwrap_or_default(),
    ]
}

/// The grid: a letter per case and column, only rows with something to see.
fn folded(report: &Report, colour: bool) -> String {
    let grid = Grid::new(report);
    let mut out = String::new();
    if !grid.rows.is_empty() {
        let width = grid.rows.iter().map(|row| row.case.chars().count()).max().unwrap_or(0);
        // Narrow, so that all majors fit a screen.
        let cell = report.columns.iter().map(|column| column.column.major.to_string().len() + 1).max().unwrap_or(0);
        let _ = write!(out, "{:width$} ", "");
        for column in &report.columns {
            let _ = write!(out, "{:>cell$}", column.column.major);
        }
        out.push('\n');
        for row in &grid.rows {
            let _ = write!(out, "{:width$} ", row.case);
            for verdict in &row.cells {
                let letter =
                    verdict.map_or(" ".to_owned(), |verdict| paint(colour, verdict, &verdict.symbol().to_string()));
                let _ = write!(out, "{:1$}{letter}", "", cell - 1);
            }
            out.push('\n');
        }
        let _ = writeln!(out, "{}\n", grid::legend());
    }
    if grid.passing > 0 {
        let more = if grid.rows.is_empty() { "" } else { " more" };
        let cases = if grid.passing == 1 { "case passes" } else { "cases pass" };
        let _ = writeln!(out, "{}{more} {cases} on every major that ran", grid.passing);
    }
    out
}

fn paint(colour: bool, verdict: &Verdict, text: &str) -> String {
    let style = match verdict {
        _ if !colour => return text.to_owned(),
        Verdict::Pass => AnsiColor::Green.on_default(),
        verdict if verdict.is_failure() => AnsiColor::Red.on_default().bold(),
        Verdict::Xfail { .. } => AnsiColor::Yellow.on_default(),
        _ => Style::new().dimmed(),
    };
    format!("{style}{text}{style:#}")
}

/// What a test printed, without what would command the terminal.
fn visible(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}
