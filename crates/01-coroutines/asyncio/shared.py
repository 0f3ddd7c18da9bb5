"""A task may be awaited many times, and runs once."""

# also compared with: readers=1
# also compared with: readers=6

import asyncio
import os

READERS = int(os.environ.get("KNOB_READERS", 3))


# ANCHOR: shared
async def load() -> int:
    print("load starts")
    await asyncio.sleep(0.1)
    return 42


async def read(n: int, loaded: asyncio.Task) -> None:
    print(f"reader-{n} gets {await loaded}")


async def main() -> None:
    loaded = asyncio.create_task(load())
    async with asyncio.TaskGroup() as group:
        for n in range(READERS):
            group.create_task(read(n, loaded))
    print(f"a later await still gets {await loaded}")
# ANCHOR_END: shared


asyncio.run(main())
