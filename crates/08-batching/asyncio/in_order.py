"""A window that returns results in order waits for its oldest job."""

# also compared with: jobs=4
# also compared with: jobs=5 at-once=1
# also compared with: jobs=7 at-once=3

import asyncio
import os
from collections import deque

JOBS = int(os.environ.get("KNOB_JOBS", 12))
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 4))
SLOW_EVERY = 4


async def square(n: int) -> int:
    slow = n % SLOW_EVERY == 0
    await asyncio.sleep(0.1 if slow else 0.005)
    if slow:
        print(f"job-{n} done")
    return n * n


# ANCHOR: in_order
async def squares():
    window: deque[asyncio.Task[int]] = deque()
    for n in range(JOBS):
        window.append(asyncio.create_task(square(n)))
        if len(window) == AT_ONCE:
            yield await window.popleft()
    while window:
        yield await window.popleft()


async def in_order() -> None:
    async for square in squares():
        print(f"got {square}")
# ANCHOR_END: in_order


asyncio.run(in_order())
