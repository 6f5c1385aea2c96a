//! The bindings of both versions of the world. They share the host's types of resources.

/// The first version: scans.
pub mod v0_1 {
    wasmtime_compat::bindgen!({
        path: "wit/v0.1.wit",
        with: {
            "tables:wrapper/types.column": crate::session::Column,
            "tables:wrapper/types.context": crate::session::Context,
            "tables:wrapper/types.row": crate::session::Row,
        },
    });
}

/// The second version: also conditions, limits, rows to store, and schemas.
pub mod v0_2 {
    wasmtime_compat::bindgen!({
        path: "wit/v0.2.wit",
        with: {
            "tables:wrapper/types.column": crate::session::Column,
            "tables:wrapper/types.context": crate::session::Context,
            "tables:wrapper/types.row": crate::session::Row,
        },
        additional_derives: [PartialEq],
    });
}
