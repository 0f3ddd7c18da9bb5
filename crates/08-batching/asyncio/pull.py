"""A slow reader slows the source down: no page is fetched further ahead than the window."""

# also compared with: at-once=1 wanted=3
# also compared with: at-once=4

import asyncio
import os
from collections import deque
from contextlib import aclosing
from itertools import count

AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 2))
WANTED = int(os.environ.get("KNOB_WANTED", 5))


async def fetch(page: int) -> int:
    await asyncio.sleep(0.01)
    return page


# ANCHOR: pull
async def pages():
    window: deque[asyncio.Task[int]] = deque()
    try:
        for page in count(1):
            print(f"reader requests {page}")
            window.append(asyncio.create_task(fetch(page)))
            if len(window) == AT_ONCE:
                yield await window.popleft()
    finally:
        for task in window:
            task.cancel()


async def read() -> None:
    left = WANTED
    async with aclosing(pages()) as book:
        async for page in book:
            print(f"reader reads {page}")
            await asyncio.sleep(0.03)
            left -= 1
            if not left:
                break
# ANCHOR_END: pull


asyncio.run(read())
