"""Five right answers do not show that five things ran at the same time."""

# also compared with: checks=3

import asyncio
import os
from collections.abc import Awaitable

CHECKS = int(os.environ.get("KNOB_CHECKS", 5))


# ANCHOR: together
class Desk:
    """Counts who is inside, and the most that ever were."""

    def __init__(self) -> None:
        self.now = self.peak = 0

    async def check(self, n: int) -> int:
        self.now += 1
        self.peak = max(self.peak, self.now)
        try:
            await asyncio.sleep(0.1)
            return n * n
        finally:
            self.now -= 1


async def one_by_one(desk: Desk) -> list[int]:
    return [await desk.check(n) for n in range(CHECKS)]


async def all_at_once(desk: Desk) -> list[int]:
    return await asyncio.gather(*(desk.check(n) for n in range(CHECKS)))
# ANCHOR_END: together


async def tell(how: str, desk: Desk, work: Awaitable[list[int]]) -> None:
    clock = asyncio.get_running_loop()
    start = clock.time()
    count = len(await work)
    took = clock.time() - start
    print(f"{how}: {count} answers in {took:.1f} s, at most {desk.peak} at once")


async def main() -> None:
    desk = Desk()
    await tell("one by one", desk, one_by_one(desk))
    desk = Desk()
    await tell("all at once", desk, all_at_once(desk))


asyncio.run(main())
