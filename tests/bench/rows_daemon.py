# SPDX-License-Identifier: ISC
"""Rows: the daemon: durable submits, a large one, its throughput, what it costs when it is idle,
how soon it is there again, and whether a small job waits for a large one.

Every sample has a daemon of its own, in a folder of its own, on the disk of TMPDIR: what is
acknowledged is synced there.
"""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

from harness import (TOP, Failed, Missing, Side, children_of, memory_of, own_peak,
                     read_kilobytes, tree_of)
from invocation import megabytes, rate, seconds

sys.path.insert(0, f"{TOP}/tests/e2e")
import stintd

EMPTY = '{"cpu":{"loop":0}}'
CLIENTS = 50


# --- a daemon for a sample ----------------------------------------------------------------------


@contextlib.contextmanager
def daemon_of(bench, keep=None, killed=False):
    """One that is ready; what goes wrong with it is a failed sample. keep: a folder that stays;
    killed: it gets no chance to end in order."""
    folder = keep or bench.lab.path("daemon")
    os.environ["STINTD"] = os.path.join(os.path.dirname(bench.lab.stint), "stintd")
    if not os.access(stintd.program(), os.X_OK):
        raise Missing("stintd is not built")
    try:
        options = "-o", "log_level=warning", "-o", "drain=0"
        with stintd.Daemon(folder, *options, env=bench.lab.env) as daemon:
            yield daemon
            if daemon.process.poll() is None and not killed:
                daemon.stop()  # not to be at work for the next sample
    except (stintd.Gone, stintd.Refused, TimeoutError) as problem:
        raise Failed(f"stintd: {problem}") from None
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def client_run(bench, daemon, *arguments):
    """A command of the client, as a process: its wall seconds."""
    began = time.perf_counter()
    done = subprocess.run([bench.lab.stint, *arguments], env=daemon.env, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"stint {arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return time.perf_counter() - began


def peak_of(daemon):
    """Each process at its own peak, all together: never less than what they held at once."""
    return sum(own_peak(pid) for pid in tree_of(daemon.process.pid))


# --- durable submits ----------------------------------------------------------------------------


def submit_side(bench, name, n, paused, task=EMPTY):
    """So many clients at once over the control socket, each job after the last was acknowledged."""
    def action():
        with daemon_of(bench) as daemon, contextlib.closing(daemon.client()) as client:
            if paused:
                client.ask("pause")
            argv = [bench.lab.c_program("submit_load"), daemon.socket, str(CLIENTS), str(n), task]
            said = subprocess.run(argv, capture_output=True, text=True, check=False)
            if said.returncode != 0:
                raise Failed(f"submit_load: {said.stderr.strip()}")
            jobs = client.status()["jobs"]
            if sum(jobs.values()) != n:
                raise Failed(f"of {n} acknowledged jobs the daemon has {sum(jobs.values())}")
            sample = json.loads(said.stdout)
            return dict(sample, p99=sample["p99"] / 1e3, ended=jobs["ended"])

    return Side(name, action)


def process_side(bench, name, n, *argv):
    """The same by a process a submit, so many at once."""
    def action():
        with daemon_of(bench) as daemon:
            bench.lab.env["XDG_RUNTIME_DIR"] = daemon.env["XDG_RUNTIME_DIR"]
            sample = bench.lab.run(["xargs", f"-P{CLIENTS}", "-n1", *argv],
                                   stdin=bench.lab.write(f"numbers-{n}", range(n)),
                                   stdout=bench.lab.path("stdout"))
            return dict(sample, rate=n / sample["wall"])

    return Side(name, action, limit=3)


def spooler_side(bench, name, n, held):
    """task-spooler, a process a submit, so many at once; held: behind one that goes on."""
    def action():
        lab = bench.lab
        tsp = lab.find("tsp")
        lab.env.update(TS_SOCKET=lab.path("tsp.sock"), TS_SLOTS="1" if held else str(bench.cores),
                       TS_MAXFINISHED=str(n + 1))
        try:
            if held:
                lab.run([tsp, "-n", "sleep", "600"], stdout=lab.path("stdout"))
            sample = lab.run(["xargs", f"-P{CLIENTS}", "-n1", tsp, "-n", "true"],
                             stdin=lab.write(f"numbers-{n}", range(n)), stdout=lab.path("stdout"))
        finally:
            for argument in ["-k"] * held + ["-K"]:
                subprocess.run([tsp, argument], env=lab.env, check=False, capture_output=True)
        return dict(sample, rate=n / sample["wall"])

    return Side(name, action, limit=3)


def submit_lines(bench, what, stint, process, spooler, judged):
    """judged: beside task-spooler; where the jobs run meanwhile, that is what they take as well."""
    show = {"key": "rate", "show": rate}
    return [
        bench.line(what, "≥ 5,000 /s", stint, holds=lambda value, _: value >= 5000, **show),
        bench.line("  99 % of them within", "≤ 50 ms", stint, key="p99",
                   holds=lambda value, _: value <= 0.05),
        bench.line("  beside task-spooler", "≥ 20 × tsp", stint, peer=spooler,
                   holds=(lambda _, ratio: ratio >= 20) if judged else None, **show),
        bench.line("  stint submit, a process each", "", process, peer=spooler, **show),
    ]


def row_submits(bench):
    n, few = bench.size(50_000, 2000), bench.size(500, 60)
    held = submit_side(bench, "stintd", n, True)
    running = submit_side(bench, "stintd", n, False)
    commands = submit_side(bench, "stintd", bench.size(10_000, 1000), False,
                           '{"exec":["/bin/true"]}')
    as_process = process_side(bench, "stint submit", few, bench.lab.stint, "submit",
                              "--no-autostart", "--hold", "--", "/bin/true")
    as_process_run = process_side(bench, "stint submit", few, bench.lab.stint, "submit",
                                  "--no-autostart", "--", "/bin/true")
    spooler = spooler_side(bench, "tsp", few, True)
    spooler_run = spooler_side(bench, "tsp", few, False)
    bench.contest(held, running, commands, as_process, spooler, as_process_run, spooler_run)
    bench.notes.append(f"submits: {n:,} jobs by {CLIENTS} clients; tsp and stint submit: {few}, by"
                       f" xargs -P{CLIENTS}; tsp keeps nothing on disk; paused: tsp behind a job"
                       " that goes on; at once: tsp on as many slots as there are cores")
    return [
        *submit_lines(bench, "durable submits, queue paused", held, as_process, spooler, True),
        *submit_lines(bench, "durable submits, run at once", running, as_process_run, spooler_run,
                      False),
        bench.line("  each the command /bin/true", "", commands, key="rate", show=rate),
        bench.line("  99 % of those within", "", commands, key="p99"),
    ]


# --- a large job --------------------------------------------------------------------------------


def large_file(bench, n):
    return bench.lab.write(f"large-{n}.jsonl",
                           (f'{{"id":"part-{i}","cpu":{{"loop":0}}}}' for i in range(n)))


def row_submit_large(bench):
    n = bench.size(1_000_000, 20_000)
    path = large_file(bench, n)

    def action():
        with daemon_of(bench) as daemon, contextlib.closing(daemon.client()) as client:
            client.ask("pause")
            wall = client_run(bench, daemon, "submit", path)
            memory, peak = sum(map(memory_of, tree_of(daemon.process.pid))), peak_of(daemon)
            began = time.perf_counter()
            client.ask("resume")
            if client.ask("wait", job=1)["outcome"] != "ok":
                raise Failed("it did not end ok")
            ran = time.perf_counter() - began
            if client.job(1)["by_status"] != {"ok": n}:
                raise Failed(f"not all of it was run: {client.job(1)['by_status']}")
            return {"wall": wall, "memory": memory, "peak": peak, "run": ran,
                    "run peak": peak_of(daemon)}

    side = Side("stintd", action)
    bench.contest(side, runs=min(bench.runs, 3))
    os.unlink(path)
    return [
        bench.line(f"one submit of {n:,} tasks, JSON Lines", "≤ 20 s", side,
                   holds=lambda wall, _: wall <= 20),
        bench.line("  stintd's memory, at its peak until queued", "≤ 200 MB", side, key="peak",
                   show=megabytes, holds=lambda peak, _: peak <= 200e6),
        bench.line("  while it is queued (PSS)", "≤ 200 MB", side, key="memory", show=megabytes,
                   holds=lambda memory, _: memory <= 200e6),
        bench.line("  then run in", "", side, key="run"),
        bench.line("  stintd's memory, at its peak until the end", "", side, key="run peak",
                   show=megabytes),
    ]


# --- beside stint run ---------------------------------------------------------------------------


def row_daemon_run(bench):
    n = bench.size(100_000, 3000)
    job, _ = bench.tasks(f"empty-{n}", ({"cpu": {"loop": 0}}, n))

    def action():
        with daemon_of(bench) as daemon, contextlib.closing(daemon.client()) as client:
            wall = client_run(bench, daemon, "submit", "--wait", job)
            if client.job(1)["by_status"] != {"ok": n} or len(client.records(1)) != n:
                raise Failed("not all of it has a record that says ok")
            return {"wall": wall, "rate": n / wall}

    daemon, run = Side("stintd", action), bench.stint(job, n, name="stint run -o")
    bench.contest(daemon, run)
    return [bench.line(f"{n:,} × cpu loop 0: stint submit --wait", "≥ 0.4 × run -o", daemon,
                       peer=run, key="rate", show=rate, holds=lambda _, ratio: ratio >= 0.4)]


# --- idle ---------------------------------------------------------------------------------------


def wakeups(pids):
    """How often these processes have been switched to, or away from, so far."""
    count = 0
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            count += sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return count


def resident(pid):
    return read_kilobytes(f"/proc/{pid}/status", "VmRSS:") or 0


def has_workers(daemon):
    for pid in children_of(daemon.process.pid):
        with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as file:
            if file.read() == "stint-worker\n":
                return True
    return False


def row_idle(bench):
    span = bench.size(10, 1)

    def look(daemon):
        time.sleep(1)  # what a start or the last worker's end leaves to do is done by then
        pids = tree_of(daemon.process.pid)
        before = wakeups(pids)
        time.sleep(span)
        return {"rss": sum(map(resident, pids)), "pss": sum(map(memory_of, pids)),
                "wakeups": (wakeups(pids) - before) / span}

    def fresh():
        with daemon_of(bench) as daemon:
            return look(daemon)

    def after():
        with daemon_of(bench) as daemon:
            client_run(bench, daemon, "submit", "--wait", "--", "true")
            stintd.until(lambda: not has_workers(daemon), 60, "its workers stay")
            return look(daemon)

    sides = Side("stintd", fresh), Side("after a job", after)
    bench.contest(*sides, runs=1)
    lines = []
    for side, what in zip(sides, ("idle stintd", "idle stintd, after a job")):
        lines += [
            bench.line(f"{what}: all its processes (RSS)", "≤ 10 MB", side, key="rss",
                       show=megabytes, holds=lambda memory, _: memory <= 10e6),
            bench.line("  its share of memory (PSS)", "", side, key="pss", show=megabytes),
            bench.line(f"  wake-ups a second, over {span} s", "0", side, key="wakeups",
                       show=lambda count: f"{count:.1f}", holds=lambda count, _: count == 0),
        ]
    return lines


# --- a new start --------------------------------------------------------------------------------


def restarting(bench, name, fill):
    """A queue that fill() makes once; each sample starts it, and asks it, after an orderly end, and
    after a kill."""
    folder = bench.lab.path(f"queue-{name}")

    def start(stop):
        with daemon_of(bench, folder, not stop) as daemon:
            with contextlib.closing(daemon.client()) as client:
                client.ask("ping")
                return time.monotonic() - daemon.began, own_peak(daemon.process.pid)

    def action():
        if not os.path.exists(folder):
            with daemon_of(bench, keep=folder) as daemon:
                with contextlib.closing(daemon.client()) as client:
                    client.ask("pause")
                    fill(daemon, client)
        ended, peak = start(stop=False)  # then it is killed
        killed, _ = start(stop=True)
        return {"ended": ended, "killed": killed, "peak": peak}

    return Side(name, action)


def row_restart(bench):
    n = bench.size(1_000_000, 20_000)
    path = large_file(bench, n)

    def one(daemon, _):
        client_run(bench, daemon, "submit", path)

    def many(daemon, _):
        argv = [bench.lab.c_program("submit_load"), daemon.socket, str(CLIENTS), str(n), EMPTY]
        if subprocess.run(argv, stdout=subprocess.DEVNULL, check=False).returncode != 0:
            raise Failed("submit_load failed")

    sides = restarting(bench, "one", one), restarting(bench, "many", many)
    bench.contest(*sides, runs=min(bench.runs, 3))
    lines = []
    for side, what in zip(sides, (f"ready, with a job of {n:,} tasks", f"ready, with {n:,} jobs")):
        lines += [
            bench.line(f"{what}, after kill -9", "≤ 3 s", side, key="killed",
                       holds=lambda took, _: took <= 3),
            bench.line("  after an orderly end", "≤ 3 s", side, key="ended",
                       holds=lambda took, _: took <= 3),
            bench.line("  stintd's memory at its peak then", "", side, key="peak",
                       show=megabytes),
        ]
    return lines


# --- a small job beside a large one -------------------------------------------------------------


def row_fair(bench):
    n = bench.size(1_000_000, 20_000)

    def action():
        with daemon_of(bench) as daemon, contextlib.closing(daemon.client()) as client:
            large = bench.lab.write(f"short-{n}.jsonl", ['{"cpu":{"spin":0.001}}'] * n)
            client_run(bench, daemon, "submit", large)
            stintd.until(lambda: client.job(1)["by_status"].get("ok", 0) > 100, 60, "not begun")
            began = time.perf_counter()
            client.ask("wait", job=client.submit([{"cpu": {"spin": 0.001}}] * 3))
            wall = time.perf_counter() - began
            if client.job(1)["state"] != "running":
                raise Failed("the large job was over already")
            client.ask("cancel", job=1, kill=True)
            client.ask("wait", job=1)
            return {"wall": wall}

    side = Side("stintd", action)
    bench.contest(side)
    return [bench.line(f"3 × 1 ms, behind a job of {n:,} × 1 ms", "≤ 1 s", side, show=seconds,
                       holds=lambda wall, _: wall <= 1)]


ROWS = {
    "submits": (row_submits, "durable submits of single tasks, 50 clients, against task-spooler"),
    "submit-large": (row_submit_large, "one submit of 1,000,000 tasks, and stintd's memory"),
    "daemon-run": (row_daemon_run, "100,000 empty tasks through stintd against stint run"),
    "idle": (row_idle, "an idle stintd: memory and wake-ups"),
    "restart": (row_restart, "how soon stintd is ready with 1,000,000 queued"),
    "fair": (row_fair, "how long three short tasks take behind a job of 1,000,000"),
}
