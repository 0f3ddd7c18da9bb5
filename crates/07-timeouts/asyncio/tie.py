"""If the work is ready in the same millisecond as its timeout, the timeout wins."""

# also compared with: limit=90ms
# also compared with: limit=120ms

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.1))


# ANCHOR: tie
async def race(name: str) -> None:
    try:
        async with asyncio.timeout(LIMIT):
            await work()
    except TimeoutError:
        print(f"{name}: the timeout expires")
    else:
        print(f"{name}: the work is done")


async def work() -> None:
    await asyncio.sleep(0.1)
# ANCHOR_END: tie


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(race("work first"))
        group.create_task(race("timer first"))


asyncio.run(main())
