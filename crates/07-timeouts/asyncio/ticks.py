"""After a late tick, a rule decides when the next ticks come."""

# also compared with: slow=60ms
# also compared with: slow=430ms

import asyncio
import os
from collections.abc import Callable

SLOW = float(os.environ.get("KNOB_SLOW", 0.25))
PERIOD = 0.1


# ANCHOR: ticks
def burst(due: float, now: float) -> float:
    return due + PERIOD


def delay(due: float, now: float) -> float:
    return now + PERIOD


def skip(due: float, now: float) -> float:
    # Rounded, because a sum of floats is not an exact multiple of the period.
    while round(due - now, 3) <= 0:
        due += PERIOD
    return due


async def five_ticks(rule: Callable[[float, float], float]) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    for n in range(1, 6):
        if due > loop.time():
            await asyncio.sleep(due - loop.time())
        print(f"{rule.__name__} tick {n}")
        due = rule(due, loop.time())
        if n == 2:
            await asyncio.sleep(SLOW)
# ANCHOR_END: ticks


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        for rule in (burst, delay, skip):
            group.create_task(five_ticks(rule))


asyncio.run(main())
