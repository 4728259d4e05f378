# SPDX-License-Identifier: ISC
"""Whether a file of trace events is what viewers expect: trace_check.py TRACE [SUMMARY [RECORDS]]

It is one JSON object; all events have a category; of each thread, times do not go back, every B has
its E, of the same name, the two nest, and what else there is stands within a B; every pid and tid has
a name; every arrow has one beginning and one end, in a bar each, and does not point back in time. With
SUMMARY, the object of `stint run --summary`, the counters' integrals are its CPU and task seconds,
within 1 %; with RECORDS, the results, there is a bar for each attempt and an arrow for each need.
"""
import json
import sys

KEYS = {
    "M": {"args"},
    "B": {"ts", "cname", "args"},
    "E": {"ts"},
    "i": {"ts", "s", "args"},
    "s": {"ts", "id"},
    "f": {"ts", "id", "bp"},
    "C": {"ts", "args"},
}


def need(true, *what):
    if not true:
        sys.exit(f"{sys.argv[1]}: " + " ".join(map(str, what)))


def no_constant(word):
    raise ValueError(f"{word} is not JSON")


def near(value, expected, slack=0.01):
    return abs(value - expected) <= max(slack * expected, 1e-4)


def integral(points):
    """Of a counter: each value holds until the next one; the last must be 0. In units of seconds."""
    points.sort()
    need(points and points[-1][1] == 0, "a counter does not end at 0:", points[-1:])
    return sum(v * (after - at) for (at, v), (after, _) in zip(points, points[1:])) / 1e6


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        trace = json.load(file, parse_constant=no_constant)
    need(isinstance(trace["traceEvents"], list), "no traceEvents")
    names, stacks, last, counters = {}, {}, {}, {}
    begins, ends, bars = {}, {}, 0
    for event in trace["traceEvents"]:
        phase, at = event["ph"], event.get("ts", 0)
        key = event["pid"], event["tid"]
        need(phase in KEYS, "a phase that is not known:", event)
        need(set(event) == KEYS[phase] | {"ph", "pid", "tid", "name", "cat"}, "members of", event)
        need(at >= 0, "a time before the run:", event)
        if phase == "M":
            if event["name"] in ("process_name", "thread_name"):
                what = event["pid"] if event["name"] == "process_name" else key
                need(what not in names, "a second name:", event)
                need(event["args"]["name"], "an empty name:", event)
                names[what] = event["args"]["name"]
            continue
        if phase == "C":
            for series, value in event["args"].items():
                counters.setdefault((event["pid"], event["name"], series), []).append((at, value))
            continue
        need(at >= last.get(key, 0), "a time goes back:", event)
        last[key] = at
        stack = stacks.setdefault(key, [])
        if phase == "B":
            stack.append(event)
            bars += 1
        elif phase == "E":
            need(stack, "an E without a B:", event)
            begun = stack.pop()
            need((event["name"], event["cat"]) == (begun["name"], begun["cat"]), "an E of another B:", event)
        elif phase == "i":
            need(stack or names.get(key) == "never began", "an instant outside of a bar:", event)
        else:
            need(stack, "an arrow outside of a bar:", event)
            side = begins if phase == "s" else ends
            need(event["id"] not in side, "an arrow's end twice:", event)
            side[event["id"]] = (at, stack[-1]["args"]["id"])
        need(len(stack) <= 1, "bars of a row overlap:", event)
    for key, stack in stacks.items():
        need(not stack, "a B without an E:", stack)
    for event in trace["traceEvents"]:
        need(event["pid"] in names, "a process without a name:", event)
        need((event["pid"], event["tid"]) in names, "a thread without a name:", event)
    need(set(begins) == set(ends), "arrows without one of their ends:", set(begins) ^ set(ends))
    for number, (at, _) in begins.items():
        need(at <= ends[number][0] + 10000, "an arrow points back in time:", number)
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            summary = json.load(file)
        cores = integral(counters[1, "cores computing", "cores"])
        tasks = integral(counters[1, "tasks in progress", "tasks"])
        need(near(cores, summary["user"] + summary["sys"]), "CPU seconds:", cores, summary)
        need(near(tasks, summary["task_wall"]), "task seconds:", tasks, summary)
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        begun = {record["id"] for record in records if "start" in record}
        expected = sum(len(record.get("earlier", [])) + ("start" in record) for record in records)
        need(bars == expected, bars, "bars, not", expected)
        pairs = {(need_, record["id"]) for record in records if record["id"] in begun
                 for need_ in record.get("needs", []) if need_ in begun}
        drawn = {(begins[number][1], ends[number][1]) for number in begins}
        need(drawn == pairs, "arrows:", drawn ^ pairs)


main()
