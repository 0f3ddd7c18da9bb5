"""A background task is cancelled, says goodbye in its `finally`, and is awaited."""

# also compared with: every=70ms
# also compared with: every=250ms
# also compared with: every=100ms
# also compared with: stop-at=150ms

import asyncio
import os

EVERY = float(os.environ.get("KNOB_EVERY", 0.2))
STOP_AT = float(os.environ.get("KNOB_STOP_AT", 0.51))


# ANCHOR: background
async def beat_for(seconds: float) -> int:
    beats = []
    task = asyncio.create_task(heartbeat(beats))
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.wait([task])
    return len(beats)


async def heartbeat(beats: list[int]) -> None:
    try:
        while True:
            beats.append(len(beats) + 1)
            print(f"heartbeat sends beat {beats[-1]}")
            await asyncio.sleep(EVERY)
    finally:
        await asyncio.sleep(0.05)
        print("heartbeat says goodbye")
# ANCHOR_END: background


async def main() -> None:
    print(f"stopped after {await beat_for(STOP_AT)} beats")


asyncio.run(main())
