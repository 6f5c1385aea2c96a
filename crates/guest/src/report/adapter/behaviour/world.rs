//! Owns an adapter that is being run: its memory, what it may use, and calling it.

use wasmi::errors::ErrorKind;
use wasmi::{
    Engine, Error, Extern, ExternType, Instance, Memory, MemoryType, Module, Store, StoreLimitsBuilder, TrapCode,
    WasmParams,
};

use super::super::Obstacle;
use super::responses::{Response, State};

/// Pages of memory that are there from the start, and that may be.
const PAGES: u64 = 16;
const MOST_PAGES: u64 = 64;

/// Where answers are written: below all that is allocated.
const BUFFER: usize = 1024;
const BUFFER_SIZE: usize = 1024;

/// The one memory counts twice: when it is made, and when it is imported.
const MEMORIES: usize = 2;

/// The most imports: each is made, also if it is never called. Published adapters have at most a hundred.
const MOST_IMPORTS: usize = 512;

/// The most elements that a table may have.
const MOST_ELEMENTS: usize = 1000;

/// An adapter that is being run.
pub(super) struct World<'s> {
    store: &'s mut Store<State>,
    instance: Instance,
    memory: Memory,
}

/// Starts a module with so much fuel and lets `look` look; also says how much fuel is left.
pub(super) fn with(
    engine: &Engine,
    module: &Module,
    fuel: u64,
    check: fn(&mut World<'_>) -> Result<bool, Obstacle>,
) -> (Result<bool, Obstacle>, u64) {
    let most = usize::try_from(MOST_PAGES << 16).unwrap_or(0);
    let limits = StoreLimitsBuilder::new().memory_size(most).table_elements(MOST_ELEMENTS).memories(MEMORIES).tables(4);
    let mut store = Store::new(engine, State::new(limits.build()));
    store.limiter(|state| &mut state.limits);
    if store.set_fuel(fuel).is_err() {
        return (Err(Obstacle::Limit), 0);
    }
    let seen = World::start(&mut store, module).and_then(|mut world| check(&mut world));
    (seen, store.get_fuel().unwrap_or(0))
}

impl<'s> World<'s> {
    fn start(store: &'s mut Store<State>, module: &Module) -> Result<Self, Obstacle> {
        if module.imports().len() > MOST_IMPORTS {
            return Err(Obstacle::Limit);
        }
        let mut imports: Vec<Extern> = Vec::new();
        for import in module.imports() {
            imports.push(match import.ty() {
                ExternType::Func(ty) => {
                    let response = Response::to(import.module(), import.name(), ty).ok_or(Obstacle::Import)?;
                    response.function(store, ty).into()
                }
                ExternType::Memory(ty) if !ty.is_64() && store.data().memory.is_none() => {
                    let most = ty.maximum().unwrap_or(MOST_PAGES).min(MOST_PAGES);
                    let least = ty.minimum().max(PAGES);
                    let (Ok(least), Ok(most)) = (u32::try_from(least), u32::try_from(most)) else {
                        return Err(Obstacle::Limit);
                    };
                    if least > most {
                        return Err(Obstacle::Limit);
                    }
                    let memory = Memory::new(&mut *store, MemoryType::new(least, Some(most)));
                    let memory = memory.map_err(|_| Obstacle::Limit)?;
                    store.data_mut().memory = Some(memory);
                    memory.into()
                }
                _ => return Err(Obstacle::Import),
            });
        }
        let memory = store.data().memory.ok_or(Obstacle::Import)?;
        match Instance::new(&mut *store, module, &imports) {
            Ok(instance) => Ok(Self { store, instance, memory }),
            Err(error) => Err(obstacle(&error, store.data())),
        }
    }

    /// Calls an export that gives an error number.
    pub(super) fn call<P: WasmParams>(&mut self, export: &str, params: P) -> Result<i32, Obstacle> {
        let function =
            self.instance.get_typed_func::<P, i32>(&*self.store, export).map_err(|_| Obstacle::UnexpectedResult)?;
        let result = function.call(&mut *self.store, params);
        result.map_err(|error| obstacle(&error, self.store.data()))
    }

    /// Where answers of `size` bytes are to be written, and the size, as numbers for the adapter.
    pub(super) fn place(&self, size: usize) -> Result<(i32, i32), Obstacle> {
        let number = |number: usize| i32::try_from(number).map_err(|_| Obstacle::Limit);
        if size > BUFFER_SIZE { Err(Obstacle::Limit) } else { Ok((number(BUFFER)?, number(size)?)) }
    }

    /// The bytes from that place on.
    pub(super) fn buffer(&mut self) -> &mut [u8] {
        // Memory never shrinks, and has more than this from the start.
        self.memory.data_mut(&mut *self.store).get_mut(BUFFER..BUFFER + BUFFER_SIZE).unwrap_or_default()
    }

    pub(super) fn number(&self, at: i32) -> Result<u32, Obstacle> {
        let mut bytes = [0; 4];
        let at = usize::try_from(at).map_err(|_| Obstacle::UnexpectedResult)?;
        self.memory.read(&*self.store, at, &mut bytes).map_err(|_| Obstacle::UnexpectedResult)?;
        Ok(u32::from_le_bytes(bytes))
    }

    pub(super) fn set_number(&mut self, at: i32, number: u32) -> Result<(), Obstacle> {
        let at = usize::try_from(at).map_err(|_| Obstacle::UnexpectedResult)?;
        self.memory.write(&mut *self.store, at, &number.to_le_bytes()).map_err(|_| Obstacle::UnexpectedResult)
    }
}

fn obstacle(error: &Error, state: &State) -> Obstacle {
    match error.kind() {
        _ if error.as_trap_code() == Some(TrapCode::OutOfFuel) => Obstacle::Limit,
        ErrorKind::UserLimits(_) | ErrorKind::ImplementationLimits(_) | ErrorKind::Instantiation(_) => Obstacle::Limit,
        ErrorKind::Table(_) | ErrorKind::Memory(_) => Obstacle::Limit,
        _ if state.missing => Obstacle::Import,
        _ => Obstacle::Trap,
    }
}
