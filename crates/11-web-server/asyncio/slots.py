"""A full server answers 503 immediately, and each request has a timeout, so no slot is
occupied forever."""

# also compared with: slots=1
# also compared with: slots=3 limit=90ms

import asyncio
import os
from collections.abc import Awaitable, Callable

SLOTS = int(os.environ.get("KNOB_SLOTS", 2))
LIMIT = float(os.environ.get("KNOB_LIMIT", 0.25))

Handler = Callable[[], Awaitable[str]]


# ANCHOR: slots
async def limited(handler: Handler, slots: asyncio.Semaphore, limit: float) -> str:
    if slots.locked():
        return "503 the server is overloaded, retry after 1 s"
    async with slots:
        try:
            async with asyncio.timeout(limit):
                return await handler()
        except TimeoutError:
            return "503 the request timed out, retry after 1 s"


async def work() -> str:
    await asyncio.sleep(0.1)
    return "200 done"


async def stuck() -> str:
    return await asyncio.get_running_loop().create_future()
# ANCHOR_END: slots


async def client(
    name: str, handler: Handler, arrives: float, slots: asyncio.Semaphore
) -> None:
    await asyncio.sleep(arrives)
    print(name, await limited(handler, slots, LIMIT))


async def main() -> None:
    slots = asyncio.Semaphore(SLOTS)
    async with asyncio.TaskGroup() as clients:
        for name, handler, arrives in [
            ("ann", stuck, 0),
            ("bob", work, 0.01),
            ("cid", work, 0.05),
            ("dan", work, 0.16),
            ("eve", work, 0.2),
            ("fay", work, 0.3),
        ]:
            clients.create_task(client(name, handler, arrives, slots))


asyncio.run(main())
