//! A proxy that passes each request through a WebAssembly filter on the proxy-wasm ABI.

mod filter;
mod host;

use wasmtime_compat::newest::{Config, Engine, Module, Result};

use crate::filter::{Filter, Request, Verdict};

const FILTER: &str = include_str!("../guest/filter.wat");

fn main() -> Result<()> {
    let wasm = wat::parse_str(FILTER).expect("the filter is valid");
    let engine = Engine::new(&Config::new())?;
    let module = Module::new(&engine, &wasm)?;
    let mut filter = Filter::new(&engine, &module)?;

    let requests = [
        Request::new("/index.html", &[], "hello, filter"),
        Request::new("/admin/users", &[], ""),
        Request::new("/admin/users", &[("x-token", "secret")], "delete all"),
        Request::new("/slow/report", &[], ""),
        Request::new("/broken", &[], ""),
        Request::new("/still/alive", &[], "yes"),
    ];
    for request in requests {
        println!("> {}", request.path());
        match filter.on_request(request) {
            Ok(Verdict::Forward(request)) => println!("< forwarded: {request}"),
            Ok(Verdict::Respond { status, details, body }) => {
                println!("< responded: {status} ({details}) {:?}", String::from_utf8_lossy(&body));
            }
            Err(error) => {
                println!("< filter failed: {}: {:?}", error.kind(), error.trap());
                // What a filter has left half done is thrown away with it.
                filter = Filter::new(&engine, &module)?;
            }
        }
        for line in filter.take_log() {
            println!("  log: {line}");
        }
    }
    for (name, value) in filter.metrics() {
        println!("metric {name} = {value}");
    }
    Ok(())
}
