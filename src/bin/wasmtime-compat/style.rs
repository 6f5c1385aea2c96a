//! Owns how text looks and where it goes: colour, tables, the spinner, data on stdout, the rest on stderr.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;

/// How a piece of text is meant; without colour it looks as plain text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tone {
    Plain,
    Title,
    Good,
    Warning,
    Bad,
    Dim,
}

/// A terminal with fewer columns (some claim to have none) breaks long lines better than a table could.
const NARROW: u16 = 60;

/// Text for one table cell.
pub(crate) type Text = (Tone, String);

/// Prints data. A reader that has gone away is not an error; data that is lost otherwise is.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// What it means for a command that writing to standard output ended so.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::unwritten(&error)),
        _ => Ok(()),
    }
}

/// Tells the user what went wrong, and what to do about it.
pub(crate) fn error(message: &str, hint: Option<&str>) {
    say("error:", Tone::Bad, message);
    hint.into_iter().flat_map(str::lines).for_each(self::hint);
}

/// Tells the user what to do.
pub(crate) fn hint(message: &str) {
    say("hint:", Tone::Warning, message);
}

/// Tells the user something by the way.
pub(crate) fn note(message: &str) {
    say("note:", Tone::Dim, message);
}

/// Text for standard output.
pub(crate) fn paint(tone: Tone, text: &str) -> String {
    paint_if(use_colour(std::io::stdout().is_terminal()), tone, text)
}

/// An aligned table for standard output, each line indented by two. Control characters are escaped: paths come from
/// outside.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<Text>>) -> String {
    let colour = use_colour(std::io::stdout().is_terminal());
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Dynamic);
    table.style_text_only();
    if table.width().is_some_and(|columns| columns < NARROW) {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    table.set_header(header.iter().map(|name| cell(colour, Tone::Dim, name)));
    for row in rows {
        table.add_row(row.iter().map(|(tone, text)| cell(colour, *tone, &visible(text))));
    }
    table.lines().map(|line| format!(" {}\n", line.trim_end())).collect()
}

/// `text` with its control characters escaped, apart from line ends.
pub(crate) fn visible(text: &str) -> String {
    text.chars().fold(String::new(), |mut visible, letter| {
        if letter.is_control() && letter != '\n' {
            visible.extend(letter.escape_default());
        } else {
            visible.push(letter);
        }
        visible
    })
}

/// A spinner on standard error, if that is a terminal. It goes away when dropped.
#[derive(Debug)]
pub(crate) struct Spinner(Option<ProgressBar>);

impl Spinner {
    pub(crate) fn new(message: String) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner()).with_message(message);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(Some(bar))
    }

    pub(crate) fn say(&self, message: String) {
        if let Some(bar) = &self.0 {
            bar.set_message(message);
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn use_colour(terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn say(label: &str, tone: Tone, message: &str) {
    let colour = use_colour(std::io::stderr().is_terminal());
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{} {}", paint_if(colour, tone, label), visible(message));
}

fn paint_if(colour: bool, tone: Tone, text: &str) -> String {
    let style = match tone {
        _ if !colour => return text.to_owned(),
        Tone::Plain => return text.to_owned(),
        Tone::Title => Style::new().bold(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Warning => AnsiColor::Yellow.on_default(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
        Tone::Dim => Style::new().dimmed(),
    };
    format!("{style}{text}{style:#}")
}

fn cell(colour: bool, tone: Tone, text: &str) -> Cell {
    let cell = Cell::new(text);
    match tone {
        _ if !colour => cell,
        Tone::Plain => cell,
        Tone::Title => cell.add_attribute(Attribute::Bold),
        Tone::Good => cell.fg(Color::DarkGreen),
        Tone::Warning => cell.fg(Color::DarkYellow),
        Tone::Bad => cell.fg(Color::DarkRed).add_attribute(Attribute::Bold),
        Tone::Dim => cell.add_attribute(Attribute::Dim),
    }
}
