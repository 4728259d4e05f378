#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The three-coroutine example of asyncio: One, a second's wait, Two, three times at once."""
import asyncio


async def count():
    print("One")
    await asyncio.sleep(1)
    print("Two")


async def main():
    await asyncio.gather(count(), count(), count())


asyncio.run(main())
