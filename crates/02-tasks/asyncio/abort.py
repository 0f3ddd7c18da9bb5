"""Cancelling a task that is done changes nothing; a task that has not started never runs."""

# also compared with: abort-at=1ms
# also compared with: abort-at=20ms

import asyncio
import os

ABORT_AT = float(os.environ.get("KNOB_ABORT_AT", 0.1))


# ANCHOR: abort
async def abort_three() -> None:
    short = asyncio.create_task(work("short", 0.05))
    long = asyncio.create_task(work("long", 0.3))
    await asyncio.sleep(ABORT_AT)
    unstarted = asyncio.create_task(work("unstarted", 0.01))
    tasks = {"short": short, "long": long, "unstarted": unstarted}
    for task in tasks.values():
        task.cancel()
    print("all three are asked to stop")
    for name, task in tasks.items():
        print(f"{name}: {await outcome(task)}")


async def outcome(task: asyncio.Task) -> str:
    try:
        return f"returned {await task}"
    except asyncio.CancelledError:
        return "was cancelled"


async def work(name: str, takes: float) -> int:
    print(f"{name} starts")
    try:
        await asyncio.sleep(takes)
        return 42
    finally:
        print(f"{name} cleans up")
# ANCHOR_END: abort


asyncio.run(abort_three())
