"""A task starts without being awaited, a bare coroutine does not."""

# also compared with: other=20ms
# also compared with: other=300ms

import asyncio
import os

OTHER = float(os.environ.get("KNOB_OTHER", 0.05))


# ANCHOR: start_now
async def work(name: str, takes: float) -> float:
    print(f"{name} starts")
    await asyncio.sleep(takes)
    print(f"{name} is done")
    return takes


async def spawned() -> None:
    download = asyncio.create_task(work("download", 0.1))
    other = asyncio.create_task(work("other", OTHER))
    took = max(await download, await other)
    print(f"spawned: both ready after {took * 1000:.0f} ms")


async def awaited_later() -> None:
    download = work("late download", 0.1)
    other = work("other again", OTHER)
    took = await other + await download
    print(f"awaited later: both ready after {took * 1000:.0f} ms")
# ANCHOR_END: start_now


async def main() -> None:
    await spawned()
    await awaited_later()


asyncio.run(main())
