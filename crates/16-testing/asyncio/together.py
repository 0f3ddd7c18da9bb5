"""Five correct results do not prove that five calls ran concurrently."""

# also compared with: checks=3

import asyncio
import os
from collections.abc import Awaitable

CHECKS = int(os.environ.get("KNOB_CHECKS", 5))


# ANCHOR: together
class Service:
    """A fake service that counts the checks in flight, and records the largest number."""

    def __init__(self) -> None:
        self.in_flight = self.peak = 0

    async def check(self, n: int) -> int:
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await asyncio.sleep(0.1)
            return n * n
        finally:
            self.in_flight -= 1


async def one_by_one(service: Service) -> list[int]:
    return [await service.check(n) for n in range(CHECKS)]


async def concurrently(service: Service) -> list[int]:
    return await asyncio.gather(*(service.check(n) for n in range(CHECKS)))
# ANCHOR_END: together


async def report(version: str, service: Service, work: Awaitable[list[int]]) -> None:
    clock = asyncio.get_running_loop()
    start = clock.time()
    count = len(await work)
    took = clock.time() - start
    print(f"{version}: {count} results in {took:.1f} s, at most {service.peak} in flight")


async def main() -> None:
    service = Service()
    await report("one by one", service, one_by_one(service))
    service = Service()
    await report("concurrently", service, concurrently(service))


asyncio.run(main())
