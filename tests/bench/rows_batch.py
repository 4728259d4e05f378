# SPDX-License-Identifier: ISC
"""Rows: what batches are made of: many commands, arguments from a pipe, and graphs."""
import glob
import json
import os

import harness
import workflow
from harness import TOP, Failed, Side
from invocation import megabytes, rate


def row_commands_1k(bench):
    n = bench.size(1000, 100)
    job, _ = bench.tasks("sleeping", ({"exec": ["sleep", "1"]}, n))
    stint = bench.stint(job, n, cold=True)
    xargs = bench.command(f"xargs -P{n}", ["xargs", f"-P{n}", "-n1", "sleep"], n,
                          stdin=bench.lab.write("ones", [1] * n))
    bench.contest(stint, xargs, runs=min(bench.runs, 3))
    return [bench.line(f"{n:,} × the command sleep 1", "≤ 2.5 s", stint, peer=xargs,
                       holds=lambda wall, _: wall <= 2.5)]


# --- stint map ----------------------------------------------------------------------------------


def map_side(bench, n, arguments):
    """`stint map` as it is typed; the summary tells whether all went well."""
    summary = bench.lab.path("summary.json")
    argv = [bench.lab.stint, "map", "-q", "--summary", summary, "--", "/bin/true"]

    def action():
        sample = bench.lab.run(argv, stdin=arguments)
        with open(summary, encoding="utf-8") as file:
            said = json.load(file)
        if said["ok"] != n:
            raise Failed(f"the summary has {said['ok']} ok of {n}")
        return dict(sample, rate=n / sample["wall"])

    return Side("stint map", action)


def row_map(bench):
    n, few, jobs = bench.size(10_000, 300), bench.size(1000, 40), str(bench.cores)
    lab = bench.lab
    numbers = lab.write("numbers", range(n))
    stint = map_side(bench, n, numbers)
    loop = bench.command("spawn_loop", [lab.c_program("spawn_loop"), str(n), "-j", jobs,
                                        "--argument", str(n)], n)
    xargs = bench.command(f"xargs -P{jobs} -n1", ["xargs", f"-P{jobs}", "-n1", "/bin/true"], n,
                          stdin=numbers)
    parallel = bench.command("GNU parallel", ["parallel", "--will-cite", f"-j{jobs}", "/bin/true"],
                             few, stdin=lab.write("few", range(few)), limit=3)
    bench.contest(stint, loop, xargs, parallel)
    bench.notes.append(f"map: GNU parallel by the rate of {few:,} commands, in 3 runs;"
                       " spawn_loop captures output, as stint and GNU parallel do; xargs does not;"
                       " each gives /bin/true its argument")
    show = {"key": "rate", "show": rate}
    return [
        bench.line(f"{n:,} × /bin/true by stint map, from a pipe", "≥ 0.9 × the limit", stint,
                   peer=loop, holds=lambda _, ratio: ratio >= 0.9, **show),
        bench.line("  beside xargs", "≥ 1.5 × xargs", stint, peer=xargs,
                   holds=lambda _, ratio: ratio >= 1.5, **show),
        bench.line("  beside GNU parallel", "≥ 10 × parallel", stint, peer=parallel,
                   holds=lambda _, ratio: ratio >= 10, **show),
    ]


# --- graphs -------------------------------------------------------------------------------------


def workflow_side(bench, name, path, seconds):
    document = workflow.job(path, bench.cores, seconds)
    job = bench.lab.write(f"{name}.json", [json.dumps(document)])
    ids = [task["id"] for task in document["tasks"]]
    results = bench.lab.path("results.jsonl")

    def action():
        bench.lab.forget()
        sample = bench.lab.run([bench.lab.stint, "run", "-q", "-o", results, job])
        harness.verify_ids(results, ids)
        os.unlink(results)
        return sample

    return Side(name, action), len(ids)


def row_workflows(bench):
    folder = os.environ.get("WFINSTANCES") or f"{TOP}/../shared/data/wfinstances"
    seconds, lines = bench.size(10, 1), []
    paths = sorted(glob.glob(f"{folder}/*.json"))
    if not paths:
        bench.notes.append("workflows: left out, no WfFormat files: WFINSTANCES names their folder")
    for path in paths:
        name = os.path.basename(path).removesuffix(".json")
        stint, n = workflow_side(bench, name, path, seconds)
        bench.contest(stint, runs=min(bench.runs, 3))
        line = bench.line(f"{name}, {n} tasks", "≤ 1.05 × bound", stint,
                          ratio=None if stint.error else stint.median("wall") / seconds,
                          holds=lambda _, ratio: ratio <= 1.05)
        tasks = workflow.load(path)
        least = (seconds * workflow.window_bound(tasks, bench.cores) /
                 workflow.bound(tasks, bench.cores))
        line["peers"] = f"bound: {seconds:.3f} s; no schedule takes less than {least:.3f} s"
        lines.append(line)
    return lines


def needs_of(number):
    """Two tasks before it, one near and one anywhere, if there are two."""
    if number <= 3:
        return list(range(1, number))
    near = number - 1 - number * 7919 % min(number - 1, 1000)
    far = 1 + number * 104729 % (number - 1)
    return [near, far if far != near else near % (number - 1) + 1]


def graph_lines(n, shuffled=False):
    """A task a line; shuffled: needs lie behind as well as before."""
    for place in range(n):
        number = 1 + (place * 7919 % n if shuffled else place)  # 7919 is prime to n
        needs = ",".join(f'"t{need}"' for need in needs_of(number))
        yield f'{{"id":"t{number}","needs":[{needs}],"cpu":{{"loop":0}}}}'


def graph_document(n, shuffled):
    lines = graph_lines(n, shuffled)
    yield '{"stint":1,"tasks":['
    yield next(lines)
    for line in lines:
        yield "," + line
    yield "]}"


def loading(bench, name, *argv):
    return Side(name, lambda: bench.lab.run([bench.lab.stint, *argv], watch=harness.own_peak))


def row_graph(bench):
    n = bench.size(1_000_000, 20_000)
    edges = sum(len(needs_of(number)) for number in range(1, n + 1))
    write = bench.lab.write
    document = write("graph.json", graph_document(n, False))
    shuffled = write("shuffled.json", graph_document(n, True))
    stream = write("graph.jsonl", graph_lines(n))
    sides = {
        f"{n:,} tasks, {edges:,} needs: check": loading(bench, "check", "check", document),
        "  needs in any order": loading(bench, "shuffled", "check", shuffled),
        "  as JSON Lines": loading(bench, "lines", "check", stream),
        "  run --dry-run": loading(bench, "dry run", "run", "--dry-run", document),
    }
    code = "import json,sys; json.load(open(sys.argv[1]))"
    python = bench.command("Python's json", [bench.lab.python, "-c", code, document], n)
    bench.contest(*sides.values(), python, runs=min(bench.runs, 3))
    for path in (document, shuffled, stream):
        os.unlink(path)
    lines = [bench.line(what, "≤ 4 s", side, peer=python, holds=lambda wall, _: wall <= 4)
             for what, side in sides.items()]
    check = next(iter(sides.values()))
    return lines + [bench.line("  memory of check", "", check, key="memory", show=megabytes)]


ROWS = {
    "commands-1k": (row_commands_1k, "1,000 commands that sleep for a second"),
    "map": (row_map, "10,000 commands by stint map against the raw loop, xargs and parallel"),
    "workflows": (row_workflows, "recorded workflows against the bound, if their files are there"),
    "graph": (row_graph, "loading a graph of 1,000,000 tasks"),
}
