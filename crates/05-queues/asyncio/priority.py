"""The most urgent item is received first; a counter keeps equally urgent items in FIFO order."""

# also compared with: capacity=1
# also compared with: capacity=3 using=7ms

import asyncio
import itertools
import math
import os

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 10))
USING = float(os.environ.get("KNOB_USING", 0.05))
JOBS = [
    (0.010, 3, "tidy up"),
    (0.005, 3, "water the plants"),
    (0.005, 2, "answer the mail"),
    (0.005, 3, "sharpen the pencils"),
    (0.005, 1, "put out the fire"),
    (0.005, 3, "sweep the floor"),
    (0.005, 3, "empty the bin"),
    (0.005, 3, "file the letters"),
    (0.500, 1, "pick up the phone"),
]


# ANCHOR: priority
async def push_jobs(queue: asyncio.PriorityQueue) -> None:
    count = itertools.count()
    for wait, priority, job in JOBS:
        await asyncio.sleep(wait)
        await queue.put((priority, next(count), job))
        print(f"desk has pushed: {job} ({priority})")
    await queue.put((math.inf, next(count), None))


async def work(queue: asyncio.PriorityQueue) -> None:
    while True:
        _, _, job = await queue.get()
        if job is None:
            break
        await asyncio.sleep(USING)
        print(f"worker has done: {job}")


async def main() -> None:
    queue = asyncio.PriorityQueue(CAPACITY)
    async with asyncio.TaskGroup() as group:
        group.create_task(push_jobs(queue))
        group.create_task(work(queue))
# ANCHOR_END: priority


asyncio.run(main())
