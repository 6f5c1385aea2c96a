//! A database with foreign tables, whose wrappers are components of two versions of one world.

mod bindings;
mod database;
mod guests;
mod host;
mod session;
mod statement;
mod wrapper;

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::Result;
use wasmtime_compat::{Config, Engine, Error, Newest, Wasmtime};

use crate::bindings::v0_2::tables::wrapper::types::{Cell, Condition, Operator};
use crate::database::Database;
use crate::statement::{Kind, Select, Table, show};
use crate::wrapper::{Reported, Wrapper, Wrappers};

fn main() -> Result<()> {
    run::<Newest>()
}

fn run<W: Wasmtime>() -> Result<()> {
    let wrappers = Wrappers::new(&Engine::<W>::new(&Config::new())?)?;
    let database = Rc::new(RefCell::new(Database::default()));
    let mut shell = Shell { database: Rc::clone(&database) };

    let mut csv = wrappers.load(&guests::csv()?, &database)?;
    println!("# csv, of version {}", csv.version());
    let products = |url| {
        let columns = [("id", Kind::Integer), ("name", Kind::Text), ("price", Kind::Real), ("in_stock", Kind::Boolean)];
        Table::new("products", &columns, url)
    };
    let table = products(&[("url", "https://data.example/products.csv")]);
    shell.select(&mut csv, &table, Select::default());
    let cheap = Condition::new("price", Operator::Less, Cell::Real(20.0));
    let in_stock = Condition::new("in_stock", Operator::Equal, Cell::Boolean(true));
    shell.select(&mut csv, &table, Select { conditions: vec![cheap, in_stock], limit: None });
    shell.select(&mut csv, &products(&[]), Select::default());
    shell.select(&mut csv, &products(&[("url", "https://data.example/none.csv")]), Select::default());
    shell.select(&mut csv, &products(&[("url", "https://data.example/broken.csv")]), Select::default());
    shell.insert(&mut csv, &table, vec![Some(Cell::Integer(5))]);

    let mut ledger = wrappers.load(&guests::ledger()?, &database)?;
    println!("# ledger, of version {}", ledger.version());
    println!("> import foreign schema");
    shell.report(ledger.import_schema().map(|definitions| definitions.iter().for_each(|line| println!("  {line}"))));
    let columns = [("id", Kind::Integer), ("text", Kind::Text), ("at", Kind::Timestamp)];
    let table = Table::new("ledger", &columns, &[]);
    for (id, text) in [(10, "opened"), (11, "paid in"), (12, "paid out"), (13, "closed")] {
        let at = Cell::Timestamp(1_700_000_000 + id);
        shell.insert(&mut ledger, &table, vec![Some(Cell::Integer(id)), Some(Cell::Text(text.to_owned())), Some(at)]);
    }
    shell.insert(&mut ledger, &table, vec![None, None, None]);
    shell.select(&mut ledger, &table, Select::default());
    let later = Condition::new("id", Operator::Greater, Cell::Integer(10));
    shell.select(&mut ledger, &table, Select { conditions: vec![later.clone()], limit: Some(2) });
    let text = Condition::new("text", Operator::Equal, Cell::Text("closed".to_owned()));
    shell.select(&mut ledger, &table, Select { conditions: vec![later, text], limit: None });

    for (option, about) in
        [("push", "a row it does not have"), ("keep", "the row after the call"), ("text", "a text outside its memory")]
    {
        let mut forger = wrappers.load(&guests::forger()?, &database)?;
        println!("# forger, of version {}, uses {about}", forger.version());
        let table = Table::new("forged", &[("text", Kind::Text)], &[("with", option)]);
        shell.select(&mut forger, &table, Select::default());
    }
    println!("# csv again");
    let table = products(&[("url", "https://data.example/products.csv")]);
    shell.select(&mut csv, &table, Select { conditions: Vec::new(), limit: None });
    println!("resources that are left: {}", csv.live() + ledger.live());
    Ok(())
}

/// Executes statements, and prints them with their results.
struct Shell {
    database: Rc<RefCell<Database>>,
}

impl Shell {
    fn select<W: Wasmtime>(&mut self, wrapper: &mut Wrapper<W>, table: &Table, select: Select) {
        println!("> select * from {}{select}", table.name);
        let rows = wrapper.select(&Rc::new(table.clone()), &select);
        self.report(rows.map(|rows| {
            for row in rows {
                let cells: Vec<String> = row.iter().map(|cell| show(cell.as_ref())).collect();
                println!("  {}", cells.join(" | "));
            }
        }));
    }

    fn insert<W: Wasmtime>(&mut self, wrapper: &mut Wrapper<W>, table: &Table, cells: Vec<Option<Cell>>) {
        let shown: Vec<String> = cells.iter().map(|cell| show(cell.as_ref())).collect();
        println!("> insert into {} values ({})", table.name, shown.join(", "));
        let result = wrapper.insert(&Rc::new(table.clone()), cells);
        self.report(result);
    }

    fn report(&mut self, result: Result<()>) {
        for notice in self.database.borrow_mut().notices.drain(..) {
            println!("  notice: {notice}");
        }
        if let Err(error) = result {
            println!("  error: {}", explain(&error));
        }
    }
}

/// Why a statement failed, in words that are the same on every major.
fn explain(error: &anyhow::Error) -> String {
    if let Some(Reported(reason)) = error.downcast_ref() {
        return format!("the wrapper reports: {reason}");
    }
    match error.downcast_ref::<Error>() {
        Some(error) => match error.trap() {
            Some(trap) => format!("the wrapper trapped: {trap}"),
            None => format!("the wrapper failed: {}", error.kind()),
        },
        None => error.to_string(),
    }
}
