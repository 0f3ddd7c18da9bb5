"""A task has `done()` and can be awaited many times; other code sets the value of a future."""

# also compared with: takes=30ms

import asyncio
import os

TAKES = float(os.environ.get("KNOB_TAKES", 0.1))


# ANCHOR: handles
async def ask_early_and_late(task: asyncio.Task) -> None:
    print(f"done: {str(task.done()).lower()}")
    try:
        task.result()
    except asyncio.InvalidStateError:
        print("no value yet")
    await asyncio.sleep(0.15)
    print(f"done: {str(task.done()).lower()}")
    print(f"the value is {await task}")


async def two_readers(task: asyncio.Task) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(read("reader-1", task))
        group.create_task(read("reader-2", task))


async def receive() -> None:
    value = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(TAKES, value.set_result, 7)
    print(f"received {await value}")
# ANCHOR_END: handles


async def read(reader: str, task: asyncio.Task) -> None:
    print(f"{reader} reads {await task}")


async def answer() -> int:
    await asyncio.sleep(TAKES)
    return 42


async def main() -> None:
    await ask_early_and_late(asyncio.create_task(answer()))
    await two_readers(asyncio.create_task(answer()))
    await receive()


asyncio.run(main())
