"""A full queue makes the producer wait; a `None` at the end stops the consumer."""

# also compared with: capacity=1
# also compared with: capacity=10
# also compared with: capacity=5 making=50ms using=20ms

import asyncio
import os

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 3))
MAKING = float(os.environ.get("KNOB_MAKING", 0.01))
USING = float(os.environ.get("KNOB_USING", 0.03))


# ANCHOR: bounded
async def produce(queue: asyncio.Queue) -> None:
    for item in range(10):
        await asyncio.sleep(MAKING)
        await queue.put(item)
        print(f"producer produced {item}")
    await queue.put(None)


async def consume(queue: asyncio.Queue) -> None:
    while (item := await queue.get()) is not None:
        await asyncio.sleep(USING)
        print(f"consumer consumed {item}")
    print("consumer finds the queue closed and empty")


async def main() -> None:
    queue = asyncio.Queue(CAPACITY)
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        group.create_task(consume(queue))
# ANCHOR_END: bounded


asyncio.run(main())
