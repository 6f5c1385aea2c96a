//! Owns the outcome of a contract call: what the contract is answerable for, apart from failures of the node.

use std::fmt;

use wasmtime_compat::{Error, ErrorKind, Trap};

use crate::limits::Exceeded;
use crate::logic::HostError;

/// The outcome of a transaction.
#[derive(Debug, Default)]
pub struct Outcome {
    pub returned: Option<Vec<u8>>,
    pub failure: Option<Failure>,
    pub gas: u64,
    pub host_calls: u64,
    pub logs: Vec<String>,
}

/// Why a contract call failed: the same on each node, so that it can be part of the chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    NoContract,
    /// The contract imports a host function that the protocol version does not have.
    MissingImport(String),
    MethodNotFound,
    InvalidContract(ErrorKind),
    OutOfGas,
    Limit(Exceeded),
    Host(HostError),
    Trap(Trap),
}

impl Failure {
    /// The failure behind an error of a call.
    ///
    /// # Errors
    /// The error itself if the node is the reason: then no block can be made of it.
    pub fn of(error: Error) -> Result<Self, Error> {
        if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
            return Ok(Self::Limit(*exceeded));
        }
        if let Some(host) = error.downcast_ref::<HostError>() {
            return Ok(Self::Host(host.clone()));
        }
        Ok(match (error.kind(), error.trap(), error.missing_import()) {
            (ErrorKind::Trap, Some(Trap::OutOfFuel), _) => Self::OutOfGas,
            (ErrorKind::Trap, Some(trap), _) => Self::Trap(trap.clone()),
            (ErrorKind::Link, _, Some(import)) => Self::MissingImport(import.name.clone()),
            (ErrorKind::Export | ErrorKind::TypeMismatch, ..) => Self::MethodNotFound,
            (kind @ (ErrorKind::InvalidGuest | ErrorKind::WrongGuestKind | ErrorKind::TooComplex), ..) => {
                Self::InvalidContract(kind)
            }
            _ => return Err(error),
        })
    }

    /// Whether the contract pays for all gas that was attached. Wasmtime's count of fuel is exact at calls, but not at traps in
    /// between.
    pub fn takes_all_gas(&self) -> bool {
        matches!(self, Self::OutOfGas | Self::Limit(_) | Self::Trap(_))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContract => f.write_str("account has no contract"),
            Self::MissingImport(name) => write!(f, "no host function {name}"),
            Self::MethodNotFound => f.write_str("contract has no such method"),
            Self::InvalidContract(kind) => write!(f, "contract refused: {kind}"),
            Self::OutOfGas => f.write_str("out of gas"),
            Self::Limit(exceeded) => exceeded.fmt(f),
            Self::Host(error) => error.fmt(f),
            Self::Trap(trap) => write!(f, "trap: {trap}"),
        }
    }
}
