//! Owns `GuestProfiler`: profiles of guests, made of samples that the host takes.

use std::fmt;
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use fxprof_processed_profile::{
    CategoryHandle, Frame as ProfileFrame, FrameFlags, FrameInfo, MarkerLocations, MarkerTiming, ProcessHandle,
    Profile, ReferenceTimestamp, StackHandle, StaticSchemaMarker, StaticSchemaMarkerField, StringHandle, ThreadHandle,
    Timestamp,
};

use crate::backend::Stores;
use crate::component::{Component, Components};
use crate::core::{Module, Modules};
use crate::engine::{Engine, Image};
use crate::error::{Error, ErrorKind, Frame, Result};
use crate::store::{AsContext, CallHook};

/// Collects samples of where guests are, and writes them as a profile of the
/// [Firefox Profiler](https://profiler.firefox.com), which other viewers read too.
///
/// The host decides when a sample is taken, for example in the callback of
/// [`Store::epoch_deadline_callback`](crate::Store::epoch_deadline_callback). A frame is shown with the name given for its module
/// and that of its function. The stack of a sample has the frames of the modules named to the profiler, and no others, so the
/// profile of a user's guest tells the user nothing about other guests, nor about the host.
///
/// This is Wasmtime's type of the same name, built on backtraces, so that profiles are the same on every major and no major needs
/// its feature `profiling`, which brings C code. What differs: a frame has no address, and [`GuestProfiler::call_hook`] takes no
/// store, as a hook has none up to 22. A sample has as many frames as Wasmtime captures: all of them, but on 43 and later at most
/// [`Config::wasm_backtrace_max_frames`](crate::Config::wasm_backtrace_max_frames), or 20 if
/// [`Config::backtraces`](crate::Config::backtraces) is off.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use std::time::Duration;
///
/// use wasmtime_compat::{Config, Engine, GuestProfiler, Linker, Module, Newest, Store, UpdateDeadline};
///
/// // (module (func (export "f") (nop)))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x05\x01\x03\0\x01\x0b";
/// let engine = Engine::<Newest>::new(&Config::new().epoch_interruption(true))?;
/// let module = Module::new(&engine, wasm)?;
/// let interval = Duration::from_millis(1);
/// let profiler = GuestProfiler::new(&engine, "guest", interval, [("guest".to_owned(), module.clone())])?;
///
/// let mut store = Store::new(&engine, Some(profiler));
/// store.set_epoch_deadline(1)?;
/// store.epoch_deadline_callback(move |mut state| {
///     if let Some(mut profiler) = state.data_mut().take() {
///         profiler.sample(&state, interval);
///         *state.data_mut() = Some(profiler);
///     }
///     Ok(UpdateDeadline::Continue(1))
/// })?;
/// engine.increment_epoch();
/// let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ())?;
///
/// let mut profile = Vec::new();
/// store.into_data().unwrap().finish(&mut profile)?;
/// assert!(profile.starts_with(b"{"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct GuestProfiler<W: Modules> {
    /// The guests whose frames are shown, each with its name, if it is not that of the module.
    shown: Vec<(Image, Option<String>)>,
    /// They are loaded as long as the profiler is there, so that their images identify them.
    _modules: Vec<Module<W>>,
    profile: Profile,
    process: ProcessHandle,
    thread: ThreadHandle,
    host_call: HostCall,
    start: Instant,
}

impl<W: Modules> GuestProfiler<W> {
    /// Begins a profile, now. `module_name` is the name of the profile, and `interval` the time between two samples as viewers show
    /// it. Only frames of `modules` are in the profile, under these names.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if a module is of another engine.
    pub fn new(
        engine: &Engine<W>,
        module_name: &str,
        interval: Duration,
        modules: impl IntoIterator<Item = (String, Module<W>)>,
    ) -> Result<Self> {
        let mut profiler = Self::begin(module_name, interval);
        for (name, module) in modules {
            if !Engine::same(module.engine(), engine) {
                return Err(Error::new(ErrorKind::Config, format!("the module {name:?} is of another engine")));
            }
            profiler.shown.push((W::module_image(module.as_raw()), Some(name)));
            profiler._modules.push(module);
        }
        Ok(profiler)
    }

    fn begin(name: &str, interval: Duration) -> Self {
        let mut profile = Profile::new(name, ReferenceTimestamp::from(SystemTime::now()), interval.into());
        let begin = Timestamp::from_nanos_since_reference(0);
        let process = profile.add_process(name, 0, begin);
        let thread = profile.add_thread(process, 0, begin, true);
        let host_call = HostCall(profile.intern_string(HostCall::UNIQUE_MARKER_TYPE_NAME));
        let (shown, modules) = (Vec::new(), Vec::new());
        Self { shown, _modules: modules, profile, process, thread, host_call, start: Instant::now() }
    }

