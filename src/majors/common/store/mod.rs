//! Stores, and the contexts borrowed from them.

mod data;

use super::{V, call_hooks, error, hooks, images, roots, wasmtime, whole};
use crate::backend::Stores;
use crate::bounds::Data;
use crate::engine::{Engine, Image};
use crate::error::{ErrorKind, Frame, Result, WasmBacktrace};
use crate::store::{
    Ambient, CallHook, CallHookState, DeadlineAction, Epochs, IsSend, Limiter, StoreHookState, UpdateDeadline,
};
use wasmtime::{AsContext as _, AsContextMut as _};

pub use self::data::StoreData;

impl Stores for V {
    type StoreData<T: Data> = StoreData<T>;
    type Store<T: Data> = wasmtime::Store<StoreData<T>>;
    type StoreContext<'a, T: Data> = wasmtime::StoreContext<'a, StoreData<T>>;
    type StoreContextMut<'a, T: Data> = wasmtime::StoreContextMut<'a, StoreData<T>>;
    type Caller<'a, T: Data> = wasmtime::Caller<'a, StoreData<T>>;
    type StoreHookState<'a, T: Data> = hooks::HookState<'a, StoreData<T>>;

    fn are_send<'a, T: Data + Send>() -> IsSend<(Self::Store<T>, Self::StoreContextMut<'a, T>, Self::Caller<'a, T>)> {
        IsSend::PROOF
    }

    #[inline]
    fn new_store<T: Data>(engine: &Engine<V>, data: T, ambient: Ambient) -> Self::Store<T> {
        limited(wasmtime::Store::new(engine.as_raw(), StoreData::with_ambient(data, ambient, engine)))
    }

    fn set_engine<T: Data>(store: &mut Self::Store<T>, engine: Engine<V>) {
        store.data_mut().set_engine(engine);
    }

    #[inline]
    fn engine<'a, T: Data>(context: &Self::StoreContext<'a, T>) -> &'a Engine<V> {
        context.data().engine(context.engine())
    }

    fn into_data<T: Data>(store: Self::Store<T>) -> T {
        store.into_data().into_data()
    }

    fn store_data_mut<T: Data>(store: &mut Self::Store<T>) -> &mut T {
        store.data_mut().data_mut()
    }

    fn caller_data_mut<'a, T: Data>(caller: &'a mut Self::Caller<'_, T>) -> &'a mut T {
        caller.data_mut().data_mut()
    }

    #[inline]
    fn data<'a, T: Data>(context: &Self::StoreContext<'a, T>) -> &'a T {
        context.data().data()
    }

    #[inline]
    fn data_mut<'a, T: Data>(context: &'a mut Self::StoreContextMut<'_, T>) -> &'a mut T {
        context.data_mut().data_mut()
    }

    fn ambient<'a, T: Data>(context: &Self::StoreContext<'a, T>) -> &'a Ambient {
        &context.data().ambient
    }

    #[inline]
    fn ambient_mut<'a, T: Data>(context: &'a mut Self::StoreContextMut<'_, T>) -> &'a mut Ambient {
        &mut context.data_mut().ambient
    }

    fn store_data_and_ambient_mut<T: Data>(store: &mut Self::Store<T>) -> (&mut T, &mut Ambient) {
        store.data_mut().parts_mut()
    }

    #[inline]
    fn data_and_ambient_mut<'a, T: Data>(
        context: &'a mut Self::StoreContextMut<'_, T>,
    ) -> (&'a mut T, &'a mut Ambient) {
        context.data_mut().parts_mut()
    }

    #[inline]
    fn context<T: Data>(store: &Self::Store<T>) -> Self::StoreContext<'_, T> {
        store.as_context()
    }

    #[inline]
    fn context_mut<T: Data>(store: &mut Self::Store<T>) -> Self::StoreContextMut<'_, T> {
        store.as_context_mut()
    }

    #[inline]
    fn caller_context<'a, T: Data>(caller: &'a Self::Caller<'_, T>) -> Self::StoreContext<'a, T> {
        caller.as_context()
    }

    #[inline]
    fn caller_context_mut<'a, T: Data>(caller: &'a mut Self::Caller<'_, T>) -> Self::StoreContextMut<'a, T> {
        caller.as_context_mut()
    }

    #[inline]
    fn reborrow<'a, T: Data>(context: &'a Self::StoreContext<'_, T>) -> Self::StoreContext<'a, T> {
        context.as_context()
    }

    #[inline]
    fn reborrow_mut<'a, T: Data>(context: &'a mut Self::StoreContextMut<'_, T>) -> Self::StoreContextMut<'a, T> {
        context.as_context_mut()
    }

    #[inline]
    fn shared<'a, T: Data>(context: &'a Self::StoreContextMut<'_, T>) -> Self::StoreContext<'a, T> {
        context.as_context()
    }

    fn apply_limits<T: Data>(store: &mut Self::Store<T>) {
        // It asks for the numbers of instances, memories and tables once.
        if !whole::apply_async_limiter(store) {
            store.limiter(StoreData::limiter_mut);
        }
        whole::apply_limits(store);
    }

    fn set_limiter<T: Data>(store: &mut Self::Store<T>, limiter: Limiter<T>) {
        store.data_mut().set_limiter(limiter);
        Self::apply_limits(store);
    }

    fn set_fuel<T: Data>(context: &mut Self::StoreContextMut<'_, T>, fuel: u64) -> Result<()> {
        context.set_fuel(fuel).map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot set fuel"))
    }

    fn get_fuel<T: Data>(context: &Self::StoreContext<'_, T>) -> Result<u64> {
        context.get_fuel().map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot read fuel"))
    }

    #[inline]
    fn hook_context<'a, T: Data>(state: &'a Self::StoreHookState<'_, T>) -> Self::StoreContext<'a, T> {
        state.as_context()
    }

    #[inline]
    fn hook_data_mut<'a, T: Data>(state: &'a mut Self::StoreHookState<'_, T>) -> &'a mut T {
        state.data_mut().data_mut()
    }

    fn set_call_hook<T, F>(store: &mut Self::Store<T>, mut hook: F)
    where
        T: Data,
        F: FnMut(CallHookState<'_, T>, CallHook) -> anyhow::Result<()> + Send + Sync + 'static,
    {
        call_hooks::set(store, move |data, call| {
            let call = match call {
                wasmtime::CallHook::CallingWasm => CallHook::CallingWasm,
                wasmtime::CallHook::ReturningFromWasm => CallHook::ReturningFromWasm,
                wasmtime::CallHook::CallingHost => CallHook::CallingHost,
                wasmtime::CallHook::ReturningFromHost => CallHook::ReturningFromHost,
            };
            hook(CallHookState { data }, call).map_err(error::host)
        });
    }

    fn capture_frames<T: Data>(context: Self::StoreContext<'_, T>) -> Vec<(Image, Frame)> {
        let captured = wasmtime::WasmBacktrace::force_capture(context);
        captured.frames().iter().map(|raw| (images::of_module(raw.module()), error::frame(raw))).collect()
    }

    fn capture_backtrace<T: Data>(context: Self::StoreContext<'_, T>, force: bool) -> WasmBacktrace {
        error::backtrace(&match force {
            true => wasmtime::WasmBacktrace::force_capture(context),
            false => wasmtime::WasmBacktrace::capture(context),
        })
    }

    fn set_epoch_deadline<T: Data>(context: &mut Self::StoreContextMut<'_, T>, ticks: u64) {
        context.set_epoch_deadline(ticks);
    }

    fn watch_epochs<T: Data>(store: &mut Self::Store<T>) {
        store.epoch_deadline_callback(|state| error::deadline(check(state.data())));
    }

    fn watch_epochs_with<T, F>(store: &mut Self::Store<T>, mut callback: F)
    where
        T: Data,
        F: FnMut(StoreHookState<'_, Self, T>) -> anyhow::Result<UpdateDeadline> + Send + Sync + 'static,
    {
        store.epoch_deadline_callback(move |state| {
            let mut action = check(state.data());
            if action == DeadlineAction::Callback
                && let Some(epochs) = state.data().ambient.epochs.clone()
            {
                let mode = state.data().ambient.mode;
                let update = callback(StoreHookState { raw: state }).map_err(error::host)?;
                action = epochs.update(update, mode).map_err(|refused| error::host(refused.into()))?;
            }
            error::deadline(action)
        });
    }
}

/// What a store does at an epoch check.
fn check<T>(data: &StoreData<T>) -> DeadlineAction {
    data.ambient.epochs.as_deref().map_or(DeadlineAction::Interrupt, Epochs::check)
}

/// A new store within its default limits.
#[inline]
pub(in super::super) fn limited<T: Data>(mut store: wasmtime::Store<StoreData<T>>) -> wasmtime::Store<StoreData<T>> {
    store.limiter(StoreData::limiter_mut);
    whole::apply_limits(&mut store);
    store
}
