"""A limit ends the wait for a service that is slow or silent."""

# also compared with: limit=700ms

import asyncio
import os
from collections.abc import Awaitable

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.3))


# ANCHOR: time_out
async def answer_within(limit: float, service: Awaitable[str]) -> str:
    async with asyncio.timeout(limit):
        return await service


async def answers_after(delay: float) -> str:
    await asyncio.sleep(delay)
    return "an answer"


async def silent() -> str:
    return await asyncio.Future()
# ANCHOR_END: time_out


async def tell(name: str, service: Awaitable[str]) -> None:
    clock = asyncio.get_running_loop()
    start = clock.time()
    try:
        answer = await answer_within(LIMIT, service)
    except TimeoutError:
        answer = "given up"
    print(f"{name}: {answer} after {clock.time() - start:.2f} s")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(tell("quick", answers_after(0.1)))
        group.create_task(tell("slow", answers_after(0.5)))
        group.create_task(tell("silent", silent()))


asyncio.run(main())
