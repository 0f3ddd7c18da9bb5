"""A million items pass through, but never more than one window of them exists."""

# also compared with: items=30000 size=100 at-once=3
# also compared with: items=500 at-once=1

import asyncio
import os
from collections import deque
from itertools import islice

ITEMS = int(os.environ.get("KNOB_ITEMS", 1_000_000))
SIZE = int(os.environ.get("KNOB_SIZE", 1000))
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 8))


class LiveItems:
    now = peak = 0

    def add(self) -> int:
        self.now += 1
        self.peak = max(self.peak, self.now)
        return self.now

    def remove(self) -> None:
        self.now -= 1


# ANCHOR: million
async def handle(batch: list[int]) -> list[int]:
    await asyncio.sleep(0.001)
    return batch


async def in_batches(source):
    window: deque[asyncio.Task[list[int]]] = deque()
    while batch := list(islice(source, SIZE)):
        window.append(asyncio.create_task(handle(batch)))
        if len(window) == AT_ONCE:
            for ticket in await window.popleft():
                yield ticket
    while window:
        for ticket in await window.popleft():
            yield ticket


async def main() -> None:
    live = LiveItems()
    source = (live.add() for _ in range(ITEMS))
    count = 0
    async for _ in in_batches(source):
        live.remove()
        count += 1
        if count % 250_000 == 0:
            print(f"stream {count} passed")
    print(f"{count} items, at most {live.peak} at the same time")
# ANCHOR_END: million


asyncio.run(main())
