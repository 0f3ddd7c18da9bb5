"""Jobs run in rounds, and each round waits for its slowest job."""

# also compared with: jobs=4
# also compared with: jobs=5 at-once=1
# also compared with: jobs=7 at-once=3

import asyncio
import os

JOBS = int(os.environ.get("KNOB_JOBS", 12))
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 4))
SLOW_EVERY = 4


async def square(n: int) -> int:
    slow = n % SLOW_EVERY == 0
    await asyncio.sleep(0.1 if slow else 0.005)
    if slow:
        print(f"job-{n} done")
    return n * n


# ANCHOR: rounds
async def in_rounds() -> list[int]:
    jobs = range(JOBS)
    squares: list[int] = []
    for start in range(0, JOBS, AT_ONCE):
        if squares:
            await asyncio.sleep(0.01)
        squares += await asyncio.gather(*map(square, jobs[start : start + AT_ONCE]))
    return squares
# ANCHOR_END: rounds


print(asyncio.run(in_rounds()))
