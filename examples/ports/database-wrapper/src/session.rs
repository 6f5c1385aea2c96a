//! What the store of a wrapper holds: the database, and the host's side of the resources, which the host numbers itself.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use wasmtime_compat::component::Resource;

use crate::bindings::v0_2::tables::wrapper::types::{Cell, Condition};
use crate::database::Database;
use crate::statement::{ColumnType, Table};

/// A statement, for guests.
pub struct Context;

/// A column that a statement names, for guests.
pub struct Column;

/// A row, for guests.
pub struct Row;

/// The data of a store. The database belongs to the thread of its connection, so this is not `Send`.
pub struct Session {
    pub database: Rc<RefCell<Database>>,
    pub table: Option<Rc<Table>>,
    pub conditions: Vec<Condition>,
    pub limit: Option<u64>,
    columns: Slots<ColumnType>,
    rows: Slots<Vec<Option<Cell>>>,
}

/// Values by number. A number that is free is used again.
struct Slots<T>(Vec<Option<T>>);

impl Session {
    pub fn new(database: &Rc<RefCell<Database>>) -> Self {
        Self {
            database: Rc::clone(database),
            table: None,
            conditions: Vec::new(),
            limit: None,
            columns: Slots(Vec::new()),
            rows: Slots(Vec::new()),
        }
    }

    /// The statement, to lend to the guest: there is one at a time, and its number does not matter.
    pub fn context() -> Resource<Context> {
        Resource::new_borrow(0)
    }

    /// Makes a row, and returns its number.
    pub fn add_row(&mut self, cells: Vec<Option<Cell>>) -> u32 {
        self.rows.add(cells)
    }

    pub fn take_row(&mut self, number: u32) -> Result<Vec<Option<Cell>>> {
        self.rows.take(number).context("there is no such row")
    }

    pub fn push(&mut self, row: &Resource<Row>, cell: Option<Cell>) {
        if let Some(row) = self.rows.get_mut(row.rep()) {
            row.push(cell);
        }
    }

    pub fn cells(&mut self, row: &Resource<Row>) -> Vec<Option<Cell>> {
        self.rows.get_mut(row.rep()).cloned().unwrap_or_default()
    }

    pub fn option(&self, name: &str) -> Option<String> {
        self.table.as_ref()?.options.iter().find(|(option, _)| *option == name).map(|(_, value)| (*value).to_owned())
    }

    /// A resource for each column of the statement's table. The guest owns them.
    pub fn columns(&mut self) -> Vec<Resource<Column>> {
        let Some(table) = self.table.clone() else { return Vec::new() };
        table.columns.iter().map(|column| Resource::new_own(self.columns.add(*column))).collect()
    }

    pub fn column(&mut self, column: &Resource<Column>) -> ColumnType {
        self.columns.get_mut(column.rep()).copied().unwrap_or_default()
    }

    /// The guest has dropped a column.
    pub fn drop_column(&mut self, column: &Resource<Column>) -> Result<()> {
        self.columns.take(column.rep()).map(drop).context("there is no such column")
    }

    /// How many columns and rows there are.
    pub fn live(&self) -> usize {
        self.columns.count() + self.rows.count()
    }
}

impl<T> Slots<T> {
    fn add(&mut self, value: T) -> u32 {
        let free = self.0.iter().position(Option::is_none);
        let number = free.unwrap_or_else(|| {
            self.0.push(None);
            self.0.len() - 1
        });
        self.0[number] = Some(value);
        number as u32
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.0.get_mut(number as usize)?.as_mut()
    }

    fn take(&mut self, number: u32) -> Option<T> {
        self.0.get_mut(number as usize)?.take()
    }

    fn count(&self) -> usize {
        self.0.iter().flatten().count()
    }
}
