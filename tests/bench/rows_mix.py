# SPDX-License-Identifier: ISC
"""Rows: commands that compute among commands that wait, nothing told to stint about either."""
import mixes
from harness import Failed, Side, read_kilobytes
from invocation import megabytes, times
from sampler import Computing, commands_memory

WIDTHS = (2, 4, 8, 16, 32, 64, 128, 240)
FEW_WIDTHS = (64, 240)


def xargs(bench, mix, jobs, limit=None):
    return bench.command(f"xargs -P{jobs}", ["xargs", f"-P{jobs}", "-L1", "env"], mix.count,
                         stdin=mix.lines(bench.lab), limit=limit)


def contestants(bench, mix, widths):
    """An xargs for each width that may come near the bound: those that cannot be within 1.2 of it
    run once, those that cannot be within 2 only with --long."""
    bound, sides = mix.bound(bench.cores), []
    for jobs in widths:
        at_best = mix.xargs_bound(bench.cores, jobs)
        if at_best <= 2 * bound or bench.long:
            once = at_best > 1.2 * bound or len(widths) < len(WIDTHS)
            sides.append(xargs(bench, mix, jobs, limit=1 if once else None))
    return sides


def bound_line(bench, what, mix, stint, limit):
    bound = mix.bound(bench.cores)
    ratio = None if stint.error else stint.median("wall") / bound
    line = bench.line(what, f"≤ {limit} × bound", stint, ratio=ratio,
                      holds=(lambda _, r: r <= limit) if limit else None)
    line["peers"] = f"bound: {bound:.3f} s"
    return line


def xargs_line(bench, stint, sides, judged):
    """Beside the best of them."""
    ran = [side for side in sides if not side.error]
    best = min(ran, key=lambda side: side.median("wall")) if ran else sides[0]
    ratio = None
    if ran and not stint.error:
        ratio = stint.median("wall") / best.median("wall")
    return bench.line("  beside the best xargs", "< every xargs -P", stint, peer=best, ratio=ratio,
                      holds=(lambda _, r: r < 1) if judged else None)


def warmed(bench, job, n):
    """A side that knows the tasks: its first turn begins with a run that teaches them."""
    learned = []

    def action():
        if not learned:
            learned.append(bench.run_stint(job, n, cold=True))
        return bench.run_stint(job, n)

    return Side("stint", action)


def measure(bench, what, mix, limit=None, widths=FEW_WIDTHS, warm=False):
    """limit: what the wall may be, in bounds; None: a line that only informs. A short list of
    widths is run once each, and not judged."""
    job = mix.job_file(bench.lab)
    stint = warmed(bench, job, mix.count) if warm else bench.stint(job, mix.count, cold=True)
    sides = contestants(bench, mix, widths)
    bench.contest(stint, *sides, runs=min(bench.runs, 3))
    lines = [bound_line(bench, what, mix, stint, limit)]
    if sides:
        lines.append(xargs_line(bench, stint, sides, judged=widths == WIDTHS))
    return lines


def describe(bench):
    count, cpu, waits, wait = mixes.sizes(bench)
    return f"{count} × {cpu} s CPU, {waits} × sleep {wait}"


def in_all_orders(bench, what, make, **more):
    """The samples of each order stay apart."""
    row, lines = bench.row, []
    for order in mixes.ORDERS:
        bench.row = f"{row}, {order}"
        lines += measure(bench, f"{what}: {order}", make(bench, order), **more)
    bench.row = row
    return lines


def row_mix(bench):
    bench.notes.append("mix: xargs -L1 env, so that it needs no shell; a width that cannot be"
                       " within 1.2 × bound by arithmetic runs once, within 2 × bound only with"
                       " --long")
    return in_all_orders(bench, describe(bench), mixes.plain, limit=1.08, widths=WIDTHS)


def row_mix_sh(bench):
    return in_all_orders(bench, "  in sh -c", mixes.wrapped, limit=1.12)


def row_mix_warm(bench):
    return in_all_orders(bench, "  with history", mixes.plain, widths=(), warm=True)


def row_mix_names(bench):
    return measure(bench, "  each program of a name of its own", mixes.unique_names(bench))


