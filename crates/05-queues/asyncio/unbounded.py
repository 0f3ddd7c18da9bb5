"""Without a bound the producer never waits, and the backlog grows until the producer ends."""

# also compared with: making=50ms using=1ms

import asyncio
import os

MAKING = float(os.environ.get("KNOB_MAKING", 0.01))
USING = float(os.environ.get("KNOB_USING", 0.031))


# ANCHOR: unbounded
async def produce(queue: asyncio.Queue) -> None:
    for item in range(10):
        await asyncio.sleep(MAKING)
        queue.put_nowait(item)
    print("producer produced 10")


async def consume(queue: asyncio.Queue) -> None:
    while True:
        item = await queue.get()
        await asyncio.sleep(USING)
        print(f"consumer consumed {item}, backlog {queue.qsize()}")
        queue.task_done()


async def main() -> None:
    queue = asyncio.Queue()
    producer = asyncio.create_task(produce(queue))
    consumer = asyncio.create_task(consume(queue))
    await producer
    await queue.join()
    consumer.cancel()
# ANCHOR_END: unbounded


asyncio.run(main())
