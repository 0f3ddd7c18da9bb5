"""The code that starts a task must keep a reference to it: the loop keeps only a weak reference."""

# also compared with: leave-at=150ms

import asyncio
import os

LEAVE_AT = float(os.environ.get("KNOB_LEAVE_AT", 0.05))

background = set()  # the strong references to the detached tasks


# ANCHOR: detached
async def start_and_return() -> None:
    detach(work("plain task"))
    in_set = asyncio.create_task(work("JoinSet task"))
    guarded = asyncio.create_task(work("guarded task"))
    detach(work("tracked task"))
    detach(report(save()))
    try:
        await asyncio.sleep(LEAVE_AT)
        print("starter returns")
    finally:
        in_set.cancel()
        guarded.cancel()


def detach(coroutine) -> None:
    task = asyncio.create_task(coroutine)
    background.add(task)
    task.add_done_callback(background.discard)


async def report(job) -> None:
    try:
        await job
    except OSError as error:
        print(f"saver failed: {error}")
# ANCHOR_END: detached


async def work(name: str) -> None:
    await asyncio.sleep(0.1)
    print(f"{name} is done")


async def save() -> None:
    await asyncio.sleep(0.08)
    raise OSError("the disk is full")


async def main() -> None:
    await start_and_return()
    while background:
        await asyncio.wait(background)
    print("every tracked task has ended")


asyncio.run(main())
