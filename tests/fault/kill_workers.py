# SPDX-License-Identifier: ISC
"""Kills workers of a run again and again: kill_workers.py PID COUNT one|all RESULTS.

Between two kills something has to end, so that no task loses its worker over and over. Prints how
many kills there were and how long it took until as many workers were there again; fails if stint
has more files open after that than before, or keeps a zombie.
"""
import os
import random
import signal
import sys
import time

PID, COUNT, HOW, RESULTS = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(") ", 1)[1][0]


def running():
    try:
        return state(PID) not in "ZX"
    except OSError:
        return False


def workers():
    found = set()
    try:
        with open(f"/proc/{PID}/task/{PID}/children", encoding="ascii") as file:
            pids = [int(word) for word in file.read().split()]
    except OSError:
        return found
    for pid in pids:
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as file:
                if file.read() == "stint-worker\n" and state(pid) not in "ZX":
                    found.add(pid)
        except OSError:
            pass
    return found


def until(condition, seconds, what):
    """False if the run has ended meanwhile."""
    end = time.monotonic() + seconds
    while not condition():
        if not running():
            return False
        if time.monotonic() > end:
            sys.exit(f"not within {seconds} s: {what}")
        time.sleep(0.0005)
    return True


def open_files():
    try:
        return len(os.listdir(f"/proc/{PID}/fd"))
    except OSError:
        return 0


def zombies():
    with open(f"/proc/{PID}/task/{PID}/children", encoding="ascii") as file:
        pids = file.read().split()
    count = 0
    for pid in pids:
        try:
            count += state(pid) == "Z"
        except OSError:
            pass
    return count


def kill_once(took):
    alive = workers()
    victims = alive if HOW == "all" else {random.choice(sorted(alive))}
    size = os.path.getsize(RESULTS)
    began = time.monotonic()
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if until(lambda: len(workers() - victims) >= len(alive), 120, "workers anew"):
        took.append(1000 * (time.monotonic() - began))
    return until(lambda: os.path.getsize(RESULTS) > size, 120, "a record")


def main():
    took = []
    until(workers, 120, "workers")
    files = open_files()
    for _ in range(COUNT):
        if not running() or not workers() or not kill_once(took):
            break
    if running():
        until(lambda: open_files() <= files, 120, f"{files} open files, as before")
        until(lambda: zombies() == 0, 120, "no zombies")
    if not took:
        print("0 kills")
    else:
        took.sort()
        print(f"{len(took)} kills; until there are workers again, in ms: median {took[len(took) // 2]:.1f}, "
              f"99 % {took[len(took) * 99 // 100]:.1f}, worst {took[-1]:.1f}")


main()
