# SPDX-License-Identifier: ISC
"""Mixes of commands that compute and commands that wait: as a job file, as lines for xargs, and the
time that no schedule of them can beat."""
import json
import os
import shlex
import shutil

ORDERS = ("interleaved", "CPU first", "CPU last")


class Command:
    """Its words, and the seconds of CPU and of wall that it takes on a machine of its own."""

    def __init__(self, words, cpu, wall):
        self.words, self.cpu, self.wall = words, cpu, wall


class Mix:
    def __init__(self, name, commands):
        self.name, self.commands = name, commands
        self.count = len(commands)

    def bound(self, cores):
        return max(sum(c.cpu for c in self.commands) / cores, max(c.wall for c in self.commands))

    def xargs_bound(self, cores, jobs):
        """No xargs with so many jobs takes less: each job runs one command at a time."""
        return max(self.bound(cores), sum(c.wall for c in self.commands) / jobs)

    def job_file(self, lab):
        return lab.write(f"{self.name}.jsonl",
                         (json.dumps({"exec": c.words}) for c in self.commands))

    def lines(self, lab):
        """For `xargs -L1 env`: env calls exec, so that no peer pays for a shell."""
        return lab.write(f"{self.name}.txt", (shlex.join(c.words) for c in self.commands))


def spread(few, many):
    """Both lists as one, the few at even distances among the many."""
    total, merged, few, many = len(few) + len(many), [], list(few), list(many)
    share, owed = len(few) / total, 0.5
    for _ in range(total):
        owed += share
        if (owed >= 1 and few) or not many:
            merged.append(few.pop(0))
            owed -= 1
        else:
            merged.append(many.pop(0))
    return merged


def ordered(name, computing, waiting, order="interleaved"):
    together = {"CPU first": lambda: computing + waiting, "CPU last": lambda: waiting + computing,
                "interleaved": lambda: spread(computing, waiting)}
    return Mix(f"{name}-{order.replace(' ', '-')}", together[order]())


def sizes(bench):
    """How many compute, for how long; how many wait, for how long."""
    return (10, 0.1, 30, 0.3) if bench.quick else (40, 0.25, 200, 1)


def sleeps(bench):
    _, _, count, wait = sizes(bench)
    return [Command(["sleep", str(wait)], 0, wait)] * count


# --- the mixes: each of (bench, order) -> Mix ---------------------------------------------------


def plain(bench, order="interleaved"):
    count, cpu, _, _ = sizes(bench)
    burn = Command([bench.lab.c_program("burn"), str(cpu)], cpu, cpu)
    return ordered("plain", [burn] * count, sleeps(bench), order)


def wrapped(bench, order="interleaved"):
    """The shell must stay, so the CPU is in a grandchild."""
    count, cpu, _, wait = sizes(bench)
    burn = shlex.quote(bench.lab.c_program("burn"))
    computing = Command(["sh", "-c", f"{burn} {cpu}; true"], cpu, cpu)
    waiting = Command(["sh", "-c", f"sleep {wait}; true"], 0, wait)
    return ordered("wrapped", [computing] * count, [waiting] * sizes(bench)[2], order)


def copies(lab, prefix, count):
    """So many names of the burning program, each with a program name of its own."""
    folder = lab.path("copies")
    os.makedirs(folder, exist_ok=True)
    first, paths = f"{folder}/{prefix}-1", [f"{folder}/{prefix}-{i + 1}" for i in range(count)]
    if not os.path.exists(first):
        shutil.copy(lab.c_program("burn"), first)
        for path in paths[1:]:
            os.link(first, path)
    return paths


def unique_names(bench, order="interleaved"):
    """Nothing can be learned of one command from another."""
    count, cpu, waits, wait = sizes(bench)
    computing = [Command([path, str(cpu)], cpu, cpu) for path in copies(bench.lab, "cook", count)]
    waiting = [Command([path, f"w{wait}"], 0, wait) for path in copies(bench.lab, "nap", waits)]
    return ordered("names", computing, waiting, order)


def one_name(bench, order="interleaved"):
    """The same program computes and waits, so that its name misleads."""
    count, cpu, waits, wait = sizes(bench)
    burn = bench.lab.c_program("burn")
    return ordered("one-name", [Command([burn, str(cpu)], cpu, cpu)] * count,
                   [Command([burn, f"w{wait}"], 0, wait)] * waits, order)


def python(bench, order="interleaved"):
    """The interpreter's start is in its process_time."""
    count, cpu, _, _ = sizes(bench)
    code = f"import time; [0 for _ in iter(lambda: time.process_time() < {cpu}, False)]"
    computing = Command([bench.lab.python, "-c", code], cpu, cpu)
    return ordered("python", [computing] * count, sleeps(bench), order)


def short(bench, order="interleaved"):
    """As many as there are sleeps, a fifth of the time."""
    count, cpu, waits, _ = sizes(bench)
    each = round(cpu / 5, 3)
    computing = Command([bench.lab.c_program("burn"), str(each)], each, each)
    return ordered("short", [computing] * max(count, waits), sleeps(bench), order)


def late(bench, order="interleaved"):
    """They look like waiting until they compute."""
    count, cpu, _, wait = sizes(bench)
    before = 0.3 * wait
    computing = Command([bench.lab.c_program("burn"), f"w{before}", str(cpu)], cpu, before + cpu)
    return ordered("late", [computing] * count, sleeps(bench), order)


def middle(bench, order="interleaved"):
    count, cpu, _, wait = sizes(bench)
    around = 0.2 * wait
    words = [bench.lab.c_program("burn"), f"w{around}", str(cpu), f"w{around}"]
    computing = Command(words, cpu, cpu + 2 * around)
    return ordered("middle", [computing] * count, sleeps(bench), order)


def heavy(bench, megabytes, order="interleaved"):
    count, cpu, _, _ = sizes(bench)
    words = [bench.lab.c_program("burn"), "-m", str(megabytes), str(cpu)]
    return ordered(f"heavy-{megabytes}", [Command(words, cpu, cpu)] * count, sleeps(bench), order)
