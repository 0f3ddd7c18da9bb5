"""A recursive crawl misses pages within its depth; a crawl level by level misses none."""

# also compared with: depth=4

import asyncio
import os

DEPTH = int(os.environ.get("KNOB_DEPTH", 3))
# The latency of each page in seconds, and its links.
ISLAND = {
    "/": (0.01, ["/a", "/slow"]),
    "/slow": (0.1, ["/cave"]),
    "/a": (0.01, ["/b"]),
    "/b": (0.01, ["/cave"]),
    "/cave": (0.01, ["/treasure"]),
    "/treasure": (0.01, []),
}


async def fetch(crawl: str, page: str) -> list[str]:
    latency, links = ISLAND[page]
    print(f"{crawl} h{page} requested")
    await asyncio.sleep(latency)
    return links


# ANCHOR: recursion
async def by_recursion(page: str, left: int, seen: set[str]) -> None:
    if page in seen:
        return
    seen.add(page)
    links = await fetch("recursive", page)
    if left > 0:
        await asyncio.gather(*(by_recursion(link, left - 1, seen) for link in links))
# ANCHOR_END: recursion


# ANCHOR: levels
async def by_levels(start: str) -> int:
    seen, level = {start}, [start]
    for _ in range(DEPTH + 1):
        pages = await asyncio.gather(*(fetch("levels", page) for page in level))
        found = dict.fromkeys(link for links in pages for link in links)
        level = [link for link in found if link not in seen]
        seen.update(level)
    return len(seen) - len(level)
# ANCHOR_END: levels


async def main() -> None:
    seen = set()
    await by_recursion("/", DEPTH, seen)
    print(f"the recursive crawl finds {len(seen)} pages")
    print(f"the crawl by level finds {await by_levels('/')} pages")


asyncio.run(main())
