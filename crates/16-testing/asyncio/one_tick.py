"""Three cooks are ready in the same tick, and the order of their lines is not guaranteed."""

import asyncio


# ANCHOR: one_tick
async def spawned() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(cook("spawned soup", 0.02, 0.03))
        group.create_task(cook("spawned rice", 0.05, 0))
        group.create_task(cook("spawned cake", 0.01, 0.04))


async def joined() -> None:
    await asyncio.gather(
        cook("joined soup", 0.02, 0.03),
        cook("joined rice", 0.05, 0),
        cook("joined cake", 0.01, 0.04),
    )


async def cook(name: str, first: float, second: float) -> None:
    await asyncio.sleep(first)
    if second:
        await asyncio.sleep(second)
    print(f"{name} is ready")
# ANCHOR_END: one_tick


async def main() -> None:
    await spawned()
    await joined()


asyncio.run(main())
