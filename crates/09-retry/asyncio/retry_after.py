"""Who is told when to come back needs two calls, and who guesses needs many."""

# also compared with: closed=0ms
# also compared with: closed=135ms
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
    """The next attempt would come too late."""


async def retry(operation, listens: bool = False, total: float | None = None) -> None:
    clock = asyncio.get_running_loop().time
    start = clock()
    while True:
        try:
            return await operation()
        except Closed as closed:
            delay = closed.opens_in if listens else 0.05
            if total is not None and clock() + delay >= start + total:
                raise OutOfTime from closed
        await asyncio.sleep(delay)
# ANCHOR_END: retry_after


async def caller(name: str, opens: float, **policy) -> None:
    call = 0

    async def ask() -> None:
        nonlocal call
        call += 1
        await asyncio.sleep(0.01)
        opens_in = opens - asyncio.get_running_loop().time()
        if opens_in > 0:
            raise Closed(opens_in)

    try:
        await retry(ask, **policy)
        print(f"{name} served, call {call}")
    except OutOfTime:
        print(f"{name} gave up at once, call {call}")


async def main() -> None:
    opens = asyncio.get_running_loop().time() + CLOSED
    async with asyncio.TaskGroup() as group:
        group.create_task(caller("guesses", opens))
        group.create_task(caller("listens", opens, listens=True))
        group.create_task(caller("has no time", opens, listens=True, total=0.2))


asyncio.run(main())
