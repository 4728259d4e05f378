# SPDX-License-Identifier: ISC
"""One invocation of the benchmarks: its contestants, and how their figures become lines.

The rows (rows.py) say what is measured; the processes are run and timed in harness.py.
"""
import json
import os
import sys

import harness
from harness import HERE, Failed, Side, contest, cores, pairwise


def seconds(value):
    return f"{value * 1000:.2f} ms" if value < 0.1 else f"{value:.3f} s"


def rate(value):
    return f"{value:,.0f} /s"


def megabytes(value):
    return f"{value / 1e6:,.1f} MB"


def times(value):
    return f"{value:.2f}"


def tell(text):
    """What is being measured, on a terminal only; the next line of the table wipes it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text[:78]}")
        sys.stderr.flush()


class Bench:
    """One invocation: its options, its lab, and what was measured so far."""

    def __init__(self, options, lab):
        self.quick, self.long, self.runs = options.quick, options.long, options.runs
        self.lab, self.cores = lab, cores()
        self.row, self.samples, self.notes = "", {}, []
        self.busy = harness.busy_cores(0.5)

    def size(self, full, quick):
        return quick if self.quick else full

    def contest(self, *sides, runs=None):
        runs = 1 if self.quick else runs or self.runs
        contest(self.lab, runs, sides, lambda text: tell(f"{self.row}: {text}"))
        for side in sides:
            self.samples.setdefault(self.row, {})[side.name] = side.samples
            if side.why and f"{side.name}: {side.why}" not in self.notes:
                self.notes.append(f"{side.name}: {side.why}")

    def line(self, what, must, mine, key="wall", show=seconds, peer=None, peer_show=None,
             ratio=None, holds=None):
        """A line of the table. ratio: a value, or None to divide mine by peer pair by pair;
        holds: a question to (mine's median, ratio), or None for a line of information."""
        answer = {"what": what, "must be": must if holds else "", "ratio": ""}
        answer["stint"] = mine.error or show(mine.median(key))
        answer["peers"] = ""
        if peer:
            text = peer.error or (peer_show or show)(peer.median(key))
            answer["peers"] = f"{peer.name}: {text}"
            if ratio is None and not mine.error and not peer.error:
                ratio = pairwise(mine, peer, key)
        if ratio is not None:
            answer["ratio"] = times(ratio)
        answer["holds"] = self.verdict(mine, key, peer, ratio, holds)
        return answer

    def verdict(self, mine, key, peer, ratio, holds):
        if mine.error == "FAILED" or (peer and peer.error == "FAILED"):
            return "FAILED"
        if not holds or mine.error or (peer and peer.error):
            return "-"
        if self.quick:
            return "quick"
        return "yes" if holds(mine.median(key), ratio) else "no"

    # --- contestants ---

    def run_stint(self, job, n, *options, model="hybrid", feed=None, watch=None, cold=False,
                  **wanted):
        """One run of a job file with n tasks; its records are verified and removed. cold: nothing
        was learned of the tasks before."""
        if cold:
            self.lab.forget()
        results = self.lab.path("results.jsonl")
        argv = [self.lab.stint, "run", "-q", "-m", model, "-o", results, *options, job]
        sample = self.lab.run(argv, feed=feed, watch=watch)
        harness.verify_results(results, n, **wanted)
        os.unlink(results)
        return sample

    def stint(self, job, n, *options, name="stint", limit=None, **more):
        def action():
            sample = self.run_stint(job, n, *options, **more)
            sample["rate"] = n / sample["wall"]
            return sample

        return Side(name, action, limit)

    def command(self, name, argv, n, stdin=os.devnull, limit=None):
        """A peer that runs n commands; only its exit status tells whether they went well."""

        def action():
            sample = self.lab.run(argv, stdin=stdin)
            sample["rate"] = n / sample["wall"]
            return sample

        return Side(name, action, limit)

    def script(self, name, script, *arguments, n, inside=False, limit=None, watch=None):
        """A peer in Python that prints {"ok": count, "wall": seconds inside}."""

        def action():
            output = self.lab.path("stdout")
            argv = [self.lab.python, f"{HERE}/{script}", *(str(a) for a in arguments)]
            sample = self.lab.run(argv, stdout=output, watch=watch)
            with open(output, encoding="utf-8") as file:
                said = json.load(file)
            if said["ok"] != n:
                raise Failed(f"{script} finished {said['ok']} of {n}")
            if inside:
                sample["wall"] = said["wall"]
            sample["rate"] = n / sample["wall"]
            return sample

        return Side(name, action, limit)

    def tasks(self, name, *groups):
        """A JSON Lines file of (action, how many) groups, and the number of its tasks."""
        lines = (json.dumps(action) for action, count in groups for _ in range(count))
        return self.lab.write(f"{name}.jsonl", lines), sum(count for _, count in groups)
