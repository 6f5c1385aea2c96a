//! An editor with extensions, each of which was built for one of several versions of the editor's world.

mod api;
mod guests;
mod host;
mod state;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::timeout;
use wasmtime_compat::component::Resource;
use wasmtime_compat::{Error, Newest, Wasmtime};

use crate::api::since_v0_3_0::editor::extension::lsp::{Completion, CompletionKind, Label, Span};
use crate::api::since_v0_3_0::editor::extension::process::Command;
use crate::host::{ExtensionHost, LoadedExtension};
use crate::state::{MemoryWorktree, Project, ProjectDelegate, Worktree};

fn main() -> Result<()> {
    // One thread: an extension that did not yield would stop the editor.
    tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(run::<Newest>())
}

async fn run<W: Wasmtime>() -> Result<()> {
    let host = ExtensionHost::<W>::new()?;
    println!("# Loading");
    let go_text = include_str!("../guest/go.wat");
    let go = load(&host, "go", guests::V0_1_0, go_text).await?.context("go is loaded")?;
    let snippets = load(&host, "snippets", guests::V0_2_0, include_str!("../guest/snippets.wat")).await?;
    let snippets = snippets.context("snippets are loaded")?;
    let toolbox = load(&host, "toolbox", guests::V0_3_0, include_str!("../guest/toolbox.wat")).await?;
    let toolbox = toolbox.context("the toolbox is loaded")?;
    let spinner = load(&host, "spinner", guests::V0_1_0, include_str!("../guest/spinner.wat")).await?;
    let spinner = spinner.context("the spinner is loaded")?;
    // Built for 0.1.0, with the number of another version, or none.
    let section = r#"(@custom "editor:api-version" "\00\00\00\01\00\00")"#;
    for (name, version) in [
        ("next", r#"(@custom "editor:api-version" "\00\00\00\04\00\00")"#),
        ("liar", r#"(@custom "editor:api-version" "\00\00\00\03\00\00")"#),
        ("short", r#"(@custom "editor:api-version" "\01")"#),
        ("none", ""),
    ] {
        load(&host, name, guests::V0_1_0, &go_text.replace(section, version)).await?;
    }

    let home = worktree(1, "/home/ada/go", &["gopls"]);
    let work = worktree(2, "/work", &[]);
    println!("# Language servers");
    for extension in [&go, &snippets, &toolbox] {
        for worktree in [&home, &work] {
            let command = language_server(extension, worktree).await;
            println!("{} in {}: {}", extension.name, worktree.root_path(), show(command, command_line));
        }
    }

    let statuses = snippets.call(|_, store| Box::pin(async move { Ok(store.data().statuses.clone()) })).await?;
    println!("status of {}", statuses.join("; "));

    println!("# Slash commands");
    for (extension, command, arguments, worktree) in [
        (&snippets, "read", &["main.go"][..], Some(&home)),
        (&snippets, "read", &["none.go"], Some(&home)),
        (&snippets, "setting", &["go"], None),
        (&snippets, "setting", &["rust"], None),
        (&snippets, "setting", &[], Some(&work)),
        (&toolbox, "cargo", &["test", "--all"], Some(&work)),
        (&toolbox, "rm", &["-r", "/"], None),
        (&go, "fmt", &[], None),
    ] {
        let output = slash_command(extension, command, arguments, worktree).await;
        println!("/{command} {} of {}: {}", arguments.join(" "), extension.name, show(output, |text| text));
    }

    println!("# Labels of completions");
    for extension in [&toolbox, &snippets] {
        let labels = labels(extension).await;
        println!("{}: {}", extension.name, show(labels, |labels| labels));
    }

    println!("# Context servers");
    for ids in [vec![1, 2], vec![2], Vec::new()] {
        let project: Project = Arc::new(ProjectDelegate { worktree_ids: ids });
        let command = context_server(&toolbox, &project).await;
        println!("{} for worktrees {:?}: {}", toolbox.name, project.worktree_ids, show(command, command_line));
    }

    println!("# An extension that computes without an end");
    let spinning = timeout(Duration::from_millis(100), language_server(&spinner, &home));
    let others = async {
        for _ in 0..3 {
            let command = language_server(&go, &home).await;
            println!("meanwhile, go: {}", show(command, command_line));
        }
    };
    let (spinning, ()) = tokio::join!(spinning, others);
    println!("spinner: {}", spinning.map_or_else(|_| "given up".to_owned(), |command| show(command, command_line)));
    drop(spinner);

    let mut left = 0;
    for extension in [&go, &snippets, &toolbox] {
        let is_empty = extension.call(|_, store| Box::pin(async move { Ok(store.data().table.is_empty()) })).await?;
        left += usize::from(!is_empty);
    }
    println!("extensions that have resources left: {left}");
    Ok(())
}

/// Loads an extension and prints what came of it.
async fn load<W: Wasmtime>(
    host: &ExtensionHost<W>,
    name: &str,
    wit: &'static [(&'static str, &'static str)],
    text: &str,
) -> Result<Option<LoadedExtension<W>>> {
    let wasm = guests::component(name, wit, text)?;
    match host.load(name, &wasm, &["cargo"]).await {
        Ok(extension) => {
            println!("{name}: of API {}", extension.version);
            Ok(Some(extension))
        }
        Err(error) => {
            println!("{name}: {}", explain(&error));
            Ok(None)
        }
    }
}

fn worktree(id: u64, root: &'static str, programs: &[&'static str]) -> Worktree {
    let files = BTreeMap::from([("main.go", "package main")]);
    Arc::new(MemoryWorktree { id, root, files, programs: programs.to_vec() })
}

/// What an extension returns: a value, or its own error.
type Returned<T> = Result<Result<T, String>>;

async fn language_server<W: Wasmtime>(extension: &LoadedExtension<W>, worktree: &Worktree) -> Returned<Command> {
    let worktree = Arc::clone(worktree);
    let call = extension.call(|extension, store| {
        Box::pin(async move {
            let resource = store.data_mut().table.push(worktree)?;
            let borrowed = Resource::new_borrow(resource.rep());
            let command = extension.call_language_server_command(store, "server", borrowed).await;
            store.data_mut().table.delete(resource)?;
            command
        })
    });
    call.await
}

async fn slash_command<W: Wasmtime>(
    extension: &LoadedExtension<W>,
    command: &'static str,
    arguments: &[&str],
    worktree: Option<&Worktree>,
) -> Returned<String> {
    let worktree = worktree.cloned();
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let call = extension.call(move |extension, store| {
        Box::pin(async move {
            let table = &mut store.data_mut().table;
            let resource = worktree.map(|worktree| table.push(worktree)).transpose()?;
            let borrowed = resource.as_ref().map(|resource| Resource::new_borrow(resource.rep()));
            let output = extension.call_run_slash_command(store, command, &arguments, borrowed).await;
            if let Some(resource) = resource {
                store.data_mut().table.delete(resource)?;
            }
            Ok(output?.map(|output| {
                let section = |section: &api::since_v0_3_0::editor::extension::slash_command::Section| {
                    format!("{} at {}..{}", section.label, section.range.start, section.range.end)
                };
                let sections: Vec<String> = output.sections.iter().map(section).collect();
                format!("{:?}, {}", output.text, sections.join(", "))
            }))
        })
    });
    call.await
}

async fn labels<W: Wasmtime>(extension: &LoadedExtension<W>) -> Returned<String> {
    let completions = [
        ("print", Some("fn(text)"), Some(CompletionKind::Function)),
        ("count", None, Some(CompletionKind::Variable)),
        ("while", None, Some(CompletionKind::Keyword)),
        ("other", None, None),
        ("sleep", None, Some(CompletionKind::Function)),
    ];
    let completions = completions.map(|(label, detail, kind)| Completion {
        label: label.to_owned(),
        detail: detail.map(str::to_owned),
        kind,
    });
    let call = extension.call(move |extension, store| {
        Box::pin(async move {
            let labels = extension.call_labels_for_completions(store, "server", &completions).await?;
            Ok(labels.map(|labels| {
                let labels: Vec<String> =
                    labels.iter().map(|label| label.as_ref().map_or("-".to_owned(), render)).collect();
                labels.join(" ")
            }))
        })
    });
    call.await
}

/// A label as the editor shows it.
fn render(label: &Label) -> String {
    let span = |span: &Span| match span {
        Span::Code(range) => label.code.get(range.start as usize..range.end as usize).unwrap_or("?").to_owned(),
        Span::Literal(text) => text.clone(),
    };
    label.spans.iter().map(span).collect()
}

async fn context_server<W: Wasmtime>(extension: &LoadedExtension<W>, project: &Project) -> Returned<Command> {
    let project = Arc::clone(project);
    let call = extension.call(|extension, store| {
        Box::pin(async move {
            let resource = store.data_mut().table.push(project)?;
            let borrowed = Resource::new_borrow(resource.rep());
            let command = extension.call_context_server_command(store, "server", borrowed).await;
            store.data_mut().table.delete(resource)?;
            command
        })
    });
    call.await
}

fn command_line(command: Command) -> String {
    format!("{} {}", command.program, command.arguments.join(" "))
}

fn show<T>(returned: Returned<T>, value: impl FnOnce(T) -> String) -> String {
    match returned {
        Ok(Ok(returned)) => value(returned),
        Ok(Err(reason)) => format!("the extension reports: {reason}"),
        Err(error) => explain(&error),
    }
}

/// Why something failed, in words that are the same on every major.
fn explain(error: &anyhow::Error) -> String {
    match error.downcast_ref::<Error>() {
        Some(error) => match (error.trap(), error.missing_export()) {
            (Some(trap), _) => format!("the extension trapped: {trap}"),
            (None, Some(export)) => format!("the extension does not export {export}"),
            (None, None) => format!("failed: {}", error.kind()),
        },
        None => error.to_string(),
    }
}
