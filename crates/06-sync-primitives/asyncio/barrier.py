"""A barrier makes every worker wait until the last one has arrived, in each round."""

# also compared with: workers=1
# also compared with: workers=6

import asyncio
import os

WORKERS = int(os.environ.get("KNOB_WORKERS", 3))


# ANCHOR: barrier
async def work(n: int, barrier: asyncio.Barrier) -> None:
    for round in (1, 2):
        await asyncio.sleep(0.05 * (n + 1))
        print(f"worker-{n} is done with round {round}")
        # Each worker gets a different number. The program chooses which number leads.
        if await barrier.wait() == barrier.parties - 1:
            print(f"worker-{n} leads")


async def rounds() -> None:
    barrier = asyncio.Barrier(WORKERS)
    async with asyncio.TaskGroup() as group:
        for n in range(WORKERS):
            group.create_task(work(n, barrier))
# ANCHOR_END: barrier


# ANCHOR: cancelled
async def after_a_cancelled_wait() -> None:
    barrier = asyncio.Barrier(2)
    cancelled = asyncio.create_task(meet("cancelled worker", barrier))
    await asyncio.sleep(0.05)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    await asyncio.create_task(meet("second worker", barrier))


async def meet(name: str, barrier: asyncio.Barrier) -> None:
    try:
        async with asyncio.timeout(0.1):
            await barrier.wait()
        print(f"{name} proceeds")
    except TimeoutError:
        print(f"{name} times out")
# ANCHOR_END: cancelled


async def main() -> None:
    await rounds()
    await after_a_cancelled_wait()


asyncio.run(main())
