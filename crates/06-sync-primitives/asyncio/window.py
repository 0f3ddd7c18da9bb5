"""Never four jobs in flight, and the results in order."""

# also compared with: at-once=1 pages=3
# also compared with: at-once=4 pages=12

import asyncio
import os

SIZE = int(os.environ.get("KNOB_AT_ONCE", 3))
PAGES = int(os.environ.get("KNOB_PAGES", 10))


# ANCHOR: window
async def fetch(n: int, window: asyncio.Semaphore) -> str:
    async with window:
        print(f"page-{n} starts")
        await asyncio.sleep(0.1)
        return f"p{n}"


async def fetch_all() -> list[str]:
    window = asyncio.Semaphore(SIZE)
    return await asyncio.gather(*(fetch(n, window) for n in range(PAGES)))
# ANCHOR_END: window


print(*asyncio.run(fetch_all()))
