"""Within a level, the limits of a site delay only its own requests, even if there are many sites."""

# also compared with: per-host=1 delay=0ms
# also compared with: per-host=4 delay=15ms

import asyncio
import os

PER_HOST = int(os.environ.get("KNOB_PER_HOST", 2))
DELAY = float(os.environ.get("KNOB_DELAY", 0.03))


async def fetch(page: str, latency: float) -> None:
    print(f"{page} requested")
    await asyncio.sleep(latency)


# ANCHOR: politeness
class Site:
    def __init__(self, name: str, latency: float) -> None:
        self.name, self.latency = name, latency
        self.slots = asyncio.Semaphore(PER_HOST)
        self.next_start = 0.0

    async def wait_for_slot(self) -> None:
        loop = asyncio.get_running_loop()
        await self.slots.acquire()
        await asyncio.sleep(max(0.0, self.next_start - loop.time()))
        self.next_start = loop.time() + DELAY

    async def request(self, page: str, latency: float) -> None:
        try:
            await fetch(f"{self.name}/{page}", latency)
        finally:
            self.slots.release()

    async def begin(self) -> None:
        await self.wait_for_slot()
        await self.request("robots.txt", 0.01)
        await self.crawl(["1", "2", "3", "4"])

    async def crawl(self, pages: list[str]) -> None:
        async with asyncio.TaskGroup() as group:
            for page in pages:
                await self.wait_for_slot()
                group.create_task(self.request(page, self.latency))


async def main() -> None:
    sites = [Site("north", 0.07), Site("south", 0.052)]
    async with asyncio.TaskGroup() as group:
        for site in sites:
            group.create_task(site.begin())
    # The first page of south links to a fifth one, which is on the next level.
    await sites[1].crawl(["5"])
# ANCHOR_END: politeness


asyncio.run(main())
