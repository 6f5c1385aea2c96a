//! Stores, and the contexts borrowed from them.

mod data;

use super::{V, error, roots, wasmtime, whole};
use crate::backend::Stores;
use crate::bounds::Data;
use crate::error::{ErrorKind, Result};
use crate::store::{Ambient, DeadlineCheck, IsSend};
use wasmtime::{AsContext as _, AsContextMut as _};

pub use self::data::StoreData;

impl Stores for V {
    type StoreData<T: Data> = StoreData<T>;
    type Store<T: Data> = wasmtime::Store<StoreData<T>>;
    type StoreContext<'a, T: Data> = wasmtime::StoreContext<'a, StoreData<T>>;
    type StoreContextMut<'a, T: Data> = wasmtime::StoreContextMut<'a, StoreData<T>>;
    type Caller<'a, T: Data> = wasmtime::Caller<'a, StoreData<T>>;

    fn are_send<'a, T: Data + Send>() -> IsSend<(Self::Store<T>, Self::StoreContextMut<'a, T>, Self::Caller<'a, T>)> {
        IsSend::PROOF
    }

    fn new_store<T: Data>(engine: &wasmtime::Engine, data: T, ambient: Ambient) -> Self::Store<T> {
        limited(wasmtime::Store::new(engine, StoreData::with_ambient(data, ambient)))
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
        store.limiter(StoreData::limiter_mut);
        whole::apply_limits(store);
    }

    fn set_fuel<T: Data>(context: &mut Self::StoreContextMut<'_, T>, fuel: u64) -> Result<()> {
        context.set_fuel(fuel).map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot set fuel"))
    }

    fn get_fuel<T: Data>(context: &Self::StoreContext<'_, T>) -> Result<u64> {
        context.get_fuel().map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot read fuel"))
    }

    fn set_deadline<T: Data>(store: &mut Self::Store<T>, ticks: u64, check: Option<DeadlineCheck>) {
        store.set_epoch_deadline(ticks);
        match check {
            None => store.epoch_deadline_trap(),
            Some(mut check) => store.epoch_deadline_callback(move |_| error::deadline(check())),
        }
    }
}

/// A new store within its default limits.
#[allow(dead_code, reason = "only stores with WASI are made elsewhere")]
pub(in super::super) fn limited<T: Data>(mut store: wasmtime::Store<StoreData<T>>) -> wasmtime::Store<StoreData<T>> {
    V::apply_limits(&mut store);
    store
}
