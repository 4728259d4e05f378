#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Turns a recorded workflow (WfFormat 1.4, 1.5) into a job file: steps of spin and sleep by each
task's runtime and average CPU, its needs, scaled so that the bound on so many cores takes so long.

usage: workflow.py FILE CORES SECONDS >job.json
"""
import json
import sys


def load(path):
    """The tasks: id -> (cpu seconds, waiting seconds, ids of parents)."""
    with open(path, encoding="utf-8") as file:
        workflow = json.load(file)["workflow"]
    ran = {task["id"]: task for task in workflow["execution"]["tasks"]}
    tasks = {}
    for task in workflow["specification"]["tasks"]:
        runtime = float(ran[task["id"]].get("runtimeInSeconds", 0))
        share = min(1.0, float(ran[task["id"]].get("avgCPU", 100)) / 100)
        cpu = runtime * share
        tasks[task["id"]] = (cpu, max(0.0, runtime - cpu), task.get("parents", []))
    return tasks


def chains_before(tasks):
    """Each task's name -> the end of the longest chain up to and with it, in seconds."""
    ends = {}

    def end(name):
        stack = [name]
        while stack:
            top = stack[-1]
            missing = [p for p in tasks[top][2] if p not in ends]
            if missing:
                stack.extend(missing)
                continue
            cpu, wait, parents = tasks[top]
            ends[top] = cpu + wait + max((ends[p] for p in parents), default=0)
            stack.pop()

    for name in tasks:
        end(name)
    return ends


def critical_path(tasks):
    """The longest chain, in seconds."""
    return max(chains_before(tasks).values())


def window_bound(tasks, cores):
    """No schedule on so many cores takes less, in seconds. Tasks that begin no earlier than `head`,
    with `tail` or more still to go after their CPU, share the cores in a window between the two:
    head + their work / cores + tail (as in Carlier 1982, for one machine). The bound() is the case
    of all tasks."""
    ends = chains_before(tasks)
    heads = {name: ends[name] - cpu - wait for name, (cpu, wait, _) in tasks.items()}
    tails = {name: wait for name, (_, wait, _) in tasks.items()}
    for name in sorted(tasks, key=ends.get, reverse=True):
        for parent in tasks[name][2]:
            after = tasks[parent][1] + tasks[name][0] + tails[name]
            tails[parent] = max(tails[parent], after)
    best = 0
    for head in set(heads.values()):
        work = 0
        for tail, name in sorted(((tails[name], name) for name in tasks if heads[name] >= head),
                                 reverse=True):
            work += tasks[name][0]
            best = max(best, head + work / cores + tail)
    return max(best, bound(tasks, cores))


def bound(tasks, cores):
    """No schedule on so many cores takes less, in seconds: of work and path the longer."""
    return max(sum(task[0] for task in tasks.values()) / cores, critical_path(tasks))


def job(path, cores, seconds):
    """The job file's lines; the bound is `seconds`."""
    tasks = load(path)
    scale = seconds / bound(tasks, cores)
    lines = []
    for name, (cpu, wait, parents) in tasks.items():
        steps = [{"cpu": {"spin": round(cpu * scale, 6)}}, {"sleep": round(wait * scale, 6)}]
        task = {"id": name, "steps": steps}
        if parents:
            task["needs"] = parents
        lines.append(task)
    return {"stint": 1, "tasks": lines}


if __name__ == "__main__":
    json.dump(job(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])), sys.stdout)
