//! Owns the interfaces of WASI 0.2 with the types of their functions. Written by `cargo xtask interfaces`; do not edit.

use wasmparser::PrimitiveValType as P;

use super::preview2::Type as T;
use super::preview2::{Function, Interface};

const CLOCKS_WALL_CLOCK_DATETIME: T = T::Record(&[("seconds", T::Primitive(P::U64)), ("nanoseconds", T::Primitive(P::U32))]);
const FILESYSTEM_TYPES_ADVICE: T = T::Enum(&["normal", "sequential", "random", "will-need", "dont-need", "no-reuse"]);
const FILESYSTEM_TYPES_DESCRIPTOR_FLAGS: T = T::Flags(&["read", "write", "file-integrity-sync", "data-integrity-sync", "requested-write-sync", "mutate-directory"]);
const FILESYSTEM_TYPES_DESCRIPTOR_STAT: T = T::Record(&[("type", FILESYSTEM_TYPES_DESCRIPTOR_TYPE), ("link-count", T::Primitive(P::U64)), ("size", T::Primitive(P::U64)), ("data-access-timestamp", T::Option(&CLOCKS_WALL_CLOCK_DATETIME)), ("data-modification-timestamp", T::Option(&CLOCKS_WALL_CLOCK_DATETIME)), ("status-change-timestamp", T::Option(&CLOCKS_WALL_CLOCK_DATETIME))]);
const FILESYSTEM_TYPES_DESCRIPTOR_TYPE: T = T::Enum(&["unknown", "block-device", "character-device", "directory", "fifo", "symbolic-link", "regular-file", "socket"]);
const FILESYSTEM_TYPES_DIRECTORY_ENTRY: T = T::Record(&[("type", FILESYSTEM_TYPES_DESCRIPTOR_TYPE), ("name", T::Primitive(P::String))]);
const FILESYSTEM_TYPES_ERROR_CODE: T = T::Enum(&["access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist", "file-too-large", "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory", "loop", "too-many-links", "message-size", "name-too-long", "no-device", "no-entry", "no-lock", "insufficient-memory", "insufficient-space", "not-directory", "not-empty", "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow", "not-permitted", "pipe", "read-only", "invalid-seek", "text-file-busy", "cross-device"]);
const FILESYSTEM_TYPES_METADATA_HASH_VALUE: T = T::Record(&[("lower", T::Primitive(P::U64)), ("upper", T::Primitive(P::U64))]);
const FILESYSTEM_TYPES_NEW_TIMESTAMP: T = T::Variant(&[("no-change", None), ("now", None), ("timestamp", Some(CLOCKS_WALL_CLOCK_DATETIME))]);
const FILESYSTEM_TYPES_OPEN_FLAGS: T = T::Flags(&["create", "directory", "exclusive", "truncate"]);
const FILESYSTEM_TYPES_PATH_FLAGS: T = T::Flags(&["symlink-follow"]);
const IO_STREAMS_STREAM_ERROR: T = T::Variant(&[("last-operation-failed", Some(T::Resource("wasi:io/error/error"))), ("closed", None)]);
const SOCKETS_NETWORK_ERROR_CODE: T = T::Enum(&["unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout", "concurrency-conflict", "not-in-progress", "would-block", "invalid-state", "new-socket-limit", "address-not-bindable", "address-in-use", "remote-unreachable", "connection-refused", "connection-reset", "connection-aborted", "datagram-too-large", "name-unresolvable", "temporary-resolver-failure", "permanent-resolver-failure"]);
const SOCKETS_NETWORK_IPV4_ADDRESS: T = T::Tuple(&[T::Primitive(P::U8), T::Primitive(P::U8), T::Primitive(P::U8), T::Primitive(P::U8)]);
const SOCKETS_NETWORK_IPV4_SOCKET_ADDRESS: T = T::Record(&[("port", T::Primitive(P::U16)), ("address", SOCKETS_NETWORK_IPV4_ADDRESS)]);
const SOCKETS_NETWORK_IPV6_ADDRESS: T = T::Tuple(&[T::Primitive(P::U16), T::Primitive(P::U16), T::Primitive(P::U16), T::Primitive(P::U16), T::Primitive(P::U16), T::Primitive(P::U16), T::Primitive(P::U16), T::Primitive(P::U16)]);
const SOCKETS_NETWORK_IPV6_SOCKET_ADDRESS: T = T::Record(&[("port", T::Primitive(P::U16)), ("flow-info", T::Primitive(P::U32)), ("address", SOCKETS_NETWORK_IPV6_ADDRESS), ("scope-id", T::Primitive(P::U32))]);
const SOCKETS_NETWORK_IP_ADDRESS: T = T::Variant(&[("ipv4", Some(SOCKETS_NETWORK_IPV4_ADDRESS)), ("ipv6", Some(SOCKETS_NETWORK_IPV6_ADDRESS))]);
const SOCKETS_NETWORK_IP_ADDRESS_FAMILY: T = T::Enum(&["ipv4", "ipv6"]);
const SOCKETS_NETWORK_IP_SOCKET_ADDRESS: T = T::Variant(&[("ipv4", Some(SOCKETS_NETWORK_IPV4_SOCKET_ADDRESS)), ("ipv6", Some(SOCKETS_NETWORK_IPV6_SOCKET_ADDRESS))]);
const SOCKETS_TCP_SHUTDOWN_TYPE: T = T::Enum(&["receive", "send", "both"]);
const SOCKETS_UDP_INCOMING_DATAGRAM: T = T::Record(&[("data", T::List(&T::Primitive(P::U8))), ("remote-address", SOCKETS_NETWORK_IP_SOCKET_ADDRESS)]);
const SOCKETS_UDP_OUTGOING_DATAGRAM: T = T::Record(&[("data", T::List(&T::Primitive(P::U8))), ("remote-address", T::Option(&SOCKETS_NETWORK_IP_SOCKET_ADDRESS))]);

