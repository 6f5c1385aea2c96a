//! Owns the node: it runs blocks, each with the protocol version of the block, and runs recorded blocks again.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Context as _, Result};

use crate::logic::Context;
use crate::outcome::{Failure, Outcome};
use crate::protocol::PROTOCOLS;
use crate::state::{Column, Hash, State};
use crate::vm::Vm;

/// A request of an account, signed by it in a real chain.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub signer: String,
    pub receiver: String,
    pub action: Action,
}

/// What a transaction does.
#[derive(Clone, Debug)]
pub enum Action {
    Deploy { code: Vec<u8> },
    Call { method: String, input: Vec<u8>, gas: u64 },
}

/// A block as it is recorded.
#[derive(Clone, Debug)]
pub struct Block {
    pub height: u64,
    pub protocol: u32,
    pub transactions: Vec<Transaction>,
    /// The root of the state after the block.
    pub root: Hash,
}

/// A node: one runner of contracts for each protocol version, and the state.
pub struct Node {
    vms: Vec<(u32, Box<dyn Vm>)>,
    state: Rc<RefCell<State>>,
}

impl Node {
    /// A node before the first block.
    pub fn new() -> Result<Self> {
        let vms = PROTOCOLS.iter().map(|protocol| Ok((protocol.version, protocol.vm()?)));
        Ok(Self { vms: vms.collect::<Result<_>>()?, state: Rc::default() })
    }

    /// Runs a block; returns it with the outcome of each transaction.
    pub fn run(&self, height: u64, protocol: u32, transactions: &[Transaction]) -> Result<(Block, Vec<Outcome>)> {
        let mut outcomes = Vec::new();
        for transaction in transactions {
            outcomes.push(self.transact(height, protocol, transaction)?);
        }
        let root = self.state.borrow().root();
        Ok((Block { height, protocol, transactions: transactions.to_vec(), root }, outcomes))
    }

    /// Runs a recorded block again under a protocol version; whether the root is the recorded one.
    pub fn replay(&self, block: &Block, protocol: u32) -> Result<bool> {
        let (again, _) = self.run(block.height, protocol, &block.transactions)?;
        Ok(again.root == block.root)
    }

    /// The version of the Wasmtime of each protocol version.
    pub fn versions(&self) -> impl Iterator<Item = (u32, String)> {
        self.vms.iter().map(|(version, vm)| (*version, vm.wasmtime()))
    }

    fn transact(&self, height: u64, protocol: u32, transaction: &Transaction) -> Result<Outcome> {
        let Transaction { signer, receiver, action } = transaction;
        let outcome = match action {
            Action::Deploy { code } => {
                self.state.borrow_mut().replace(Column::Code, receiver, b"", Some(code.clone()));
                Outcome::default()
            }
            Action::Call { method, input, gas } => {
                let (account, signer) = (receiver.clone(), signer.clone());
                let context = Context { account, signer, height, input: input.clone(), gas: *gas };
                self.call(protocol, method, context)?
            }
        };
        let mut state = self.state.borrow_mut();
        if outcome.failure.is_some() {
            state.roll_back();
        }
        let paid =
            state.get(Column::Gas, signer, b"").and_then(|paid| paid.try_into().ok()).map_or(0, u64::from_le_bytes);
        let paid = paid.saturating_add(outcome.gas);
        state.replace(Column::Gas, signer, b"", Some(paid.to_le_bytes().to_vec()));
        state.commit();
        Ok(outcome)
    }

    fn call(&self, protocol: u32, method: &str, context: Context) -> Result<Outcome> {
        let code = self.state.borrow().get(Column::Code, &context.account, b"");
        let Some(code) = code else {
            return Ok(Outcome { failure: Some(Failure::NoContract), ..Outcome::default() });
        };
        let vm = self.vms.iter().find(|(version, _)| *version == protocol).map(|(_, vm)| vm);
        let vm = vm.with_context(|| format!("this node does not know protocol version {protocol}"))?;
        let what = format!("call {}.{method}", context.account);
        vm.call(&code, method, context, &self.state).context(what)
    }
}
