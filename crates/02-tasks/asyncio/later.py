"""A task runs while its caller works; a coroutine starts only when it is awaited."""

# also compared with: page=50ms work=90ms

import asyncio
import os

PAGE = float(os.environ.get("KNOB_PAGE", 0.1))
WORK = float(os.environ.get("KNOB_WORK", 0.06))


# ANCHOR: later
async def start_when_awaited() -> int:
    coroutine = download("future")
    await asyncio.sleep(WORK)
    return await coroutine


async def start_now() -> int:
    task = asyncio.create_task(download("task"))
    await asyncio.sleep(WORK)
    return await task


async def download(name: str) -> int:
    print(f"{name} starts")
    await asyncio.sleep(PAGE)
    return 1024
# ANCHOR_END: later


async def main() -> None:
    print(f"{await start_when_awaited()} bytes from a future")
    print(f"{await start_now()} bytes from a task")


asyncio.run(main())
