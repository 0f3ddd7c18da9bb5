"""A time limit per attempt turns a call that hangs into a failure; a total limit bounds the job."""

# also compared with: limit=60ms
# also compared with: total=170ms
# also compared with: total=120ms

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.1))
TOTAL = float(os.environ.get("KNOB_TOTAL", 0.38))
DELAY = 0.05


class OutOfTime(Exception):
    """The total time is over, or too short for another attempt."""


# ANCHOR: limits
async def retry(
    call: Callable[[int], Awaitable[int]],
    limit: float | None = None,
    total: float | None = None,
) -> int:
    last = None
    attempt = 0
    try:
        async with asyncio.timeout(total) as job:
            for attempt in itertools.count(1):
                try:
                    async with asyncio.timeout(limit) as one:
                        return await call(attempt)
                except TimeoutError as error:
                    if not one.expired():
                        raise  # the server's own timeout, not `one`
                    last = error
                if total and seconds_left(job) <= DELAY:
                    break
                await asyncio.sleep(DELAY)
    except TimeoutError:
        if not job.expired():
            raise
    message = f"out of time after attempt {attempt}: {1000 * total:.0f}ms in total"
    raise OutOfTime(message) from last


def seconds_left(limit: asyncio.Timeout) -> float:
    return limit.when() - asyncio.get_running_loop().time()
# ANCHOR_END: limits


async def hangs_once(call: int) -> int:
    if call == 1:
        await hangs(call)
    await asyncio.sleep(0.03)
    return 21


async def hangs(_call: int) -> int:
    return await asyncio.get_running_loop().create_future()


async def job(name: str, server, **limits: float) -> None:
    calls = 0

    async def call(attempt: int) -> int:
        nonlocal calls
        calls = attempt
        return await server(attempt)

    try:
        degrees = await retry(call, **limits)
    except OutOfTime as error:
        cause = f": not ready within {1000 * LIMIT:.0f}ms" if error.__cause__ else ""
        print(f"{name} {error}{cause}")
    else:
        print(f"{name} {degrees} degrees, after {calls} calls")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(job("total", hangs_once, total=TOTAL))
        group.create_task(job("per attempt", hangs_once, limit=LIMIT))
        group.create_task(job("both", hangs, limit=LIMIT, total=TOTAL))


asyncio.run(main())
