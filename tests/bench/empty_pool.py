#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Calls a trivial function N times by one of Python's pools, for the benchmarks.

Usage: empty_pool.py pool|threads|processes N [WORKERS]

Prints one line of JSON: how many calls gave the right value, and the seconds they took
(the pool's own start and end are not in them).
"""
import concurrent.futures
import json
import multiprocessing
import os
import sys
import time


def trivial(number):
    return number


def count_right(results):
    """Each number 0 … N-1 comes back once, in any order, so their count and sum tell."""
    count = total = 0
    for number in results:
        count += 1
        total += number
    return count if total == count * (count - 1) // 2 else 0


def by_pool(n, workers):
    with multiprocessing.Pool(workers) as pool:
        pool.apply(trivial, (0,))
        start = time.perf_counter()
        count = count_right(pool.imap_unordered(trivial, range(n), chunksize=1))
        return count, time.perf_counter() - start


def by_executor(executor, n, workers):
    with executor(max_workers=workers) as pool:
        pool.submit(trivial, 0).result()
        start = time.perf_counter()
        count = count_right(pool.map(trivial, range(n)))
        return count, time.perf_counter() - start


KINDS = {
    "pool": by_pool,
    "threads": lambda n, w: by_executor(concurrent.futures.ThreadPoolExecutor, n, w),
    "processes": lambda n, w: by_executor(concurrent.futures.ProcessPoolExecutor, n, w),
}


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in KINDS:
        sys.exit("usage: empty_pool.py pool|threads|processes N [WORKERS]")
    workers = int(sys.argv[3]) if len(sys.argv) == 4 else len(os.sched_getaffinity(0))
    count, wall = KINDS[sys.argv[1]](int(sys.argv[2]), workers)
    print(json.dumps({"ok": count, "wall": wall}))


if __name__ == "__main__":
    main()
