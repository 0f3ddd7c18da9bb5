"""A `put` that a limit cuts off has not put its item, and the producer still has it."""

# also compared with: patience=1ms using=100ms
# also compared with: patience=200ms

import asyncio
import os

PATIENCE = float(os.environ.get("KNOB_PATIENCE", 0.02))
USING = float(os.environ.get("KNOB_USING", 0.05))


# ANCHOR: reserve
async def produce(queue: asyncio.Queue) -> None:
    for item in range(5):
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    await queue.put(item)
                break
            except TimeoutError:
                print(f"producer still has {item}")
            await asyncio.sleep(0.003)
        print(f"producer hands over {item}")
    await queue.put(None)
# ANCHOR_END: reserve


async def consume(queue: asyncio.Queue) -> None:
    while (item := await queue.get()) is not None:
        await asyncio.sleep(USING)
        print(f"consumer used {item}")


async def main() -> None:
    queue = asyncio.Queue(1)
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        group.create_task(consume(queue))


asyncio.run(main())
