//! The preview1 calls that are checked before Wasmtime sees them: one list for all forms in which such a call is linked
//! (the axis `p1_calls`).

use super::StoreData;
use super::names::WasiCtxBuilder;
use super::view::{self, Wasi};
use super::wasmtime::Store;
use super::wasmtime::component::Resource;
use crate::bounds::Data;
use crate::wasi::calls::{CallLimits, Memory};
use crate::wasi::{Dates, Polled};

// Where calls are checked here, the checks ask the store's data for its limits: there is nothing to set in Wasmtime.

pub(in super::super::super) fn limit_calls<T: Data>(_: &mut Store<StoreData<T>>, _: &CallLimits) {}

pub(in super::super::super) fn limit_random(_: &mut WasiCtxBuilder, _: u64) {}

pub(in super::super::super) fn limit_handles(_: &mut Wasi, _: usize) {}

/// Calls `$link` for each: whether Wasmtime's own function is async, the function of the linker that takes so many
/// parameters (up to 21), its name and parameters, the check, and what is done when it returned an errno.
#[allow(unused_macros, reason = "not every major has its calls checked here")]
macro_rules! checked_calls {
    ($link:ident) => {
        $link! { async func_wrap4_async fd_read(fd: i32, list: i32, count: i32, _read: i32)
        (memory, data => {
            let checked = calls::read_buffers(memory, data.calls(), list, count);
            calls::read_verdict(checked, is_file(data, memory, fd as u32)).await
        }) nothing }
        $link! { async func_wrap5_async fd_pread(fd: i32, list: i32, count: i32, _offset: i64, _read: i32)
        (memory, data => {
            let checked = calls::read_buffers(memory, data.calls(), list, count);
            calls::read_verdict(checked, is_file(data, memory, fd as u32)).await
        }) nothing }
        $link! { async func_wrap4_async fd_write(_fd: i32, list: i32, count: i32, _written: i32)
        (memory, data => calls::buffers(memory, data.calls(), list, count)) nothing }
        $link! { async func_wrap5_async fd_pwrite(_fd: i32, list: i32, count: i32, _offset: i64, _written: i32)
        (memory, data => calls::buffers(memory, data.calls(), list, count)) nothing }
        $link! { async func_wrap4_async poll_oneoff(list: i32, events: i32, count: i32, stored: i32)
        (memory, data => {
            let verdict = calls::poll(data.calls(), count);
            if LEAVES_POLLABLES && matches!(verdict, Verdict::Pass) {
                // The first call of a guest makes resources of its own, whatever it is.
                let _ = is_open(data, memory, 0).await;
                expect_pollables(data, count);
            }
            if matches!(verdict, Verdict::Pass) {
                read_poll(data, memory, [list, events, count, stored]);
                if let Some(polled) = data.state_mut().polled.take() {
                    let mut has_file = false;
                    for fd in polled.descriptors() {
                        has_file = has_file || is_file(data, memory, *fd).await;
                    }
                    polled.prepare(memory, has_file);
                    data.state_mut().polled = Some(polled);
                }
                if let Some(dates) = data.state_mut().dates.take() {
                    let now = date(data, memory).await;
                    dates.prepare(memory, now);
                    data.state_mut().dates = Some(dates);
                }
            }
            verdict
        }) polled }
        $link! { sync func_wrap2_async random_get(address: i32, length: i32)
        (memory, data => calls::random(memory, data.max_random_size(), address, length)) nothing }
        $link! { async func_wrap3_async path_create_directory(_fd: i32, _path: i32, length: i32)
        (_, data => calls::paths(data.calls(), [length])) nothing }
        $link! { async func_wrap5_async path_filestat_get(_fd: i32, _flags: i32, _path: i32, length: i32, _stat: i32)
        (_, data => calls::paths(data.calls(), [length])) nothing }
        $link! { async func_wrap7_async path_filestat_set_times(
            _fd: i32, _flags: i32, _path: i32, length: i32, _access: i64, _modification: i64, _which: i32
        )
        (_, data => calls::paths(data.calls(), [length])) nothing }
        $link! { async func_wrap7_async path_link(
            _fd: i32, _flags: i32, _path: i32, length: i32, _new_fd: i32, _new_path: i32, new_length: i32
        )
        (_, data => calls::paths(data.calls(), [length, new_length])) nothing }
        $link! { async func_wrap9_async path_open(
            _fd: i32, _flags: i32, _path: i32, length: i32, _how: i32, _rights: i64, _inheriting: i64, _fdflags: i32,
            _opened: i32
        )
        (_, data => calls::open(data.calls(), length, data.open())) opened }
        $link! { async func_wrap6_async path_readlink(
            _fd: i32, _path: i32, length: i32, _buffer: i32, _size: i32, _used: i32
        )
        (_, data => calls::paths(data.calls(), [length])) nothing }
        $link! { async func_wrap3_async path_remove_directory(_fd: i32, _path: i32, length: i32)
        (_, data => calls::paths(data.calls(), [length])) nothing }
        $link! { async func_wrap6_async path_rename(
            _fd: i32, _path: i32, length: i32, _new_fd: i32, _new_path: i32, new_length: i32
        )
        (_, data => calls::paths(data.calls(), [length, new_length])) nothing }
        $link! { async func_wrap5_async path_symlink(
            _target: i32, target_length: i32, _fd: i32, _path: i32, length: i32
        )
        (_, data => calls::paths(data.calls(), [target_length, length])) nothing }
        $link! { async func_wrap3_async path_unlink_file(_fd: i32, _path: i32, length: i32)
        (_, data => calls::paths(data.calls(), [length])) nothing }
        $link! { async func_wrap1_async fd_close(_fd: i32) (_, _ => Verdict::Pass) closed }
        $link! { sync func_wrap3_async fd_fdstat_set_rights(fd: i32, _base: i64, _inheriting: i64)
        (memory, data => calls::rights(is_open(data, memory, fd).await)) nothing }
    };
}

