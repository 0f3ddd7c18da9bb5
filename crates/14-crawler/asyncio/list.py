"""Each address in a list gets one result, in list order, and every failure has a text."""

# also compared with: at-once=1

import asyncio
import os
from dataclasses import dataclass

CONCURRENCY = int(os.environ.get("KNOB_AT_ONCE", 3))
TIMEOUT = 0.15
LIST = ["/html", "/json", "/slow", "/html", "/missing", "/about"]
# The latency of each page in seconds, its title and its size in bytes.
PAGES = {
    "/html": (0.06, "Letters", 512),
    "/json": (0.02, None, 44),
    "/slow": (0.4, "Too late", 9),
    "/about": (0.04, "About", 128),
}


@dataclass
class Page:
    title: str | None
    size: int


class Failed(Exception):
    pass


async def get(path: str) -> Page:
    print(f"h{path} requested")
    if path not in PAGES:
        await asyncio.sleep(0)
        raise Failed("HTTP 404")
    latency, title, size = PAGES[path]
    await asyncio.sleep(latency)
    return Page(title, size)


# ANCHOR: fetch_all
async def fetch(path: str) -> Page:
    try:
        async with asyncio.timeout(TIMEOUT):
            return await get(path)
    except TimeoutError:
        # `str(error)` would be empty.
        raise Failed(f"no response in time: {TIMEOUT * 1000:.0f}ms") from None


async def fetch_all(paths: list[str], concurrency: int) -> list[tuple[str, Page | Failed]]:
    permits = asyncio.Semaphore(concurrency)

    async def one(path: str) -> tuple[str, Page | Failed]:
        async with permits:
            try:
                return path, await fetch(path)
            except Failed as failed:
                return path, failed

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(path)) for path in dict.fromkeys(paths)]
    return [task.result() for task in tasks]
# ANCHOR_END: fetch_all


async def main() -> None:
    for path, result in await fetch_all(LIST, CONCURRENCY):
        match result:
            case Page(title, size):
                print(f"http://h{path} {title or 'no title'}, {size} bytes")
            case Failed():
                print(f"http://h{path} failed: {result}")


asyncio.run(main())
