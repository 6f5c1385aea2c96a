//! Owns a page of sections, lists and tables, and how it becomes text, Markdown and HTML. Text from outside in it is
//! visible already.

use std::fmt::Write as _;

use crate::style::{self, Tone};

/// A page.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) title: String,
    pub(super) sections: Vec<Section>,
}

/// A part of a page. Without a title it belongs to what is before it.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

/// A part of a section. Words between backticks are code.
#[derive(Debug)]
pub(super) enum Block {
    Text(String),
    List(Vec<String>),
    Table { header: Vec<&'static str>, rows: Vec<Vec<Cell>> },
}

/// A cell of a table.
#[derive(Debug)]
pub(super) struct Cell {
    tone: Tone,
    text: String,
    link: Option<&'static str>,
}

/// A cell with text.
pub(super) fn cell(text: String) -> Cell {
    toned(Tone::Plain, text)
}

/// A cell with text that looks like this on a terminal.
pub(super) fn toned(tone: Tone, text: String) -> Cell {
    Cell { tone, text, link: None }
}

/// A cell that leads elsewhere.
pub(super) fn linked(text: String, link: &'static str) -> Cell {
    Cell { tone: Tone::Plain, text, link: Some(link) }
}

impl Document {
    /// For a terminal.
    pub(super) fn text(&self) -> String {
        let mut out = style::paint(Tone::Title, &self.title) + "\n";
        for section in &self.sections {
            out += "\n";
            if !section.title.is_empty() {
                let _ = writeln!(out, "{}", style::paint(Tone::Title, &section.title));
            }
            for block in &section.blocks {
                match block {
                    Block::Text(text) => {
                        let _ = writeln!(out, "{text}");
                    }
                    Block::List(lines) => lines.iter().for_each(|line| {
                        let _ = writeln!(out, "* {line}");
                    }),
                    Block::Table { header, rows } => {
                        let row = |row: &Vec<Cell>| row.iter().map(|cell| (cell.tone, cell.text.clone())).collect();
                        out += &style::table(header, rows.iter().map(row).collect());
                    }
                }
            }
        }
        out
    }

    /// As a page of Markdown.
    pub(super) fn markdown(&self) -> String {
        let mut out = format!("# {}\n", markdown(&self.title));
        for section in &self.sections {
            if !section.title.is_empty() {
                let _ = write!(out, "\n## {}\n", markdown(&section.title));
            }
            for block in &section.blocks {
                out += "\n";
                match block {
                    Block::Text(text) => {
                        let _ = writeln!(out, "{}", markdown(text));
                    }
                    Block::List(lines) => lines.iter().for_each(|line| {
                        let _ = writeln!(out, "* {}", markdown(line));
                    }),
                    Block::Table { header, rows } => {
                        let _ = write!(out, "| {} |\n|{}\n", header.join(" | "), "---|".repeat(header.len()));
                        for row in rows {
                            let cells: Vec<String> = row.iter().map(Cell::markdown).collect();
                            let _ = writeln!(out, "| {} |", cells.join(" | "));
                        }
                    }
                }
            }
        }
        out
    }

    /// As a page of HTML.
    pub(super) fn html(&self) -> String {
        let title = html(&self.title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        for section in &self.sections {
            if !section.title.is_empty() {
                let _ = writeln!(out, "<h2>{}</h2>", html(&section.title));
            }
            for block in &section.blocks {
                match block {
                    Block::Text(text) => {
                        let _ = writeln!(out, "<p>{}</p>", html(text));
                    }
                    Block::List(lines) => {
                        let lines: Vec<String> =
                            lines.iter().map(|line| format!("<li>{}</li>\n", html(line))).collect();
                        let _ = writeln!(out, "<ul>\n{}</ul>", lines.concat());
                    }
                    Block::Table { header, rows } => {
                        let header: Vec<String> =
                            header.iter().map(|name| format!("<th>{}</th>", html(name))).collect();
                        let _ = writeln!(out, "<table>\n<tr>{}</tr>", header.concat());
                        for row in rows {
                            let cells: Vec<String> = row.iter().map(Cell::html).collect();
                            let _ = writeln!(out, "<tr>{}</tr>", cells.concat());
                        }
                        out += "</table>\n";
                    }
                }
            }
        }
        out + "</body>\n</html>\n"
    }
}

impl Cell {
    fn markdown(&self) -> String {
        let text = markdown(&self.text);
        match self.link {
            Some(link) => format!("[{text}]({link})"),
            None => text,
        }
    }

