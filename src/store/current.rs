//! Owns which store's component this thread is in: the store that handles of resources belong to when they cross to the host.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;

use super::StoreId;

thread_local! {
    static CURRENT: Cell<StoreId> = const { Cell::new(StoreId::UNKNOWN) };
}

/// The store whose component is called on this thread, the innermost if there are several. It is unknown where the host calls
/// a component with the major itself.
#[inline]
pub(crate) fn current() -> StoreId {
    CURRENT.get()
}

/// Calls into a component of this store.
#[inline]
pub(crate) fn within<R>(store: StoreId, call: impl FnOnce() -> R) -> R {
    let _outer = Outer(CURRENT.replace(store));
    call()
}

/// As [`within`], for a call that may go on on another thread.
pub(crate) fn within_async<F: Future + Send>(store: StoreId, call: F) -> impl Future<Output = F::Output> + Send {
    async move {
        let mut call = pin!(call);
        poll_fn(|context| within(store, || call.as_mut().poll(context))).await
    }
}

/// The store that is current again afterwards, also after a panic.
struct Outer(StoreId);

impl Drop for Outer {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}
