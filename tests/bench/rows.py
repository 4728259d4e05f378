# SPDX-License-Identifier: ISC
"""The rows of the benchmarks' table. A new row is one function, here or in one of the rows_*.py,
that returns its lines, and its line in ROWS at the end."""
import json
import os

import harness
import rows_batch
import rows_daemon
import rows_mix
import rows_report
import rows_whatif
from harness import HERE, TOP, Failed, Side, pairwise
from invocation import megabytes, rate, times

EMPTY = {"cpu": {"loop": 0}}
COUNT_ASYNC = ["One", "One", "One", "Two", "Two", "Two"]
COUNT_SYNC = ["One", "Two", "One", "Two", "One", "Two"]


def count_file(bench):
    example = f"{TOP}/conf/examples/count.json"
    if os.path.exists(example):
        return example
    task = {"steps": [{"print": "One"}, {"sleep": 1}, {"print": "Two"}]}
    return bench.lab.write("count.json", [json.dumps({"stint": 1, "tasks": [task] * 3})])


def printing(bench, name, argv, expected):
    """A side whose standard output must be just these lines."""

    def action():
        output = bench.lab.path("stdout")
        sample = bench.lab.run(argv, stdout=output)
        with open(output, encoding="utf-8") as file:
            printed = file.read().split("\n")
        if printed != expected + [""]:
            raise Failed(f"printed {' '.join(printed)}")
        return sample

    return Side(name, action)


def row_count(bench):
    def stint(model, expected):
        argv = [bench.lab.stint, "run", "-q", "-m", model, count_file(bench)]
        return printing(bench, f"stint -m {model}", argv, expected)

    overlapping, one_by_one = stint("async", COUNT_ASYNC), stint("sync", COUNT_SYNC)
    argv = [bench.lab.python, f"{HERE}/count_asyncio.py"]
    peer = printing(bench, "python3 asyncio", argv, COUNT_ASYNC)
    bench.contest(overlapping, peer, one_by_one)
    return [
        bench.line("count.json -m async: One One One Two Two Two", "≤ 1.02 s", overlapping,
                   peer=peer, holds=lambda wall, _: 1.0 <= wall <= 1.02),
        bench.line("count.json -m sync: One Two One Two One Two", "3.0 s", one_by_one,
                   holds=lambda wall, _: 3.0 <= wall < 3.05),
    ]


def sleeps(bench, n, limit_s, runs=None):
    job, _ = bench.tasks(f"sleep-{n}", ({"sleep": 1}, n))
    stint = bench.stint(job, n, watch=harness.tree_memory)
    peer = bench.script("asyncio", "asyncio_sleeps.py", n, 1, n=n, watch=harness.tree_memory)
    bench.contest(stint, peer, runs=runs)
    os.unlink(job)
    what = f"{n:,} × sleep 1"
    note = f" ({runs} runs)" if runs and not bench.quick else ""
    memory_holds = (lambda _, ratio: ratio <= 0.25) if n >= 1_000_000 else None
    return [
        bench.line(what + note, f"≤ {limit_s} s", stint, peer=peer,
                   holds=lambda wall, _: wall <= limit_s),
        bench.line(f"{what}: memory, all processes", "≤ 0.25 × asyncio", stint, key="memory",
                   show=megabytes, peer=peer, holds=memory_holds),
    ]


def row_sleep_1k(bench):
    return sleeps(bench, 1000, 1.02)


def row_sleep_100k(bench):
    return sleeps(bench, bench.size(100_000, 5000), 1.5)


def row_sleep_1m(bench):
    return sleeps(bench, bench.size(1_000_000, 10_000), 5, runs=min(bench.runs, 3))


