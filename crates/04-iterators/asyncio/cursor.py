"""A cursor to the next page saves the last call, which finds nothing."""

# also compared with: items=0
# also compared with: items=50

import asyncio
import os

ITEMS = int(os.environ.get("KNOB_ITEMS", 45))


# ANCHOR: cursor
async def by_number(items: int, page: int) -> list[int]:
    print(f"page client asks for page {page}")
    await asyncio.sleep(0.02)
    return list(range(items))[(page - 1) * 10 : page * 10]


async def by_cursor(items: int, cursor: int | None) -> tuple[list[int], int | None]:
    start = cursor or 0
    print(f"cursor client asks for the page from item {start}")
    await asyncio.sleep(0.02)
    end = min(items, start + 10)
    return list(range(start, end)), end if end < items else None


async def read_by_number(items: int):
    page = 1
    while found := await by_number(items, page):
        for item in found:
            yield item
        page += 1


async def read_by_cursor(items: int):
    cursor = None
    while True:
        found, cursor = await by_cursor(items, cursor)
        for item in found:
            yield item
        if cursor is None:
            break


async def read_all(name: str, items) -> None:
    print(f"{name} has {len([item async for item in items])} items")
# ANCHOR_END: cursor


async def main() -> None:
    await read_all("page client", read_by_number(ITEMS))
    await read_all("cursor client", read_by_cursor(ITEMS))


asyncio.run(main())
