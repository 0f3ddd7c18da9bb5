"""A `get` that need not wait gives nobody a turn."""

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


async def turn(work: Callable[[asyncio.Queue, Taken], Awaitable[None]]) -> str:
    taken, queue = Taken(), asyncio.Queue()
    for item in range(ITEMS):
        queue.put_nowait(item)

    async def neighbour() -> int:
        return taken.count

    async with asyncio.TaskGroup() as group:
        group.create_task(work(queue, taken))
        seen = group.create_task(neighbour())
    return "had a turn in between" if seen.result() < ITEMS else "came last"


async def main() -> None:
    print(f"as it is: the neighbour {await turn(drain)}")
    print(f"without a budget: the neighbour {await turn(drain)}")
    print(f"a loop that computes: the neighbour {await turn(compute)}")


asyncio.run(main())
