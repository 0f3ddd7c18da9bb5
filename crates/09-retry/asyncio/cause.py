"""A retry's error states why the retry gave up, and keeps the last attempt's error as its cause."""

# also compared with: attempts=1
# also compared with: attempts=4

import asyncio
import itertools
import math
import os

ATTEMPTS = int(os.environ.get("KNOB_ATTEMPTS", 3))
DELAY = 0.1


class Refused(Exception):
    def __init__(self) -> None:
        super().__init__("connection refused")


# ANCHOR: cause
class GaveUp(Exception):
    """The text is the reason; the cause is the last attempt's error."""


async def retry(attempts=math.inf, total=math.inf, retries=math.inf, transient=True):
    clock = asyncio.get_running_loop().time
    deadline = clock() + total
    for n in itertools.count(1):
        try:
            return await connect()
        except Refused as error:
            if not transient:
                raise GaveUp(f"attempt {n} failed permanently") from error
            if n == attempts:
                raise GaveUp(f"gave up after attempt {n}") from error
            if clock() + DELAY >= deadline:
                limit = f"{1000 * total:.0f}ms in total"
                raise GaveUp(f"out of time after attempt {n}: {limit}") from error
            if n > retries:
                reason = f"no retry left in the budget after attempt {n}"
                raise GaveUp(reason) from error
        await asyncio.sleep(DELAY)


async def job(name: str, **policy) -> None:
    try:
        await retry(**policy)
    except GaveUp as error:
        print(f"{name} {error}")
        print(f"{name} cause: {error.__cause__}")
# ANCHOR_END: cause


async def connect() -> None:
    await asyncio.sleep(0.02)
    raise Refused


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(job("attempts", attempts=ATTEMPTS))
        group.create_task(job("time", total=0.2))
        group.create_task(job("budget", retries=1))
        group.create_task(job("permanent", transient=False))


asyncio.run(main())
