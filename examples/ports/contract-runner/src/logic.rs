//! Owns what the host functions do: the logic of a contract call on the memory of the contract, without Wasmtime.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::state::{Column, State};

/// What a contract call is about.
#[derive(Clone, Debug)]
pub struct Context {
    /// The account whose contract is called.
    pub account: String,
    /// The account that calls the contract and pays for it.
    pub signer: String,
    pub height: u64,
    pub input: Vec<u8>,
    /// The gas that the signer has attached.
    pub gas: u64,
}

/// A running contract call. The state belongs to the node, and the call shares it for as long as it runs.
#[derive(Debug)]
pub struct Logic {
    state: Rc<RefCell<State>>,
    context: Context,
    registers: BTreeMap<u64, Vec<u8>>,
    /// Bytes that the current host function has moved and that are not paid for.
    moved: u64,
    pub logs: Vec<String>,
    pub returned: Option<Vec<u8>>,
}

/// A contract used a host function in a wrong way, or ended itself with one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HostError {
    /// A range that is not in the memory of the contract.
    MemoryAccess,
    /// The contract has no memory, or it is not instantiated yet.
    NoMemory,
    /// A register without a value.
    InvalidRegister(u64),
    /// Text that is not UTF-8.
    BadUtf8,
    /// The contract ended itself.
    Panic(String),
}

type Result<T, E = HostError> = std::result::Result<T, E>;

/// `register_len` of a register without a value.
const NO_REGISTER: u64 = u64::MAX;

impl Logic {
    pub fn new(context: Context, state: Rc<RefCell<State>>) -> Self {
        Self { state, context, registers: BTreeMap::new(), moved: 0, logs: Vec::new(), returned: None }
    }

    /// The bytes that were moved since the last time.
    pub fn take_moved(&mut self) -> u64 {
        std::mem::take(&mut self.moved)
    }

    pub fn input(&mut self, register: u64) -> Result<()> {
        self.set_register(register, self.context.input.clone());
        Ok(())
    }

    pub fn predecessor_account_id(&mut self, register: u64) -> Result<()> {
        self.set_register(register, self.context.signer.clone().into_bytes());
        Ok(())
    }

    pub fn block_index(&mut self) -> Result<u64> {
        Ok(self.context.height)
    }

    pub fn register_len(&mut self, register: u64) -> Result<u64> {
        Ok(self.registers.get(&register).map_or(NO_REGISTER, |value| value.len() as u64))
    }

    pub fn read_register(&mut self, memory: &mut [u8], register: u64, address: u64) -> Result<()> {
        let value = self.registers.get(&register).ok_or(HostError::InvalidRegister(register))?;
        let range = range(address, value.len() as u64)?;
        memory.get_mut(range).ok_or(HostError::MemoryAccess)?.copy_from_slice(value);
        self.moved += value.len() as u64;
        Ok(())
    }

    /// Returns 1 if the key had a value, which is put into the register.
    pub fn storage_write(&mut self, memory: &[u8], key: Bytes, value: Bytes, register: u64) -> Result<u64> {
        let (key, value) = (self.read(memory, key)?, self.read(memory, value)?);
        self.replace(&key, Some(value), register)
    }

    /// Returns 1 if the key had a value, which is put into the register.
    pub fn storage_remove(&mut self, memory: &[u8], key: Bytes, register: u64) -> Result<u64> {
        let key = self.read(memory, key)?;
        self.replace(&key, None, register)
    }

    /// Returns 1 if the key has a value, which is put into the register.
    pub fn storage_read(&mut self, memory: &[u8], key: Bytes, register: u64) -> Result<u64> {
        let key = self.read(memory, key)?;
        let value = self.state.borrow().get(Column::Data, &self.context.account, &key);
        Ok(self.keep(value, register))
    }

    pub fn value_return(&mut self, memory: &[u8], value: Bytes) -> Result<()> {
        self.returned = Some(self.read(memory, value)?);
        Ok(())
    }

    pub fn log_utf8(&mut self, memory: &[u8], text: Bytes) -> Result<()> {
        let text = self.text(memory, text)?;
        self.logs.push(text);
        Ok(())
    }

    pub fn panic_utf8(&mut self, memory: &[u8], text: Bytes) -> Result<()> {
        Err(HostError::Panic(self.text(memory, text)?))
    }

    fn replace(&mut self, key: &[u8], value: Option<Vec<u8>>, register: u64) -> Result<u64> {
        let before = self.state.borrow_mut().replace(Column::Data, &self.context.account, key, value);
        Ok(self.keep(before, register))
    }

    fn keep(&mut self, value: Option<Vec<u8>>, register: u64) -> u64 {
        let Some(value) = value else { return 0 };
        self.set_register(register, value);
        1
    }

    fn set_register(&mut self, register: u64, value: Vec<u8>) {
        self.moved += value.len() as u64;
        self.registers.insert(register, value);
    }

    fn text(&mut self, memory: &[u8], text: Bytes) -> Result<String> {
        String::from_utf8(self.read(memory, text)?).map_err(|_| HostError::BadUtf8)
    }

    fn read(&mut self, memory: &[u8], bytes: Bytes) -> Result<Vec<u8>> {
        let found = memory.get(range(bytes.address, bytes.length)?).ok_or(HostError::MemoryAccess)?;
        self.moved += found.len() as u64;
        Ok(found.to_vec())
    }
}

/// Where bytes are in the memory of a contract.
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    pub length: u64,
    pub address: u64,
}

fn range(address: u64, length: u64) -> Result<std::ops::Range<usize>> {
    let end = address.checked_add(length).ok_or(HostError::MemoryAccess)?;
    let index = |at: u64| usize::try_from(at).map_err(|_| HostError::MemoryAccess);
    Ok(index(address)?..index(end)?)
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemoryAccess => f.write_str("an address is outside the memory of the contract"),
            Self::NoMemory => f.write_str("the contract has no memory yet"),
            Self::InvalidRegister(register) => write!(f, "register {register} has no value"),
            Self::BadUtf8 => f.write_str("a text is not UTF-8"),
            Self::Panic(text) => write!(f, "contract panicked: {text}"),
        }
    }
}

impl std::error::Error for HostError {}
