"""A cancelled caller also cancels the task that it awaits, unless the task is shielded."""

# also compared with: requests=8

import asyncio
import os

REQUESTS = int(os.environ.get("KNOB_REQUESTS", 3))

background = set()  # the loop keeps only weak references to its tasks


# ANCHOR: outlives
async def wrong(busy: set[int]) -> None:
    for n in range(REQUESTS):
        task = asyncio.create_task(report(n, busy))
        background.add(task)
        try:
            # Without `shield` the task would be cancelled with this wait.
            await asyncio.wait_for(asyncio.shield(task), 0.05)
        except TimeoutError:
            pass


async def right(busy: set[int]) -> None:
    for n in range(REQUESTS):
        try:
            await asyncio.wait_for(asyncio.create_task(report(n, busy)), 0.05)
        except TimeoutError:
            pass
    # asyncio does not need this sleep, because `wait_for` waits until the task has ended. The Rust
    # program needs it, because a task is dropped a moment after its handle.
    await asyncio.sleep(0.001)
# ANCHOR_END: outlives


async def report(n: int, busy: set[int]) -> None:
    busy.add(n)
    try:
        await asyncio.sleep(0.28)
    finally:
        busy.discard(n)


async def main() -> None:
    busy = set()
    await wrong(busy)
    print(f"not aborted: {len(busy)} of {REQUESTS} tasks are still running")

    busy = set()
    await right(busy)
    print(f"aborted: {len(busy)} of {REQUESTS} tasks are still running")


asyncio.run(main())
