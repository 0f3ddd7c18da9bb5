"""A generator stays open after its reader has returned, because its caller still holds it."""

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


async def read_and_continue(take: int) -> None:
    numbers = doubles(10)
    await read_some(numbers, take)
    await asyncio.sleep(0.02)
    print("reader continues")


async def read_some(numbers, take: int) -> None:
    taken = 0
    async for double in numbers:
        print(f"reader reads {double}")
        taken += 1
        if taken == take:
            break
    print("reader has left the loop")
# ANCHOR_END: generator


asyncio.run(read_and_continue(TAKE))
