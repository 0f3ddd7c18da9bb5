"""A function with `@asynccontextmanager` returns a new context manager for each call."""

# also compared with: meetings=4

import asyncio
import contextlib
import os

MEETINGS = int(os.environ.get("KNOB_MEETINGS", 2))


# ANCHOR: closure
@contextlib.asynccontextmanager
async def with_room():
    print("team opens a room")
    await asyncio.sleep(0.01)
    room = "the attic"
    try:
        yield room
    finally:
        await asyncio.sleep(0.01)
        print(f"team locks {room}")


async def meet() -> None:
    for meeting in range(MEETINGS):
        async with with_room() as room:
            print(f"team meets in {room}")
            await asyncio.sleep(0.05)
            minutes = f"minutes of meeting {meeting}"
        print(f"team has the {minutes}")


asyncio.run(meet())
# ANCHOR_END: closure
