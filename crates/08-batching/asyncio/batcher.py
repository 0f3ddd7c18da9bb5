"""Independent callers share one request for many users."""

# also compared with: size=1
# also compared with: size=4 max-delay=60ms
# also compared with: size=2 max-delay=5ms

import asyncio
import os
from collections.abc import Awaitable, Callable

CALLERS = [(0, 1), (0, 2), (0, 3), (0.01, 4), (0.025, 99), (0.03, 5), (0.11, 6), (0.128, 7)]
SIZE = int(os.environ.get("KNOB_SIZE", 3))
MAX_DELAY = float(os.environ.get("KNOB_MAX_DELAY", 0.02))


# ANCHOR: batcher
class Batcher:
    def __init__(self, handle: Callable[[list[int]], Awaitable[list]]) -> None:
        self.handle = handle
        self.queue: asyncio.Queue = asyncio.Queue(SIZE)
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.create_task(self.collect())

    async def submit(self, item: int):
        reply = self.loop.create_future()
        await self.queue.put((item, self.loop.time() + MAX_DELAY, reply))
        return await reply

    async def collect(self) -> None:
        while True:
            batch = [await self.queue.get()]
            try:
                async with asyncio.timeout_at(batch[0][1]):
                    while len(batch) < SIZE:
                        batch.append(await self.queue.get())
            except TimeoutError:
                pass
            results = await self.handle([item for item, _, _ in batch])
            for (_, _, reply), result in zip(batch, results, strict=True):
                reply.set_result(result)


async def call(users: Batcher, at: float, user: int) -> None:
    await asyncio.sleep(at)
    result = await users.submit(user)
    if isinstance(result, KeyError):
        print(f"caller-{user} got an error: no such user")
    else:
        print(f"caller-{user} got {result}")
# ANCHOR_END: batcher


async def main() -> None:
    requests = 0

    async def look_up(ids: list[int]) -> list[str | KeyError]:
        nonlocal requests
        requests += 1
        print(f"request-{requests} looks up {ids}")
        await asyncio.sleep(0.04)
        return [f"user {n}" if n < 50 else KeyError(n) for n in ids]

    users = Batcher(look_up)
    callers = [asyncio.create_task(call(users, at, user)) for at, user in CALLERS]
    for caller in callers:
        await caller
    users.task.cancel()


asyncio.run(main())
