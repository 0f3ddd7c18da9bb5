"""A timeout ends the wait for a slow or silent service."""

# also compared with: limit=700ms

import asyncio
import os
from collections.abc import Awaitable

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.3))


# ANCHOR: time_out
async def answer_within(limit: float, service: Awaitable[str]) -> str:
    async with asyncio.timeout(limit):
        return await service


async def answer_after(delay: float) -> str:
    await asyncio.sleep(delay)
    return "an answer"


async def silent() -> str:
    return await asyncio.Future()
# ANCHOR_END: time_out


async def report(name: str, service: Awaitable[str]) -> None:
    clock = asyncio.get_running_loop()
    start = clock.time()
    try:
        answer = await answer_within(LIMIT, service)
    except TimeoutError:
        answer = "timed out"
    print(f"{name}: {answer} after {clock.time() - start:.2f} s")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(report("quick service", answer_after(0.1)))
        group.create_task(report("slow service", answer_after(0.5)))
        group.create_task(report("silent service", silent()))


asyncio.run(main())
