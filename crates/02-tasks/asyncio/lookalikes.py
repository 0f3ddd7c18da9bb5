"""A loop that awaits a list of coroutines runs them one by one; tasks in a list overlap."""

# also compared with: pages=1
# also compared with: pages=6 delay=30ms

import asyncio
import os

PAGES = int(os.environ.get("KNOB_PAGES", 3))
DELAY = float(os.environ.get("KNOB_DELAY", 0.1))


# ANCHOR: lookalikes
async def await_coroutines() -> None:
    coroutines = [fetch(f"future-{n}") for n in range(1, PAGES + 1)]
    for coroutine in coroutines:
        await coroutine


async def await_tasks() -> None:
    tasks = [asyncio.create_task(fetch(f"task-{n}")) for n in range(1, PAGES + 1)]
    for task in tasks:
        await task


async def await_lazy_tasks() -> None:
    tasks = (asyncio.create_task(fetch(f"lazy-{n}")) for n in range(1, PAGES + 1))
    for task in tasks:
        await task


async def fetch(page: str) -> None:
    print(f"{page} starts")
    await asyncio.sleep(DELAY)
# ANCHOR_END: lookalikes


async def main() -> None:
    await await_coroutines()
    print("the list of futures is done")
    await await_tasks()
    print("the list of tasks is done")
    await await_lazy_tasks()
    print("the iterator of tasks is done")


asyncio.run(main())
