"""A chain of generators is pulled from its end: one item passes all stages before the next starts."""

# also compared with: count=1
# also compared with: count=9

import asyncio
import os

COUNT = int(os.environ.get("KNOB_COUNT", 4))


async def stage(name: str, n: int) -> None:
    print(f"{name} {n}")
    await asyncio.sleep(0.02)


# ANCHOR: pipeline
async def read(count: int):
    for n in range(count):
        await stage("read", n)
        yield n


async def triple(numbers):
    async for n in numbers:
        await stage("triple", n)
        yield 3 * n


async def even(numbers):
    async for n in numbers:
        if n % 2 == 0:
            yield n


async def main() -> None:
    stored = []
    async for n in even(triple(read(COUNT))):
        await stage("store", n)
        stored.append(n)
    print(f"stored {stored}")
# ANCHOR_END: pipeline


asyncio.run(main())
