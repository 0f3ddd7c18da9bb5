"""All steps for one item are in one task, so no item waits for the slowest one."""

# also compared with: pages=2
# also compared with: pages=8

import asyncio
import os

PAGES = int(os.environ.get("KNOB_PAGES", 5))


# ANCHOR: arrival
async def all_titles() -> list[str]:
    tasks = [asyncio.create_task(title_of(page)) for page in range(1, PAGES + 1)]
    titles = {}
    for task in asyncio.as_completed(tasks):
        try:
            page, title = await task
            titles[page] = title
        except LookupError as error:
            print(f"skipped: {error}")
    return [titles[page] for page in sorted(titles)]


async def title_of(page: int) -> tuple[int, str]:
    text = await fetch(page)
    title = await parse(text)
    print(f"page-{page} is ready")
    return page, title
# ANCHOR_END: arrival


async def fetch(page: int) -> str:
    await asyncio.sleep(0.1 * (PAGES + 1 - page))
    if page == 3:
        raise LookupError("page 3 is missing")
    return f"text {page}"


async def parse(text: str) -> str:
    await asyncio.sleep(0.05)
    return text.replace("text", "title")


async def main() -> None:
    titles = await all_titles()
    print(f"in the order of the pages: {', '.join(titles)}")


asyncio.run(main())
