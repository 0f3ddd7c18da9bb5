"""A timeout inside the loop limits each step; only one around the loop limits the whole job."""

# also compared with: limit=70ms
# also compared with: limit=90ms
# also compared with: limit=200ms

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.15))
STEPS = 3


# ANCHOR: budget
async def limit_per_step() -> None:
    for n in range(1, STEPS + 1):
        async with asyncio.timeout(LIMIT):
            await step()
        print(f"per step step {n} done")


async def limit_in_total() -> None:
    async with asyncio.timeout(LIMIT):
        for n in range(1, STEPS + 1):
            await step()
            print(f"in total step {n} done")


async def step() -> None:
    await asyncio.sleep(0.06)
# ANCHOR_END: budget


async def main() -> None:
    await asyncio.gather(limit_per_step(), limit_in_total(), return_exceptions=True)


asyncio.run(main())
