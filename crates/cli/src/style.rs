//! Owns how text looks and where it goes: colour, tables, the spinner, data on stdout, the rest on stderr.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, TableStyle};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

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
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::write_failed(&error)),
        _ => Ok(()),
    }
}

/// Tells the user what went wrong, and what to do about it. Both may have several lines: text from outside in them is
/// [`visible`] already.
pub(crate) fn error(message: &str, hint: Option<&str>) {
    say("error:", Tone::Bad, message);
    hint.into_iter().flat_map(str::lines).for_each(self::hint);
}

/// Tells the user what to do.
pub(crate) fn hint(message: &str) {
    say("hint:", Tone::Warning, message);
}

/// Warns the user of something that need not be wrong.
pub(crate) fn warning(message: &str) {
    say("warning:", Tone::Warning, message);
}

/// Tells the user something by the way.
pub(crate) fn note(message: &str) {
    say("note:", Tone::Dim, message);
}

/// Tells the user more about what was said last.
pub(crate) fn detail(message: &str) {
    say("  ", Tone::Dim, message);
}

/// Adds a line to a log on standard error, at once.
#[cfg(feature = "_runtime")]
pub(crate) fn log(line: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// Text for standard output.
pub(crate) fn paint(tone: Tone, text: &str) -> String {
    paint_if(use_colour(std::io::stdout().is_terminal()), tone, text)
}

/// An aligned table for standard output, each line indented by two. Cells may have several lines: text from outside in
/// them is [`visible`] already.
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
        table.add_row(row.iter().map(|(tone, text)| cell(colour, *tone, &lines(text))));
    }
    table.lines().map(|line| format!(" {}\n", line.trim_end())).collect()
}

/// Text from outside, such as names, paths and messages that quote them, on one line: characters that would end the
/// line, or that do not show, or that change the order of what does, are escaped.
pub(crate) fn visible(text: &str) -> String {
    escaped(text, is_misleading)
}

/// A path or a name in quotes, as it can be pasted, with what [`visible`] escapes. On Windows a backslash separates, and
/// stays as it is.
pub(crate) fn in_quotes(path: &str) -> String {
    in_quotes_on(cfg!(windows), path)
}

fn in_quotes_on(windows: bool, path: &str) -> String {
    let others = path.replace('\\', "/");
    if windows && !path.contains(is_misleading) && format!("{others:?}").len() == path.len() + 2 {
        return format!("\"{path}\"");
    }
    visible(&format!("{path:?}"))
}

/// The first `longest` characters of a text.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// As [`visible`], for a message of this program: the ends of its lines stay.
pub(crate) fn lines(text: &str) -> String {
    escaped(text, |letter| letter != '\n' && is_misleading(letter))
}

fn escaped(text: &str, escape: fn(char) -> bool) -> String {
    text.chars().fold(String::new(), |mut shown, letter| {
        if escape(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
        shown
    })
}

/// Whether a terminal does something else with a character than to show it.
pub(crate) fn is_misleading(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            // Invisible: soft hyphen, joiners and fillers, spaces without width, variations, tags.
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
            // They change the direction of the text.
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // They end a line or a paragraph.
            | '\u{2028}' | '\u{2029}')
}

/// A spinner on standard error, if that is a terminal, with the time that has passed, which is updated every second. The
/// spinner goes away when dropped.
#[derive(Debug)]
pub(crate) struct Spinner(Option<ProgressBar>);

impl Spinner {
    pub(crate) fn new(message: String) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        // The template is ours: if it were refused, the spinner would do without the time.
        let style = ProgressStyle::with_template("{spinner} {msg} ({passed})");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let style = style.with_key("passed", |state: &ProgressState, out: &mut dyn fmt::Write| {
            // The line is drawn again soon.
            let _ = out.write_str(&to_the_second(state.elapsed()));
        });
        let bar = ProgressBar::new_spinner().with_style(style).with_message(message);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(Some(bar))
    }

    /// Shows what is done now, and for how long from now on.
    pub(crate) fn say(&self, message: String) {
        if let Some(bar) = &self.0 {
            bar.reset_elapsed();
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

/// A time as flags take it, to the second, so that it can be seen to change: `59s`, `2m 05s`, `1h 00m 07s`.
fn to_the_second(time: Duration) -> String {
    let (hours, minutes, seconds) = (time.as_secs() / 3600, time.as_secs() / 60 % 60, time.as_secs() % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m {seconds:02}s"),
        _ => format!("{hours}h {minutes:02}m {seconds:02}s"),
    }
}

/// Whether the consoles behind standard output and standard error, where they are some of Windows, can show colour. It is
/// turned on by asking: a classic console shows escape codes as text otherwise. Other terminals have colour.
fn has_colour() -> bool {
    static HAS_COLOUR: OnceLock<bool> = OnceLock::new();
    *HAS_COLOUR.get_or_init(|| anstyle_query::windows::enable_ansi_colors().unwrap_or(true) || is_not_a_console())
}

/// Whether the terminal is one of a Unix shell on Windows, which the system takes for a pipe.
fn is_not_a_console() -> bool {
    std::env::var_os("TERM").is_some()
}

fn use_colour(terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb") && has_colour()
}

fn say(label: &str, tone: Tone, message: &str) {
    let colour = use_colour(std::io::stderr().is_terminal());
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{} {}", paint_if(colour, tone, label), lines(message));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_on_its_line_and_in_sight() {
        let evil = "evil\nerror: fake\u{202e}\u{200b}\u{2028}\u{feff}\u{1b}[1m\r";
        let shown = visible(evil);
        assert_eq!(shown, "evil\\nerror: fake\\u{202e}\\u{200b}\\u{2028}\\u{feff}\\u{1b}[1m\\r");
        assert_eq!(lines("one\ntwo\t"), "one\ntwo\\t");
    }

    #[test]
    fn paths_can_be_pasted() {
        assert_eq!(in_quotes_on(true, r"C:\new\x y"), r#""C:\new\x y""#);
        assert_eq!(in_quotes_on(true, "C:\\a\nb"), r#""C:\\a\nb""#);
        assert_eq!(in_quotes_on(true, "a\u{200b}"), r#""a\u{200b}""#);
        assert_eq!(in_quotes_on(false, r"a\b"), r#""a\\b""#);
    }

    #[test]
    fn times_change_every_second() {
        for (seconds, shown) in [(0, "0s"), (59, "59s"), (125, "2m 05s"), (3607, "1h 00m 07s")] {
            assert_eq!(to_the_second(Duration::from_millis(seconds * 1000 + 999)), shown);
        }
    }

    #[test]
    fn words_in_any_script_stay_as_they_are() {
        for word in ["naïve", "日本語", "שלום", "مرحبا", "नमस्ते", "한국어", "😀", "a b"]
        {
            assert_eq!(visible(word), word);
        }
    }
}
