//! A node of a chain whose contracts run on the Wasmtime that their protocol version was made with.

mod host;
mod limits;
mod logic;
mod node;
mod outcome;
mod protocol;
mod state;
mod vm;

use anyhow::{Context, Result};

use crate::node::{Action, Block, Node, Transaction};
use crate::outcome::Outcome;

const CONTRACTS: [(&str, &str); 7] = [
    ("counter", include_str!("../contracts/counter.wat")),
    ("spinner", include_str!("../contracts/spinner.wat")),
    ("hoarder", include_str!("../contracts/hoarder.wat")),
    ("hog", include_str!("../contracts/hog.wat")),
    ("faulty", include_str!("../contracts/faulty.wat")),
    ("floats", include_str!("../contracts/floats.wat")),
    ("notes", include_str!("../contracts/notes.wat")),
];

const GAS: u64 = 20_000;

fn main() -> Result<()> {
    let node = Node::new()?;
    for (protocol, wasmtime) in node.versions() {
        // Not part of the output, which is the same on all majors.
        eprintln!("protocol version {protocol} runs on Wasmtime {wasmtime}");
    }
    let mut blocks = Vec::new();
    for (height, (protocol, transactions)) in (1..).zip(script()?) {
        println!("block {height}, protocol version {protocol}");
        let (block, outcomes) = node.run(height, protocol, &transactions)?;
        for (transaction, outcome) in transactions.iter().zip(&outcomes) {
            show(transaction, outcome);
        }
        println!("  state root {}", block.root);
        blocks.push(block);
    }
    println!("replay");
    let replay = Node::new()?;
    for block in &blocks {
        report(block, block.protocol, replay.replay(block, block.protocol)?);
    }
    println!("replay with the newest rules");
    let replay = Node::new()?;
    let newest = blocks.last().map_or(0, |block| block.protocol);
    for block in &blocks {
        report(block, newest, replay.replay(block, newest)?);
    }
    Ok(())
}

/// The transactions of each block, with its protocol version.
fn script() -> Result<Vec<(u32, Vec<Transaction>)>> {
    let deployed = CONTRACTS.iter().map(|(name, text)| {
        let code = wat::parse_str(text).with_context(|| format!("assemble the contract {name}"))?;
        Ok(Transaction { signer: "dao".into(), receiver: (*name).into(), action: Action::Deploy { code } })
    });
    let five = 5_u64.to_le_bytes();
    Ok(vec![
        (1, deployed.collect::<Result<_>>()?),
        (
            1,
            vec![
                call("alice", "counter", "increment", &five),
                call("bob", "counter", "increment", &2_u64.to_le_bytes()),
                call("bob", "counter", "increment", b"two"),
                call("bob", "counter", "decrement", &five),
                call("bob", "nobody", "increment", &five),
                call("bob", "spinner", "spin", b""),
                call("bob", "spinner", "write_on", b""),
            ],
        ),
        (
            1,
            vec![
                call("carol", "hoarder", "some", b""),
                call("carol", "hoarder", "too_much", b""),
                call("carol", "hog", "any", b""),
                call("carol", "faulty", "give_up", b""),
                call("carol", "faulty", "divide", b""),
                call("carol", "faulty", "read_outside", b""),
                call("carol", "faulty", "host_outside", b""),
                call("carol", "floats", "not_a_number", b""),
                call("carol", "notes", "keep", b"first"),
            ],
        ),
        (
            2,
            vec![
                call("alice", "counter", "increment", &five),
                call("carol", "floats", "not_a_number", b""),
                call("carol", "hoarder", "too_much", b""),
                call("carol", "notes", "keep", b"second"),
                call("carol", "notes", "erase", b""),
                call("carol", "notes", "erase", b""),
            ],
        ),
    ])
}

fn call(signer: &str, receiver: &str, method: &str, input: &[u8]) -> Transaction {
    let action = Action::Call { method: method.to_owned(), input: input.to_vec(), gas: GAS };
    Transaction { signer: signer.to_owned(), receiver: receiver.to_owned(), action }
}

fn show(transaction: &Transaction, outcome: &Outcome) {
    let Transaction { signer, receiver, action } = transaction;
    match action {
        Action::Deploy { code } => println!("  {signer} deploys {receiver}: {} bytes", code.len()),
        Action::Call { method, .. } => print!("  {signer} calls {receiver}.{method}: "),
    }
    if let Action::Call { .. } = action {
        match (&outcome.failure, &outcome.returned) {
            (Some(failure), _) => print!("failed: {failure}"),
            (None, Some(value)) => print!("returned {}", hex(value)),
            (None, None) => print!("done"),
        }
        println!(" ({} gas, {} host calls)", outcome.gas, outcome.host_calls);
    }
    for line in &outcome.logs {
        println!("    log: {line}");
    }
}

fn report(block: &Block, protocol: u32, same: bool) {
    let verdict = if same { "same state root" } else { "another state root" };
    println!("  block {}, protocol version {protocol}: {verdict}", block.height);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
