"""A retry makes a limited number of attempts, and then returns the last error."""

# also compared with: attempts=1 failures=3
# also compared with: attempts=5 failures=0
# also compared with: attempts=2 failures=2

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable

ATTEMPTS = int(os.environ.get("KNOB_ATTEMPTS", 3))
FAILURES = int(os.environ.get("KNOB_FAILURES", 2))


class Busy(Exception):
    def __init__(self) -> None:
        super().__init__("the station is busy")


class GaveUp(Exception):
    """All attempts have failed; the cause is the last error."""


# ANCHOR: attempts
async def by_hand(attempts: int, station: "Station") -> int:
    for attempt in range(1, attempts + 1):
        try:
            return await station.read()
        except Busy as error:
            if attempt == attempts:
                raise
            print(f"by hand attempt {attempt}: {error}")
        await asyncio.sleep(0.1)


def retried(attempts: int, delay: float):
    def decorate(operation: Callable[..., Awaitable[int]]):
        @functools.wraps(operation)
        async def repeated(*args) -> int:
            for attempt in range(1, attempts + 1):
                try:
                    return await operation(*args)
                except Busy as error:
                    if attempt == attempts:
                        raise GaveUp(f"gave up after attempt {attempt}") from error
                    print(f"as a policy attempt {attempt}: {error}")
                await asyncio.sleep(delay)

        return repeated

    return decorate


@retried(attempts=ATTEMPTS, delay=0.1)
async def as_a_policy(station: "Station") -> int:
    return await station.read()
# ANCHOR_END: attempts


class Station:
    def __init__(self, failures: int) -> None:
        self.failures = failures

    async def read(self) -> int:
        await asyncio.sleep(0.02)
        if self.failures:
            self.failures -= 1
            raise Busy
        return 21


async def report(lane: str, reading: Awaitable[int]) -> None:
    try:
        print(f"{lane} {await reading} degrees")
    except GaveUp as error:
        print(f"{lane} failed: {error}: {error.__cause__}")
    except Busy as error:
        print(f"{lane} failed: {error}")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(report("by hand", by_hand(ATTEMPTS, Station(FAILURES))))
        group.create_task(report("as a policy", as_a_policy(Station(FAILURES))))


asyncio.run(main())
