"""A slow cleanup delays the timeout."""

# also compared with: limit=100ms
# also compared with: cleanup=50ms

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.2))
CLEANUP = float(os.environ.get("KNOB_CLEANUP", 0.3))


# ANCHOR: cleanup
async def caller() -> None:
    try:
        async with asyncio.timeout(LIMIT):
            answer = await job()
    except TimeoutError:
        print("caller timed out")
    else:
        print(f"caller got {answer}")


async def job() -> str:
    print("job starts")
    try:
        await asyncio.sleep(1)
    finally:
        print("session starts to close")
        await asyncio.sleep(CLEANUP)
        print("session is closed")
    return "an answer"
# ANCHOR_END: cleanup


asyncio.run(caller())
