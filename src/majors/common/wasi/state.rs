//! The WASI state of stores.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::names::WasiCtxBuilder;
use super::wasmtime::{Error, Result};
use super::{StoreData, view, web};
use crate::error::TimedOut;
use crate::wasi::calls::CallLimits;
use crate::wasi::{Dates, MAX_RANDOM_SIZE, Network, Polled, VirtualTime};

/// The WASI state of a store.
#[derive(Default)]
pub(in super::super::super) struct WasiState {
    // Boxed, so that stores without WASI do not carry the room about while they are made.
    wasi: Option<Box<view::Wasi>>,
    /// The empty world of a store without WASI, while it is only looked at.
    empty: OnceCell<Box<view::Wasi>>,
    /// Files and directories that preview1 has opened, where that is counted here.
    pub(super) open: usize,
    /// Numbers of the resources that a poll of preview1 makes, where they have to be dropped here.
    pub(super) pollables: Vec<u32>,
    /// Numbers of the streams into files, where they permit more than in the newest.
    #[allow(dead_code, reason = "some majors permit as many themselves")]
    pub(in super::super::super) file_streams: HashSet<u32>,
    /// The clocks, if waiting takes no time.
    time: Option<VirtualTime>,
    /// The poll of preview1 that is under way, if clocks are among its subscriptions.
    pub(in super::super::super) polled: Option<Box<Polled>>,
    /// The dates among its subscriptions.
    pub(in super::super::super) dates: Option<Box<Dates>>,
    http: web::HttpState,
}

impl WasiState {
    pub(super) fn new(wasi: view::Wasi, time: Option<VirtualTime>) -> Self {
        Self { wasi: Some(Box::new(wasi)), time, ..Self::default() }
    }

    /// The state, if the store was given one.
    pub(super) fn get_mut(&mut self) -> Option<&mut view::Wasi> {
        self.wasi.as_deref_mut()
    }

    /// The states of WASI and of HTTP.
    #[allow(dead_code, reason = "only majors with HTTP ask for both")]
    pub(in super::super::super) fn wasi_and_http_mut(&mut self) -> (&mut view::Wasi, &mut web::HttpState) {
        let Self { wasi, empty: looked_at, http, .. } = self;
        (wasi.get_or_insert_with(|| looked_at.take().unwrap_or_else(empty)), http)
    }

    /// The state of HTTP.
    #[allow(dead_code, reason = "only majors with HTTP ask for it")]
    pub(in super::super::super) fn http_mut(&mut self) -> &mut web::HttpState {
        &mut self.http
    }
}

impl<T> StoreData<T> {
    /// The WASI state, mutably; a store that was given none has an empty world.
    pub(in super::super::super) fn wasi_mut(&mut self) -> &mut view::Wasi {
        let WasiState { wasi, empty: looked_at, .. } = self.state_mut();
        wasi.get_or_insert_with(|| looked_at.take().unwrap_or_else(empty))
    }

    /// The WASI state; a store that was given none has an empty world.
    #[allow(dead_code, reason = "only 18's view asks for it without mutating")]
    pub(in super::super::super) fn wasi(&self) -> &view::Wasi {
        let state = self.state();
        state.wasi.as_ref().unwrap_or_else(|| state.empty.get_or_init(empty))
    }
}

/// What checked calls ask for.
#[allow(dead_code, reason = "not every major has its calls checked here")]
impl<T> StoreData<T> {
    pub(in super::super::super) fn calls(&self) -> &CallLimits {
        &self.ambient().gate.limits().calls
    }

    /// Refuses to go on after the timeout, which checks of epochs find at the next loop or call of a guest's own function only.
    pub(in super::super::super) fn in_time(&self) -> Result<()> {
        match self.ambient().epochs.as_ref().is_some_and(|epochs| epochs.is_late()) {
            true => Err(Error::new(TimedOut)),
            false => Ok(()),
        }
    }

    pub(in super::super::super) fn max_random_size(&self) -> u64 {
        self.ambient().world.as_ref().map_or(MAX_RANDOM_SIZE, |world| world.max_random_size)
    }

    pub(in super::super::super) fn network(&self) -> Network {
        self.ambient().world.as_ref().map_or(Network::none(), |world| world.network)
    }

    /// The store's clocks, if waiting takes no time in it.
    pub(in super::super::super) fn virtual_time(&self) -> Option<&VirtualTime> {
        self.state().time.as_ref()
    }

    pub(in super::super::super) fn open(&self) -> usize {
        self.state().open
    }
}

fn empty() -> Box<view::Wasi> {
    Box::new(view::build(&mut WasiCtxBuilder::new()))
}
