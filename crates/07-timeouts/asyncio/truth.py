"""A task that had finished before it was stopped is not reported as cancelled."""

# also compared with: after=50ms
# also compared with: after=600ms

import asyncio
import os

AFTER = float(os.environ.get("KNOB_AFTER", 0.2))


# ANCHOR: truth
async def main() -> None:
    short = asyncio.create_task(operation("short job", 0.1))
    long = asyncio.create_task(operation("long job", 0.5))
    await asyncio.sleep(AFTER)
    for name, task in [("short job", short), ("long job", long)]:
        await stop(task)
        if task.cancelled():
            print(f"{name} was cancelled")
        else:
            print(f"{name} had finished with {task.result()}")


async def stop(task: asyncio.Task) -> None:
    task.cancel()
    # An `except CancelledError` around `await task` would also swallow a cancellation of this task.
    await asyncio.wait([task])
# ANCHOR_END: truth


async def operation(name: str, takes: float) -> int:
    try:
        await asyncio.sleep(takes)
        print(f"{name} is done")
        return 42
    finally:
        print(f"{name} cleans up")


asyncio.run(main())
