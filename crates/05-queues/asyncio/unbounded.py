"""Without a bound the producer never waits, and the backlog grows."""

# also compared with: making=50ms using=1ms

import asyncio
import os

MAKING = float(os.environ.get("KNOB_MAKING", 0.01))
USING = float(os.environ.get("KNOB_USING", 0.031))
END = object()


# ANCHOR: unbounded
async def produce(queue: asyncio.Queue) -> None:
    for item in range(10):
        await asyncio.sleep(MAKING)
        queue.put_nowait(item)
    print("producer produced 10")
    queue.put_nowait(END)


async def consume(queue: asyncio.Queue) -> None:
    while (item := await queue.get()) is not END:
        await asyncio.sleep(USING)
        print(f"consumer consumed {item}, backlog {queue.qsize()}")


async def main() -> None:
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        group.create_task(consume(queue))
# ANCHOR_END: unbounded


asyncio.run(main())
