"""While the loop body awaits, the tasks of the window make progress."""

# also compared with: jobs=1

import asyncio
import os
from collections import deque

JOBS = int(os.environ.get("KNOB_JOBS", 4))


# ANCHOR: stalled
async def answers():
    window: deque[asyncio.Task[str]] = deque()
    for n in range(JOBS):
        window.append(asyncio.create_task(job(n)))
        if len(window) == 2:
            yield await window.popleft()
    while window:
        yield await window.popleft()


async def as_tasks() -> None:
    async for answer in answers():
        print(f"tasks stores {answer}")
        await asyncio.sleep(0.05)


async def job(n: int) -> str:
    await asyncio.sleep(0.04 if n == 1 else 0.01)
    print(f"task-{n} request sent")
    await asyncio.sleep(0.015)
    print(f"task-{n} answer read")
    return "an answer"
# ANCHOR_END: stalled


asyncio.run(as_tasks())
