//! Runs one test suite once per Wasmtime major and reports the grid of cases and majors.
//!
//! The engine knows no Wasmtime. A [`Project`] says which columns there are and which cargo command tests each; the
//! [`run`](mod@run) makes [`Event`]s of what happens; and the terminal, JSON, JUnit, Markdown and HTML are consumers of
//! these events. `cargo xtask matrix` of wasmtime-compat is one user, `wasmtime-compat matrix` in other people's
//! crates the other: see [`downstream`].
//!
//! # Verdicts of a case
//!
//! A test passes or fails. It says more by printing a line of its own on standard output:
//!
//! ```text
//! ::cell xfail LINK REASON...     the difference is known: a pass becomes an expected failure
//! ::cell xpass LINK REASON...     the known difference is gone: a failure becomes an unexpected pass
//! ::cell skip REASON...           nothing was tested here
//! ::cell n/a REASON...            this major lacks what the case is about
//! ```

pub mod cache;
pub mod cli;
pub mod compare;
pub mod downstream;
pub mod event;
pub mod exit;
pub mod export;
mod grid;
mod html;
pub mod list;
pub mod model;
pub mod parse;
mod process;
pub mod project;
pub mod run;
pub mod select;
mod selection;
pub mod show;
pub mod suite;
mod workspace;

pub use cli::MatrixArgs;
pub use event::Event;
pub use exit::Exit;
pub use model::{Case, Column, ColumnReport, Report, Verdict};
pub use project::Project;
pub use suite::Invocation;
