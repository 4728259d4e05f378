#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Sleeps N times S seconds at once by asyncio.gather, for the benchmarks.

Usage: asyncio_sleeps.py N S

Prints one line of JSON: how many sleeps ended, and the seconds they took inside.
"""
import asyncio
import json
import sys
import time


async def sleep_once(seconds):
    await asyncio.sleep(seconds)
    return True


async def sleep_all(n, seconds):
    return sum(await asyncio.gather(*(sleep_once(seconds) for _ in range(n))))


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: asyncio_sleeps.py N S")
    start = time.perf_counter()
    count = asyncio.run(sleep_all(int(sys.argv[1]), float(sys.argv[2])))
    print(json.dumps({"ok": count, "wall": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
