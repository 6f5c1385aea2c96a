//! Owns the interfaces of WASI 0.2 that every major hosts alike, and the version of what came later.
//!
//! They are those of the world `wasi:cli/imports` less what is marked unstable, which no major links by default
//! (wit/deps of wasmtime-wasi); between majors only [`LATER`] differs.

use semver::Version;

/// What an interface has.
struct Interface {
    name: &'static str,
    /// Its functions, separated by spaces.
    functions: &'static str,
    /// Its resources, each with the methods it has.
    resources: &'static [(&'static str, &'static str)],
}

/// Functions that are not in 0.2.0, and the version that brought them.
const LATER: &[(&str, &str, Version)] = &[("wasi:cli/exit", "exit-with-code", Version::new(0, 2, 12))];

const INTERFACES: &[Interface] = &[
    Interface { name: "wasi:cli/environment", functions: "get-environment get-arguments initial-cwd", resources: &[] },
    Interface { name: "wasi:cli/exit", functions: "exit exit-with-code", resources: &[] },
    Interface { name: "wasi:cli/stdin", functions: "get-stdin", resources: &[] },
    Interface { name: "wasi:cli/stdout", functions: "get-stdout", resources: &[] },
    Interface { name: "wasi:cli/stderr", functions: "get-stderr", resources: &[] },
    Interface { name: "wasi:cli/terminal-input", functions: "", resources: &[("terminal-input", "")] },
    Interface { name: "wasi:cli/terminal-output", functions: "", resources: &[("terminal-output", "")] },
    Interface { name: "wasi:cli/terminal-stdin", functions: "get-terminal-stdin", resources: &[] },
    Interface { name: "wasi:cli/terminal-stdout", functions: "get-terminal-stdout", resources: &[] },
    Interface { name: "wasi:cli/terminal-stderr", functions: "get-terminal-stderr", resources: &[] },
    Interface {
        name: "wasi:clocks/monotonic-clock",
        functions: "now resolution subscribe-instant subscribe-duration",
        resources: &[],
    },
    Interface { name: "wasi:clocks/wall-clock", functions: "now resolution", resources: &[] },
    Interface {
        name: "wasi:filesystem/types",
        functions: "filesystem-error-code",
        resources: &[
            (
                "descriptor",
                "read-via-stream write-via-stream append-via-stream advise sync-data get-flags get-type set-size set-times read write read-directory sync create-directory-at stat stat-at set-times-at link-at open-at readlink-at remove-directory-at rename-at symlink-at unlink-file-at is-same-object metadata-hash metadata-hash-at",
            ),
            ("directory-entry-stream", "read-directory-entry"),
        ],
    },
    Interface { name: "wasi:filesystem/preopens", functions: "get-directories", resources: &[] },
    Interface { name: "wasi:io/error", functions: "", resources: &[("error", "to-debug-string")] },
    Interface { name: "wasi:io/poll", functions: "poll", resources: &[("pollable", "ready block")] },
    Interface {
        name: "wasi:io/streams",
        functions: "",
        resources: &[
            ("input-stream", "read blocking-read skip blocking-skip subscribe"),
            (
                "output-stream",
                "check-write write blocking-write-and-flush flush blocking-flush subscribe write-zeroes blocking-write-zeroes-and-flush splice blocking-splice",
            ),
        ],
    },
    Interface { name: "wasi:random/insecure-seed", functions: "insecure-seed", resources: &[] },
    Interface {
        name: "wasi:random/insecure",
        functions: "get-insecure-random-bytes get-insecure-random-u64",
        resources: &[],
    },
    Interface { name: "wasi:random/random", functions: "get-random-bytes get-random-u64", resources: &[] },
    Interface { name: "wasi:sockets/network", functions: "", resources: &[("network", "")] },
    Interface { name: "wasi:sockets/instance-network", functions: "instance-network", resources: &[] },
    Interface {
        name: "wasi:sockets/ip-name-lookup",
        functions: "resolve-addresses",
        resources: &[("resolve-address-stream", "resolve-next-address subscribe")],
    },
    Interface {
        name: "wasi:sockets/tcp",
        functions: "",
        resources: &[(
            "tcp-socket",
            "start-bind finish-bind start-connect finish-connect start-listen finish-listen accept local-address remote-address is-listening address-family set-listen-backlog-size keep-alive-enabled set-keep-alive-enabled keep-alive-idle-time set-keep-alive-idle-time keep-alive-interval set-keep-alive-interval keep-alive-count set-keep-alive-count hop-limit set-hop-limit receive-buffer-size set-receive-buffer-size send-buffer-size set-send-buffer-size subscribe shutdown",
        )],
    },
    Interface { name: "wasi:sockets/tcp-create-socket", functions: "create-tcp-socket", resources: &[] },
    Interface {
        name: "wasi:sockets/udp",
        functions: "",
        resources: &[
            (
                "udp-socket",
                "start-bind finish-bind stream local-address remote-address address-family unicast-hop-limit set-unicast-hop-limit receive-buffer-size set-receive-buffer-size send-buffer-size set-send-buffer-size subscribe",
            ),
            ("incoming-datagram-stream", "receive subscribe"),
            ("outgoing-datagram-stream", "check-send send subscribe"),
        ],
    },
    Interface { name: "wasi:sockets/udp-create-socket", functions: "create-udp-socket", resources: &[] },
];

/// Whether hosts of WASI 0.2 have the interface.
pub(super) fn has_interface(name: &str) -> bool {
    interface(name).is_some()
}

/// Whether a host of WASI `version` has `item` in the interface: a function, a method or a resource, spelled as in
/// components.
pub(super) fn has_item(name: &str, item: &str, version: &Version) -> bool {
    let later = LATER.iter().find(|(interface, function, _)| (*interface, *function) == (name, item));
    if later.is_some_and(|(_, _, since)| version < since) {
        return false;
    }
    let Some(interface) = interface(name) else { return false };
    let has = |words: &str, word: &str| words.split(' ').any(|known| known == word);
    match item.strip_prefix("[method]").and_then(|method| method.split_once('.')) {
        Some((resource, method)) => {
            interface.resources.iter().any(|(name, methods)| *name == resource && has(methods, method))
        }
        None => has(interface.functions, item) || interface.resources.iter().any(|(name, _)| *name == item),
    }
}

fn interface(name: &str) -> Option<&'static Interface> {
    INTERFACES.iter().find(|interface| interface.name == name)
}
