"""A full queue has one of four policies: wait, refuse, drop the newest item, or drop the oldest."""

# also compared with: capacity=1
# also compared with: using=5ms
# also compared with: capacity=8 using=50ms

import asyncio
import os

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 4))
CAPACITY = 1 << (CAPACITY - 1).bit_length()  # a power of two, as in Rust
USING = float(os.environ.get("KNOB_USING", 0.033))
READINGS = 12
END = object()


# ANCHOR: overflow
async def wait(queue: asyncio.Queue) -> int:
    for reading in range(READINGS):
        await asyncio.sleep(0.01)
        await queue.put(reading)
    return 0


async def refuse(queue: asyncio.Queue) -> int:
    refused = 0
    for reading in range(READINGS):
        await asyncio.sleep(0.01)
        try:
            queue.put_nowait(reading)
        except asyncio.QueueFull:
            print(f"sensor-refuse gets {reading} back: no room")
            refused += 1
    return refused


async def drop_newest(queue: asyncio.Queue) -> int:
    dropped = 0
    for reading in range(READINGS):
        await asyncio.sleep(0.01)
        if queue.full():
            dropped += 1
        else:
            queue.put_nowait(reading)
    return dropped


async def drop_oldest(queue: asyncio.Queue) -> int:
    dropped = 0
    for reading in range(READINGS):
        await asyncio.sleep(0.01)
        if queue.full():
            queue.get_nowait()
            dropped += 1
        queue.put_nowait(reading)
    return dropped
# ANCHOR_END: overflow


async def use(queue: asyncio.Queue) -> list[int]:
    used = []
    while (reading := await queue.get()) is not END:
        await asyncio.sleep(USING)
        used.append(reading)
    return used


async def run_policy(sensor) -> str:
    queue = asyncio.Queue(CAPACITY)
    reader = asyncio.create_task(use(queue))
    lost = await sensor(queue)
    await queue.put(END)
    return f"used {await reader}, lost {lost}"


async def main() -> None:
    policies = {
        "wait": wait,
        "refuse": refuse,
        "drop the newest": drop_newest,
        "drop the oldest": drop_oldest,
    }
    runs = {name: asyncio.create_task(run_policy(sensor)) for name, sensor in policies.items()}
    for name, run in runs.items():
        print(f"{name}: {await run}")


asyncio.run(main())
