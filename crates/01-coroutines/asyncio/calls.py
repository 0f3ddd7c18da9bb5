"""A coroutine awaits another and returns a plain value, or raises an error to its caller."""

import asyncio
from dataclasses import dataclass


# ANCHOR: calls
@dataclass
class Page:
    url: str
    text: str


async def fetch(url: str) -> Page:
    print(f"fetching {url}")
    await asyncio.sleep(0.1)
    if not url.startswith("https://"):
        raise ValueError(f"{url} does not start with https://")
    return Page(url, "some data")


async def title(url: str) -> str:
    page = await fetch(url)
    return f"{page.url}: {page.text}"
# ANCHOR_END: calls


async def main() -> None:
    print(await title("https://example.org"))
    try:
        print(await title("ftp://example.org"))
    except ValueError as error:
        print(f"no title: {error}")


asyncio.run(main())
