"""A task starts without being awaited; a coroutine starts only when it is awaited."""

# also compared with: other=20ms
# also compared with: other=300ms

import asyncio
import os

OTHER = float(os.environ.get("KNOB_OTHER", 0.05))


# ANCHOR: start_now
async def work(name: str, takes: float) -> None:
    print(f"{name} starts")
    await asyncio.sleep(takes)
    print(f"{name} is done")


async def spawned() -> None:
    start = now()
    download = asyncio.create_task(work("download", 0.1))
    other = asyncio.create_task(work("other work", OTHER))
    await download
    await other
    print(f"with spawn, both are done after {(now() - start) * 1000:.0f} ms")


async def awaited_later() -> None:
    start = now()
    download = work("late download", 0.1)
    await work("other work again", OTHER)
    await download
    print(f"without spawn, both are done after {(now() - start) * 1000:.0f} ms")
# ANCHOR_END: start_now


def now() -> float:
    return asyncio.get_running_loop().time()


async def main() -> None:
    await spawned()
    await awaited_later()


asyncio.run(main())
