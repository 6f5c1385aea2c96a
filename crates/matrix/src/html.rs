//! Owns the page: the whole report as one file of HTML that needs nothing from elsewhere.

use std::fmt::Write as _;

use crate::grid::{self, Row};
use crate::model::{ColumnReport, Report, Verdict};

/// The look; light or dark as the reader's system is.
const STYLE: &str = "
:root { color-scheme: light dark; --bg: #fff; --fg: #1c2024; --dim: #656d76; --line: #d8dee4; --soft: #f6f8fa;
  --pass: #d7f5dd; --red: #ffd2cf; --red-fg: #b3121d; --x: #fff0c2; --na: #e9edf1; --nr: #f1f1f1; }
@media (prefers-color-scheme: dark) { :root { --bg: #0f1317; --fg: #e3e8ee; --dim: #8b96a3; --line: #2c343d;
  --soft: #171c22; --pass: #123a20; --red: #5c1619; --red-fg: #ff9a94; --x: #4a3a08; --na: #232a32; --nr: #1b2026; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; background: var(--bg); color: var(--fg);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .dim { color: var(--dim); }
code, pre, .grid td, .grid th.case { font-family: ui-monospace, monospace; font-size: .85rem; }
.scroll { overflow: auto; max-height: 85vh; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: separate; border-spacing: 0; }
th, td { padding: .2rem .5rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
tr:last-child > * { border-bottom: 0; }
thead th { position: sticky; top: 0; z-index: 2; background: var(--soft); }
th.case { position: sticky; left: 0; z-index: 1; background: var(--soft); font-weight: normal;
  border-right: 1px solid var(--line); }
thead th.case { z-index: 3; }
.grid td, .grid thead th { text-align: center; } .grid thead th.case { text-align: left; }
.grid td { min-width: 2.2rem; cursor: default; } .grid tr:hover > * { filter: brightness(.94); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.pass { background: var(--pass); } .red { background: var(--red); color: var(--red-fg); font-weight: 600; }
.xfail { background: var(--x); } .na { background: var(--na); } .skip, .notrun { background: var(--nr); }
td a { color: inherit; } td .why { white-space: normal; }
#all:not(:checked) ~ .scroll tr.same { display: none; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .4rem .7rem; }
details:has(:target) { outline: 2px solid var(--red-fg); } summary { cursor: pointer; }
pre { background: var(--soft); padding: .7rem; overflow: auto; max-height: 30rem; margin: .5rem 0 0; }
.key span { display: inline-block; padding: 0 .5rem; border-radius: 4px; margin-right: .3rem; }
ul { padding-left: 1.2rem; }
";

/// The page.
pub(crate) fn page(report: &Report) -> String {
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Wasmtime matrix</title>\n",
    );
    let _ = writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>\n<h1>Wasmtime matrix</h1>");
    headline(&mut out, report);
    failures(&mut out, report);
    cases(&mut out, report);
    reasons(&mut out, report);
    columns(&mut out, report);
    out += "</body>\n</html>\n";
    out
}

fn headline(out: &mut String, report: &Report) {
    let failures = grid::failures(report).len();
    let ran = report.columns.iter().filter(|c| !matches!(c.end.verdict, Verdict::NotRun { .. })).count();
    let count = |name| report.columns.iter().map(|column| column.count(name)).sum::<usize>();
    let verdict = match failures {
        0 => "no failures".to_owned(),
        1 => "1 failure".to_owned(),
        count => format!("{count} failures"),
    };
    let _ = writeln!(
        out,
        "<p>{ran} of {} majors ran, {verdict}.</p>\n<p class=\"dim\">Cells: {} pass, {} expected differences, {} not \
         applicable, {} skipped.</p>",
        report.columns.len(),
        count("pass"),
        count("xfail"),
        count("n/a"),
        count("skip"),
    );
}

fn failures(out: &mut String, report: &Report) {
    let failures = grid::failures(report);
    if failures.is_empty() {
        return;
    }
    *out += "<h2>Failures</h2>\n";
    for failure in failures {
        let case = failure.case.map(|case| format!(" <code>{}</code>", escape(case))).unwrap_or_default();
        let _ = write!(
            out,
            "<details><summary>Wasmtime {}{case}: {}</summary>",
            failure.major,
            escape(&failure.verdict.describe())
        );
        if let Some(link) = failure.verdict.link() {
            let _ = write!(out, "<p>{}</p>", anchor_to(link, link));
        }
        // Inside the details: a browser that goes to it opens them.
        let id = anchor(failure.major, failure.case);
        let _ = write!(out, "<pre id=\"{id}\">$ {}</pre>", escape(failure.reproduce));
        if let Some(output) = failure.output {
            let _ = write!(out, "<pre>{}</pre>", escape(output));
        }
        *out += "</details>\n";
    }
}

fn cases(out: &mut String, report: &Report) {
    let rows = grid::rows(report);
    if rows.is_empty() {
        return;
    }
    let same = rows.iter().filter(|row| !row.interesting).count();
    let checked = if same == rows.len() { " checked" } else { "" };
    let _ = write!(
        out,
        "<h2>Cases</h2>\n<input type=\"checkbox\" id=\"all\"{checked}> <label for=\"all\">also show the {same} that \
         pass everywhere</label>\n<p class=\"key\">"
    );
    for (class, letter, text) in [
        ("pass", ".", "pass"),
        ("red", "F X B I T", "fail, unexpected pass, build, infrastructure, timeout"),
        ("xfail", "x", "expected difference"),
        ("na", "-", "not applicable"),
        ("skip", "s", "skipped"),
        ("notrun", "?", "not run"),
    ] {
        let _ = write!(out, "<span class=\"{class}\"><code>{letter}</code> {text}</span>");
    }
    *out += "</p>\n<div class=\"scroll\"><table class=\"grid\">\n<thead><tr><th class=\"case\">case</th>";
    for column in &report.columns {
        let pin = column.column.pin.as_deref().unwrap_or_default();
        let _ = write!(out, "<th title=\"{}\">{}</th>", escape(pin), column.column.major);
    }
    *out += "</tr></thead>\n<tbody>\n";
    for row in &rows {
        cells(out, report, row);
    }
    *out += "</tbody></table></div>\n";
}

fn cells(out: &mut String, report: &Report, row: &Row<'_>) {
    let class = if row.interesting { "" } else { " class=\"same\"" };
    let _ = write!(out, "<tr{class}><th class=\"case\">{}</th>", escape(row.case));
    for (column, cell) in report.columns.iter().zip(&row.cells) {
        let Some(verdict) = cell else {
            *out += "<td title=\"there is no such case\"></td>";
            continue;
        };
        let major = column.column.major;
        let title = escape(&format!("{major}: {}", verdict.describe()));
        let symbol = verdict.symbol();
        let own = column.case(row.case).map(|_| row.case);
        let text = match verdict.is_failure() {
            true => format!("<a href=\"#{}\">{symbol}</a>", anchor(major, own)),
            false => symbol.to_string(),
        };
        let _ = write!(out, "<td class=\"{}\" title=\"{title}\">{text}</td>", class_of(verdict));
    }
    *out += "</tr>\n";
}

fn reasons(out: &mut String, report: &Report) {
    let reasons = grid::reasons(report);
    if reasons.is_empty() {
        return;
    }
    *out += "<h2>Reasons</h2>\n<ul>\n";
    for reason in reasons {
        let text = reason.verdict.reason().unwrap_or_default();
        let text = reason.verdict.link().map_or_else(|| escape(text), |link| anchor_to(link, text));
        let cases: Vec<_> = reason.cases.iter().map(|case| format!("<code>{}</code>", escape(case))).collect();
        let _ = writeln!(
            out,
            "<li><b>{}</b> on {}: {text} <span class=\"dim\">{}</span></li>",
            reason.verdict.name(),
            reason.majors,
            cases.join(", ")
        );
    }
    *out += "</ul>\n";
}

fn columns(out: &mut String, report: &Report) {
    let facts: std::collections::BTreeSet<&str> =
        report.columns.iter().flat_map(|column| column.column.facts.keys().map(String::as_str)).collect();
    *out += "<h2>Majors</h2>\n<div class=\"scroll\"><table>\n<thead><tr>";
    for name in ["major", "pin", "verdict", "cases", "toolchain"] {
        let _ = write!(out, "<th>{name}</th>");
    }
    for name in ["build s", "run s", "CPU s"] {
        let _ = write!(out, "<th class=\"number\">{name}</th>");
    }
    for fact in &facts {
        let _ = write!(out, "<th>{}</th>", escape(fact));
    }
    *out += "</tr></thead>\n<tbody>\n";
    for column in &report.columns {
        row(out, column, &facts);
    }
    *out += "</tbody></table></div>\n";
}

fn row(out: &mut String, column: &ColumnReport, facts: &std::collections::BTreeSet<&str>) {
    let end = &column.end;
    let cached = if end.cached { " <span class=\"dim\">cached</span>" } else { "" };
    let text = |text: Option<&String>| escape(text.map(String::as_str).unwrap_or_default());
    let cpu = end.cpu_seconds.map(|seconds| format!("{seconds:.1}")).unwrap_or_default();
    let _ = write!(
        out,
        "<tr><td>{}</td><td>{}</td><td class=\"{}\">{}{cached}</td><td class=\"number\">{}</td><td>{}</td>\
         <td class=\"number\">{:.1}</td><td class=\"number\">{:.1}</td><td class=\"number\">{cpu}</td>",
        column.column.major,
        text(column.column.pin.as_ref()),
        class_of(&end.verdict),
        escape(&end.verdict.describe()),
        column.cases.len(),
        text(column.column.toolchain.as_ref()),
        end.build_seconds,
        end.run_seconds,
    );
    for fact in facts {
        let _ = write!(out, "<td>{}</td>", text(column.column.facts.get(*fact)));
    }
    *out += "</tr>\n";
}

fn class_of(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Xfail { .. } => "xfail",
        Verdict::NotApplicable { .. } => "na",
        Verdict::Skip { .. } => "skip",
        Verdict::NotRun { .. } => "notrun",
        _ => "red",
    }
}

fn anchor(major: u64, case: Option<&str>) -> String {
    let case = case.unwrap_or("column");
    let case: String = case.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("w{major}-{case}")
}

/// A link, if it leads to the web; links come from what tests print.
fn anchor_to(link: &str, text: &str) -> String {
    let web = ["https://", "http://"].iter().any(|scheme| link.starts_with(scheme));
    if web { format!("<a href=\"{}\">{}</a>", escape(link), escape(text)) } else { escape(text) }
}

/// `text` as it can stand between tags and in attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
