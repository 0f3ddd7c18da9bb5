"""A site waits for its own requests only, however many sites there are."""

# also compared with: per-host=1 delay=0ms
# also compared with: per-host=4 delay=15ms

import asyncio
import os

PER_HOST = int(os.environ.get("KNOB_PER_HOST", 2))
DELAY = float(os.environ.get("KNOB_DELAY", 0.03))


async def fetch(page: str, late: float) -> None:
    print(f"{page} asked")
    await asyncio.sleep(late)


# ANCHOR: politeness
class Site:
    def __init__(self, name: str, late: float) -> None:
        self.name, self.late = name, late
        self.slots = asyncio.Semaphore(PER_HOST)
        self.free = 0.0

    async def turn(self) -> None:
        loop = asyncio.get_running_loop()
        await self.slots.acquire()
        await asyncio.sleep(max(0.0, self.free - loop.time()))
        self.free = loop.time() + DELAY

    async def ask(self, page: str, late: float) -> None:
        try:
            await fetch(f"{self.name}/{page}", late)
        finally:
            self.slots.release()

    async def crawl(self) -> None:
        await self.turn()
        await self.ask("robots.txt", 0.01)
        async with asyncio.TaskGroup() as group:
            for n in range(1, 5):
                await self.turn()
                group.create_task(self.ask(str(n), self.late))


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        for name, late in [("north", 0.07), ("south", 0.052)]:
            group.create_task(Site(name, late).crawl())
# ANCHOR_END: politeness


asyncio.run(main())
