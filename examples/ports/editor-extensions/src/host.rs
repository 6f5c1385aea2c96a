//! The host of extensions: loads them, and runs each in a task of its own, which gets its calls over a channel.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use tokio::sync::{mpsc, oneshot};
use wasmparser::{Parser, Payload};
use wasmtime_compat::component::{Component, ResourceTable};
use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{Config, Engine, Store, Wasmtime};

use crate::api::{Extension, Linkers, Version};
use crate::state::{BoxFuture, State};

/// The custom section with the version of the API: three numbers of two bytes.
const SECTION: &str = "editor:api-version";

/// How often the epoch advances, and guests let others run.
const TICK: Duration = Duration::from_millis(1);

/// What all extensions share.
pub struct ExtensionHost<W: Wasmtime> {
    engine: Engine<W>,
    linkers: Arc<Linkers<W>>,
}

/// An extension that is loaded. It ends with this value.
pub struct LoadedExtension<W: Wasmtime> {
    pub name: String,
    pub version: Version,
    calls: mpsc::UnboundedSender<Call<W>>,
    task: tokio::task::JoinHandle<()>,
}

/// A call of an extension.
type Call<W> = Box<dyn for<'a> FnOnce(&'a Extension<W>, &'a mut Store<W, State>) -> BoxFuture<'a, ()> + Send>;

impl<W: Wasmtime> ExtensionHost<W> {
    pub fn new() -> Result<Self> {
        let engine = Engine::new(&Config::new().async_support(true).epoch_interruption(true))?;
        let linkers = Arc::new(Linkers::new(&engine)?);
        let weak = engine.weak();
        thread::spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        });
        Ok(Self { engine, linkers })
    }

    /// Loads an extension with the version of the world that it was built for, and starts it.
    pub async fn load(&self, name: &str, wasm: &[u8], programs: &[&str]) -> Result<LoadedExtension<W>> {
        let version = api_version(wasm)?;
        let component = Component::new(&self.engine, wasm)?;
        let state = State {
            name: name.to_owned(),
            table: ResourceTable::new(),
            programs: programs.iter().map(|program| (*program).to_owned()).collect(),
            statuses: Vec::new(),
        };
        let mut store = Store::with_wasi(&self.engine, state, &WasiConfig::new())?;
        store.set_epoch_deadline(1)?;
        store.epoch_deadline_async_yield_and_update(1)?;
        let extension = Extension::instantiate(&mut store, &self.linkers, version, &component).await?;
        extension.call_init(&mut store).await?;
        let (calls, mut queue) = mpsc::unbounded_channel::<Call<W>>();
        let task = tokio::spawn(async move {
            while let Some(call) = queue.recv().await {
                call(&extension, &mut store).await;
            }
        });
        Ok(LoadedExtension { name: name.to_owned(), version, calls, task })
    }
}

impl<W: Wasmtime> LoadedExtension<W> {
    /// Runs a function in the task of the extension.
    pub async fn call<T, F>(&self, function: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a Extension<W>, &'a mut Store<W, State>) -> BoxFuture<'a, Result<T>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let call: Call<W> = Box::new(move |extension, store| {
            Box::pin(async move {
                // The caller may have gone.
                let _ = sender.send(function(extension, store).await);
            })
        });
        self.calls.send(call).map_err(|_| anyhow!("the extension {} has ended", self.name))?;
        receiver.await.with_context(|| format!("the extension {} has ended", self.name))?
    }
}

impl<W: Wasmtime> Drop for LoadedExtension<W> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The version of the API that an extension says it was built for.
fn api_version(wasm: &[u8]) -> Result<Version> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(section) = payload?
            && section.name() == SECTION
        {
            let &[a, b, c, d, e, f] = section.data() else { return Err(anyhow!("the API version is malformed")) };
            let number = |high, low| u16::from_be_bytes([high, low]);
            return Ok(Version(number(a, b), number(c, d), number(e, f)));
        }
    }
    Err(anyhow!("the extension does not say which API it was built for"))
}