/// Every interface.
pub(super) static INTERFACES: &[Interface] = &[
    Interface {
        name: "wasi:cli/environment",
        resources: &[],
        functions: &[
            Function { name: "get-environment", params: &[], result: Some(T::List(&T::Tuple(&[T::Primitive(P::String), T::Primitive(P::String)]))) },
            Function { name: "get-arguments", params: &[], result: Some(T::List(&T::Primitive(P::String))) },
            Function { name: "initial-cwd", params: &[], result: Some(T::Option(&T::Primitive(P::String))) },
        ],
    },
    Interface {
        name: "wasi:cli/exit",
        resources: &[],
        functions: &[
            Function { name: "exit", params: &[T::Result(None, None)], result: None },
            Function { name: "exit-with-code", params: &[T::Primitive(P::U8)], result: None },
        ],
    },
    Interface {
        name: "wasi:io/error",
        resources: &["wasi:io/error/error"],
        functions: &[
            Function { name: "[method]error.to-debug-string", params: &[T::Resource("wasi:io/error/error")], result: Some(T::Primitive(P::String)) },
        ],
    },
    Interface {
        name: "wasi:io/poll",
        resources: &["wasi:io/poll/pollable"],
        functions: &[
            Function { name: "[method]pollable.ready", params: &[T::Resource("wasi:io/poll/pollable")], result: Some(T::Primitive(P::Bool)) },
            Function { name: "[method]pollable.block", params: &[T::Resource("wasi:io/poll/pollable")], result: None },
            Function { name: "poll", params: &[T::List(&T::Resource("wasi:io/poll/pollable"))], result: Some(T::List(&T::Primitive(P::U32))) },
        ],
    },
    Interface {
        name: "wasi:io/streams",
        resources: &["wasi:io/streams/input-stream", "wasi:io/streams/output-stream"],
        functions: &[
            Function { name: "[method]input-stream.read", params: &[T::Resource("wasi:io/streams/input-stream"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::List(&T::Primitive(P::U8))), Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]input-stream.blocking-read", params: &[T::Resource("wasi:io/streams/input-stream"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::List(&T::Primitive(P::U8))), Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]input-stream.skip", params: &[T::Resource("wasi:io/streams/input-stream"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]input-stream.blocking-skip", params: &[T::Resource("wasi:io/streams/input-stream"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]input-stream.subscribe", params: &[T::Resource("wasi:io/streams/input-stream")], result: Some(T::Resource("wasi:io/poll/pollable")) },
            Function { name: "[method]output-stream.check-write", params: &[T::Resource("wasi:io/streams/output-stream")], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]output-stream.write", params: &[T::Resource("wasi:io/streams/output-stream"), T::List(&T::Primitive(P::U8))], result: Some(T::Result(None, Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]output-stream.blocking-write-and-flush", params: &[T::Resource("wasi:io/streams/output-stream"), T::List(&T::Primitive(P::U8))], result: Some(T::Result(None, Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]output-stream.flush", params: &[T::Resource("wasi:io/streams/output-stream")], result: Some(T::Result(None, Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]output-stream.blocking-flush", params: &[T::Resource("wasi:io/streams/output-stream")], result: Some(T::Result(None, Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]output-stream.subscribe", params: &[T::Resource("wasi:io/streams/output-stream")], result: Some(T::Resource("wasi:io/poll/pollable")) },
            Function { name: "[method]output-stream.write-zeroes", params: &[T::Resource("wasi:io/streams/output-stream"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]output-stream.blocking-write-zeroes-and-flush", params: &[T::Resource("wasi:io/streams/output-stream"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]output-stream.splice", params: &[T::Resource("wasi:io/streams/output-stream"), T::Resource("wasi:io/streams/input-stream"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&IO_STREAMS_STREAM_ERROR))) },
            Function { name: "[method]output-stream.blocking-splice", params: &[T::Resource("wasi:io/streams/output-stream"), T::Resource("wasi:io/streams/input-stream"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&IO_STREAMS_STREAM_ERROR))) },
        ],
    },
    Interface {
        name: "wasi:cli/stdin",
        resources: &[],
        functions: &[
            Function { name: "get-stdin", params: &[], result: Some(T::Resource("wasi:io/streams/input-stream")) },
        ],
    },
    Interface {
        name: "wasi:cli/stdout",
        resources: &[],
        functions: &[
            Function { name: "get-stdout", params: &[], result: Some(T::Resource("wasi:io/streams/output-stream")) },
        ],
    },
    Interface {
        name: "wasi:cli/stderr",
        resources: &[],
        functions: &[
            Function { name: "get-stderr", params: &[], result: Some(T::Resource("wasi:io/streams/output-stream")) },
        ],
    },
    Interface {
        name: "wasi:cli/terminal-input",
        resources: &["wasi:cli/terminal-input/terminal-input"],
        functions: &[
        ],
    },
    Interface {
        name: "wasi:cli/terminal-output",
        resources: &["wasi:cli/terminal-output/terminal-output"],
        functions: &[
        ],
    },
    Interface {
        name: "wasi:cli/terminal-stdin",
        resources: &[],
        functions: &[
            Function { name: "get-terminal-stdin", params: &[], result: Some(T::Option(&T::Resource("wasi:cli/terminal-input/terminal-input"))) },
        ],
    },
    Interface {
        name: "wasi:cli/terminal-stdout",
        resources: &[],
        functions: &[
            Function { name: "get-terminal-stdout", params: &[], result: Some(T::Option(&T::Resource("wasi:cli/terminal-output/terminal-output"))) },
        ],
    },
    Interface {
        name: "wasi:cli/terminal-stderr",
        resources: &[],
        functions: &[
            Function { name: "get-terminal-stderr", params: &[], result: Some(T::Option(&T::Resource("wasi:cli/terminal-output/terminal-output"))) },
        ],
    },
    Interface {
        name: "wasi:clocks/monotonic-clock",
        resources: &[],
        functions: &[
            Function { name: "now", params: &[], result: Some(T::Primitive(P::U64)) },
            Function { name: "resolution", params: &[], result: Some(T::Primitive(P::U64)) },
            Function { name: "subscribe-instant", params: &[T::Primitive(P::U64)], result: Some(T::Resource("wasi:io/poll/pollable")) },
            Function { name: "subscribe-duration", params: &[T::Primitive(P::U64)], result: Some(T::Resource("wasi:io/poll/pollable")) },
        ],
    },
    Interface {
        name: "wasi:clocks/wall-clock",
        resources: &[],
        functions: &[
            Function { name: "now", params: &[], result: Some(CLOCKS_WALL_CLOCK_DATETIME) },
            Function { name: "resolution", params: &[], result: Some(CLOCKS_WALL_CLOCK_DATETIME) },
        ],
    },
    Interface {
        name: "wasi:filesystem/types",
        resources: &["wasi:filesystem/types/descriptor", "wasi:filesystem/types/directory-entry-stream"],
        functions: &[
            Function { name: "[method]descriptor.read-via-stream", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::Resource("wasi:io/streams/input-stream")), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.write-via-stream", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::Resource("wasi:io/streams/output-stream")), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.append-via-stream", params: &[T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Result(Some(&T::Resource("wasi:io/streams/output-stream")), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.advise", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::U64), T::Primitive(P::U64), FILESYSTEM_TYPES_ADVICE], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.sync-data", params: &[T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.get-flags", params: &[T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Result(Some(&FILESYSTEM_TYPES_DESCRIPTOR_FLAGS), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.get-type", params: &[T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Result(Some(&FILESYSTEM_TYPES_DESCRIPTOR_TYPE), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.set-size", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.set-times", params: &[T::Resource("wasi:filesystem/types/descriptor"), FILESYSTEM_TYPES_NEW_TIMESTAMP, FILESYSTEM_TYPES_NEW_TIMESTAMP], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.read", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::U64), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::Tuple(&[T::List(&T::Primitive(P::U8)), T::Primitive(P::Bool)])), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.write", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::List(&T::Primitive(P::U8)), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.read-directory", params: &[T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Result(Some(&T::Resource("wasi:filesystem/types/directory-entry-stream")), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.sync", params: &[T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.create-directory-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String)], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.stat", params: &[T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Result(Some(&FILESYSTEM_TYPES_DESCRIPTOR_STAT), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.stat-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), FILESYSTEM_TYPES_PATH_FLAGS, T::Primitive(P::String)], result: Some(T::Result(Some(&FILESYSTEM_TYPES_DESCRIPTOR_STAT), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.set-times-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), FILESYSTEM_TYPES_PATH_FLAGS, T::Primitive(P::String), FILESYSTEM_TYPES_NEW_TIMESTAMP, FILESYSTEM_TYPES_NEW_TIMESTAMP], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.link-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), FILESYSTEM_TYPES_PATH_FLAGS, T::Primitive(P::String), T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String)], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.open-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), FILESYSTEM_TYPES_PATH_FLAGS, T::Primitive(P::String), FILESYSTEM_TYPES_OPEN_FLAGS, FILESYSTEM_TYPES_DESCRIPTOR_FLAGS], result: Some(T::Result(Some(&T::Resource("wasi:filesystem/types/descriptor")), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.readlink-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String)], result: Some(T::Result(Some(&T::Primitive(P::String)), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.remove-directory-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String)], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.rename-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String), T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String)], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.symlink-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String), T::Primitive(P::String)], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.unlink-file-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String)], result: Some(T::Result(None, Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.is-same-object", params: &[T::Resource("wasi:filesystem/types/descriptor"), T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Primitive(P::Bool)) },
            Function { name: "[method]descriptor.metadata-hash", params: &[T::Resource("wasi:filesystem/types/descriptor")], result: Some(T::Result(Some(&FILESYSTEM_TYPES_METADATA_HASH_VALUE), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]descriptor.metadata-hash-at", params: &[T::Resource("wasi:filesystem/types/descriptor"), FILESYSTEM_TYPES_PATH_FLAGS, T::Primitive(P::String)], result: Some(T::Result(Some(&FILESYSTEM_TYPES_METADATA_HASH_VALUE), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "[method]directory-entry-stream.read-directory-entry", params: &[T::Resource("wasi:filesystem/types/directory-entry-stream")], result: Some(T::Result(Some(&T::Option(&FILESYSTEM_TYPES_DIRECTORY_ENTRY)), Some(&FILESYSTEM_TYPES_ERROR_CODE))) },
            Function { name: "filesystem-error-code", params: &[T::Resource("wasi:io/error/error")], result: Some(T::Option(&FILESYSTEM_TYPES_ERROR_CODE)) },
        ],
    },
    Interface {
        name: "wasi:filesystem/preopens",
        resources: &[],
        functions: &[
            Function { name: "get-directories", params: &[], result: Some(T::List(&T::Tuple(&[T::Resource("wasi:filesystem/types/descriptor"), T::Primitive(P::String)]))) },
        ],
    },
    Interface {
        name: "wasi:sockets/network",
        resources: &["wasi:sockets/network/network"],
        functions: &[
        ],
    },
    Interface {
        name: "wasi:sockets/instance-network",
        resources: &[],
        functions: &[
            Function { name: "instance-network", params: &[], result: Some(T::Resource("wasi:sockets/network/network")) },
        ],
    },
    Interface {
        name: "wasi:sockets/udp",
        resources: &["wasi:sockets/udp/udp-socket", "wasi:sockets/udp/incoming-datagram-stream", "wasi:sockets/udp/outgoing-datagram-stream"],
        functions: &[
            Function { name: "[method]udp-socket.start-bind", params: &[T::Resource("wasi:sockets/udp/udp-socket"), T::Resource("wasi:sockets/network/network"), SOCKETS_NETWORK_IP_SOCKET_ADDRESS], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.finish-bind", params: &[T::Resource("wasi:sockets/udp/udp-socket")], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.stream", params: &[T::Resource("wasi:sockets/udp/udp-socket"), T::Option(&SOCKETS_NETWORK_IP_SOCKET_ADDRESS)], result: Some(T::Result(Some(&T::Tuple(&[T::Resource("wasi:sockets/udp/incoming-datagram-stream"), T::Resource("wasi:sockets/udp/outgoing-datagram-stream")])), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.local-address", params: &[T::Resource("wasi:sockets/udp/udp-socket")], result: Some(T::Result(Some(&SOCKETS_NETWORK_IP_SOCKET_ADDRESS), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.remote-address", params: &[T::Resource("wasi:sockets/udp/udp-socket")], result: Some(T::Result(Some(&SOCKETS_NETWORK_IP_SOCKET_ADDRESS), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.address-family", params: &[T::Resource("wasi:sockets/udp/udp-socket")], result: Some(SOCKETS_NETWORK_IP_ADDRESS_FAMILY) },
            Function { name: "[method]udp-socket.unicast-hop-limit", params: &[T::Resource("wasi:sockets/udp/udp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U8)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.set-unicast-hop-limit", params: &[T::Resource("wasi:sockets/udp/udp-socket"), T::Primitive(P::U8)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.receive-buffer-size", params: &[T::Resource("wasi:sockets/udp/udp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.set-receive-buffer-size", params: &[T::Resource("wasi:sockets/udp/udp-socket"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.send-buffer-size", params: &[T::Resource("wasi:sockets/udp/udp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.set-send-buffer-size", params: &[T::Resource("wasi:sockets/udp/udp-socket"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]udp-socket.subscribe", params: &[T::Resource("wasi:sockets/udp/udp-socket")], result: Some(T::Resource("wasi:io/poll/pollable")) },
            Function { name: "[method]incoming-datagram-stream.receive", params: &[T::Resource("wasi:sockets/udp/incoming-datagram-stream"), T::Primitive(P::U64)], result: Some(T::Result(Some(&T::List(&SOCKETS_UDP_INCOMING_DATAGRAM)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]incoming-datagram-stream.subscribe", params: &[T::Resource("wasi:sockets/udp/incoming-datagram-stream")], result: Some(T::Resource("wasi:io/poll/pollable")) },
            Function { name: "[method]outgoing-datagram-stream.check-send", params: &[T::Resource("wasi:sockets/udp/outgoing-datagram-stream")], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]outgoing-datagram-stream.send", params: &[T::Resource("wasi:sockets/udp/outgoing-datagram-stream"), T::List(&SOCKETS_UDP_OUTGOING_DATAGRAM)], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]outgoing-datagram-stream.subscribe", params: &[T::Resource("wasi:sockets/udp/outgoing-datagram-stream")], result: Some(T::Resource("wasi:io/poll/pollable")) },
        ],
    },
    Interface {
        name: "wasi:sockets/udp-create-socket",
        resources: &[],
        functions: &[
            Function { name: "create-udp-socket", params: &[SOCKETS_NETWORK_IP_ADDRESS_FAMILY], result: Some(T::Result(Some(&T::Resource("wasi:sockets/udp/udp-socket")), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
        ],
    },
    Interface {
        name: "wasi:sockets/tcp",
        resources: &["wasi:sockets/tcp/tcp-socket"],
        functions: &[
            Function { name: "[method]tcp-socket.start-bind", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Resource("wasi:sockets/network/network"), SOCKETS_NETWORK_IP_SOCKET_ADDRESS], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.finish-bind", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.start-connect", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Resource("wasi:sockets/network/network"), SOCKETS_NETWORK_IP_SOCKET_ADDRESS], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.finish-connect", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Tuple(&[T::Resource("wasi:io/streams/input-stream"), T::Resource("wasi:io/streams/output-stream")])), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.start-listen", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.finish-listen", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.accept", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Tuple(&[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Resource("wasi:io/streams/input-stream"), T::Resource("wasi:io/streams/output-stream")])), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.local-address", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&SOCKETS_NETWORK_IP_SOCKET_ADDRESS), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.remote-address", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&SOCKETS_NETWORK_IP_SOCKET_ADDRESS), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.is-listening", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Primitive(P::Bool)) },
            Function { name: "[method]tcp-socket.address-family", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(SOCKETS_NETWORK_IP_ADDRESS_FAMILY) },
            Function { name: "[method]tcp-socket.set-listen-backlog-size", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.keep-alive-enabled", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Primitive(P::Bool)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.set-keep-alive-enabled", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Primitive(P::Bool)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.keep-alive-idle-time", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.set-keep-alive-idle-time", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.keep-alive-interval", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.set-keep-alive-interval", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.keep-alive-count", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U32)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.set-keep-alive-count", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Primitive(P::U32)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.hop-limit", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U8)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.set-hop-limit", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Primitive(P::U8)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.receive-buffer-size", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.set-receive-buffer-size", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.send-buffer-size", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Result(Some(&T::Primitive(P::U64)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.set-send-buffer-size", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), T::Primitive(P::U64)], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]tcp-socket.subscribe", params: &[T::Resource("wasi:sockets/tcp/tcp-socket")], result: Some(T::Resource("wasi:io/poll/pollable")) },
            Function { name: "[method]tcp-socket.shutdown", params: &[T::Resource("wasi:sockets/tcp/tcp-socket"), SOCKETS_TCP_SHUTDOWN_TYPE], result: Some(T::Result(None, Some(&SOCKETS_NETWORK_ERROR_CODE))) },
        ],
    },
    Interface {
        name: "wasi:sockets/tcp-create-socket",
        resources: &[],
        functions: &[
            Function { name: "create-tcp-socket", params: &[SOCKETS_NETWORK_IP_ADDRESS_FAMILY], result: Some(T::Result(Some(&T::Resource("wasi:sockets/tcp/tcp-socket")), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
        ],
    },
    Interface {
        name: "wasi:sockets/ip-name-lookup",
        resources: &["wasi:sockets/ip-name-lookup/resolve-address-stream"],
        functions: &[
            Function { name: "[method]resolve-address-stream.resolve-next-address", params: &[T::Resource("wasi:sockets/ip-name-lookup/resolve-address-stream")], result: Some(T::Result(Some(&T::Option(&SOCKETS_NETWORK_IP_ADDRESS)), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
            Function { name: "[method]resolve-address-stream.subscribe", params: &[T::Resource("wasi:sockets/ip-name-lookup/resolve-address-stream")], result: Some(T::Resource("wasi:io/poll/pollable")) },
            Function { name: "resolve-addresses", params: &[T::Resource("wasi:sockets/network/network"), T::Primitive(P::String)], result: Some(T::Result(Some(&T::Resource("wasi:sockets/ip-name-lookup/resolve-address-stream")), Some(&SOCKETS_NETWORK_ERROR_CODE))) },
        ],
    },
    Interface {
        name: "wasi:random/random",
        resources: &[],
        functions: &[
            Function { name: "get-random-bytes", params: &[T::Primitive(P::U64)], result: Some(T::List(&T::Primitive(P::U8))) },
            Function { name: "get-random-u64", params: &[], result: Some(T::Primitive(P::U64)) },
        ],
    },
    Interface {
        name: "wasi:random/insecure",
        resources: &[],
        functions: &[
            Function { name: "get-insecure-random-bytes", params: &[T::Primitive(P::U64)], result: Some(T::List(&T::Primitive(P::U8))) },
            Function { name: "get-insecure-random-u64", params: &[], result: Some(T::Primitive(P::U64)) },
        ],
    },
    Interface {
        name: "wasi:random/insecure-seed",
        resources: &[],
        functions: &[
            Function { name: "insecure-seed", params: &[], result: Some(T::Tuple(&[T::Primitive(P::U64), T::Primitive(P::U64)])) },
        ],
    },
];
