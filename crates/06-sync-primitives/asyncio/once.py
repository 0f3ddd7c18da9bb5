"""If many tasks need one costly value at the same time, only one of them makes it."""

# also compared with: tasks=2
# also compared with: tasks=7

import asyncio
import os

TASKS = int(os.environ.get("KNOB_TASKS", 4))


# ANCHOR: once
class Once:
    def __init__(self, make) -> None:
        self.make = make
        self.lock = asyncio.Lock()

    async def get(self, name: str) -> str:
        async with self.lock:
            if not hasattr(self, "value"):
                self.value = await self.make(name)
        return self.value


async def load(name: str) -> str:
    print(f"{name} starts to load")
    await asyncio.sleep(0.1)
    return "the configuration"


async def get_config(name: str, config: Once) -> None:
    print(f"{name} has {await config.get(name)}")


async def main() -> None:
    config = Once(load)
    tasks = [asyncio.create_task(get_config(f"task-{n}", config)) for n in range(TASKS)]
    await asyncio.sleep(0.05)
    tasks[0].cancel()
    for task in tasks[1:]:
        await task
# ANCHOR_END: once


asyncio.run(main())
