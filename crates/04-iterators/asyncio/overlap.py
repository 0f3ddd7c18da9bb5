"""Stages with a queue between them work at the same time, and the slowest stage sets the pace."""

# also compared with: count=1
# also compared with: count=10
# also compared with: parsing=5ms
# also compared with: parsing=45ms

import asyncio
import os

COUNT = int(os.environ.get("KNOB_COUNT", 6))
PARSING = float(os.environ.get("KNOB_PARSING", 0.03))
END = object()


# ANCHOR: overlap
async def read(raw: asyncio.Queue) -> None:
    for n in range(COUNT):
        await asyncio.sleep(0.02)
        await raw.put(n)
    await raw.put(END)


async def parse(raw: asyncio.Queue, parsed: asyncio.Queue) -> None:
    while (n := await raw.get()) is not END:
        await asyncio.sleep(PARSING)
        await parsed.put(n * n)
    await parsed.put(END)


async def store(parsed: asyncio.Queue) -> None:
    while (n := await parsed.get()) is not END:
        await asyncio.sleep(0.01)
        print(f"store has stored {n}")


async def main() -> None:
    raw, parsed = asyncio.Queue(1), asyncio.Queue(1)
    async with asyncio.TaskGroup() as group:
        group.create_task(read(raw))
        group.create_task(parse(raw, parsed))
        group.create_task(store(parsed))
# ANCHOR_END: overlap


asyncio.run(main())
