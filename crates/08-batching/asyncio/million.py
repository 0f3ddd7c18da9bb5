"""A million items pass through a window of batches; only a few exist at any time."""

# also compared with: items=30000 size=100 at-once=3
# also compared with: items=500 at-once=1

import asyncio
import os
from collections import deque
from itertools import islice

ITEMS = int(os.environ.get("KNOB_ITEMS", 1_000_000))
SIZE = int(os.environ.get("KNOB_SIZE", 1000))
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 8))


class Crowd:
    now = peak = 0

    def enter(self) -> int:
        self.now += 1
        self.peak = max(self.peak, self.now)
        return self.now

    def leave(self) -> None:
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
    crowd = Crowd()
    source = (crowd.enter() for _ in range(ITEMS))
    count = 0
    async for _ in in_batches(source):
        crowd.leave()
        count += 1
        if count % 250_000 == 0:
            print(f"stream {count} passed")
    print(f"{count} items, at most {crowd.peak} of them at once")
# ANCHOR_END: million


asyncio.run(main())
