//! The version of the ABI that a policy uses, and the memory and functions that the policy imports: read by reflection.

use std::fmt;
use std::iter::repeat_n;

use anyhow::{Context, Result, ensure};
use wasmtime_compat::newest::{
    ExternType, FuncType, GlobalType, Instance, MemoryType, Module, Mutability, Store, ValType,
};

use crate::host::Host;

/// The greatest size that the host gives to the memory of a policy, in pages.
const MAX_PAGES: u64 = 16;

const VERSION: &str = "opa_wasm_abi_version";
const MINOR_VERSION: &str = "opa_wasm_abi_minor_version";

/// The version of the ABI.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct AbiVersion {
    pub major: i32,
    pub minor: i32,
}

impl AbiVersion {
    /// The first version with `opa_eval`.
    pub const ONE_CALL: Self = Self { major: 1, minor: 2 };

    /// The version of an instance, from two of its globals.
    pub fn of_instance(store: &mut Store<Host>, instance: &Instance) -> Result<Self> {
        let mut read = |name: &str| -> Result<i32> {
            let global = instance.get_global(&mut *store, name);
            let global = global.with_context(|| format!("the policy exports no global {name:?}"))?;
            let value = global.get(&mut *store)?;
            value.i32().with_context(|| format!("the global {name:?} is not an i32"))
        };
        let version = Self { major: read(VERSION)?, minor: read(MINOR_VERSION)? };
        ensure!(version.major == 1, "the policy uses ABI {version}, and the evaluator has ABI 1");
        Ok(version)
    }
}

impl fmt::Display for AbiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Checks, before a policy is instantiated, that the module is a policy, and that the host has all that the policy imports.
pub fn check(module: &Module) -> Result<()> {
    let version = ExternType::from(GlobalType::new(ValType::I32, Mutability::Const));
    for name in [VERSION, MINOR_VERSION] {
        let found = module.get_export(name);
        ensure!(found.as_ref() == Some(&version), "the module is not a policy: no export {name:?} of type {version}");
    }
    for import in module.imports() {
        let is_known = import.module() == "env"
            && match host_function(import.name()) {
                Some(ty) => import.ty() == ty.into(),
                None => import.name() == "memory" && import.ty().memory().is_some(),
            };
        ensure!(
            is_known,
            "the policy imports {}.{} {}, which the host does not have",
            import.module(),
            import.name(),
            import.ty()
        );
    }
    Ok(())
}

/// The type of the memory that the host creates for a policy: as large as the import asks for, and bounded by the host.
pub fn memory_type(module: &Module) -> Result<MemoryType> {
    let mut memories = module.imports().filter_map(|import| import.ty().memory().cloned());
    let import = memories.next().context("the policy imports no memory")?;
    let maximum = import.maximum().map_or(MAX_PAGES, |maximum| maximum.min(MAX_PAGES));
    ensure!(import.minimum() <= maximum, "the policy imports {import}, and the host allows {maximum} pages");
    Ok(MemoryType::builder().min(import.minimum()).max(Some(maximum)).build()?)
}

/// The type of a host function of the ABI.
fn host_function(name: &str) -> Option<FuncType> {
    if matches!(name, "opa_abort" | "opa_println") {
        return Some(FuncType::new([ValType::I32], []));
    }
    // Besides the operands: the number of the builtin, and a context that is not used.
    let operands: usize = name.strip_prefix("opa_builtin")?.parse().ok().filter(|operands| *operands <= 4)?;
    Some(FuncType::new(repeat_n(ValType::I32, 2 + operands), [ValType::I32]))
}
