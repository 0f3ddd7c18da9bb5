"""A list of addresses has one answer for each, in its order, and every failure has a text."""

# also compared with: at-once=1

import asyncio
import os
from dataclasses import dataclass

AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 3))
LIMIT = 0.15
ASKED = ["/html", "/json", "/slow", "/html", "/missing", "/about"]
# How late each page is, its title and its size.
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
    print(f"h{path} asked")
    if path not in PAGES:
        await asyncio.sleep(0)
        raise Failed("HTTP 404")
    late, title, size = PAGES[path]
    await asyncio.sleep(late)
    return Page(title, size)


# ANCHOR: fetch_all
async def fetch(path: str) -> Page:
    try:
        async with asyncio.timeout(LIMIT):
            return await get(path)
    except TimeoutError:
        # `str(error)` would be empty.
        raise Failed(f"no answer in time: {LIMIT * 1000:.0f}ms") from None


async def fetch_all(paths: list[str], at_once: int) -> list[tuple[str, Page | Failed]]:
    permits = asyncio.Semaphore(at_once)

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
    for path, answer in await fetch_all(ASKED, AT_ONCE):
        match answer:
            case Page(title, size):
                print(f"http://h{path} {title or 'no title'}, {size} bytes")
            case Failed():
                print(f"http://h{path} failed: {answer}")


asyncio.run(main())
