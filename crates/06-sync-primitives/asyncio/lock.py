"""A lock held across an await admits one task at a time, in FIFO order."""

# also compared with: tasks=1
# also compared with: tasks=3

import asyncio
import os

TASKS = int(os.environ.get("KNOB_TASKS", 5))


# ANCHOR: lock
async def critical(n: int, lock: asyncio.Lock) -> None:
    async with lock:
        print(f"task-{n} enters")
        await asyncio.sleep(0.1)
        print(f"task-{n} leaves")


async def enter_with_timeout(lock: asyncio.Lock) -> None:
    try:
        async with asyncio.timeout(0.25):
            await lock.acquire()
    except TimeoutError:
        print("task with timeout times out")
    else:
        print("task with timeout enters before its timeout")
        lock.release()


async def main() -> None:
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for n in range(TASKS):
            group.create_task(critical(n, lock))
        group.create_task(enter_with_timeout(lock))
# ANCHOR_END: lock


asyncio.run(main())
