"""A client that follows the server's retry hint needs two attempts; without it, it needs many."""

# also compared with: closed=0ms
# also compared with: closed=135ms
# also compared with: closed=160ms
# also compared with: closed=1s

import asyncio
import os

CLOSED = float(os.environ.get("KNOB_CLOSED", 0.3))


# ANCHOR: retry_after
class Closed(Exception):
    def __init__(self, opens_in: float) -> None:
        super().__init__(f"closed for {opens_in} more")
        self.opens_in = opens_in


class OutOfTime(Exception):
    """The next attempt would be after the end of the total time."""


async def retry(operation, hint: bool = False, total: float | None = None) -> None:
    clock = asyncio.get_running_loop().time
    start = clock()
    while True:
        try:
            return await operation()
        except Closed as closed:
            delay = closed.opens_in if hint else 0.05
            if total is not None and clock() + delay >= start + total:
                raise OutOfTime from closed
        await asyncio.sleep(delay)
# ANCHOR_END: retry_after


async def client(name: str, opens: float, **policy) -> None:
    attempt = 0

    async def call() -> None:
        nonlocal attempt
        attempt += 1
        await asyncio.sleep(0.01)
        opens_in = opens - asyncio.get_running_loop().time()
        if opens_in > 0:
            raise Closed(opens_in)

    try:
        await retry(call, **policy)
        print(f"{name} served on attempt {attempt}")
    except OutOfTime:
        print(f"{name} gave up immediately after attempt {attempt}")


async def main() -> None:
    opens = asyncio.get_running_loop().time() + CLOSED
    async with asyncio.TaskGroup() as group:
        group.create_task(client("no hint", opens))
        group.create_task(client("hint", opens, hint=True))
        group.create_task(client("short total", opens, hint=True, total=0.2))


asyncio.run(main())
