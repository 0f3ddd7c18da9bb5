"""A `get` that does not have to wait does not yield to other tasks."""

# also compared with: items=20

import asyncio
import os
from collections.abc import Awaitable, Callable

ITEMS = int(os.environ.get("KNOB_ITEMS", 1000))


# ANCHOR: budget
class Taken:
    count = 0


async def drain(queue: asyncio.Queue, taken: Taken) -> None:
    while not queue.empty():
        await queue.get()
        taken.count += 1


async def compute(queue: asyncio.Queue, taken: Taken) -> None:
    while not queue.empty():
        queue.get_nowait()
        taken.count += 1
        await asyncio.sleep(0)
# ANCHOR_END: budget


async def neighbour_of(work: Callable[[asyncio.Queue, Taken], Awaitable[None]]) -> str:
    taken, queue = Taken(), asyncio.Queue()
    for item in range(ITEMS):
        queue.put_nowait(item)

    async def neighbour() -> int:
        return taken.count

    async with asyncio.TaskGroup() as group:
        group.create_task(work(queue, taken))
        seen = group.create_task(neighbour())
    moment = "before" if seen.result() < ITEMS else "after"
    return f"ran {moment} the queue was empty"


async def main() -> None:
    # asyncio has no budget: the first line differs from Rust.
    print(f"with a budget: the neighbour {await neighbour_of(drain)}")
    print(f"without a budget: the neighbour {await neighbour_of(drain)}")
    print(f"with explicit yields: the neighbour {await neighbour_of(compute)}")


asyncio.run(main())
