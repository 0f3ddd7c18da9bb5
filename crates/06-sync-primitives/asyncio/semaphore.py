"""Three permits, ten jobs: never more than three jobs run at the same time."""

# also compared with: permits=1 jobs=4
# also compared with: permits=10 jobs=12

import asyncio
import os

PERMITS = int(os.environ.get("KNOB_PERMITS", 3))
JOBS = int(os.environ.get("KNOB_JOBS", 10))


# ANCHOR: semaphore
async def job(n: int, permits: asyncio.Semaphore) -> None:
    async with permits:
        print(f"job-{n} starts")
        await asyncio.sleep(0.2)
        print(f"job-{n} done")


async def main() -> None:
    permits = asyncio.Semaphore(PERMITS)
    async with asyncio.TaskGroup() as group:
        for n in range(JOBS):
            group.create_task(job(n, permits))
# ANCHOR_END: semaphore


asyncio.run(main())
