//! Checked preview1 calls, 18 to 21: linked over Wasmtime's own, which they call through to. The guest's memory is an
//! object that counts its borrows; the linker has a function for each number of parameters.

use super::names::preview1::types::{Clockid, Fd, Filetype};
use super::names::preview1::wasi_snapshot_preview1::{self as calls_p1, WasiSnapshotPreview1 as _};
use super::wasmtime::{Caller, Error, Extern, Linker, Result};
use super::whole::{
    StoreData, calls_of_nothing, checked_calls, closed, drop_pollables, expect_pollables, finish_poll, mended_calls,
    no_memory, nothing, opened, polls_leave_pollables, read_poll,
};
pub(super) use super::whole::{limit_calls, limit_handles, limit_random};
use super::wiggle::wasmtime::WasmtimeGuestMemory;
use super::{names::in_tokio, p1::context};
use crate::bounds::Data;
use crate::wasi::calls::{self, Memory, Verdict};

const MODULE: &str = "wasi_snapshot_preview1";

/// Splits a caller into the guest's memory and the store's data.
macro_rules! split {
    ($caller:ident => $memory:ident, $data:ident) => {
        let export = $caller.get_export("memory");
        let (mut $memory, $data) = match &export {
            Some(Extern::Memory(memory)) => {
                let (bytes, data) = memory.data_and_store_mut(&mut $caller);
                (WasmtimeGuestMemory::new(bytes), data)
            }
            Some(Extern::SharedMemory(memory)) => (WasmtimeGuestMemory::shared(memory.data()), $caller.data_mut()),
            _ => return Err(no_memory()),
        };
    };
}

macro_rules! awaited {
    (async $call:expr) => {
        $call.await?
    };
    (sync $call:expr) => {
        $call?
    };
}

/// The body of a checked call.
macro_rules! call {
    ($kind:ident $name:ident($($arg:ident),*) $caller:ident ($view:pat, $user:pat => $check:expr) $after:ident) => {{
        split!($caller => memory, data);
        let verdict = {
            let ($view, $user) = (&mut memory, &mut *data);
            $check
        };
        match verdict {
            Verdict::Pass => {}
            Verdict::Errno(errno) => return Ok(errno),
            Verdict::Trap(refused) => return Err(Error::new(refused)),
        }
        let errno = awaited!($kind calls_p1::$name(context(data), &memory, $($arg),*));
        $after(data, &mut memory, errno);
        data.in_time()?;
        Ok(errno)
    }};
}

async fn is_open<T: Data + Send>(data: &mut StoreData<T>, _: &WasmtimeGuestMemory<'_>, fd: i32) -> bool {
    context(data).fd_fdstat_get(Fd::from(fd as u32)).await.is_ok()
}

async fn is_file<T: Data + Send>(data: &mut StoreData<T>, _: &WasmtimeGuestMemory<'_>, fd: u32) -> bool {
    let stat = context(data).fd_fdstat_get(Fd::from(fd)).await;
    stat.is_ok_and(|stat| stat.fs_filetype == Filetype::RegularFile)
}

/// What the realtime clock shows; 1970 if it shows nothing.
async fn date<T: Data + Send>(data: &mut StoreData<T>, _: &WasmtimeGuestMemory<'_>) -> u64 {
    context(data).clock_time_get(Clockid::Realtime, 0).unwrap_or_default()
}

polls_leave_pollables!();

pub(super) fn link<T: Data + Send>(linker: &mut Linker<StoreData<T>>, is_async: bool) -> Result<()> {
    linker.allow_shadowing(true);
    macro_rules! link_call {
        ($kind:ident $wrap:ident $name:ident($($arg:ident: $type:ty),*) ($view:pat, $user:pat => $check:expr) $after:ident) => {
            if is_async {
                linker.$wrap(
                    MODULE,
                    stringify!($name),
                    |mut caller: Caller<'_, StoreData<T>>, $($arg: $type),*| {
                        Box::new(async move { call!($kind $name($($arg),*) caller ($view, $user => $check) $after) })
                    },
                )?;
            } else {
                linker.func_wrap(
                    MODULE,
                    stringify!($name),
                    |mut caller: Caller<'_, StoreData<T>>, $($arg: $type),*| -> Result<i32> {
                        in_tokio(async { call!($kind $name($($arg),*) caller ($view, $user => $check) $after) })
                    },
                )?;
            }
        };
    }
    checked_calls!(link_call);
    mended_calls!(link_call);
    calls_of_nothing!(link_call calls_p1 context);
    linker.allow_shadowing(false);
    Ok(())
}
