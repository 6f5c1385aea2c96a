//! A wrapper: a component of either version of the world, and the statements that it executes.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Context as _, Result, anyhow, bail};
use wasmtime_compat::component::{Component, HasSelf, Linker, Resource};
use wasmtime_compat::{Engine, Store, Wasmtime};

use crate::bindings::v0_2::tables::wrapper::types::Cell;
use crate::bindings::{v0_1, v0_2};
use crate::database::Database;
use crate::session::Session;
use crate::statement::{Select, Table};

/// What all wrappers share: one linker with both versions of the world.
pub struct Wrappers<W: Wasmtime> {
    engine: Engine<W>,
    linker: Linker<W, Session>,
}

/// A wrapper that is loaded.
pub struct Wrapper<W: Wasmtime> {
    store: Store<W, Session>,
    exports: Exports<W>,
}

/// The exports of a wrapper, by the version that it was built for.
enum Exports<W: Wasmtime> {
    V0_1(v0_1::Wrapper<W>),
    V0_2(v0_2::Wrapper<W>),
}

/// A routine of a wrapper.
#[derive(Clone, Copy, Debug)]
enum Routine {
    BeginScan,
    EndScan,
}

/// An error that a wrapper has reported.
#[derive(Debug)]
pub struct Reported(pub String);

type Rows = Vec<Vec<Option<Cell>>>;

impl<W: Wasmtime> Wrappers<W> {
    pub fn new(engine: &Engine<W>) -> Result<Self> {
        let mut linker = Linker::new(engine);
        v0_1::Wrapper::add_to_linker::<_, HasSelf<_>>(&mut linker, |session| session)?;
        v0_2::Wrapper::add_to_linker::<_, HasSelf<_>>(&mut linker, |session| session)?;
        Ok(Self { engine: engine.clone(), linker })
    }

    /// Starts a wrapper of either version.
    pub fn load(&self, wasm: &[u8], database: &Rc<RefCell<Database>>) -> Result<Wrapper<W>> {
        let component = Component::new(&self.engine, wasm)?;
        let mut store = Store::new(&self.engine, Session::new(database));
        let instance = self.linker.instantiate(&mut store, &component)?;
        let exports = match v0_2::Wrapper::new(&mut store, &instance) {
            Ok(exports) => Exports::V0_2(exports),
            Err(_) => Exports::V0_1(
                v0_1::Wrapper::new(&mut store, &instance).context("the guest is not a wrapper of any version")?,
            ),
        };
        Ok(Wrapper { store, exports })
    }
}

impl<W: Wasmtime> Wrapper<W> {
    pub fn version(&self) -> &'static str {
        match self.exports {
            Exports::V0_1(_) => "0.1",
            Exports::V0_2(_) => "0.2",
        }
    }

    /// The rows of a statement.
    pub fn select(&mut self, table: &Rc<Table>, select: &Select) -> Result<Rows> {
        let session = self.store.data_mut();
        session.table = Some(Rc::clone(table));
        session.conditions.clone_from(&select.conditions);
        session.limit = select.limit;
        self.call(Routine::BeginScan)?;
        let mut rows = Vec::new();
        while let Some(row) = self.next_row()? {
            if select.accepts(table, &row) {
                rows.push(row);
            }
        }
        self.call(Routine::EndScan)?;
        Ok(rows)
    }

    /// Stores a row.
    pub fn insert(&mut self, table: &Rc<Table>, cells: Vec<Option<Cell>>) -> Result<()> {
        let Exports::V0_2(exports) = &self.exports else { bail!("wrappers of version 0.1 store no rows") };
        let session = self.store.data_mut();
        session.table = Some(Rc::clone(table));
        let row = session.add_row(cells);
        let routines = exports.tables_wrapper_routines();
        let result = routines.call_insert(&mut self.store, Session::context(), Resource::new_borrow(row));
        self.store.data_mut().take_row(row)?;
        Ok(result?.map_err(Reported)?)
    }

    /// The definitions of the tables that the wrapper has.
    pub fn import_schema(&mut self) -> Result<Vec<String>> {
        let Exports::V0_2(exports) = &self.exports else { bail!("wrappers of version 0.1 have no schema") };
        let routines = exports.tables_wrapper_routines();
        Ok(routines.call_import_schema(&mut self.store, Session::context())?.map_err(Reported)?)
    }

    /// How many resources of the host there are: none, between statements.
    pub fn live(&self) -> usize {
        self.store.data().live()
    }

    fn call(&mut self, routine: Routine) -> Result<()> {
        let (store, context) = (&mut self.store, Session::context());
        let result = match (&self.exports, routine) {
            (Exports::V0_1(exports), Routine::BeginScan) => {
                exports.tables_wrapper_routines().call_begin_scan(store, context)
            }
            (Exports::V0_1(exports), Routine::EndScan) => {
                exports.tables_wrapper_routines().call_end_scan(store, context)
            }
            (Exports::V0_2(exports), Routine::BeginScan) => {
                exports.tables_wrapper_routines().call_begin_scan(store, context)
            }
            (Exports::V0_2(exports), Routine::EndScan) => {
                exports.tables_wrapper_routines().call_end_scan(store, context)
            }
        };
        Ok(result?.map_err(Reported)?)
    }

    fn next_row(&mut self) -> Result<Option<Vec<Option<Cell>>>> {
        let number = self.store.data_mut().add_row(Vec::new());
        let (context, row) = (Session::context(), Resource::new_borrow(number));
        let result = match &self.exports {
            Exports::V0_1(exports) => exports.tables_wrapper_routines().call_next_row(&mut self.store, context, row),
            Exports::V0_2(exports) => exports.tables_wrapper_routines().call_next_row(&mut self.store, context, row),
        };
        let cells = self.store.data_mut().take_row(number)?;
        let columns = self.store.data().table.as_ref().map_or(0, |table| table.columns.len());
        match result?.map_err(Reported)? {
            true if cells.len() == columns => Ok(Some(cells)),
            true => Err(anyhow!("the wrapper has filled {} of {columns} columns", cells.len())),
            false => Ok(None),
        }
    }
}

impl std::fmt::Display for Reported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Reported {}