    /// The time since the beginning. A profile of 584 years has no end.
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos_since_reference(u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// Adds a sample: where the guest of the store is. `delta` is the processor time since the sample before, or zero.
    pub fn sample(&mut self, store: impl AsContext<W>, delta: Duration)
    where
        W: Stores,
    {
        let now = self.now();
        let stack = self.stack(&W::capture_frames(store.as_context().raw));
        self.profile.add_sample(self.thread, now, stack, delta.into(), 1);
    }

    /// The frames that are shown, as a stack; the outermost comes first in a profile.
    fn stack(&mut self, frames: &[(Image, Frame)]) -> Option<StackHandle> {
        let mut infos = Vec::with_capacity(frames.len());
        for (image, frame) in frames.iter().rev() {
            if let Some((_, name)) = self.shown.iter().find(|(shown, _)| shown == image) {
                let label = Label { module: name.as_deref().or(frame.module.as_deref()), frame }.to_string();
                let frame = ProfileFrame::Label(self.profile.intern_string(&label));
                let category_pair = CategoryHandle::OTHER.into();
                infos.push(FrameInfo { frame, category_pair, flags: FrameFlags::empty() });
            }
        }
        self.profile.intern_stack_frames(self.thread, infos.into_iter())
    }

    /// Adds a mark for the time that a guest spends in the host. To be called in the hook of
    /// [`Store::call_hook`](crate::Store::call_hook), with its transition; calls of guests are not marked.
    pub fn call_hook(&mut self, kind: CallHook) {
        let timing = match kind {
            CallHook::CallingWasm | CallHook::ReturningFromWasm => return,
            CallHook::CallingHost => MarkerTiming::IntervalStart(self.now()),
            CallHook::ReturningFromHost => MarkerTiming::IntervalEnd(self.now()),
        };
        self.profile.add_marker(self.thread, timing, self.host_call);
    }

    /// Ends the profile, and writes it as JSON in the processed profile format.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if `output` fails.
    pub fn finish(mut self, output: impl Write) -> Result<()> {
        let now = self.now();
        self.profile.set_thread_end_time(self.thread, now);
        self.profile.set_process_end_time(self.process, now);
        serde_json::to_writer(output, &self.profile)
            .map_err(|error| Error::new(ErrorKind::Io, "cannot write the profile").with_source(error))
    }
}

impl<W: Modules + Components> GuestProfiler<W> {
    /// As [`GuestProfiler::new`], for the frames of all modules of a component, under their own names, and for those of
    /// `extra_modules`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the component or a module is of another engine; [`ErrorKind::Unsupported`] on 18.
    pub fn new_component(
        engine: &Engine<W>,
        component_name: &str,
        interval: Duration,
        component: &Component<W>,
        extra_modules: impl IntoIterator<Item = (String, Module<W>)>,
    ) -> Result<Self> {
        if !Engine::same(component.engine(), engine) {
            return Err(Error::new(ErrorKind::Config, "the component is of another engine"));
        }
        let mut profiler = Self::new(engine, component_name, interval, extra_modules)?;
        profiler.shown.push((W::component_image(component.as_raw())?, None));
        Ok(profiler)
    }
}

impl<W: Modules> fmt::Debug for GuestProfiler<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuestProfiler").field("shown", &self.shown).finish_non_exhaustive()
    }
}

/// How a frame is shown: module and function.
struct Label<'a> {
    module: Option<&'a str>,
    frame: &'a Frame,
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(module) = self.module {
            write!(f, "{module}!")?;
        }
        match &self.frame.function {
            Some(function) => f.write_str(function),
            None => write!(f, "function {}", self.frame.function_index),
        }
    }
}

/// The mark for a call of the host.
#[derive(Clone, Copy, Debug)]
struct HostCall(StringHandle);

impl StaticSchemaMarker for HostCall {
    const UNIQUE_MARKER_TYPE_NAME: &'static str = "hostcall";
    const FIELDS: &'static [StaticSchemaMarkerField] = &[];
    const LOCATIONS: MarkerLocations =
        MarkerLocations::MARKER_CHART.union(MarkerLocations::MARKER_TABLE).union(MarkerLocations::TIMELINE_OVERVIEW);

    fn name(&self, _: &mut Profile) -> StringHandle {
        self.0
    }

    fn category(&self, _: &mut Profile) -> CategoryHandle {
        CategoryHandle::OTHER
    }

    /// Not called: there are no fields.
    fn string_field_value(&self, _: u32) -> StringHandle {
        self.0
    }

    /// Not called: there are no fields.
    fn number_field_value(&self, _: u32) -> f64 {
        0.0
    }
}
