"""Several consumers take turns at one queue, and each needs its own sentinel to stop."""

# also compared with: capacity=1 consumers=1
# also compared with: capacity=10 consumers=8

import asyncio
import os

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 3))
CONSUMERS = int(os.environ.get("KNOB_CONSUMERS", 3))


# ANCHOR: consumers
async def produce(queue: asyncio.Queue) -> None:
    for item in range(10):
        await queue.put(item)
        await asyncio.sleep(0.05)
    for _ in range(CONSUMERS):
        await queue.put(None)


async def consume(n: int, queue: asyncio.Queue) -> None:
    while (item := await queue.get()) is not None:
        print(f"consumer-{n} takes item {item}")
        await asyncio.sleep(0.1)
    print(f"consumer-{n} ends")


async def main() -> None:
    queue = asyncio.Queue(CAPACITY)
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        for n in range(CONSUMERS):
            group.create_task(consume(n, queue))
# ANCHOR_END: consumers


asyncio.run(main())