def row_mix_one_name(bench):
    return measure(bench, "  one program computes and waits", mixes.one_name(bench))


def row_mix_python(bench):
    return measure(bench, "  python3 -c computes", mixes.python(bench))


def row_mix_short(bench):
    mix = mixes.short(bench)
    shortest = min(command.cpu for command in mix.commands if command.cpu)
    count = sum(command.cpu > 0 for command in mix.commands)
    return measure(bench, f"  {count} × {shortest} s CPU", mix)


def row_mix_late(bench):
    wait = 0.3 * mixes.sizes(bench)[3]
    return measure(bench, f"  which wait {wait:.2g} s, then compute", mixes.late(bench))


def row_mix_middle(bench):
    return measure(bench, "  which compute in the middle", mixes.middle(bench))


def sampled(bench, name, run, depth):
    """A side whose samples say how many commands computed at once."""

    def action():
        watch = Computing(bench.cores, depth)
        sample = run(watch)
        sample.pop("memory")
        return dict(sample, **watch.figures(bench.cores + 1))

    return Side(name, action)


def per_cent(value):
    return f"{100 * value:.1f} %"


def row_mix_peak(bench):
    mix, most = mixes.plain(bench), bench.cores + 1
    job, lines = mix.job_file(bench.lab), mix.lines(bench.lab)
    stint = sampled(bench, "stint", lambda watch: bench.run_stint(job, mix.count, cold=True,
                                                                  watch=watch), 2)
    peer = sampled(bench, "xargs -P64",
                   lambda watch: bench.lab.run(["xargs", "-P64", "-L1", "env"], stdin=lines,
                                               watch=watch), 1)
    peer.limit = 1
    bench.contest(stint, peer, runs=min(bench.runs, 3))
    bench.notes.append("mix-peak: a command computes if a process of it is in state R, or used half"
                       " of its fair share of the cores since the look 100 ms before")

    def line(what, key, show, must="", holds=None):
        answer = bench.line(what, must, stint, key=key, show=show, holds=holds)
        answer["peers"] = f"{peer.name}: {peer.error or show(peer.median(key))}"
        return answer

    return [
        line(f"looks that see ≤ {most} commands compute", "within", per_cent, "≥ 95 %",
             lambda share, _: share >= 0.95),
        line("  most that compute at once", "most", times),
        line("  in state R, mean", "running", times),
        line("  in state R, in 95 % of looks at most", "running_95", times),
    ]


def row_mix_memory(bench):
    size = bench.size(200, 50)
    mix, limit = mixes.heavy(bench, size), 4 * size
    job = mix.job_file(bench.lab)
    most = (read_kilobytes("/proc/meminfo", "MemAvailable:") or 4e9) / 2

    def watch(pid):
        held = commands_memory(pid)
        if held > most:
            raise Failed(f"the tasks hold {held / 1e6:.0f} MB, half of what there is")
        return held

    stint = bench.stint(job, mix.count, cold=True, watch=watch)
    bench.contest(stint, runs=min(bench.runs, 3))
    count = sum(command.cpu > 0 for command in mix.commands)
    first = bench.line(f"{count} of {size} MB among the sleeps: all tasks' peak", f"≤ {limit} MB",
                       stint, key="memory", show=megabytes,
                       holds=lambda peak, _: peak <= limit * 1e6)
    return [first, bound_line(bench, "  and the wall", mix, stint, None)]


ROWS = {
    "mix": (row_mix, "computing among waiting commands, three orders, against the bound and xargs"),
    "mix-sh": (row_mix_sh, "the same with the computing in grandchildren"),
    "mix-warm": (row_mix_warm, "the same with what an earlier run taught"),
    "mix-names": (row_mix_names, "each command a program of another name"),
    "mix-one-name": (row_mix_one_name, "one program that computes here and waits there"),
    "mix-python": (row_mix_python, "python3 -c computes"),
    "mix-short": (row_mix_short, "many short ones"),
    "mix-late": (row_mix_late, "they wait, then compute"),
    "mix-middle": (row_mix_middle, "they wait, compute, wait"),
    "mix-peak": (row_mix_peak, "how many commands compute at once, sampled"),
    "mix-memory": (row_mix_memory, "what commands of 200 MB take together, sampled"),
}