/// The same for those that do not only need a check: up to 39 Wasmtime gives other results than the newest, or panics.
#[allow(unused_macros, reason = "not every major needs them")]
macro_rules! mended_calls {
    ($link:ident) => {
        $link! { sync func_wrap2_async fd_renumber(from: i32, to: i32)
        (memory, data => calls::renumber(from, to, is_open(data, memory, from).await && is_open(data, memory, to).await))
        nothing }
        $link! { sync func_wrap3_async sock_accept(fd: i32, flags: i32, _accepted: i32)
        (memory, data => calls::socket(flags, calls::FDFLAGS, is_open(data, memory, fd).await)) nothing }
        $link! { sync func_wrap6_async sock_recv(
            fd: i32, _list: i32, _count: i32, flags: i32, _received: i32, _flags: i32
        )
        (memory, data => calls::socket(flags, calls::RIFLAGS, is_open(data, memory, fd).await)) nothing }
        $link! { sync func_wrap5_async sock_send(fd: i32, _list: i32, _count: i32, flags: i32, _sent: i32)
        (memory, data => calls::socket(flags, calls::SIFLAGS, is_open(data, memory, fd).await)) nothing }
        $link! { sync func_wrap2_async sock_shutdown(fd: i32, how: i32)
        (memory, data => calls::socket(how, calls::SDFLAGS, is_open(data, memory, fd).await)) nothing }
    };
}

/// The same for those whose buffer may have no bytes: up to 21 Wasmtime checks the pointer to it all the same.
#[allow(unused_macros, reason = "not every major needs them")]
macro_rules! calls_of_nothing {
    ($link:ident $own:ident $context:ident) => {
        $link! { async func_wrap5_async fd_readdir(fd: i32, _buffer: i32, size: i32, cookie: i64, used: i32)
        (memory, data => match size {
            0 => Verdict::Errno($own::fd_readdir($context(data), &*memory, fd, 0, 0, cookie, used).await?),
            _ => Verdict::Pass,
        }) nothing }
        $link! { async func_wrap6_async path_readlink(
            fd: i32, path: i32, length: i32, _buffer: i32, size: i32, used: i32
        )
        (memory, data => match (calls::paths(data.calls(), [length]), size) {
            (Verdict::Pass, 0) => {
                Verdict::Errno($own::path_readlink($context(data), &*memory, fd, path, length, 0, 0, used).await?)
            }
            (verdict, _) => verdict,
        }) nothing }
    };
}