def row_calls(bench):
    n = bench.size(1_000_000, 20_000)
    fewer, fewest = bench.size(200_000, 10_000), bench.size(20_000, 2000)
    job, _ = bench.tasks(f"empty-{n}", (EMPTY, n))
    stint = bench.stint(job, n)
    pool = bench.script("multiprocessing.Pool", "empty_pool.py", "pool", fewer, n=fewer,
                        inside=True)
    threads = bench.script("ThreadPoolExecutor", "empty_pool.py", "threads", fewer, n=fewer,
                           inside=True, limit=3)
    processes = bench.script("ProcessPoolExecutor", "empty_pool.py", "processes", fewest,
                             n=fewest, inside=True, limit=3)
    bench.contest(stint, pool, threads, processes)
    bench.notes.append(f"calls: chunk 1, {bench.cores} workers; Pool and ThreadPoolExecutor by the"
                       f" rate of {fewer:,} calls, ProcessPoolExecutor of {fewest:,};"
                       " the executors in 3 runs")
    what = f"{n:,} × cpu loop 0, JSON Lines to results"
    show = {"key": "rate", "show": rate}
    return [
        bench.line(what, "≥ 5 × Pool", stint, peer=pool, holds=lambda _, ratio: ratio >= 5,
                   **show),
        bench.line("  beside threads", "", stint, peer=threads, **show),
        bench.line("  beside ProcessPoolExecutor", "", stint, peer=processes, **show),
    ]


def row_exec(bench):
    n, few, jobs = bench.size(10_000, 300), bench.size(1000, 40), str(bench.cores)
    lab = bench.lab
    job, _ = bench.tasks(f"true-{n}", ({"exec": ["/bin/true"]}, n))
    numbers = lab.write("numbers", range(n))
    targets = " ".join(f"t{i}" for i in range(n))
    makefile = lab.write("true.mk", [f".PHONY: all {targets}", f"all: {targets}",
                                     f"{targets}:", "\t@/bin/true"])
    stint = bench.stint(job, n, exit=0)
    loop = bench.command("spawn_loop", [lab.c_program("spawn_loop"), str(n), "-j", jobs], n)
    xargs = bench.command(f"xargs -P{jobs} -n1", ["xargs", f"-P{jobs}", "-n1", "/bin/true"], n,
                          stdin=numbers)
    make = bench.command(f"make -j{jobs}", ["make", "-s", f"-j{jobs}", "-f", makefile], n, limit=3)
    xjobs = bench.command(f"xjobs -j{jobs}", ["xjobs", "-j", jobs, "-v", "0", "-r", "-e"], n,
                          stdin=lab.write("commands", ["/bin/true"] * n), limit=3)
    parallel = bench.command("GNU parallel", ["parallel", "--will-cite", f"-j{jobs}", "/bin/true"],
                             few, stdin=lab.write("few", range(few)), limit=3)
    bench.contest(stint, loop, xargs, make, xjobs, parallel)
    bench.notes.append("exec: spawn_loop captures output, the other peers do not; make, xjobs and"
                       f" GNU parallel in 3 runs, GNU parallel by the rate of {few:,} commands")
    show = {"key": "rate", "show": rate}
    return [
        bench.line(f"{n:,} × exec /bin/true, captured, recorded", "≥ 0.9 × the limit", stint,
                   peer=loop, holds=lambda _, ratio: ratio >= 0.9, **show),
        bench.line("  beside xargs", "≥ 1.5 × xargs", stint, peer=xargs,
                   holds=lambda _, ratio: ratio >= 1.5, **show),
        bench.line("  beside make", "", stint, peer=make, **show),
        bench.line("  beside xjobs", "", stint, peer=xjobs, **show),
        bench.line("  beside GNU parallel", "", stint, peer=parallel, **show),
    ]


