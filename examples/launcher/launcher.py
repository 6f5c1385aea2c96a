#!/usr/bin/env python3
"""Starts a WASI guest with the directories that are there, by the command line `wasmtime-compat`.

A launcher has a list of candidates: directories that some installations have and others do not. This one has the
command line check all of them at once, reports every candidate that is left out, with its absolute path and the reason,
and runs the guest with the others.

    launcher.py GUEST [--work DIR] [--share DIR]... [--cache DIR] [--wasmtime N] [-- ARGUMENT...]

The program is `wasmtime-compat` from the PATH, or what the variable WASMTIME_COMPAT names. The exit code is the guest's,
or 126 if the guest was not started.
"""

import argparse
import json
import os
import subprocess
import sys

NOT_STARTED = 126


def main():
    arguments, guest_arguments = parse(sys.argv[1:])
    candidates = list_candidates(arguments)
    report = check(candidates)
    for entry in report["preopens"]:
        explain(entry)
    if not report["ok"]:
        return NOT_STARTED
    result = run(arguments.guest, candidates, arguments.wasmtime, guest_arguments)
    sys.stdout.write(result["stdout"])
    sys.stderr.write(result["stderr"])
    return exit_code(result)


def parse(arguments):
    """The launcher's own arguments, and those after `--` for the guest."""
    guest_arguments = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, guest_arguments = arguments[:at], arguments[at + 1 :]
    parser = argparse.ArgumentParser(description="Start a WASI guest with the directories that are there.")
    parser.add_argument("guest")
    parser.add_argument("--work", default=".", help="the directory to work in, which must be there")
    parser.add_argument("--share", action="append", default=[], help="a directory that some installations have")
    parser.add_argument("--cache", help="a directory for the guest's cache, which is created")
    parser.add_argument("--wasmtime", default="newest", help="the Wasmtime major")
    return parser.parse_args(arguments), guest_arguments


def list_candidates(arguments):
    """Flags for each directory: what must be there, what is created, and what may be missing."""
    candidates = ["--dir", f"{arguments.work}::/work"]
    if arguments.cache:
        candidates += ["--create-dir", f"{arguments.cache}::/cache"]
    for number, share in enumerate(arguments.share):
        candidates += ["--optional-dir", f"{share}::/share{number}"]
    return candidates


def check(candidates):
    """The report on all candidates."""
    return command(["preopens", "--json", *candidates])


def run(guest, candidates, wasmtime, arguments):
    """Runs the guest. Its exit code and output are in the object, whatever it ended with."""
    line = ["run", "--json", "--isolate", "--no-advisories", "--wasmtime", wasmtime, *candidates, guest]
    if arguments:
        line += ["--", *arguments]
    return command(line)


def command(arguments):
    """The object that the command line prints.

    Its exit code does not decide: 2 is an invalid command line, or the guest's own code. A report lists the directories,
    and what is printed for an invalid command line does not.
    """
    program = os.environ.get("WASMTIME_COMPAT", "wasmtime-compat")
    try:
        done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        sys.exit(f"launcher: cannot start {program}: {error}")
    try:
        printed = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"launcher: {program} {arguments[0]} ended with {done.returncode} and without a report")
    if "preopens" not in printed:
        sys.exit(f"launcher: {program} {arguments[0]}: {printed['error']}")
    return printed


def explain(entry):
    """One line for each directory that the guest does not get, and for each warning."""
    place = f"{entry['absolute']} for {entry['guest']}"
    if entry["verdict"] == "dropped":
        print(f"launcher: left out {place}: {entry['reason']}", file=sys.stderr)
    elif entry["verdict"] == "error":
        for reason, hint in zip(entry["reasons"], entry["hints"]):
            print(f"launcher: cannot use {place}: {reason}; {hint}", file=sys.stderr)
    for warning in entry["warnings"]:
        print(f"launcher: {place}: {warning['reason']}; {warning['hint']}", file=sys.stderr)


def exit_code(result):
    """The guest's own code, or the one that `wasmtime-compat run` has for the other outcomes."""
    if result["outcome"] == "exited":
        return result["code"]
    print(f"launcher: the guest {result['outcome']}: {result['error'] or result['trap']}", file=sys.stderr)
    return {"refused": NOT_STARTED, "trapped": 134, "timed-out": 124, "crashed": 123}.get(result["outcome"], 125)


if __name__ == "__main__":
    sys.exit(main())
