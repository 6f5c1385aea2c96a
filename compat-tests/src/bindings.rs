//! Bindings of the worlds in `wit/`, once for all majors, and the guests for them.

use wasmtime_compat::component::{Resource, ResourceTable};

use crate::{pass_on, pass_on_with};

/// The library, as a crate that uses it may export it.
pub use wasmtime_compat as library;

/// Synchronous, with types of its own.
pub mod all {
    wasmtime_compat::bindgen!({
        path: "wit/all.wit",
        additional_derives: [PartialEq],
    });
}

/// Asynchronous, with the types of the synchronous bindings.
pub mod asynchronous {
    wasmtime_compat::bindgen!({
        path: "wit/all.wit",
        with: { "test:all/types": super::all::test::all::types },
        imports: { default: async },
        exports: { default: async },
    });
}

/// With traps, an error of the host, and the library under another name.
pub mod trappable {
    wasmtime_compat::bindgen!({
        path: "wit/all.wit",
        additional_derives: [PartialEq],
        imports: { default: trappable, "test:all/api.small": async | trappable },
        exports: { default: async },
        trappable_error_type: { "test:all/types.failure" => super::HostFailure },
        wasmtime_crate: crate::bindings::library,
    });
}

/// Resources of the host and of the guest.
pub mod resources {
    wasmtime_compat::bindgen!({
        path: "wit/resources.wit",
        with: { "test:resources/counters.counter": super::Counter },
    });
}

/// An error of the host.
#[derive(Debug)]
pub enum HostFailure {
    /// One of WIT.
    Known(trappable::test::all::types::Failure),
    /// One that traps.
    Trap(&'static str),
}

/// What a host keeps for a resource.
#[derive(Debug)]
pub struct Counter {
    /// The number.
    pub value: u32,
}

/// A host with resources.
#[derive(Debug, Default)]
pub struct Counters {
    /// The resources.
    pub table: ResourceTable,
    /// How many were dropped.
    pub dropped: u32,
}

impl resources::test::resources::counters::HostCounter for Counters {
    fn new(&mut self, start: u32) -> Resource<Counter> {
        self.table.push(Counter { value: start }).expect("the table has room")
    }

    fn add(&mut self, self_: Resource<Counter>, n: u32) -> u32 {
        let counter = self.table.get_mut(&self_).expect("the guest has it");
        counter.value += n;
        counter.value
    }

    fn merge(&mut self, a: Resource<Counter>, b: Resource<Counter>) -> Resource<Counter> {
        let (a, b) = (self.table.delete(a).expect("the guest had it"), self.table.delete(b).expect("the guest had it"));
        self.table.push(Counter { value: a.value + b.value }).expect("the table has room")
    }

    fn drop(&mut self, rep: Resource<Counter>) -> anyhow::Result<()> {
        self.table.delete(rep)?;
        self.dropped += 1;
        Ok(())
    }
}

impl resources::test::resources::counters::Host for Counters {
    fn peek(&mut self, counter: Resource<Counter>) -> u32 {
        self.table.get(&counter).expect("the guest has it").value
    }
}

/// A guest for the bindings of `all.wit`: it passes everything on to the import of the same name.
pub fn all_guest() -> Vec<u8> {
    pass_on(include_str!("../wit/all.wit"))
}

/// A guest for the bindings of `resources.wit`: `count` uses counters and drops them, `keep` leaves one to the end of the instance.
pub fn resources_guest() -> Vec<u8> {
    pass_on_with(
        include_str!("../wit/resources.wit"),
        r#"(import "test:resources/counters" "[resource-drop]counter" (func $drop (param i32)))
           (import "[export]test:resources/shop" "[resource-new]cart" (func $new-cart (param i32) (result i32)))
           (import "[export]test:resources/shop" "[resource-rep]cart" (func $rep-cart (param i32) (result i32)))"#,
        r#"(func (export "count") (param i32) (result i32)
               (local $counter i32) (local $value i32)
               (local.set $counter (call $"[constructor]counter" (local.get 0)))
               (drop (call $"[method]counter.add" (local.get $counter) (i32.const 5)))
               (local.set $counter
                   (call $"[static]counter.merge" (local.get $counter) (call $"[constructor]counter" (i32.const 1))))
               (local.set $value (call $"peek" (local.get $counter)))
               (call $drop (local.get $counter))
               (local.get $value))
           (func (export "keep") (param i32) (result i32)
               (call $"[method]counter.add" (call $"[constructor]counter" (local.get 0)) (i32.const 0)))

           (global $place (mut i32) (i32.const 2048))
           (global $live (mut i32) (i32.const 0))
           (func (export "test:resources/shop#[constructor]cart") (param i32) (result i32)
               (global.set $place (i32.add (global.get $place) (i32.const 4)))
               (global.set $live (i32.add (global.get $live) (i32.const 1)))
               (i32.store (global.get $place) (local.get 0))
               (call $new-cart (global.get $place)))
           (func (export "test:resources/shop#[method]cart.add") (param i32 i32) (result i32)
               (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (local.get 1)))
               (i32.load (local.get 0)))
           (func (export "test:resources/shop#[static]cart.live") (result i32) (global.get $live))
           (func (export "test:resources/shop#[dtor]cart") (param i32)
               (global.set $live (i32.sub (global.get $live) (i32.const 1))))
           (func (export "test:resources/shop#total") (param i32) (result i32) (i32.load (local.get 0)))
           (func (export "test:resources/shop#pass") (param i32) (result i32) (local.get 0))"#,
    )
}
