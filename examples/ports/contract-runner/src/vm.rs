//! Owns the runner of contracts on one Wasmtime major: deterministic engine, cache of linked contracts, contract calls.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use wasmtime_compat::{
    Config, CoreWasmtime, Engine, InstancePre, Linker, Module, OptLevel, PoolingAllocationConfig, Proposal, Result,
    Store,
};

use crate::host::{self, Frame};
use crate::logic::{Context, Logic};
use crate::outcome::{Failure, Outcome};
use crate::protocol::Rules;
use crate::state::{Hash, State};

/// A runner of contracts on some major.
pub trait Vm {
    /// The version of the Wasmtime underneath.
    fn wasmtime(&self) -> String;

    /// Calls a method of a contract. The changes to the state are pending afterwards, also those of a call that failed.
    ///
    /// # Errors
    /// A failure of the node; one of the contract is in the outcome.
    fn call(&self, code: &[u8], method: &str, context: Context, state: &Rc<RefCell<State>>) -> Result<Outcome>;
}

/// The proposals that contracts may use. SIMD and threads are left out because they are not deterministic enough, and bulk
/// memory because its price in fuel is not the same on all majors.
const ALLOWED: [Proposal; 1] = [Proposal::MultiValue];

/// The calls that may run at the same time.
const CALLS: u32 = 4;

/// The largest memory that the pool has room for; the limiter allows less.
const LARGEST_MEMORY: usize = 4 << 20;

/// A runner of contracts on the major `W`.
pub struct Runner<W: CoreWasmtime> {
    engine: Engine<W>,
    linker: Linker<W, Frame<W>>,
    rules: Rules,
    /// Compiled and linked contracts by the hash of their code.
    contracts: RefCell<HashMap<Hash, InstancePre<W, Frame<W>>>>,
}

impl<W: CoreWasmtime> Runner<W> {
    pub fn new(rules: Rules) -> Result<Self> {
        let engine = Engine::new(&config::<W>())?;
        let mut linker = Linker::new(&engine);
        host::link(&mut linker, rules)?;
        Ok(Self { engine, linker, rules, contracts: RefCell::default() })
    }

    /// The contract, compiled and linked at its first call.
    fn contract(&self, code: &[u8]) -> Result<InstancePre<W, Frame<W>>> {
        let hash = Hash::of(code);
        if let Some(contract) = self.contracts.borrow().get(&hash) {
            return Ok(contract.clone());
        }
        let contract = self.linker.instantiate_pre(&Module::new(&self.engine, code)?)?;
        self.contracts.borrow_mut().insert(hash, contract.clone());
        Ok(contract)
    }

    fn enter(&self, store: &mut Store<W, Frame<W>>, code: &[u8], method: &str) -> Result<()> {
        let instance = self.contract(code)?.instantiate(&mut *store)?;
        store.data_mut().memory = instance.get_memory(&mut *store, "memory");
        instance.get_typed_func::<(), ()>(&mut *store, method)?.call(store, ())
    }
}

impl<W: CoreWasmtime> Vm for Runner<W> {
    fn wasmtime(&self) -> String {
        W::report().wasmtime.to_string()
    }

    fn call(&self, code: &[u8], method: &str, context: Context, state: &Rc<RefCell<State>>) -> Result<Outcome> {
        let gas = context.gas;
        let logic = Logic::new(context, Rc::clone(state));
        let frame = Frame { logic, limits: self.rules.limits, memory: None, host_calls: 0 };
        let mut store = Store::new(&self.engine, frame);
        store.limiter(|frame| &mut frame.limits);
        store.set_fuel(gas)?;
        let failure = self.enter(&mut store, code, method).err().map(Failure::of).transpose()?;
        let left = match &failure {
            Some(failure) if failure.takes_all_gas() => 0,
            _ => store.get_fuel()?,
        };
        let Frame { logic, host_calls, .. } = store.into_data();
        let returned = logic.returned.filter(|_| failure.is_none());
        Ok(Outcome { returned, failure, gas: gas.saturating_sub(left), host_calls, logs: logic.logs })
    }
}

/// The same results and the same use of fuel on every machine, and instances from a pool.
fn config<W: CoreWasmtime>() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(CALLS)
        .total_memories(CALLS)
        .total_tables(CALLS)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        .max_memory_size(LARGEST_MEMORY)
        .table_elements(1_000)
        .linear_memory_keep_resident(64 << 10);
    let config = Config::new()
        .consume_fuel(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_component_model(false)
        .backtraces(false)
        .generate_address_map(false)
        .max_wasm_stack(256 << 10)
        .memory_init_cow(true)
        .memory_reservation(LARGEST_MEMORY as u64)
        .allocation_strategy(pool);
    Proposal::ALL.iter().fold(config, |config, &proposal| match proposal.switch_since() {
        Some(since) if since <= W::MAJOR => config.proposal(proposal, ALLOWED.contains(&proposal)),
        _ => config,
    })
}
