//! Tables, and statements on them.

use std::fmt;

use crate::bindings::v0_2::tables::wrapper::types::{Cell, Condition, Operator};

/// A foreign table: its columns, and the options for its wrapper.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: Vec<ColumnType>,
    pub options: Vec<(&'static str, &'static str)>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct ColumnType {
    pub name: &'static str,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, Default)]
pub enum Kind {
    Boolean,
    Integer,
    Real,
    #[default]
    Text,
    Timestamp,
}

/// A statement on a table.
#[derive(Debug, Default)]
pub struct Select {
    pub conditions: Vec<Condition>,
    pub limit: Option<u64>,
}

impl Table {
    pub fn new(name: &'static str, columns: &[(&'static str, Kind)], options: &[(&'static str, &'static str)]) -> Self {
        let columns = columns.iter().map(|&(name, kind)| ColumnType { name, kind }).collect();
        Self { name, columns, options: options.to_vec() }
    }
}

impl Select {
    /// Whether a row meets all conditions. The database checks each row again, as a wrapper need not apply conditions.
    pub fn accepts(&self, table: &Table, row: &[Option<Cell>]) -> bool {
        self.conditions.iter().all(|condition| {
            let place = table.columns.iter().position(|column| column.name == condition.column);
            place.and_then(|place| row.get(place)?.as_ref()).is_some_and(|cell| condition.accepts(cell))
        })
    }
}

impl Condition {
    pub fn new(column: &str, operator: Operator, value: Cell) -> Self {
        Self { column: column.to_owned(), operator, value }
    }

    fn accepts(&self, cell: &Cell) -> bool {
        let ordering = match (cell, &self.value) {
            (Cell::Boolean(a), Cell::Boolean(b)) => a.partial_cmp(b),
            (Cell::Integer(a) | Cell::Timestamp(a), Cell::Integer(b) | Cell::Timestamp(b)) => a.partial_cmp(b),
            (Cell::Real(a), Cell::Real(b)) => a.partial_cmp(b),
            (Cell::Text(a), Cell::Text(b)) => a.partial_cmp(b),
            _ => None,
        };
        ordering.is_some_and(|ordering| match self.operator {
            Operator::Equal => ordering.is_eq(),
            Operator::Less => ordering.is_lt(),
            Operator::Greater => ordering.is_gt(),
        })
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, condition) in self.conditions.iter().enumerate() {
            let operator = match condition.operator {
                Operator::Equal => '=',
                Operator::Less => '<',
                Operator::Greater => '>',
            };
            let word = if number == 0 { "where" } else { "and" };
            write!(f, " {word} {} {operator} {}", condition.column, show(Some(&condition.value)))?;
        }
        match self.limit {
            Some(limit) => write!(f, " limit {limit}"),
            None => Ok(()),
        }
    }
}

/// A value as SQL has it.
pub fn show(cell: Option<&Cell>) -> String {
    match cell {
        None => "null".to_owned(),
        Some(Cell::Boolean(value)) => value.to_string(),
        Some(Cell::Integer(value)) => value.to_string(),
        Some(Cell::Real(value)) => value.to_string(),
        Some(Cell::Text(value)) => format!("'{value}'"),
        Some(Cell::Timestamp(value)) => format!("to_timestamp({value})"),
    }
}
