//! Owns the events: the one account of a run, from which everything that is shown or written is made.

use crate::model::{Case, Column, ColumnEnd, ColumnReport, Report, Verdict};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// These columns are going to run.
    Planned(Vec<Column>),
    /// A column begins.
    ColumnStarted {
        /// Which.
        major: u64,
    },
    /// It is being built.
    Building {
        /// Which.
        major: u64,
        /// By this command.
        command: String,
    },
    /// Its cases run.
    Running {
        /// Which.
        major: u64,
        /// By this command.
        command: String,
    },
    /// What it does right now: a crate that is compiled, a case that ended.
    Step {
        /// Which.
        major: u64,
        /// What.
        text: String,
    },
    /// A case has a verdict.
    CaseFinished {
        /// Of which column.
        major: u64,
        /// The case.
        case: Case,
    },
    /// A column has a verdict.
    ColumnFinished {
        /// Which.
        major: u64,
        /// How.
        end: ColumnEnd,
    },
    /// Nothing follows.
    Done,
}

/// Something that wants to know what happens.
pub(crate) trait Consumer {
    /// Takes note of an event.
    fn event(&mut self, event: &Event);
}

impl Consumer for Report {
    /// Folds an event into the report: at any time it says what is known so far.
    fn event(&mut self, event: &Event) {
        match event {
            Event::Planned(columns) => {
                let waiting = || ColumnEnd::new(Verdict::NotRun { reason: "not reached".into() });
                let report = |column: &Column| ColumnReport { column: column.clone(), end: waiting(), cases: vec![] };
                self.columns = columns.iter().map(report).collect();
            }
            Event::CaseFinished { major, case } => {
                if let Some(report) = self.columns.iter_mut().find(|report| report.column.major == *major) {
                    report.cases.push(case.clone());
                }
            }
            Event::ColumnFinished { major, end } => {
                if let Some(report) = self.columns.iter_mut().find(|report| report.column.major == *major) {
                    report.end = end.clone();
                    report.cases.sort_by(|a, b| a.case.cmp(&b.case));
                }
            }
            Event::Done => self.columns.sort_by_key(|report| report.column.major),
            Event::ColumnStarted { .. } | Event::Building { .. } | Event::Running { .. } | Event::Step { .. } => {}
        }
    }
}
