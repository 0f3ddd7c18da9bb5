"""A task that reads a value before an await and writes it after the await loses other updates."""

# also compared with: tasks=1
# also compared with: tasks=30

import asyncio
import os

TASKS = int(os.environ.get("KNOB_TASKS", 100))


# ANCHOR: race
class Counter:
    def __init__(self) -> None:
        self.value = 0
        self.lock = asyncio.Lock()

    async def across_the_await(self) -> None:
        seen = self.value
        await other_work()
        self.value = seen + 1

    async def under_a_lock(self) -> None:
        async with self.lock:
            await self.across_the_await()

    async def after_the_await(self) -> None:
        await other_work()
        self.value += 1
# ANCHOR_END: race


async def other_work() -> None:
    await asyncio.sleep(0.001)


async def count(name: str, add) -> None:
    counter = Counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS):
            group.create_task(add(counter))
    print(f"{name} counted {counter.value}")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(count("across the await", Counter.across_the_await))
        group.create_task(count("under a lock", Counter.under_a_lock))
        group.create_task(count("after the await", Counter.after_the_await))


asyncio.run(main())
