"""A crawl goes level by level, so each page has its shortest distance from the start."""

import asyncio

# The latency of each page in seconds, and its links.
SITE = {
    "/": (0.02, ["/rooms", "/tickets"]),
    "/rooms": (0.06, ["/rooms/stone", "/tickets", "/"]),
    "/tickets": (0.03, ["/prices", "/rooms/stone"]),
    "/rooms/stone": (0.02, ["/rooms/bronze"]),
    "/prices": (0.05, ["/shop"]),
    "/rooms/bronze": (0.01, []),
    "/shop": (0.01, []),
}


async def fetch(page):
    latency, links = SITE[page]
    await asyncio.sleep(latency)
    print(f"{page} links: {len(links)}")
    return links


async def crawl(start, depth):
    seen, level = {start}, [start]
    for number in range(depth + 1):
        print(f"level {number}: {', '.join(level)}")
        pages = await asyncio.gather(*(fetch(page) for page in level))
        level = []
        for link in (link for links in pages for link in links):
            if link not in seen:
                seen.add(link)
                level.append(link)
    print(f"not requested: {', '.join(level)}")


asyncio.run(crawl("/", 2))
