"""A barrier holds everybody back until the last one has come, round after round."""

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
        if await barrier.wait() == barrier.parties - 1:
            print(f"worker-{n} came last")


async def main() -> None:
    barrier = asyncio.Barrier(WORKERS)
    async with asyncio.TaskGroup() as group:
        for n in range(WORKERS):
            group.create_task(work(n, barrier))
# ANCHOR_END: barrier


asyncio.run(main())
