//! The bindings of the world of tools.

wasmtime_compat::bindgen!({
    path: "wit/tools.wit",
    world: "agent-tool",
    imports: {
        "agent:tools/host.log": trappable,
        "agent:tools/host.http-request": trappable,
    },
    trappable_error_type: { "agent:tools/host.http-error" => crate::network::Failure },
});
