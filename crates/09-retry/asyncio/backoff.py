"""Doubled delays send fewer requests to a broken server, and a maximum bounds the last delay."""

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


def doubled(delay: float, maximum: float = math.inf) -> Iterator[float]:
    while True:
        yield min(delay, maximum)
        delay *= 2


async def call_until_up(name: str, delays: Iterator[float], up: float) -> None:
    for attempt in itertools.count(1):
        try:
            await call(up)
        except ConnectionError:
            await asyncio.sleep(next(delays))
        else:
            print(f"{name} succeeded on attempt {attempt}")
            return


async def main() -> None:
    up = asyncio.get_running_loop().time() + OUTAGE
    async with asyncio.TaskGroup() as group:
        group.create_task(call_until_up("fixed", fixed(FIRST), up))
        group.create_task(call_until_up("doubled", doubled(FIRST), up))
        group.create_task(call_until_up("bounded", doubled(FIRST, MAX), up))
# ANCHOR_END: backoff


async def call(up: float) -> None:
    await asyncio.sleep(0.01)
    if asyncio.get_running_loop().time() < up:
        raise ConnectionError("the server is down")


asyncio.run(main())
