#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Measures stint beside its peers, in one run, and says which promises hold.

Usage: bench.py [--runs N] [--only NAME[,NAME]] [--quick] [--long] [--json FILE] [--list]

STINT names the program (default: build/stint of this source folder), WFINSTANCES a folder of
recorded workflows. The rows of the table are in rows.py, rows_mix.py, rows_batch.py and so on; --only runs
some of them, --long adds what takes minutes. Every figure of a stint run is the whole process,
start-up and end included, unless the row says otherwise; so is a peer's, except that Python's pools
are timed inside, without the interpreter's start. Exit status: 0, or 1 if a run gave a wrong result
(the row says FAILED).
"""
import argparse
import json
import os
import platform
import signal
import sys
import time

sys.dont_write_bytecode = True  # the source folder stays as it is

import harness
from harness import Failed, Lab
from invocation import Bench, tell
from rows import ROWS

COLUMNS = (("what", 52), ("must be", 17), ("stint", 13), ("peers", 37), ("ratio", 5), ("holds", 6))


def print_row(cells):
    tell("")
    padded = (str(cell).ljust(width) for cell, (_, width) in zip(cells, COLUMNS))
    print("| " + " | ".join(padded) + " |", flush=True)


def describe(bench):
    model = "unknown CPU"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next((line.split(":", 1)[1].strip() for line in file
                          if line.startswith("model name")), model)
    except OSError:
        pass
    return {"cores": bench.cores, "cpu": model, "kernel": platform.release(),
            "runs": 1 if bench.quick else bench.runs, "quick": bench.quick}


def measure(bench, names):
    """Runs the named rows, printing each as it is done."""
    lines = []
    print_row(title for title, _ in COLUMNS)
    print_row("-" * width for _, width in COLUMNS)
    for name in names:
        bench.row = name
        bench.lab.forget()  # the rows before this one must not matter
        try:
            fresh = ROWS[name][0](bench)
        except (Failed, harness.Missing) as problem:
            fresh = [{"what": name, "must be": "", "stint": "FAILED", "peers": "", "ratio": "",
                      "holds": "FAILED"}]
            bench.notes.append(f"{name}: {problem}")
        for line in fresh:
            print_row(line[title] for title, _ in COLUMNS)
            lines.append(dict(line, row=name))
    return lines


def conclude(bench, lines, took):
    verdicts = [line["holds"] for line in lines]
    busy = harness.busy_cores(0.5)
    if max(busy, bench.busy) > 0.1:
        bench.notes.append(f"other work kept {bench.busy:.1f} cores busy before, {busy:.1f} after"
                           " this: ratios still tell something, walls and rates little")
    for note in bench.notes:
        print(f"- {note}")
    if not os.access(bench.lab.stint, os.X_OK):
        print(f"- {bench.lab.stint} is not there: only the peers were measured")
    judged = sum(v in ("yes", "no", "FAILED") for v in verdicts)
    print(f"{verdicts.count('yes')} of {judged} hold, {verdicts.count('no')} do not,"
          f" {verdicts.count('FAILED')} failed; {took:.0f} s")


def parse_options():
    parser = argparse.ArgumentParser(description="stint beside its peers, in one run")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default 5)")
    parser.add_argument("--only", metavar="NAME[,NAME]", help="only these rows")
    parser.add_argument("--quick", action="store_true", help="one run of small sizes")
    parser.add_argument("--long", action="store_true",
                        help="with 10,000,000 streamed tasks, and every xargs -P beside the mix")
    parser.add_argument("--json", metavar="FILE", help="write lines and samples there too")
    parser.add_argument("--list", action="store_true", help="name the rows")
    options = parser.parse_args()
    options.names = options.only.split(",") if options.only else list(ROWS)
    for name in options.names:
        if name not in ROWS:
            parser.error(f"no row is named {name}; there are: {' '.join(ROWS)}")
    if options.runs < 1:
        parser.error("--runs wants at least 1")
    return options


def stop(signo, _frame):
    raise KeyboardInterrupt(128 + signo)


def main():
    options = parse_options()
    if options.list:
        for name, (_, about) in ROWS.items():
            print(f"{name:12} {about}")
        return 0
    for signo in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signo, stop)
    lab, start = Lab(), time.monotonic()
    try:
        bench = Bench(options, lab)
        machine = describe(bench)
        print(f"{machine['cores']} cores, {machine['cpu']}, Linux {machine['kernel']};"
              f" medians of {machine['runs']}; ratio is stint ÷ peer, pair by pair")
        lines = measure(bench, options.names)
        conclude(bench, lines, time.monotonic() - start)
        if options.json:
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump({"machine": machine, "lines": lines, "notes": bench.notes,
                           "samples": bench.samples}, file, indent=1, ensure_ascii=False)
    except KeyboardInterrupt as interrupt:
        tell("")
        print("bench.py: interrupted", file=sys.stderr)
        return interrupt.args[0] if interrupt.args else 130
    finally:
        lab.close()
    return 1 if any(line["holds"] == "FAILED" for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