    fn html(&self) -> String {
        let class = match self.tone {
            Tone::Bad => " class=\"bad\"",
            Tone::Warning => " class=\"warning\"",
            Tone::Good => " class=\"good\"",
            Tone::Dim => " class=\"dim\"",
            Tone::Plain | Tone::Title => "",
        };
        let text = html(&self.text);
        match self.link {
            Some(link) => format!("<td{class}><a href=\"{}\">{text}</a></td>", escape(link)),
            None => format!("<td{class}>{text}</td>"),
        }
    }
}

/// The look; light or dark as the reader's system is.
const STYLE: &str = "
:root { color-scheme: light dark; --line: #c8ccd0; --dim: #707880; --bad: #b3121d; --warning: #8a5a00; --good: #146c2e; }
@media (prefers-color-scheme: dark) { :root { --line: #3a424a; --bad: #ff9a94; --warning: #e7b75c; --good: #7fd494; } }
body { margin: 0 auto; padding: 1.5rem; max-width: 80rem; font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; margin: .5rem 0; display: block; overflow-x: auto; }
th, td { padding: .25rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
.dim { color: var(--dim); } .bad { color: var(--bad); font-weight: 600; } .warning { color: var(--warning); }
.good { color: var(--good); } code { font-size: .9em; }
";

/// The pieces of a text, and whether each is code.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let pieces: Vec<&str> = text.split('`').collect();
    // A backtick without another one is a letter.
    if pieces.len().is_multiple_of(2) {
        return vec![(text, false)];
    }
    pieces.into_iter().enumerate().map(|(place, piece)| (piece, place % 2 == 1)).collect()
}

/// A text on one line of Markdown, also inside a table.
fn markdown(text: &str) -> String {
    pieces(text).into_iter().fold(String::new(), |mut out, (piece, is_code)| {
        let piece = piece.replace('\n', " ").replace('|', "\\|");
        if is_code {
            let _ = write!(out, "`{piece}`");
        } else {
            for letter in piece.chars() {
                match letter {
                    '<' => out += "&lt;",
                    '&' => out += "&amp;",
                    '*' | '_' | '[' | ']' | '`' => out.extend(['\\', letter]),
                    _ => out.push(letter),
                }
            }
        }
        out
    })
}

/// A text as HTML.
fn html(text: &str) -> String {
    pieces(text).into_iter().fold(String::new(), |out, (piece, is_code)| {
        let piece = escape(piece);
        if is_code { format!("{out}<code>{piece}</code>") } else { out + &piece }
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    //! One small page in three forms, exactly; and text that means something in each of them.

    use super::*;

    fn page() -> Document {
        let rows = vec![vec![linked("a_b".to_owned(), "https://example.com/?a&b"), cell("uses `x|y`".to_owned())]];
        let blocks = vec![
            Block::Text("One *line* of `code_here`.".to_owned()),
            Block::List(vec!["<script>".to_owned(), "a lone ` tick".to_owned()]),
            Block::Table { header: vec!["name", "effect"], rows },
        ];
        let head = Section { title: String::new(), blocks: vec![Block::List(vec!["first".to_owned()])] };
        Document { title: "Title".to_owned(), sections: vec![head, Section { title: "Part".to_owned(), blocks }] }
    }

    #[test]
    fn text() {
        let expected = "Title\n\n* first\n\nPart\nOne *line* of `code_here`.\n* <script>\n* a lone ` tick\n  \
                        name  effect\n  a_b   uses `x|y`\n";
        assert_eq!(page().text(), expected);
    }

    #[test]
    fn markdown_page() {
        let expected = "# Title\n\n* first\n\n## Part\n\nOne \\*line\\* of `code_here`.\n\n* &lt;script>\n\
                        * a lone \\` tick\n\n| name | effect |\n|---|---|\n\
                        | [a\\_b](https://example.com/?a&b) | uses `x\\|y` |\n";
        assert_eq!(page().markdown(), expected);
    }

    #[test]
    fn html_page() {
        let page = page().html();
        let (_, body) = page.split_once("<body>\n").unwrap();
        let expected = "<h1>Title</h1>\n<ul>\n<li>first</li>\n</ul>\n<h2>Part</h2>\n\
                        <p>One *line* of <code>code_here</code>.</p>\n<ul>\n<li>&lt;script&gt;</li>\n\
                        <li>a lone ` tick</li>\n</ul>\n<table>\n<tr><th>name</th><th>effect</th></tr>\n\
                        <tr><td><a href=\"https://example.com/?a&amp;b\">a_b</a></td><td>uses <code>x|y</code></td></tr>\n\
                        </table>\n</body>\n</html>\n";
        assert_eq!(body, expected);
    }
}
