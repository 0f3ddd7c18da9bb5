"""One task per item overloads the server; a semaphore in the task limits only the requests."""

# also compared with: pages=20 limit=10

import asyncio
import os

PAGES = int(os.environ.get("KNOB_PAGES", 5))
LIMIT = int(os.environ.get("KNOB_LIMIT", 2))


# ANCHOR: unbounded
async def task_per_page(site: "Site") -> list[asyncio.Task]:
    return [asyncio.create_task(site.fetch()) for _ in range(PAGES)]


async def permit_in_task(site: "Site") -> list[asyncio.Task]:
    permits = asyncio.Semaphore(LIMIT)

    async def fetch() -> None:
        async with permits:
            await site.fetch()

    return [asyncio.create_task(fetch()) for _ in range(PAGES)]


async def permit_before_spawn(site: "Site") -> list[asyncio.Task]:
    permits = asyncio.Semaphore(LIMIT)
    tasks = []
    for _ in range(PAGES):
        await permits.acquire()
        task = asyncio.create_task(site.fetch())
        task.add_done_callback(lambda _: permits.release())
        tasks.append(task)
        site.count_tasks()
    return tasks
# ANCHOR_END: unbounded


class Site:
    def __init__(self) -> None:
        self.busy = self.peak = 0

    async def fetch(self) -> None:
        if self.busy == LIMIT:
            raise ConnectionError("too busy")
        self.busy += 1
        try:
            await asyncio.sleep(0.05)
        finally:
            self.busy -= 1

    def count_tasks(self) -> None:
        self.peak = max(self.peak, len(asyncio.all_tasks()) - 1)  # not the main task


async def main() -> None:
    loop = asyncio.get_running_loop()
    versions = {
        "one task per page": task_per_page,
        "a permit in the task": permit_in_task,
        "a permit before the spawn": permit_before_spawn,
    }
    for name, fetch_all in versions.items():
        start, site = loop.time(), Site()
        tasks = await fetch_all(site)
        site.count_tasks()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        served = results.count(None)
        took = round((loop.time() - start) * 1000)
        print(f"{name}: {served} pages in {took} ms, at most {site.peak} tasks")


asyncio.run(main())
