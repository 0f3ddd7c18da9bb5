"""A limit inside the loop allows each step its time; only one around it bounds the job."""

# also compared with: limit=50ms
# also compared with: limit=70ms
# also compared with: limit=200ms

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.15))
STEPS = 3


# ANCHOR: budget
async def limit_per_step() -> None:
    done = 0
    try:
        while done < STEPS:
            async with asyncio.timeout(LIMIT):
                await step()
            done += 1
    except TimeoutError:
        pass
    print(f"per step {done} of {STEPS} steps")


async def limit_in_all() -> None:
    done = 0
    try:
        async with asyncio.timeout(LIMIT):
            while done < STEPS:
                await step()
                done += 1
    except TimeoutError:
        pass
    print(f"in all {done} of {STEPS} steps")


async def step() -> None:
    await asyncio.sleep(0.06)
# ANCHOR_END: budget


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(limit_per_step())
        group.create_task(limit_in_all())


asyncio.run(main())
