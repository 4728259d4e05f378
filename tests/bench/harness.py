# SPDX-License-Identifier: ISC
"""What the benchmarks stand on: runs a program to its end, measures it, checks what it left.

bench.py holds the rows; here is how a process is timed, how the memory of a process tree is
sampled, how contestants take turns, and how results are verified.
"""
import json
import math
import os
import re
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SAMPLE_S = 0.05  # 20 Hz
SAMPLE_SHARE = 0.05  # of a core, at most: a sampler must not be what is measured
TIMEOUT_S = 300


class Failed(Exception):
    """A run that did not do what it was asked for."""


class Missing(Exception):
    """A program that is not on this machine."""


def cores():
    """The affinity mask, cut by the cgroup's CPU quota (rounded up): what stint calls cores."""
    count = len(os.sched_getaffinity(0))
    try:
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as file:
            quota, period = file.read().split()
        if quota != "max":
            count = min(count, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):
        pass
    return max(count, 1)


def busy_cores(seconds):
    """How many cores the machine keeps busy meanwhile, with stolen time; this process sleeps."""

    def used():
        with open("/proc/stat", encoding="ascii") as file:
            fields = [int(field) for field in file.readline().split()[1:9]]
        return sum(fields) - fields[3] - fields[4]

    before = used()
    time.sleep(seconds)
    return (used() - before) / os.sysconf("SC_CLK_TCK") / seconds


# --- processes ------------------------------------------------------------------------------


def children_of(pid):
    """The direct children, from every thread's list; none for a process that is gone."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
    except OSError:
        pass
    return found


def tree_of(pid):
    found = [pid]
    for member in found:
        found += children_of(member)
    return found


def read_kilobytes(path, key):
    """Bytes of a `Key:  123 kB` line, or None if the file or the line is not there."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(key):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def memory_of(pid):
    """A process's share of memory: PSS, or RSS without what is shared where PSS is absent."""
    share = read_kilobytes(f"/proc/{pid}/smaps_rollup", "Pss:")
    if share is not None:
        return share
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            fields = file.read().split()
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def tree_memory(pid):
    """All processes of a run together, in bytes."""
    return sum(memory_of(member) for member in tree_of(pid))


def own_peak(pid):
    """The peak of one process alone (VmHWM), in bytes. wait4's ru_maxrss would not do: it takes
    in the children, and what this interpreter held when it spawned."""
    return read_kilobytes(f"/proc/{pid}/status", "VmHWM:") or 0


