//! What wrappers import, for both versions of the world.

use anyhow::Result;
use wasmtime_compat::component::Resource;

use crate::bindings::{v0_1, v0_2};
use crate::session::{Column, Context, Row, Session};
use crate::statement::Kind;

mod first {
    pub use crate::bindings::v0_1::tables::wrapper::remote::Host as Remote;
    pub use crate::bindings::v0_1::tables::wrapper::types::{Cell, Host, HostColumn, HostContext, HostRow, Kind};
}

mod second {
    pub use crate::bindings::v0_2::tables::wrapper::remote::Host as Remote;
    pub use crate::bindings::v0_2::tables::wrapper::types::{
        Cell, Condition, Host, HostColumn, HostContext, HostRow, Kind,
    };
}

impl first::Host for Session {}

impl first::HostColumn for Session {
    fn name(&mut self, column: Resource<Column>) -> String {
        self.column(&column).name.to_owned()
    }

    fn kind(&mut self, column: Resource<Column>) -> first::Kind {
        match self.column(&column).kind {
            Kind::Boolean => first::Kind::Boolean,
            Kind::Real => first::Kind::Real,
            Kind::Text => first::Kind::Text,
            // The first version has no points in time: such a column is an integer for it.
            Kind::Integer | Kind::Timestamp => first::Kind::Integer,
        }
    }

    fn drop(&mut self, column: Resource<Column>) -> Result<()> {
        self.drop_column(&column)
    }
}

impl first::HostRow for Session {
    fn push(&mut self, row: Resource<Row>, cell: Option<first::Cell>) {
        Session::push(self, &row, cell.map(second::Cell::from));
    }

    fn drop(&mut self, _: Resource<Row>) -> Result<()> {
        anyhow::bail!("rows belong to the database")
    }
}

impl first::HostContext for Session {
    fn get_option(&mut self, _: Resource<Context>, name: String) -> Option<String> {
        self.option(&name)
    }

    fn columns(&mut self, _: Resource<Context>) -> Vec<Resource<Column>> {
        Session::columns(self)
    }

    fn drop(&mut self, _: Resource<Context>) -> Result<()> {
        anyhow::bail!("statements belong to the database")
    }
}

impl first::Remote for Session {
    fn fetch(&mut self, url: String) -> Result<String, String> {
        self.database.borrow_mut().fetch(&url)
    }

    fn notice(&mut self, text: String) {
        self.database.borrow_mut().notices.push(text);
    }
}

impl From<v0_1::tables::wrapper::types::Cell> for v0_2::tables::wrapper::types::Cell {
    fn from(cell: v0_1::tables::wrapper::types::Cell) -> Self {
        match cell {
            first::Cell::Boolean(value) => Self::Boolean(value),
            first::Cell::Integer(value) => Self::Integer(value),
            first::Cell::Real(value) => Self::Real(value),
            first::Cell::Text(value) => Self::Text(value),
        }
    }
}

impl second::Host for Session {}

impl second::HostColumn for Session {
    fn name(&mut self, column: Resource<Column>) -> String {
        first::HostColumn::name(self, column)
    }

    fn kind(&mut self, column: Resource<Column>) -> second::Kind {
        match self.column(&column).kind {
            Kind::Boolean => second::Kind::Boolean,
            Kind::Integer => second::Kind::Integer,
            Kind::Real => second::Kind::Real,
            Kind::Text => second::Kind::Text,
            Kind::Timestamp => second::Kind::Timestamp,
        }
    }

    fn drop(&mut self, column: Resource<Column>) -> Result<()> {
        self.drop_column(&column)
    }
}

impl second::HostRow for Session {
    fn push(&mut self, row: Resource<Row>, cell: Option<second::Cell>) {
        Session::push(self, &row, cell);
    }

    fn cells(&mut self, row: Resource<Row>) -> Vec<Option<second::Cell>> {
        Session::cells(self, &row)
    }

    fn drop(&mut self, row: Resource<Row>) -> Result<()> {
        first::HostRow::drop(self, row)
    }
}

impl second::HostContext for Session {
    fn get_option(&mut self, _: Resource<Context>, name: String) -> Option<String> {
        self.option(&name)
    }

    fn columns(&mut self, _: Resource<Context>) -> Vec<Resource<Column>> {
        Session::columns(self)
    }

    fn conditions(&mut self, _: Resource<Context>) -> Vec<second::Condition> {
        self.conditions.clone()
    }

    fn limit(&mut self, _: Resource<Context>) -> Option<u64> {
        self.limit
    }

    fn drop(&mut self, context: Resource<Context>) -> Result<()> {
        first::HostContext::drop(self, context)
    }
}

impl second::Remote for Session {
    fn fetch(&mut self, url: String) -> Result<String, String> {
        first::Remote::fetch(self, url)
    }

    fn notice(&mut self, text: String) {
        first::Remote::notice(self, text);
    }
}
