"""Two sources are read as they come, by one loop that ends when both have ended."""

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


async def merge(*sources):
    queue = asyncio.Queue()

    async def forward(source) -> None:
        async for item in source:
            await queue.put(item)
        await queue.put(END)

    async with asyncio.TaskGroup() as group:
        for source in sources:
            group.create_task(forward(source))
        for _ in sources:
            while (item := await queue.get()) is not END:
                yield item


async def main() -> None:
    async for item in merge(every(FAST, "abcd"), every(0.07, "12")):
        print(item)
    print("both have ended")
# ANCHOR_END: merge


asyncio.run(main())
