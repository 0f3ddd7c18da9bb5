"""A timeout around a shield ends the wait, but the task keeps running."""

# also compared with: limit=100ms
# also compared with: limit=400ms

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.2))


# ANCHOR: shield
async def future_within() -> None:
    try:
        async with asyncio.timeout(LIMIT):
            await pay("future")
    except TimeoutError:
        print("the future was dropped: paid, but nothing delivered")


async def task_within() -> None:
    payment = asyncio.create_task(pay("task"))
    try:
        async with asyncio.timeout(LIMIT):
            # Without the shield, the timeout would cancel the task too.
            await asyncio.shield(payment)
    except TimeoutError:
        print("the task is late, and keeps running")
        await payment
        print("the task is done now")


async def pay(name: str) -> None:
    print(f"{name} takes the money")
    await asyncio.sleep(0.3)
    print(f"{name} delivers")
# ANCHOR_END: shield


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(future_within())
        group.create_task(task_within())


asyncio.run(main())
