//! A filter: an instance, the callbacks that it exports, and what they do to a request.

use std::fmt;

use wasmtime_compat::newest::{Engine, Instance, Linker, Module, Result, Store};

use crate::host::{self, Proxy};

/// The context of the filter itself, and that of the request in hand.
const ROOT: i32 = 1;
const REQUEST: i32 = 2;

/// A filter that has started.
pub struct Filter {
    store: Store<Proxy>,
    instance: Instance,
}

/// A request on its way through the filter.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// What the filter made of a request.
pub enum Verdict {
    Forward(Request),
    Respond { status: i32, details: String, body: Vec<u8> },
}

impl Filter {
    /// Links and starts a filter.
    pub fn new(engine: &Engine, module: &Module) -> Result<Self> {
        let mut linker = Linker::new(engine);
        host::link(&mut linker)?;
        let mut store = Store::new(engine, Proxy::default());
        let instance = linker.instantiate(&mut store, module)?;
        let mut filter = Self { store, instance };
        filter.callback::<(i32, i32), ()>("proxy_on_context_create", (ROOT, 0))?;
        filter.callback::<(i32, i32), i32>("proxy_on_vm_start", (ROOT, 0))?;
        Ok(filter)
    }

    /// Passes a request through the filter.
    pub fn on_request(&mut self, request: Request) -> Result<Verdict> {
        let (headers, body) = (length(request.headers.len()), length(request.body.len()));
        self.store.data_mut().request = request;
        self.callback::<(i32, i32), ()>("proxy_on_context_create", (REQUEST, ROOT))?;
        let last = i32::from(body == 0);
        let paused = self.callback::<_, i32>("proxy_on_request_headers", (REQUEST, headers, last))? != 0;
        if body > 0 && !paused {
            self.callback::<_, i32>("proxy_on_request_body", (REQUEST, body, 1))?;
        }
        while let Some(token) = self.store.data_mut().calls.pop() {
            // The other service answers at once, with one header and ten bytes.
            self.callback::<_, ()>("proxy_on_http_call_response", (REQUEST, token, 1, 10, 0))?;
        }
        self.callback::<i32, ()>("proxy_on_log", REQUEST)?;
        self.callback::<i32, i32>("proxy_on_done", REQUEST)?;
        self.callback::<i32, ()>("proxy_on_delete", REQUEST)?;
        let proxy = self.store.data_mut();
        let request = std::mem::take(&mut proxy.request);
        Ok(match proxy.response.take() {
            Some((status, details, body)) => Verdict::Respond { status, details, body },
            None => Verdict::Forward(request),
        })
    }

    /// The lines that the filter has logged since the last time.
    pub fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.store.data_mut().log)
    }

    /// The metrics of the filter.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, i64)> {
        self.store.data().metrics.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Calls a callback by its name, as a proxy does: the ABI is a list of names.
    fn callback<P, R>(&mut self, name: &str, params: P) -> Result<R>
    where
        P: wasmtime_compat::WasmParams,
        R: wasmtime_compat::WasmResults,
    {
        self.instance.get_typed_func::<P, R>(&mut self.store, name)?.call(&mut self.store, params)
    }
}

impl Request {
    pub fn new(path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let all = [(":path", path)].into_iter().chain(headers.iter().copied());
        Self {
            headers: all.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    pub fn path(&self) -> String {
        self.header(b":path").map(|path| String::from_utf8_lossy(path).into_owned()).unwrap_or_default()
    }

    pub fn header(&self, name: &[u8]) -> Option<&[u8]> {
        self.headers.iter().find(|(other, _)| other.as_bytes() == name).map(|(_, value)| value.as_slice())
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.headers {
            write!(f, "{name}={} ", String::from_utf8_lossy(value))?;
        }
        write!(f, "{:?}", String::from_utf8_lossy(&self.body))
    }
}

fn length(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
