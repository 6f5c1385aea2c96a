//! Checked preview1 calls where the guest's memory is one enum and asynchronous functions take their parameters as a tuple:
//! from 22 on. They are linked over Wasmtime's own, which they call through to. Mounted by the seams `p1_calls`.

use super::super::names::in_tokio;
use super::super::names::preview1::types::{Clockid, Fd, Filetype};
use super::super::names::preview1::wasi_snapshot_preview1::{self as calls_p1, WasiSnapshotPreview1 as _};
use super::super::p1::context;
use super::super::wasmtime::{Caller, Error, Extern, Linker, Result};
use super::super::whole::{StoreData, checked_calls, closed, expect_pollables, no_memory, nothing, opened, read_poll};
use super::super::wiggle::GuestMemory;
use super::{LEAVES_POLLABLES, fuel, polled, set_fuel};
use crate::bounds::Data;
use crate::wasi::calls::{self, Verdict};

const MODULE: &str = "wasi_snapshot_preview1";

/// Splits a caller into the guest's memory and the store's data.
macro_rules! split {
    ($caller:ident => $memory:ident, $data:ident) => {
        let export = $caller.get_export("memory");
        let fuel = fuel(&mut $caller);
        #[allow(unused_mut, reason = "not every call writes")]
        let (mut $memory, $data) = match &export {
            Some(Extern::Memory(memory)) => {
                let (bytes, data) = memory.data_and_store_mut(&mut $caller);
                (GuestMemory::Unshared(bytes), data)
            }
            Some(Extern::SharedMemory(memory)) => (GuestMemory::Shared(memory.data()), $caller.data_mut()),
            _ => return Err(no_memory()),
        };
        set_fuel($data, fuel);
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
        let errno = awaited!($kind calls_p1::$name(context(data), &mut memory, $($arg),*));
        $after(data, &mut memory, errno);
        data.in_time()?;
        Ok(errno)
    }};
}

async fn is_open<T: Data + Send>(data: &mut StoreData<T>, memory: &mut GuestMemory<'_>, fd: i32) -> bool {
    context(data).fd_fdstat_get(memory, Fd::from(fd as u32)).await.is_ok()
}

async fn is_file<T: Data + Send>(data: &mut StoreData<T>, memory: &mut GuestMemory<'_>, fd: u32) -> bool {
    let stat = context(data).fd_fdstat_get(memory, Fd::from(fd)).await;
    stat.is_ok_and(|stat| stat.fs_filetype == Filetype::RegularFile)
}

/// What the realtime clock shows; 1970 if it shows nothing.
async fn date<T: Data + Send>(data: &mut StoreData<T>, memory: &mut GuestMemory<'_>) -> u64 {
    context(data).clock_time_get(memory, Clockid::Realtime, 0).unwrap_or_default()
}

pub(in super::super) fn link<T: Data + Send>(linker: &mut Linker<StoreData<T>>, is_async: bool) -> Result<()> {
    linker.allow_shadowing(true);
    macro_rules! link_call {
        ($kind:ident $wrap:ident $name:ident($($arg:ident: $type:ty),*) ($view:pat, $user:pat => $check:expr) $after:ident) => {
            if is_async {
                linker.func_wrap_async(
                    MODULE,
                    stringify!($name),
                    |mut caller: Caller<'_, StoreData<T>>, ($($arg,)*): ($($type,)*)| {
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
    mended!(link_call);
    linker.allow_shadowing(false);
    Ok(())
}
