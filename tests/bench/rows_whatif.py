# SPDX-License-Identifier: ISC
"""Rows: what `stint whatif` predicts beside what a run then takes, on one core and on two."""
import glob
import json
import os

import workflow
from harness import TOP, Failed, Missing, Side
from invocation import seconds

WORKERS = (1, 2)
NEAR = 0.05


def spins(bench, scale):
    return [{"cpu": {"spin": 0.1 * scale}}] * 57, None


def waits_beside(bench, scale):
    return [{"cpu": {"spin": 0.25 * scale}}] * 20 + [{"sleep": scale}] * 100, None


def back_and_forth(bench, scale):
    steps = [{"sleep": 0.2 * scale}, {"cpu": {"spin": 0.1 * scale}}, {"sleep": 0.1 * scale}]
    return [{"steps": steps}] * 50, None


def chains(bench, scale):
    tasks = []
    for chain in range(3):
        for link in range(8):
            task = {"id": f"{chain}.{link}", "cpu": {"spin": (0.1 + 0.05 * link) * scale}}
            if link:
                task["needs"] = [f"{chain}.{link - 1}"]
            tasks.append(task)
    return tasks, None


def commands(bench, scale):
    burn = bench.lab.c_program("burn")
    return ([{"exec": [burn, f"{0.2 * scale:.3f}"]}] * 25
            + [{"exec": ["sleep", f"{0.7 * scale:.3f}"]}] * 40), None


def limited(bench, scale):
    tasks = [{"sleep": 0.2 * scale, "uses": {"licence": 1}}] * 30
    return tasks + [{"cpu": {"spin": 0.2 * scale}}] * 15, {"licence": 3}


SHAPES = (
    ("57 × spin 0.1", spins),
    ("20 × spin 0.25, 100 × sleep 1", waits_beside),
    ("50 × (sleep 0.2, spin 0.1, sleep 0.1)", back_and_forth),
    ("3 chains of 8 spins", chains),
    ("25 × exec burn 0.2, 40 × exec sleep 0.7", commands),
    ("30 × sleep 0.2 with 3 licences, 15 spins", limited),
)


def write_job(bench, name, job):
    """The job file, and the number of its tasks."""
    path = bench.lab.path(f"{name}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(job, file)
    return path, len(job["tasks"])


def predict(bench, source, workers):
    """What it says of the wall, in seconds."""
    output = bench.lab.path("whatif.json")
    bench.lab.run([bench.lab.stint, "whatif", "--json", "-j", str(workers), source],
                  stdout=output)
    with open(output, encoding="utf-8") as file:
        return json.load(file)["rows"][0]["wall"]


class Runs:
    """The runs of one job file with so many workers, on as many cores: the quickest of them, and
    its results."""

    def __init__(self, bench, job, workers):
        self.bench, self.job, self.workers = bench, job, workers
        self.results = f"{job}.{workers}"
        self.wall = None

    def take(self):
        lab, fresh = self.bench.lab, self.bench.lab.path("fresh")
        summary = lab.path("summary.json")
        cores = ",".join(str(core) for core in sorted(os.sched_getaffinity(0))[:self.workers])
        lab.run(["taskset", "-c", cores, lab.stint, "run", "-q", "-j", str(self.workers), "-o", fresh, "--summary",
                 summary, self.job])
        with open(summary, encoding="utf-8") as file:
            said = json.load(file)
        if said["ok"] != said["tasks"]:
            raise Failed(f"{said['tasks'] - said['ok']} tasks of {self.job} did not end ok")
        if self.wall is None or said["wall"] < self.wall:
            self.wall = said["wall"]
            os.replace(fresh, self.results)
        else:
            os.unlink(fresh)
        return {"wall": said["wall"]}


def compare(bench, what, job, told_all=True):
    """A line for each number of workers. told_all: what there is to know of the job is in its
    results, too."""
    runs = [Runs(bench, job, workers) for workers in WORKERS]
    sides = [Side(f"-j {run.workers}", run.take) for run in runs]
    bench.contest(*sides, runs=max(3, bench.runs))
    lines = []
    for side, run, other in zip(sides, runs, runs[::-1]):
        told, worst = "", None
        if not side.error and other.wall is not None:
            by_file = predict(bench, job, run.workers)
            by_results = predict(bench, other.results, run.workers)
            judged = (by_file, by_results) if told_all else (by_file,)
            worst = max((wall / run.wall for wall in judged), key=lambda ratio: abs(ratio - 1))
            told = f"by file {by_file:.3f}, results {by_results:.3f}"
        line = bench.line(f"{what}, -j {run.workers}", "within 5 %", side, ratio=worst,
                          show=lambda _, wall=run.wall: seconds(wall),
                          holds=lambda _, ratio: abs(ratio - 1) <= NEAR)
        line["peers"] = told
        lines.append(line)
    return lines


def row_whatif(bench):
    """The quickest of a few runs: whatever else the machine does makes them longer."""
    scale = bench.size(1, 0.1)
    lines = []
    for what, make in SHAPES:
        tasks, resources = make(bench, scale)
        job = {"stint": 1, "tasks": tasks}
        if resources:
            job["resources"] = resources
        path, _ = write_job(bench, f"whatif-{make.__name__}", job)
        lines += compare(bench, what, path, told_all=not resources)
    return lines


def row_whatif_workflows(bench):
    folder = os.environ.get("WFINSTANCES") or f"{TOP}/../shared/data/wfinstances"
    files = sorted(glob.glob(f"{folder}/*.json"))
    if not files:
        raise Missing("no recorded workflows: WFINSTANCES names their folder")
    lines = []
    for file in files:
        name = os.path.basename(file).split("-")[0]
        path, _ = write_job(bench, f"whatif-{name}",
                            workflow.job(file, max(WORKERS), bench.size(3, 0.3)))
        lines += compare(bench, f"{name}, bound 3 s on 2 cores", path)
    return lines


ROWS = {
    "whatif": (row_whatif, "what stint whatif predicts for one core and two, and what runs take"),
    "whatif-workflows": (row_whatif_workflows, "the same with recorded workflows"),
}
