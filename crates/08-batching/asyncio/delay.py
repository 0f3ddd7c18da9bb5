"""A batch is written when it is full, or when its first item has waited for the delay."""

# also compared with: size=1
# also compared with: max-delay=150ms
# also compared with: size=10 max-delay=75ms

import asyncio
import os

EVENTS = [0, 0.01, 0.02, 0.03, 0.04, 0.13, 0.17, 0.3, 0.41, 0.46]
SIZE = int(os.environ.get("KNOB_SIZE", 4))
MAX_DELAY = float(os.environ.get("KNOB_MAX_DELAY", 0.1))


async def send(events: asyncio.Queue) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    for n, at in enumerate(EVENTS):
        await asyncio.sleep(start + at - loop.time())
        print(f"sender event {n}")
        await events.put(n)
    await events.put(None)


# ANCHOR: delay
async def batches(events: asyncio.Queue):
    loop = asyncio.get_running_loop()
    event = await events.get()
    while event is not None:
        batch = [event]
        try:
            async with asyncio.timeout_at(loop.time() + MAX_DELAY):
                while len(batch) < SIZE and (event := await events.get()) is not None:
                    batch.append(event)
        except TimeoutError:
            pass
        yield batch
        if event is not None:
            event = await events.get()


async def write(events: asyncio.Queue) -> None:
    async for batch in batches(events):
        print(f"writer writes {batch}")
        await asyncio.sleep(0.005)
# ANCHOR_END: delay


async def main() -> None:
    events: asyncio.Queue = asyncio.Queue(16)
    async with asyncio.TaskGroup() as group:
        group.create_task(send(events))
        group.create_task(write(events))


asyncio.run(main())
