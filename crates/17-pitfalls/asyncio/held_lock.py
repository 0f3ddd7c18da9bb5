"""A lock that is held across a slow await makes all other tasks wait for the slow part."""

# also compared with: pages=7

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

PAGES = int(os.environ.get("KNOB_PAGES", 4))


# ANCHOR: held_lock
async def wrong(total: "Total", busy: "Gauge") -> None:
    async with total.lock:
        total.words += await fetch(busy)


async def right(total: "Total", busy: "Gauge") -> None:
    words = await fetch(busy)
    total.words += words  # no await here, so no lock is needed
# ANCHOR_END: held_lock


class Total:
    def __init__(self) -> None:
        self.words = 0
        self.lock = asyncio.Lock()


async def fetch(busy: "Gauge") -> int:
    with busy.enter():
        await asyncio.sleep(0.05)
        return 120


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
    loop = asyncio.get_running_loop()
    for name, add in {"locked, then fetched": wrong, "fetched, then locked": right}.items():
        start, total, busy = loop.time(), Total(), Gauge()
        async with asyncio.TaskGroup() as group:
            for _ in range(PAGES):
                group.create_task(add(total, busy))
        took = round((loop.time() - start) * 1000)
        print(f"{name}: {total.words} words in {took} ms, at most {busy.peak} in flight")


asyncio.run(main())
