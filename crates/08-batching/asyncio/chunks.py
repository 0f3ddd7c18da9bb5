"""Chunks of a long series are added up concurrently, and no list contains the whole series."""

# also compared with: readings=999
# also compared with: readings=4200 size=500 at-once=2

import asyncio
import math
import os
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

READINGS = int(os.environ.get("KNOB_READINGS", 10_500))
SIZE = int(os.environ.get("KNOB_SIZE", 1000))
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 5))


# ANCHOR: chunks
def batched(items: Iterable[int], size: int) -> Iterator[list[int]]:
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


async def add_up(chunk: list[int]) -> int:
    await asyncio.sleep(math.ceil(len(chunk) / 100) / 1000)
    if min(chunk) < 0:
        raise ValueError("a reading is below zero")
    return sum(chunk)


async def sums(readings: Iterable[int]):
    window: deque[asyncio.Task[int]] = deque()
    try:
        for chunk in batched(readings, SIZE):
            window.append(asyncio.create_task(add_up(chunk)))
            if len(window) == AT_ONCE:
                yield await outcome(window.popleft())
        while window:
            yield await outcome(window.popleft())
    finally:
        for task in window:
            task.cancel()


async def outcome(task: asyncio.Task[int]) -> int | ValueError:
    try:
        return await task
    except ValueError as error:
        return error
# ANCHOR_END: chunks


async def main() -> None:
    readings = (-1 if n == 3_500 else n for n in range(READINGS))
    async for result in sums(readings):
        print(result)


asyncio.run(main())
