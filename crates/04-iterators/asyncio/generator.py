"""After a `break` the generator is still open, and closes when somebody closes it."""

# also compared with: take=1
# also compared with: take=5

import asyncio
import os

TAKE = int(os.environ.get("KNOB_TAKE", 3))


# ANCHOR: generator
async def doubles(count: int):
    try:
        for n in range(count):
            await asyncio.sleep(0.05)
            yield 2 * n
    finally:
        print("reader the source is closed")


async def read_some(take: int) -> None:
    numbers = doubles(10)
    taken = 0
    async for double in numbers:
        print(f"reader {double}")
        taken += 1
        if taken == take:
            break
    print("reader left the loop")
    await asyncio.sleep(0.02)
    print("reader a while later")
# ANCHOR_END: generator


asyncio.run(read_some(TAKE))
