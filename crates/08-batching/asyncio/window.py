"""A window of jobs: the next one starts as soon as any one ends."""

# also compared with: jobs=4
# also compared with: jobs=5 at-once=1
# also compared with: jobs=7 at-once=3

import asyncio
import os

JOBS = int(os.environ.get("KNOB_JOBS", 12))
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 4))
SLOW_EVERY = 4


# ANCHOR: window
async def square(n: int, window: asyncio.Semaphore) -> int:
    async with window:
        slow = n % SLOW_EVERY == 0
        await asyncio.sleep(0.1 if slow else 0.005)
        if slow:
            print(f"job-{n} done")
        return n * n


async def in_a_window() -> list[int]:
    window = asyncio.Semaphore(AT_ONCE)
    return await asyncio.gather(*(square(n, window) for n in range(JOBS)))
# ANCHOR_END: window


print(asyncio.run(in_a_window()))
