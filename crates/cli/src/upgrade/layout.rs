//! Owns the order and the words of the page: what of the data goes into which section.

use super::document::{Block, Cell, Document, Section, cell, linked, toned};
use super::guests::GuestPage;
use super::page::{Advisories, Page, Side};
use super::sources::{Change, Finding, SourcesPage};
use crate::advisories::{Advisory, tone};
use crate::compare::Compared;
use crate::differ;
use crate::pick::words;
use crate::style::{Tone, visible};

/// The page, for people.
pub(super) fn document(page: &Page) -> Document {
    let (from, to) = (&page.from.wasmtime, &page.to.wasmtime);
    let mut sections = vec![Section { title: String::new(), blocks: vec![Block::List(summary(page))] }];
    sections.extend(page.guests.iter().filter_map(tried));
    sections.push(releases(&page.from, &page.to));
    sections.extend(advisories(&page.advisories, from, to));
    sections.extend(page.guests.iter().map(|guest| guest_section(guest, from, to)));
    sections.extend(page.sources.as_ref().map(sources));
    sections.extend(differences(page));
    sections.extend(defaults(page));
    let precompiled = vec![Block::Text(page.precompiled.text().to_owned())];
    sections.push(Section { title: "Compiled guests".to_owned(), blocks: precompiled });
    Document { title: format!("From Wasmtime {from} to {to}"), sections }
}

/// The page in a few lines.
fn summary(page: &Page) -> Vec<String> {
    let Advisories { gone, new, remaining, .. } = &page.advisories;
    let worst = |some: &[Advisory]| match Advisories::worst(some) {
        Some(worst) => format!(" (worst: {worst})"),
        None => String::new(),
    };
    let begins = page.differences.iter().filter(|changed| changed.begins).count();
    let mut lines = vec![
        format!(
            "published security advisories: {} go{}, {} come{}, {} remain{}",
            gone.len(),
            worst(gone),
            new.len(),
            worst(new),
            remaining.len(),
            worst(remaining)
        ),
        format!("known differences: {} end, {begins} begin", page.differences.len() - begins),
    ];
    if let Some(sources) = &page.sources {
        let (findings, places) = (sources.findings.len(), visible(&sources.folder));
        lines.push(format!(
            "sources in {places}: {findings} uses of items that change, in {} of {} files",
            sources.using, sources.files
        ));
    }
    for guest in &page.guests {
        let state = match (guest.from.starts, guest.to.starts, &guest.tried) {
            (_, _, Some(tried)) if !tried.started() => "was started on neither release",
            (_, _, Some(tried)) if !tried.agree => "runs differently",
            (_, _, Some(_)) => "runs alike on both releases",
            (true, true, None) => "starts on both releases",
            (true, false, None) => "no longer starts",
            (false, true, None) => "starts on the second release only",
            (false, false, None) => "starts on neither release",
        };
        lines.push(format!("{} {state}", visible(&guest.path)));
        lines.extend(guest.advice.iter().map(|advice| format!("{}: {advice}", visible(&guest.path))));
    }
    lines
}

/// The runs of a guest that was tried.
fn tried(guest: &GuestPage) -> Option<Section> {
    let compared = guest.tried.as_ref()?;
    let mut blocks = vec![runs(compared)];
    for differing in &compared.differences {
        let rows = differing.groups.iter().map(|group| {
            vec![
                cell(words(group.majors.iter().copied())),
                cell(visible(&differ::shown(differing, group, &compared.runs))),
            ]
        });
        blocks.push(Block::Text(format!("{} differs", differing.what.name())));
        blocks.push(Block::Table { header: vec!["majors", "value"], rows: rows.collect() });
    }
    let known = &compared.known_differences;
    if !known.is_empty() {
        blocks.push(Block::Text("Known differences that can explain this:".to_owned()));
        blocks.push(Block::List(known.iter().map(|known| format!("{}: {}", known.id, known.what)).collect()));
    }
    Some(Section { title: format!("Runs of {}", visible(&guest.path)), blocks })
}

