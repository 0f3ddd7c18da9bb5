"""An error that says why the retry gave up still holds what the last attempt met."""

# also compared with: attempts=1
# also compared with: attempts=4

import asyncio
import itertools
import math
import os

ATTEMPTS = int(os.environ.get("KNOB_ATTEMPTS", 3))
PAUSE = 0.1


class Refused(Exception):
    def __init__(self) -> None:
        super().__init__("the door is locked")


# ANCHOR: cause
class GaveUp(Exception):
    """Says why; the cause is what the last attempt met."""


async def retry(attempts=math.inf, total=math.inf, retries=math.inf, transient=True):
    clock = asyncio.get_running_loop().time
    deadline = clock() + total
    for n in itertools.count(1):
        try:
            return await ask()
        except Refused as error:
            if not transient:
                raise GaveUp(f"attempt {n} failed for good") from error
            if n == attempts:
                raise GaveUp(f"gave up after attempt {n}") from error
            if clock() + PAUSE >= deadline:
                told = f"after attempt {n}: {1000 * total:.0f}ms in total"
                raise GaveUp(f"out of time {told}") from error
            if n > retries:
                told = f"no retry left in the budget after attempt {n}"
                raise GaveUp(told) from error
        await asyncio.sleep(PAUSE)


async def job(name: str, **policy) -> None:
    try:
        await retry(**policy)
    except GaveUp as error:
        print(f"{name} {error}")
        print(f"{name} because: {error.__cause__}")
# ANCHOR_END: cause


async def ask() -> None:
    await asyncio.sleep(0.02)
    raise Refused


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(job("attempts", attempts=ATTEMPTS))
        group.create_task(job("time", total=0.2))
        group.create_task(job("budget", retries=1))
        group.create_task(job("for good", transient=False))


asyncio.run(main())
