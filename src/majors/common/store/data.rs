//! What a store holds: the user's data beside the neutral state and the WASI state.

use std::sync::OnceLock;

use super::whole::WasiState;
use super::{V, roots, wasmtime};
use crate::engine::Engine;
use crate::store::{Ambient, Gate, Limiter};

/// The data of this major's stores: yours, and what WASI needs.
pub struct StoreData<T> {
    user: T,
    pub(super) ambient: Ambient,
    /// Not set while a store that was made with the major itself has not been wrapped.
    engine: OnceLock<Engine<V>>,
    wasi: WasiState,
    // Boxed, so that stores without a limiter do not carry the room about while they are made.
    limiter: Option<Box<Limiter<T>>>,
    roots: roots::Roots,
}

impl<T> StoreData<T> {
    /// Data for a store made with the major itself; `is_async` says how its engine was made.
    pub fn new(user: T, is_async: bool) -> Self {
        Self::assemble(user, Ambient::new(is_async, true), OnceLock::new(), WasiState::default())
    }

    #[inline]
    pub(super) fn with_ambient(user: T, ambient: Ambient, engine: &Engine<V>) -> Self {
        Self::with_wasi(user, ambient, engine, WasiState::default())
    }

    #[inline]
    pub(in super::super::super) fn with_wasi(user: T, ambient: Ambient, engine: &Engine<V>, wasi: WasiState) -> Self {
        Self::assemble(user, ambient, OnceLock::from(engine.clone()), wasi)
    }

    #[allow(clippy::default_constructed_unit_structs, reason = "not every major has something to keep")]
    #[inline]
    fn assemble(user: T, ambient: Ambient, engine: OnceLock<Engine<V>>, wasi: WasiState) -> Self {
        Self { user, ambient, engine, wasi, limiter: None, roots: roots::Roots::default() }
    }

    /// Your data.
    pub fn data(&self) -> &T {
        &self.user
    }

    /// Your data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.user
    }

    /// Your data, and nothing else.
    pub fn into_data(self) -> T {
        self.user
    }

    pub(super) fn parts_mut(&mut self) -> (&mut T, &mut Ambient) {
        (&mut self.user, &mut self.ambient)
    }

    pub(super) fn set_limiter(&mut self, limiter: Limiter<T>) {
        self.limiter = Some(Box::new(limiter));
    }

    /// The engine; `raw` is the one that the store was made with.
    #[inline]
    pub(super) fn engine(&self, raw: &wasmtime::Engine) -> &Engine<V> {
        self.engine.get_or_init(|| Engine::of_raw(raw, self.ambient.mode.is_async))
    }

    pub(super) fn set_engine(&mut self, engine: Engine<V>) {
        self.engine = OnceLock::from(engine);
    }

    /// The limits, your data, and how to find the limiter in your data.
    pub(in super::super::super) fn limits_mut(&mut self) -> (&mut Gate, &mut T, Option<&mut Limiter<T>>) {
        (&mut self.ambient.gate, &mut self.user, self.limiter.as_deref_mut())
    }

    /// The limits, and the limiter of the user.
    pub(super) fn limiter_mut(&mut self) -> &mut dyn wasmtime::ResourceLimiter {
        match self.limits_mut() {
            (gate, user, Some(Limiter::Sync(find))) => gate.open_with(find(user)),
            (gate, ..) => gate.open(),
        }
    }

    pub(in super::super::super) fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    #[allow(dead_code, reason = "up to 19 and from 37 on references are not given back by hand")]
    pub(in super::super::super) fn roots_mut(&mut self) -> &mut roots::Roots {
        &mut self.roots
    }

    pub(in super::super::super) fn state(&self) -> &WasiState {
        &self.wasi
    }

    /// The neutral state, and the WASI state.
    #[allow(dead_code, reason = "only majors with HTTP ask for both")]
    pub(in super::super::super) fn ambient_and_state_mut(&mut self) -> (&Ambient, &mut WasiState) {
        (&self.ambient, &mut self.wasi)
    }

    pub(in super::super::super) fn state_mut(&mut self) -> &mut WasiState {
        &mut self.wasi
    }
}
