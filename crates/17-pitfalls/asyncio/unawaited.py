"""A coroutine that is not awaited does nothing, and the only sign is a warning on stderr."""

# also compared with: customers=5

import asyncio
import os

CUSTOMERS = int(os.environ.get("KNOB_CUSTOMERS", 3))


# ANCHOR: unawaited
def wrong() -> int:
    notified = []
    for n in range(CUSTOMERS):
        notify(n, notified)
    return len(notified)


async def right() -> int:
    notified = []
    for n in range(CUSTOMERS):
        await notify(n, notified)
    return len(notified)


async def spawned() -> int:
    notified = []
    tasks = [asyncio.create_task(notify(n, notified)) for n in range(CUSTOMERS)]
    print("the shop closes while the tasks run")
    for task in tasks:
        await task
    return len(notified)


async def notify(n: int, notified: list[int]) -> None:
    await asyncio.sleep(0.05)
    notified.append(n)
# ANCHOR_END: unawaited


async def main() -> None:
    print(f"not awaited: {wrong()} of {CUSTOMERS} customers were notified")
    print(f"awaited: {await right()} of {CUSTOMERS} customers were notified")
    print(f"spawned: {await spawned()} of {CUSTOMERS} customers were notified")


asyncio.run(main())
