"""A `TaskGroup` waits for the cleanup of cancelled tasks; with a list you must await it."""

# also compared with: fails-at=50ms
# also compared with: cleanup=200ms

import asyncio
import os

FAILS_AT = float(os.environ.get("KNOB_FAILS_AT", 0.1))
CLEANUP = float(os.environ.get("KNOB_CLEANUP", 0.08))


# ANCHOR: group
async def in_a_list() -> None:
    tasks = [asyncio.create_task(download("set-child")), asyncio.create_task(fail())]
    _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in pending:
        task.cancel()
    print("JoinSet has ended")
    await asyncio.wait(tasks)  # many programs forget this


async def in_a_group() -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(download("group-child"))
            group.create_task(fail())
    except* OSError:
        pass
    print("Group has ended")


async def download(name: str) -> None:
    try:
        await asyncio.sleep(0.3)
    finally:
        await asyncio.sleep(CLEANUP)
        print(f"{name}'s file is deleted")
# ANCHOR_END: group


async def fail() -> None:
    await asyncio.sleep(FAILS_AT)
    raise OSError("no space left")


async def main() -> None:
    await in_a_list()
    await in_a_group()


asyncio.run(main())
