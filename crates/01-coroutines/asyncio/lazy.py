"""A coroutine does nothing until it is awaited."""

# also compared with: pause=500ms

import asyncio
import os

PAUSE = float(os.environ.get("KNOB_PAUSE", 0.1))


# ANCHOR: lazy
async def work(name: str) -> None:
    print(f"{name} starts")
    await asyncio.sleep(0.05)
    print(f"{name} is done")


async def main() -> None:
    awaited = work("awaited future")
    forgotten = work("forgotten future")
    print("two futures are created")
    await asyncio.sleep(PAUSE)
    print("now one of them is awaited")
    await awaited
    forgotten.close()  # without this, Python warns that the coroutine was never awaited
# ANCHOR_END: lazy


asyncio.run(main())
