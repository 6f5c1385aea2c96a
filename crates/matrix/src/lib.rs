//! Runs one test suite once per Wasmtime major and reports the grid of cases and majors.
//!
//! The engine knows no Wasmtime. A crate whose cargo features select majors gets its matrix from [`main`], which is what
//! the program `wasmtime-compat-matrix` and the subcommand `wasmtime-compat matrix` call. Reports are written as JSON,
//! and [`Report`] reads them.
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

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        reason = "input must not end the host"
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod cache;
mod cli;
mod compare;
mod downstream;
mod event;
mod exit;
mod export;
mod grid;
mod groups;
mod html;
mod list;
mod model;
mod parse;
mod process;
mod project;
mod run;
mod select;
mod selection;
mod show;
mod suite;
mod workspace;

pub use self::cli::duration;
pub use self::downstream::{Flags, main};
pub use self::exit::Exit;
pub use self::model::{Case, Column, ColumnEnd, ColumnReport, Report, Verdict};

/// The parts of the engine, for its own program and tests; not for other users, and without any promise.
#[doc(hidden)]
pub mod engine {
    pub mod export {
        //! Owns reading and writing reports.
        pub use crate::export::*;
    }

    pub use crate::cli::{MatrixArgs, main, run};
    pub use crate::compare::{changes, diff};
    pub use crate::downstream::{Options, project};
    pub use crate::event::Event;
    pub use crate::project::{Plan, Project};
    pub use crate::suite::Invocation;
}
