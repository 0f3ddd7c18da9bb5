"""Batches run concurrently; the items of a batch are processed one after the other."""

# also compared with: items=0
# also compared with: items=12 size=4 at-once=1
# also compared with: size=3 at-once=4

import asyncio
import os
from itertools import chain

ITEMS = int(os.environ.get("KNOB_ITEMS", 20))
SIZE = int(os.environ.get("KNOB_SIZE", 5))
AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 3))


# ANCHOR: parallel
async def double(n: int, batch: range, window: asyncio.Semaphore) -> list[int]:
    async with window:
        print(f"batch-{n} starts with {batch[0]}")
        doubled = []
        for item in batch:
            await asyncio.sleep(0.01)
            doubled.append(item * 2)
        return doubled


async def double_all(items: range) -> list[int]:
    window = asyncio.Semaphore(AT_ONCE)
    batches = [items[i : i + SIZE] for i in range(0, len(items), SIZE)]
    jobs = (double(n, batch, window) for n, batch in enumerate(batches))
    return list(chain.from_iterable(await asyncio.gather(*jobs)))
# ANCHOR_END: parallel


print(asyncio.run(double_all(range(ITEMS))))