fn runs(compared: &Compared) -> Block {
    let rows = compared.runs.iter().map(|run| {
        let end = run.trap.as_deref().map(str::to_owned).or_else(|| run.shown_error()).unwrap_or_default();
        let code = run.code.map_or_else(|| "-".to_owned(), |code| code.to_string());
        let digest = |digest: &str| cell(digest.get(..12).unwrap_or(digest).to_owned());
        vec![
            cell(run.wasmtime.clone()),
            cell(run.outcome.name().to_owned()),
            cell(code),
            cell(end),
            digest(&run.stdout_sha256),
            digest(&run.stderr_sha256),
        ]
    });
    let header = vec!["wasmtime", "outcome", "code", "trap or error", "stdout", "stderr"];
    Block::Table { header, rows: rows.collect() }
}

fn releases(from: &Side, to: &Side) -> Section {
    let row = |name: &str, value: fn(&Side) -> String| {
        let (before, after) = (value(from), value(to));
        let tone = if before == after { Tone::Dim } else { Tone::Plain };
        vec![cell(name.to_owned()), toned(tone, before), toned(tone, after)]
    };
    let rows = vec![
        row("released", |side| side.released.to_owned()),
        row("supported until", |side| format!("{}{}", side.end_of_life, if side.lts { " (LTS)" } else { "" })),
        row("needs rust", |side| side.rust_version.to_owned()),
        row("API generation", |side| side.generation.to_owned()),
        row("WASI 0.2", |side| side.wasi_p2.to_owned()),
        row("WASI 0.3", |side| side.wasi_p3.unwrap_or("not hosted").to_owned()),
    ];
    Section { title: "Releases".to_owned(), blocks: vec![Block::Table { header: vec!["", "from", "to"], rows }] }
}

fn advisories(changes: &Advisories, from: &str, to: &str) -> Option<Section> {
    let mut blocks = Vec::new();
    for (title, some) in [
        (format!("Only {from} has:"), &changes.gone),
        (format!("Only {to} has:"), &changes.new),
        ("Both have:".to_owned(), &changes.remaining),
    ] {
        if !some.is_empty() {
            blocks.push(Block::Text(title));
            let header = vec!["severity", "advisory", "where", "effect", "reached through this library"];
            blocks.push(Block::Table { header, rows: some.iter().map(advisory).collect() });
        }
    }
    if blocks.is_empty() {
        return None;
    }
    blocks.push(Block::Text(format!("Published up to {}.", changes.taken)));
    Some(Section { title: "Security advisories".to_owned(), blocks })
}

fn advisory(advisory: &Advisory) -> Vec<Cell> {
    let reached = match &advisory.unreachable {
        None => "yes".to_owned(),
        Some(reason) => match reason.unless {
            Some(unless) => format!("no, unless {unless}: {}", reason.why),
            None => format!("no: {}", reason.why),
        },
    };
    vec![
        toned(tone(advisory.severity), advisory.rated().to_owned()),
        linked(advisory.id.to_owned(), advisory.link),
        cell(advisory.place()),
        cell(advisory.what.to_owned()),
        cell(reached),
    ]
}

fn guest_section(guest: &GuestPage, from: &str, to: &str) -> Section {
    let mut lines = vec![
        format!("{} on {from}", guest.from.text()),
        format!("{} on {to}", guest.to.text()),
        match guest.starts_on_text.as_str() {
            "" => "majors on the way on which it starts: none".to_owned(),
            majors => format!("majors on the way on which it starts: {majors}"),
        },
    ];
    if guest.kind == "component" && guest.adapters.is_empty() {
        lines.push("contains no adapter for wasi_snapshot_preview1".to_owned());
    }
    let mut blocks = Vec::new();
    for adapter in &guest.adapters {
        let flaws = match adapter.flaws.len() {
            0 => "no flaw of it is known to be reached".to_owned(),
            1 => "1 flaw of it is reached".to_owned(),
            count => format!("{count} flaws of it are reached"),
        };
        lines.push(format!("adapter {}: {} {}: {flaws}", adapter.path, adapter.flavour, adapter.identity));
        if !adapter.flaws.is_empty() {
            let rows = adapter.flaws.iter().map(|flaw| {
                let fixed = flaw.fixed.unwrap_or("none").to_owned();
                vec![linked(flaw.id.to_owned(), flaw.url), cell(flaw.what.to_owned()), cell(fixed)]
            });
            blocks.push(Block::Table { header: vec!["flaw", "effect", "fixed in"], rows: rows.collect() });
        }
    }
    if !guest.differences.is_empty() {
        lines.push(format!("can see: {}", guest.differences.join(", ")));
    }
    blocks.insert(0, Block::List(lines));
    Section { title: format!("Guest {} ({})", visible(&guest.path), guest.kind), blocks }
}

