"""Coroutines awaited one by one do not overlap, and neither do tasks; tasks created first do."""

# also compared with: pages=5

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

PAGES = int(os.environ.get("KNOB_PAGES", 3))


# ANCHOR: sequential
async def created_first(busy: "Gauge") -> None:
    coroutines = [fetch(busy) for _ in range(PAGES)]
    for coroutine in coroutines:
        await coroutine


async def spawned_one_by_one(busy: "Gauge") -> None:
    for _ in range(PAGES):
        await asyncio.create_task(fetch(busy))


async def all_spawned_first(busy: "Gauge") -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(PAGES):
            group.create_task(fetch(busy))
# ANCHOR_END: sequential


async def fetch(busy: "Gauge") -> None:
    with busy.enter():
        await asyncio.sleep(0.1)


class Gauge:
    def __init__(self) -> None:
        self.now = self.peak = 0

    @contextmanager
    def enter(self) -> Iterator[None]:
        self.now += 1
        self.peak = max(self.peak, self.now)
        try:
            yield
        finally:
            self.now -= 1


async def main() -> None:
    versions = {
        "all created, then awaited": created_first,
        "each spawned and awaited": spawned_one_by_one,
        "all spawned, then awaited": all_spawned_first,
    }
    loop = asyncio.get_running_loop()
    for name, fetch_all in versions.items():
        start, busy = loop.time(), Gauge()
        await fetch_all(busy)
        took = round((loop.time() - start) * 1000)
        print(f"{name}: {took} ms, at most {busy.peak} in flight")


asyncio.run(main())
