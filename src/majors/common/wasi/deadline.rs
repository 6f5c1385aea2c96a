//! Waiting of WASI 0.2 that takes no time, as this major's pollables: the interface `wasi:clocks/monotonic-clock`, whose
//! functions are Wasmtime's own in stores whose guests wait in real time.

use std::future::Future;
use std::pin::Pin;

use super::StoreData;
use super::names::bindings::clocks::monotonic_clock::{Host as _, Pollable};
use super::names::{Pollable as Ready, subscribe};
use super::p2_calls::{clocks, room};
use super::view;
use super::wasmtime::component::{Linker, LinkerInstance, Resource};
use super::wasmtime::{Result, StoreContextMut};
use crate::bounds::Data;
use crate::wasi::VirtualTime;

/// A moment for which a guest waits: a time that the guest has waited by then.
struct Deadline {
    time: VirtualTime,
    deadline: u64,
}

impl Ready for Deadline {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.time.reached(self.deadline))
    }
}

/// The pollable of a deadline, if waiting takes no time.
fn pollable<T: Data + Send>(
    data: &mut StoreData<T>,
    deadline: impl FnOnce(&VirtualTime) -> u64,
) -> Result<Option<Resource<Pollable>>> {
    let Some(time) = data.virtual_time().cloned() else { return Ok(None) };
    let deadline = Deadline { deadline: deadline(&time), time };
    let table = view::table(data.wasi_mut());
    let deadline = table.push(deadline)?;
    Ok(Some(subscribe(table, deadline)?))
}

/// Defines the functions of the interface.
pub(in super::super::super) fn link_clock<T: Data + Send>(
    interface: &mut LinkerInstance<'_, StoreData<T>>,
    _is_async: bool,
) -> Result<()> {
    interface.func_wrap("now", |mut context: StoreContextMut<'_, StoreData<T>>, (): ()| {
        Ok((clocks(context.data_mut()).now()?,))
    })?;
    interface.func_wrap("resolution", |mut context: StoreContextMut<'_, StoreData<T>>, (): ()| {
        Ok((clocks(context.data_mut()).resolution()?,))
    })?;
    interface.func_wrap("subscribe-instant", |mut context: StoreContextMut<'_, StoreData<T>>, (when,): (u64,)| {
        let data = context.data_mut();
        room(data)?;
        match pollable(data, |time| time.until(when))? {
            Some(pollable) => Ok((pollable,)),
            None => Ok((clocks(data).subscribe_instant(when)?,)),
        }
    })?;
    interface.func_wrap("subscribe-duration", |mut context: StoreContextMut<'_, StoreData<T>>, (after,): (u64,)| {
        let data = context.data_mut();
        room(data)?;
        match pollable(data, |time| time.after(after))? {
            Some(pollable) => Ok((pollable,)),
            None => Ok((clocks(data).subscribe_duration(after)?,)),
        }
    })?;
    Ok(())
}

/// Defines this interface only, over Wasmtime's own.
#[allow(dead_code, reason = "most majors have more of WASI 0.2 defined here")]
pub(in super::super::super) fn link_clock_alone<T: Data + Send>(
    linker: &mut Linker<StoreData<T>>,
    is_async: bool,
) -> Result<()> {
    let wasi = crate::report::hosted_p2(super::MAJOR);
    linker.allow_shadowing(true);
    link_clock(&mut linker.instance(&format!("wasi:clocks/monotonic-clock@{wasi}"))?, is_async)?;
    linker.allow_shadowing(false);
    Ok(())
}