def spawn(argv, stdin, stdout, stderr, env):
    """Starts a program in a process group of its own. stdin, stdout: a path or a descriptor."""
    actions = []
    for fd, target, flags in (
        (0, stdin, os.O_RDONLY),
        (1, stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        if isinstance(target, int):
            actions.append((os.POSIX_SPAWN_DUP2, target, fd))
        else:
            actions.append((os.POSIX_SPAWN_OPEN, fd, target, flags, 0o600))
    return os.posix_spawn(
        argv[0],
        argv,
        env,
        file_actions=actions,
        setpgroup=0,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )


def end_tree(pid):
    """TERM, a moment to clean up, KILL, for a child that was not reaped yet and all below it."""
    members = tree_of(pid)
    pidfd = os.pidfd_open(pid)
    try:
        os.killpg(pid, signal.SIGTERM)
        if not select.select([pidfd], [], [], 2)[0]:
            members = tree_of(pid) + members
    finally:
        os.close(pidfd)
    for member in set(members) - {pid}:
        if os.path.exists(f"/proc/{member}"):
            try:
                os.kill(member, signal.SIGKILL)
            except OSError:
                pass
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass
    os.waitpid(pid, 0)


def wait_for(pid, start, watch):
    """Waits for the end of a child, calling watch(pid) now and then (soon at first, so that a
    short life is seen too); gives the largest answer."""
    peak, interval = 0, 0.002 if watch else None
    pidfd = os.pidfd_open(pid)
    try:
        while True:
            left = start + TIMEOUT_S - time.perf_counter()
            if left <= 0:
                raise Failed(f"still running after {TIMEOUT_S} s")
            if select.select([pidfd], [], [], min(interval or left, left))[0]:
                return peak
            if watch:
                before = time.perf_counter()
                peak = max(peak, watch(pid))
                cost = time.perf_counter() - before
                interval = max(min(2 * interval, SAMPLE_S), cost / SAMPLE_SHARE)
    finally:
        os.close(pidfd)


def last_line(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read(65536).splitlines()
        return lines[-1] if lines else "it said nothing"
    except OSError:
        return "it said nothing"


class Lab:
    """A private folder, the programs under test, and the one way to run them."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="stint-bench.")
        self.env = dict(os.environ, LC_ALL="C", HOME=self.folder, TMPDIR=self.folder)
        self.env["XDG_STATE_HOME"] = self.path("state")
        for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "STINT_WORKER"):
            self.env.pop(name, None)
        self.stint = os.path.abspath(os.environ.get("STINT") or f"{TOP}/build/stint")
        system = "/usr/bin/python3"
        self.python = system if os.access(system, os.X_OK) else sys.executable
        self.running = []

    def close(self):
        """Ends what still runs and removes the folder. Not to be interrupted."""
        for signo in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signo, signal.SIG_IGN)
        for pid in self.running:
            end_tree(pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    def forget(self):
        """Removes what stint learned of tasks in earlier runs."""
        shutil.rmtree(self.env["XDG_STATE_HOME"], ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, lines):
        """A file of these lines; written once for all the runs that use it."""
        path = self.path(name)
        if not os.path.exists(path):
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        return path

    def find(self, program):
        path = program if "/" in program else shutil.which(program)
        if not path or not os.access(path, os.X_OK):
            raise Missing(f"{program} is not installed")
        return path

    def c_program(self, name):
        """The Makefile's build/bench/NAME, or one compiled here if that is absent or stale."""
        source, built = f"{HERE}/{name}.c", f"{TOP}/build/bench/{name}"
        if os.access(built, os.X_OK) and os.path.getmtime(built) >= os.path.getmtime(source):
            return built
        output = self.path(name)
        if not os.path.exists(output):
            compiler = shutil.which(os.environ.get("CC", "cc"))
            if not compiler:
                raise Missing("no C compiler is installed")
            command = [compiler, "-std=c17", "-D_GNU_SOURCE", "-O2", "-o", output, source]
            if subprocess.run(command, check=False).returncode != 0:
                raise Failed(f"{name}.c does not compile")
        return output

    def run(self, argv, stdin=os.devnull, stdout=os.devnull, watch=None, feed=None):
        """Runs a program to its end: {"wall": seconds, "memory": peak of watch(pid)}.

        feed: a command whose output the program reads from a pipe. Raises Failed unless both
        the program and its feeder end with 0."""
        argv = [self.find(argv[0])] + argv[1:]
        errors = self.path("stderr")
        feeder = None
        if feed:
            stdin, feed_end = os.pipe()
            feeder = self._start(feed, os.devnull, feed_end, os.devnull)
            os.close(feed_end)
        start = time.perf_counter()
        pid = self._start(argv, stdin, stdout, errors)
        if feed:
            os.close(stdin)
        peak = wait_for(pid, start, watch)
        wall = time.perf_counter() - start
        status = self._reap(pid)
        fed = self._reap(feeder) if feeder else 0
        if status != 0:
            raise Failed(f"{os.path.basename(argv[0])} ended with {status}: {last_line(errors)}")
        if fed != 0:
            raise Failed("it did not read all of its input")
        if watch and not peak:
            raise Failed("it ended before its memory could be read")
        return {"wall": wall, "memory": peak}

    def _start(self, argv, stdin, stdout, stderr):
        pid = spawn([self.find(argv[0])] + argv[1:], stdin, stdout, stderr, self.env)
        self.running.append(pid)
        return pid

    def _reap(self, pid):
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.running.remove(pid)
        return status

    def end_running(self):
        """After a failed run: nothing of it may disturb the next."""
        while self.running:
            end_tree(self.running[-1])
            self.running.pop()


# --- results --------------------------------------------------------------------------------

ID = re.compile(rb'"id"\s*:\s*"(\d+)"')
OK = re.compile(rb'"status"\s*:\s*"ok"')


def verify_results(path, n, **wanted):
    """Every task 1 … n has one record, it says ok, and (one in a hundred is parsed) is JSON with
    the wanted keys. Raises Failed."""
    seen, count, good = bytearray(n + 1), 0, 0
    with open(path, "rb") as file:
        for line in file:
            count += 1
            found = ID.search(line)
            if found and 1 <= int(found[1]) <= n:
                seen[int(found[1])] = 1
            good += bool(OK.search(line))
            if count % 100 == 1:
                verify_record(line, wanted)
    if (count, good, sum(seen)) != (n, n, n):
        raise Failed(f"of {n} tasks: {count} records, {good} ok, {sum(seen)} ids")


def verify_record(line, wanted):
    try:
        record = json.loads(line)
    except ValueError as error:
        raise Failed(f"a record is not JSON: {error}") from None
    for key, value in wanted.items():
        if record.get(key) != value:
            raise Failed(f"a record has {key} {record.get(key)!r}, not {value!r}")


def verify_ids(path, wanted):
    """The same for tasks with ids of their own, every record parsed. Raises Failed."""
    ids = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            verify_record(line, {"status": "ok"})
            ids.append(json.loads(line).get("id"))
    if sorted(ids) != sorted(wanted):
        raise Failed(f"of {len(wanted)} tasks: {len(ids)} records, {len(set(ids))} ids")


# --- contests -------------------------------------------------------------------------------


class Side:
    """One contestant: a name for the table, and its samples (dicts of figures) or its error."""

    def __init__(self, name, action, limit=None):
        self.name, self.action, self.limit = name, action, limit
        self.samples, self.error, self.why = [], None, None

    def take_turn(self, lab):
        try:
            self.samples.append(self.action())
        except Missing:
            self.error = "not installed"
        except Failed as failure:
            self.error, self.why = "FAILED", str(failure)
            lab.end_running()

    def values(self, key):
        return [sample[key] for sample in self.samples]

    def median(self, key):
        return statistics.median(self.values(key))


def contest(lab, runs, sides, tell):
    """Runs the sides in turn, A B A B, so that whatever the machine does meets them all."""
    for turn in range(runs):
        for side in sides:
            if not side.error and turn < (side.limit or runs):
                tell(f"{side.name}, run {turn + 1} of {min(runs, side.limit or runs)}")
                side.take_turn(lab)
    return sides


def pairwise(mine, theirs, key):
    """The median of mine ÷ theirs over the pairs that ran next to each other."""
    return statistics.median(
        a / b for a, b in zip(mine.values(key), theirs.values(key)) if b
    )
