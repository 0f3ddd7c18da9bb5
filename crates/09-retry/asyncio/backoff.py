"""A delay that grows asks a broken server ever less, and a maximum bounds how late one returns."""

# also compared with: outage=0ms
# also compared with: outage=1500ms first=20ms max=150ms

import asyncio
import itertools
import math
import os
from collections.abc import Iterator

OUTAGE = float(os.environ.get("KNOB_OUTAGE", 0.8))
FIRST = float(os.environ.get("KNOB_FIRST", 0.1))
MAX = float(os.environ.get("KNOB_MAX", 0.2))


# ANCHOR: backoff
def fixed(delay: float) -> Iterator[float]:
    return itertools.repeat(delay)


def doubled(delay: float, at_most: float = math.inf) -> Iterator[float]:
    while True:
        yield min(delay, at_most)
        delay *= 2


async def answered(name: str, delays: Iterator[float], up: float) -> None:
    for calls in itertools.count(1):
        try:
            await ask(up)
        except ConnectionError:
            await asyncio.sleep(next(delays))
        else:
            print(f"{name} answered, call {calls}")
            return


async def main() -> None:
    up = asyncio.get_running_loop().time() + OUTAGE
    async with asyncio.TaskGroup() as group:
        group.create_task(answered("fixed", fixed(FIRST), up))
        group.create_task(answered("doubled", doubled(FIRST), up))
        group.create_task(answered("doubled, at most", doubled(FIRST, MAX), up))
# ANCHOR_END: backoff


async def ask(up: float) -> None:
    await asyncio.sleep(0.01)
    if asyncio.get_running_loop().time() < up:
        raise ConnectionError("the server is down")


asyncio.run(main())
