# SPDX-License-Identifier: ISC
"""Looks at the commands of a run from outside, ten times a second: which compute, what they hold.

A command is a child of a worker with all below it, so that what `sh -c` starts counts as one. The
samplers are called by harness.wait_for; each look is one pass over /proc/PID/stat.
"""
import math
import os
import statistics
import time
from collections import defaultdict, namedtuple

INTERVAL_S = 0.1
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LARGE = 8_000_000  # bytes; what a command holds below that is its program, not its data

Process = namedtuple("Process", "pid name state parent cpu resident")


def read_process(pid):
    """None: it is gone. cpu in ticks, resident in bytes."""
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return None
    try:
        text = os.read(fd, 4096)
    except OSError:
        return None
    finally:
        os.close(fd)
    head, _, tail = text.rpartition(b")")
    fields = tail.split()
    return Process(int(pid), head.partition(b"(")[2], fields[0], int(fields[1]),
                   int(fields[11]) + int(fields[12]), int(fields[21]) * PAGE)


def commands_of(root, depth):
    """The commands so many generations below a process: {pid: [its Process, those below it]}."""
    children = defaultdict(list)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            process = read_process(entry)
            if process and process.state not in (b"Z", b"X"):
                children[process.parent].append(process)
    parents, tops = {root: None}, []
    for _ in range(depth):
        tops = [(child, parents[pid]) for pid in parents for child in children[pid]]
        parents = {child.pid: child.name for child, _ in tops}
    commands = {}
    for top, parent_name in tops:
        if top.name == parent_name:
            continue  # it has not called exec yet
        members = [top]
        for member in members:
            members += children[member.pid]
        commands[top.pid] = members
    return commands


class Computing:
    """How many commands compute at once. One does if a process of it runs or is ready to, or if it
    used half or more of its fair share of the cores since the last look."""

    def __init__(self, cores, depth=2):
        self.cores, self.depth = cores, depth
        self.last, self.cpu = None, {}
        self.computing, self.running = [], []

    def __call__(self, root):
        now = time.perf_counter()
        if self.last is not None and now - self.last < 0.95 * INTERVAL_S:
            return 1
        passed, self.last = now - (self.last or now), now
        before, self.cpu = self.cpu, {}
        running, used = set(), {}
        for pid, members in commands_of(root, self.depth).items():
            if any(member.state == b"R" for member in members):
                running.add(pid)
            for member in members:
                self.cpu[member.pid] = member.cpu
            used[pid] = sum(member.cpu - before.get(member.pid, 0) for member in members) * TICK_S
        wanting = sum(1 for pid in used if used[pid] > 0 or pid in running)
        share = passed * min(1, self.cores / max(wanting, 1))
        busy = {pid for pid in used if used[pid] > 0 and used[pid] >= share / 2}
        self.computing.append(len(running | busy))
        self.running.append(len(running))
        return 1

    def figures(self, most):
        """From the first look that saw one compute to the last: the share of looks that saw no
        more than `most`, and how many there were."""
        at = [i for i, count in enumerate(self.computing) if count]
        if not at:
            return {"looks": 0, "within": 0.0, "most": 0, "running": 0.0, "running_95": 0}
        computing = self.computing[at[0]:at[-1] + 1]
        running = self.running[at[0]:at[-1] + 1]
        return {
            "looks": len(computing),
            "within": sum(count <= most for count in computing) / len(computing),
            "most": max(computing),
            "running": statistics.mean(running),
            "running_95": sorted(running)[math.ceil(0.95 * len(running)) - 1],
        }


def own_memory(pid):
    """Bytes that a process shares with no file and no other process."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            fields = file.read().split()
        return (int(fields[1]) - int(fields[2])) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


def commands_memory(root):
    """What the large ones of the commands hold together, in bytes."""
    return sum(own_memory(member.pid)
               for members in commands_of(root, 2).values()
               for member in members if member.resident > LARGE)
