"""A paginator yields all pages before the first empty page, and retries a page after an error."""

# also compared with: items=0
# also compared with: items=35

import asyncio
import os

ITEMS = int(os.environ.get("KNOB_ITEMS", 50))


# ANCHOR: pager
async def fetch(items: int, page: int) -> list[int]:
    await asyncio.sleep(0.02)
    return list(range(items))[(page - 1) * 10 : page * 10]


async def one_by_one(items: int):
    page = 1
    while found := await fetch(items, page):
        yield found
        page += 1


class Pages:
    """A class and not a generator, because a generator yields nothing more after an error."""

    def __init__(self, fetch, ahead: bool = False) -> None:
        self.fetch = fetch
        self.page = 1
        self.ahead = ahead
        self.next = None

    def __aiter__(self) -> "Pages":
        return self

    async def __anext__(self) -> list[int]:
        fetch = self.next or asyncio.create_task(self.fetch(self.page))
        self.next = None
        found = await fetch
        if not found:
            raise StopAsyncIteration
        self.page += 1
        if self.ahead:
            self.next = asyncio.create_task(self.fetch(self.page))
        return found
# ANCHOR_END: pager


async def work_through(name: str, pages) -> None:
    count = 0
    async for page in pages:
        count += 1
        print(f"{name} gets page {count}: {len(page)} items")
        await asyncio.sleep(0.02)
    print(f"{name} gets no more pages")


async def retry_after_an_error() -> None:
    failures = 1

    async def flaky(page: int) -> list[int]:
        nonlocal failures
        if page == 2 and failures:
            failures -= 1
            raise OSError("the service is down")
        return await fetch(25, page)

    pages = Pages(flaky)
    while True:
        try:
            items = await anext(pages)
        except StopAsyncIteration:
            return
        except OSError as error:
            print(f"retrying reader asks again after an error: {error}")
        else:
            print(f"retrying reader gets {len(items)} items, from {items[0]}")


async def main() -> None:
    await work_through("plain reader", one_by_one(ITEMS))
    await work_through("prefetching reader", Pages(lambda page: fetch(ITEMS, page), ahead=True))
    await retry_after_an_error()


asyncio.run(main())
