"""Coroutines made first, and tasks awaited one by one, take the sum; tasks started first overlap."""

# also compared with: pages=5

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

PAGES = int(os.environ.get("KNOB_PAGES", 3))


# ANCHOR: sequential
async def made_first(busy: "Gauge") -> None:
    coroutines = [fetch(busy) for _ in range(PAGES)]
    for coroutine in coroutines:
        await coroutine


async def spawned_in_turn(busy: "Gauge") -> None:
    for _ in range(PAGES):
        await asyncio.create_task(fetch(busy))


async def all_started(busy: "Gauge") -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(PAGES):
            group.create_task(fetch(busy))
# ANCHOR_END: sequential


async def fetch(busy: "Gauge") -> None:
    with busy.inside():
        await asyncio.sleep(0.1)


class Gauge:
    def __init__(self) -> None:
        self.now = self.peak = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        self.now += 1
        self.peak = max(self.peak, self.now)
        try:
            yield
        finally:
            self.now -= 1


async def main() -> None:
    ways = {
        "all made, then awaited": made_first,
        "each spawned and awaited": spawned_in_turn,
        "all spawned, then awaited": all_started,
    }
    loop = asyncio.get_running_loop()
    for name, way in ways.items():
        start, busy = loop.time(), Gauge()
        await way(busy)
        took = round((loop.time() - start) * 1000)
        print(f"{name}: {took} ms, at most {busy.peak} at once")


asyncio.run(main())
