"""Every producer puts a sentinel, and the consumer stops when it has seen all of them."""

# also compared with: capacity=1 using=60ms

import asyncio
import os

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 5))
USING = float(os.environ.get("KNOB_USING", 0.005))
END = object()  # not None, because None is a reading


# ANCHOR: closing
async def measure(name: str, queue: asyncio.Queue, every: float, readings: list) -> None:
    for reading in readings:
        await asyncio.sleep(every)
        await queue.put(reading)
    await queue.put(END)
    print(f"{name} is done")


async def receive(queue: asyncio.Queue, producers: int) -> None:
    while producers:
        reading = await queue.get()
        if reading is END:
            producers -= 1
            continue
        await asyncio.sleep(USING)
        print(f"station receives reading {reading}")
    print("station ends: all producers are done")


async def main() -> None:
    queue = asyncio.Queue(CAPACITY)
    async with asyncio.TaskGroup() as group:
        group.create_task(measure("roof", queue, 0.02, [4, None, 6]))
        group.create_task(measure("cellar", queue, 0.03, [12, 12, None, None, 13]))
        group.create_task(receive(queue, producers=2))
# ANCHOR_END: closing


asyncio.run(main())
