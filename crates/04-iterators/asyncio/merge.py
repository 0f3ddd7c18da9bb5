"""One loop reads two sources as their items arrive, and ends when both have ended."""

# also compared with: fast=20ms

import asyncio
import os

FAST = float(os.environ.get("KNOB_FAST", 0.03))
END = object()


# ANCHOR: merge
async def every(pause: float, items):
    for item in items:
        await asyncio.sleep(pause)
        yield item


async def forward(source, queue: asyncio.Queue) -> None:
    async for item in source:
        await queue.put(item)
    await queue.put(END)


async def main() -> None:
    sources = [every(FAST, "abcd"), every(0.07, "12")]
    queue = asyncio.Queue(1)
    # This is not a generator: a `yield` inside a task group may cancel the wrong task (PEP 789).
    async with asyncio.TaskGroup() as group:
        for source in sources:
            group.create_task(forward(source, queue))
        for _ in sources:
            while (item := await queue.get()) is not END:
                print(f"reader reads {item}")
    print("reader has read both sources")
# ANCHOR_END: merge


asyncio.run(main())