def row_spin(bench):
    n, burn = bench.size(16, 4), bench.size(0.5, 0.1)
    job, _ = bench.tasks("spin", ({"cpu": {"spin": burn}}, n))
    summary = bench.lab.path("summary.json")

    def hybrid():
        sample = bench.run_stint(job, n, "--summary", summary)
        with open(summary, encoding="utf-8") as file:
            said = json.load(file)
        if said["ok"] != n:
            raise Failed(f"the summary has {said['ok']} ok of {n}")
        sample["parallelism"] = said["parallelism"]
        return sample

    spread = Side("stint -m hybrid", hybrid)
    one_by_one = bench.stint(job, n, model="sync", name="stint -m sync")
    bench.contest(spread, one_by_one, runs=min(bench.runs, 3))
    ideal = n / -(-n // bench.cores)
    failed = one_by_one.error or spread.error
    speed_up = None if failed else pairwise(one_by_one, spread, "wall")
    what, must = f"{n} × spin {burn}", f"≥ {0.975 * ideal:.2f}"
    return [
        bench.line(f"{what}: speed-up (sync ÷ hybrid)", must, spread, peer=one_by_one,
                   ratio=speed_up, holds=lambda _, ratio: ratio >= 0.975 * ideal),
        bench.line(f"{what}: parallelism", must, spread, key="parallelism", show=times,
                   holds=lambda value, _: value >= 0.975 * ideal),
    ]


def row_mixed(bench):
    burn, spins, waits = bench.size(0.25, 0.1), bench.size(40, 8), bench.size(200, 20)
    job, n = bench.tasks("mixed", ({"cpu": {"spin": burn}}, spins), ({"sleep": 1}, waits))
    bound = max(spins * burn / bench.cores, 1.0)
    stint = bench.stint(job, n)
    burner = bench.lab.c_program("burn")
    commands, _ = bench.tasks("mixed-exec", ({"exec": [burner, str(burn)]}, spins),
                              ({"exec": ["sleep", "1"]}, waits))
    as_commands = bench.stint(commands, n, name="stint, commands", limit=1)
    lines = [f"{burner} {burn}"] * spins + ["sleep 1"] * waits
    xargs = bench.command("xargs -P64", ["xargs", "-P64", "-I{}", "sh", "-c", "{}"], n,
                          stdin=bench.lab.write("mixed.sh", lines), limit=3)
    bench.contest(stint, as_commands, xargs)
    ratio = None if stint.error else stint.median("wall") / bound
    over = None if as_commands.error else as_commands.median("wall") / bound
    first = bench.line(f"{spins} × spin {burn}, {waits} × sleep 1, built in",
                       "≤ 1.03 × bound", stint, ratio=ratio, holds=lambda _, r: r <= 1.03)
    first["peers"] = f"bound: {bound:.3f} s"
    what = "  as commands" + (f" ({over:.2f} × bound)" if over else "")
    return [first, bench.line(what, "", as_commands, peer=xargs)]


def row_empty(bench):
    job, _ = bench.tasks("one", (EMPTY, 1))
    lab = bench.lab
    checked = bench.stint(job, 1, name="stint, checked", limit=1)
    stint = bench.command("stint", [lab.stint, "run", job], 1)
    true = bench.command("/bin/true itself", ["/bin/true"], 1)
    xargs = bench.command("xargs -n1 /bin/true", ["xargs", "-n1", "/bin/true"], 1,
                          stdin=lab.write("one", [1]))
    python = bench.command("python3 -c pass", [lab.python, "-c", "pass"], 1, limit=10)
    parallel = bench.command("GNU parallel, one /bin/true",
                             ["parallel", "--will-cite", "/bin/true"], 1,
                             stdin=lab.write("one", [1]), limit=5)
    bench.contest(checked, stint, true, xargs, python, parallel, runs=50)
    stint.error = stint.error or checked.error
    return [
        bench.line("one empty task, whole process (50 runs)", "≤ 6 ms", stint,
                   peer=true, holds=lambda wall, _: wall <= 0.006),
        bench.line("  beside xargs", "", stint, peer=xargs),
        bench.line("  beside an empty Python", "", stint, peer=python),
        bench.line("  beside GNU parallel", "", stint, peer=parallel),
    ]


def row_memory(bench):
    sizes = [bench.size(100_000, 5000), bench.size(1_000_000, 20_000)]
    if bench.long:
        sizes.append(10_000_000)

    def side(n):
        feed = ["/bin/sh", "-c", f"yes '{json.dumps(EMPTY)}' | head -n {n}"]
        return bench.stint("-", n, name=f"stint, {n:,}", feed=feed, watch=harness.own_peak,
                           limit=1 if n > 1_000_000 else None)

    sides = [side(n) for n in sizes]
    bench.contest(*sides, runs=min(bench.runs, 3))
    first = sides[0]
    lines = [bench.line(f"{n:,} tasks by a pipe: supervisor's peak", "< 32 MB", mine, key="memory",
                        show=megabytes, holds=lambda peak, _: peak < 32e6)
             for n, mine in zip(sizes, sides)]
    for line, mine in zip(lines[1:], sides[1:]):
        if not first.error and not mine.error:
            more = mine.median("memory") - first.median("memory")
            line["must be"] += ", ± 2 MB"
            line["peers"] = f"{more / 1e6:+.2f} MB on {sizes[0]:,}"
            if line["holds"] == "yes" and abs(more) > 2e6:
                line["holds"] = "no"
    return lines


def row_throughput(bench):
    sizes = [1000, bench.size(100_000, 5000), bench.size(1_000_000, 20_000)]
    limits = [40, bench.runs, min(bench.runs, 3)]
    jobs = [bench.tasks(f"empty-{n}", (EMPTY, n))[0] for n in sizes]
    few = 10 * bench.cores  # so many that every worker is started: what they take is start-up
    empty = bench.stint(bench.tasks("few", (EMPTY, few))[0], few, name=f"stint, {few}")
    sides = [bench.stint(job, n, name=f"stint, {n:,}", limit=limit)
             for job, n, limit in zip(jobs, sizes, limits)]
    bench.contest(empty, *sides, runs=40)
    if empty.error:
        for side in sides:
            side.error = side.error or empty.error
    for n, side in zip(sizes, sides):
        if not side.error:
            past = max(side.median("wall") - empty.median("wall"), 1e-6)
            side.samples = [{"rate": (n - few) / past}]
    lines = [bench.line(f"{n:,} × cpu loop 0, past start-up", "", side, key="rate", show=rate)
             for n, side in zip(sizes, sides)]
    rates = [side.median("rate") for side in sides if not side.error]
    last = {"what": "  the slowest of these is below the fastest by", "must be": "≤ 15 %",
            "stint": "", "peers": "", "ratio": "", "holds": "-"}
    if len(rates) == len(sides):
        spread = 1 - min(rates) / max(rates)
        last["stint"] = f"{spread * 100:.1f} %"
        last["holds"] = "quick" if bench.quick else "yes" if spread <= 0.15 else "no"
    return lines + [last]


ROWS = {
    "count": (row_count, "the three-task example, and the order of what it prints"),
    "empty": (row_empty, "one empty task, whole process"),
    "sleep-1k": (row_sleep_1k, "1,000 sleeps of a second against asyncio"),
    "sleep-100k": (row_sleep_100k, "100,000 sleeps of a second against asyncio"),
    "sleep-1m": (row_sleep_1m, "1,000,000 sleeps of a second against asyncio, memory too"),
    "calls": (row_calls, "1,000,000 empty tasks against Python's pools"),
    "exec": (row_exec, "10,000 commands against the raw loop, xargs, make, xjobs and parallel"),
    "spin": (row_spin, "pure computing: speed-up and parallelism"),
    "mixed": (row_mixed, "computing and waiting tasks against the bound"),
    "memory": (row_memory, "the supervisor's peak memory for streams (--long: 10,000,000)"),
    "throughput": (row_throughput, "empty tasks a second at three sizes"),
    **rows_mix.ROWS,
    **rows_batch.ROWS,
    **rows_daemon.ROWS,
    **rows_report.ROWS,
    **rows_whatif.ROWS,
}