/// What follows a poll that leaves its resources behind, up to 39.
#[allow(unused_macros, reason = "not every major needs it")]
macro_rules! polls_leave_pollables {
    () => {
        const LEAVES_POLLABLES: bool = true;

        fn polled<T: Data + Send>(data: &mut StoreData<T>, memory: &mut impl Memory, errno: i32) {
            drop_pollables(data, super::p2_calls::drop_pollable);
            finish_poll(data, memory, errno);
        }
    };
}

pub(in super::super::super) fn nothing<T, M>(_: &mut StoreData<T>, _: &mut M, _: i32) {}

pub(in super::super::super) fn opened<T, M>(data: &mut StoreData<T>, _: &mut M, errno: i32) {
    data.state_mut().open += usize::from(errno == 0);
}

pub(in super::super::super) fn closed<T, M>(data: &mut StoreData<T>, _: &mut M, errno: i32) {
    let open = &mut data.state_mut().open;
    *open = open.saturating_sub(usize::from(errno == 0));
}

/// Reads the list of a poll for what is changed in it while Wasmtime polls: clocks if waiting takes no time, otherwise dates.
pub(in super::super::super) fn read_poll<T>(data: &mut StoreData<T>, memory: &impl Memory, arguments: [i32; 4]) {
    let [list, _, count, _] = arguments;
    let (polled, dates) = match data.virtual_time() {
        Some(time) => (Polled::read(time, memory, arguments).map(Box::new), None),
        None => (None, Dates::read(memory, list, count)),
    };
    let state = data.state_mut();
    (state.polled, state.dates) = (polled, dates);
}

/// Corrects the events of such a poll, and restores its list.
pub(in super::super::super) fn finish_poll<T>(data: &mut StoreData<T>, memory: &mut impl Memory, errno: i32) {
    if let Some(polled) = data.state_mut().polled.take() {
        polled.finish(memory, errno);
    }
    if let Some(dates) = data.state_mut().dates.take() {
        dates.finish(memory);
    }
}

/// Learns which numbers the resources will have that a poll of this many subscriptions makes: a table gives the numbers
/// that were free last. Up to 39 a poll leaves its resources behind, and what they belong to cannot be closed any more.
pub(in super::super::super) fn expect_pollables<T: Data + Send>(data: &mut StoreData<T>, count: i32) {
    let mut numbers = std::mem::take(&mut data.state_mut().pollables);
    numbers.clear();
    let table = view::table(data.wasi_mut());
    // A pollable for each, and a stream if it is of a file.
    let most = usize::try_from(count as u32).unwrap_or(usize::MAX).saturating_mul(2);
    numbers.extend((0..most).map_while(|_| table.push(()).ok()).map(|resource| resource.rep()));
    for number in numbers.iter().rev() {
        let _ = table.delete(Resource::<()>::new_own(*number));
    }
    // From 37 on numbers are used once only, in builds with assertions.
    let last = numbers.iter().max().copied().unwrap_or(0);
    let fresh = (1..=most).map_while(|after| last.checked_add(u32::try_from(after).ok()?));
    numbers.extend(fresh.filter(|number| table.get_any_mut(*number).is_err()));
    data.state_mut().pollables = numbers;
}

/// Calls `drop` with the numbers that were learnt before a poll.
pub(in super::super::super) fn drop_pollables<T>(
    data: &mut StoreData<T>,
    mut drop: impl FnMut(&mut StoreData<T>, u32),
) {
    let mut numbers = std::mem::take(&mut data.state_mut().pollables);
    for number in numbers.drain(..) {
        drop(data, number);
    }
    data.state_mut().pollables = numbers;
}

#[allow(unused_imports, reason = "not every major needs all")]
pub(in super::super::super) use {calls_of_nothing, checked_calls, mended_calls, polls_leave_pollables};
