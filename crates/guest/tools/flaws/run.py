"""Runs the components that `cargo xtask adapters --flaws` has made, and compares their output with the table of flaws."""

import json
import sys
import tempfile
from pathlib import Path

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

# The output of a guest with the flaw, and without; None if the guest is aborted.
OUTPUTS = {
    "readdir-endless": ("readdir", b"\0M", b"\0\0"),
    "empty-random-abort": ("random", None, b"\0"),
    "empty-read-abort": ("pread", None, b"\0"),
    "renumber-trap": ("renumber-itself", None, b"\0\5\6"),
    "set-rights-ignored": ("rights", b"\0", b"\x3a"),
    "nonblocking-zero": ("non-blocking", b"\0\0", b"\6\0"),
    "preopen-names": ("names", b"/tmp,.var/lib,.,", b"/tmp,/var/lib,.,"),
}
ENGINE = Engine()


def run(path, arguments=(), preopens=("/",)):
    """The output of a component; None if it is aborted."""
    with tempfile.TemporaryDirectory() as place:
        config, output = WasiConfig(), Path(place) / "stdout"
        config.argv = list(arguments)
        config.stdout_file, config.stderr_file = str(output), str(Path(place) / "stderr")
        for index, guest in enumerate(preopens):
            host = Path(place) / str(index)
            host.mkdir()
            (host / "file").write_text("hello")
            config.preopen_dir(str(host), guest)
        store, linker = Store(ENGINE), Linker(ENGINE)
        store.set_wasi(config)
        linker.add_wasip2()
        instance = linker.instantiate(store, Component.from_file(ENGINE, str(path)))
        names = (f"wasi:cli/run@0.2.{patch}" for patch in range(20))
        interface = next(filter(None, (instance.get_export_index(store, name) for name in names)))
        start = instance.get_func(store, instance.get_export_index(store, "run", interface))
        try:
            start(store)
        except Exception:  # Whatever the trap is: the adapter has aborted the guest.
            return None
        return output.read_bytes()


def observed(component, argument):
    """For each flaw, whether the adapter has it; anything else is an output that neither explains."""
    for flaw, (guest, flawed, right) in OUTPUTS.items():
        preopens = ("/tmp", "/var/lib", ".") if guest == "names" else ("/",)
        output = run(component(guest), preopens=preopens)
        yield flaw, {flawed: True, right: False}.get(output, output)
    onto_closed = run(component("renumber-closed")), run(component("renumber-closed-open"))
    yield "renumber-onto-closed", {(b"\0", None): True, (b"\x08", b"\x08"): False}.get(onto_closed, onto_closed)
    writes = run(component("write-empty")), run(component("write-append"))
    flawed, right = (b"\0\0@", b"\0\0\5"), (b"\x08\0\0", b"\0\0\x08")
    yield "write-checks", {flawed: True, right: False}.get(writes, writes)
    strings = component("strings")
    yield "strings-over-64k", run(strings, ["x" * 30000] * 3) is None
    at_the_bound = run(strings, ["x" * argument]), run(strings, ["x" * (argument + 1)])
    yield "long-string-abort", True if at_the_bound == (b"", None) else at_the_bound


def main(folder):
    checks = disagree = 0
    expected = json.loads((folder / "expected.json").read_text())
    for index, adapter in enumerate(expected):
        for flaw, seen in observed(lambda guest: folder / f"{index}.{guest}.wasm", adapter["argument"]):
            checks += 1
            if seen is not (flaw in adapter["flaws"]):
                disagree += 1
                print(f"{adapter['version']}: {flaw} is {flaw in adapter['flaws']} in the table, and {seen!r} when run")
    print(f"{len(expected)} adapters, {checks} checks, {disagree} disagree with the table")
    return 1 if disagree else 0


sys.exit(main(Path(sys.argv[1])))
