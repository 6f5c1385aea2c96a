//! Owns the mounting of majors: the one body in `common/`, the seam files beside it, and the table that mounts both once
//! per major.
//!
//! In the table, each major is a module in which the names `wasmtime` and `wasmtime_wasi` mean that major's crates. The
//! module includes the files of `common/` and one seam file per axis by `#[path]`; they reach the crates through `super`.
//! A major that is not compiled in is the module in `off.rs` instead.
//!
//! Of the body, `common/mod.rs` is what a major has with `wasmtime-NN-core`, and `common/whole.rs` what `wasmtime-NN` adds;
//! `common/core_only.rs` stands in for the latter, and `common/engine/no_compiler.rs` for a code generator.

/// Declares bounds that hold for every type: what stands for the bounds of what is not compiled in.
macro_rules! holds_for_every_type {
    ($($name:ident)*) => {
        $(/// Holds for every type.
        pub trait $name {}
        impl<T: ?Sized> $name for T {})*
    };
}

/// Declares handles and types of resources that have no value: what stands for those of a major without components.
macro_rules! no_resources {
    () => {
        /// A handle of a resource: there is none.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum RawResourceAny {}

        /// A type of resources: there is none.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum RawResourceType {}

        #[doc(hidden)]
        pub fn host_resource_type<T: 'static>() -> Option<RawResourceType> {
            None
        }

        #[doc(hidden)]
        pub fn dynamic_resource_type(_: u32) -> Option<RawResourceType> {
            None
        }

        #[doc(hidden)]
        pub fn resource_type_of(raw: RawResourceAny) -> crate::component::ResourceType {
            match raw {}
        }

        #[doc(hidden)]
        pub fn resource_is_owned(raw: RawResourceAny) -> bool {
            match raw {}
        }
    };
}

mod forwards;
mod switchboard;
// With `path`, the paths in the table start in this folder.
#[path = "table.rs"]
mod table;

pub use self::table::*;