/// What the sources of the host use that changes, and what of them was not seen.
fn sources(page: &SourcesPage) -> Section {
    let mut blocks = Vec::new();
    let (bounds, others): (Vec<&Finding>, Vec<&Finding>) =
        page.findings.iter().partition(|finding| matches!(finding.change, Change::Bounds { .. }));
    for (title, findings) in [("Changed:", others), ("Only bounds change, which concerns generic code:", bounds)] {
        if !findings.is_empty() {
            blocks.push(Block::Text(title.to_owned()));
            let header = vec!["place", "item", "before", "after"];
            blocks.push(Block::Table { header, rows: findings.into_iter().map(finding).collect() });
        }
    }
    let mut notes = vec![
        "docs/MIGRATION.md of wasmtime-compat has what replaces each call in a host for all majors".to_owned(),
        "sources were parsed, not compiled: code that macros make, implementations of traits that types get or lose, and \
         changes of meaning are not seen"
            .to_owned(),
    ];
    if let Some((old, new)) = &page.error_type {
        notes.push(format!(
            "`wasmtime::Error` is `{new}` instead of `{old}`: places where an error is converted without its name, as by \
             `?`, are not listed"
        ));
    }
    let mut counted = |count: usize, what: &str| {
        if count > 0 {
            notes.push(format!("not looked at: {count} {what}"));
        }
    };
    counted(page.unknown_receivers, "calls of methods that some types change, on values whose type is not known");
    counted(page.macros, "macros with arguments that are not expressions, such as `bindgen!`");
    counted(page.globs, "imports of everything in a module, where names of others cannot be told apart");
    notes.extend(page.unreadable.iter().map(|it| format!("not read: {}: {}", visible(&it.file), visible(&it.reason))));
    blocks.push(Block::List(notes));
    Section { title: format!("Sources in {}", visible(&page.folder)), blocks }
}

fn finding(finding: &Finding) -> Vec<Cell> {
    let code = |text: &str| cell(format!("`{}`", visible(text)));
    let (before, after) = match &finding.change {
        Change::Changed { old, new } | Change::Bounds { old, new } => (code(old), code(new)),
        Change::Removed { old, elsewhere } if elsewhere.is_empty() => (code(old), cell("removed".to_owned())),
        Change::Removed { old, elsewhere } => {
            let places: Vec<String> = elsewhere.iter().map(|path| format!("`{path}`")).collect();
            (code(old), cell(format!("not here; there is {}", places.join(", "))))
        }
        Change::Required { new } => (cell("-".to_owned()), cell(format!("needed: `{}`", visible(new)))),
    };
    let sure = if finding.resolved { "" } else { " (by its name)" };
    vec![
        cell(visible(&format!("{}:{}", finding.file, finding.line))),
        cell(format!("`{}`{sure}", visible(&finding.item))),
        before,
        after,
    ]
}

fn differences(page: &Page) -> Option<Section> {
    if page.differences.is_empty() {
        return None;
    }
    let has_guests = !page.guests.is_empty();
    let rows = page.differences.iter().map(|changed| {
        let mut row = vec![
            linked(changed.id.to_owned(), changed.link),
            cell(if changed.begins { "begins" } else { "ends" }.to_owned()),
            cell(changed.what.to_owned()),
        ];
        if has_guests {
            row.push(cell(changed.guests.iter().map(|path| visible(path)).collect::<Vec<_>>().join(", ")));
        }
        row
    });
    let mut header = vec!["difference", "change", "behaviour"];
    if has_guests {
        header.push("guests that can show it");
    }
    let table = Block::Table { header, rows: rows.collect() };
    Some(Section { title: "Known differences, the likeliest first".to_owned(), blocks: vec![table] })
}

fn defaults(page: &Page) -> Option<Section> {
    let proposals = page.proposals.iter().map(|proposal| {
        let state = if proposal.on { "on" } else { "off" };
        format!("the proposal `{}` is now {state}", proposal.name)
    });
    let others = page.defaults.iter().map(|changed| match changed.holds {
        true => format!("now {}", changed.what),
        false => format!("no longer: {}", changed.what),
    });
    let lines: Vec<String> = proposals.chain(others).collect();
    (!lines.is_empty()).then(|| Section { title: "Defaults of engines".to_owned(), blocks: vec![Block::List(lines)] })
}
