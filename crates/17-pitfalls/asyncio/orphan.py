"""A task that is not awaited is cancelled when the program ends, in the middle of its work."""

# also compared with: files=5

import asyncio
import os

FILES = int(os.environ.get("KNOB_FILES", 3))

background = set()  # the loop keeps only weak references to its tasks


# ANCHOR: orphan
async def wrong(saved: list[int]) -> None:
    for n in range(FILES):
        background.add(asyncio.create_task(save(n, saved)))
    await other_work()


async def right(saved: list[int]) -> None:
    async with asyncio.TaskGroup() as saving:
        for n in range(FILES):
            saving.create_task(save(n, saved))
        await other_work()
# ANCHOR_END: orphan


async def save(n: int, saved: list[int]) -> None:
    await asyncio.sleep(0.1)
    saved.append(n)


async def other_work() -> None:
    await asyncio.sleep(0.05)


async def main() -> None:
    saved = []
    await right(saved)
    print(f"waited for: {len(saved)} of {FILES} files are saved")

    saved = []
    await wrong(saved)
    print(f"not waited for: {len(saved)} of {FILES} files are saved")


asyncio.run(main())
