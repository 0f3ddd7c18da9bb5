"""A cancelled retry tries no more, whether the cancel meets it in an attempt or in a pause."""

# also compared with: cancel-after=145ms
# also compared with: cancel-after=10ms

import asyncio
import itertools
import os

CANCEL_AFTER = float(os.environ.get("KNOB_CANCEL_AFTER", 0.25))


# ANCHOR: cancelled
async def cancel() -> None:
    job = asyncio.create_task(try_for_ever())
    await asyncio.sleep(CANCEL_AFTER)
    print("the caller cancels")
    job.cancel()
    await asyncio.wait([job])
    await asyncio.sleep(0.4)
    print(f"nothing more was tried, cancelled: {str(job.cancelled()).lower()}")


async def try_for_ever() -> None:
    for attempt in itertools.count(1):
        try:
            await ask()
        except Exception as error:  # with BaseException it could not be cancelled
            print(f"job attempt {attempt}: {error}")
        await asyncio.sleep(0.1)
# ANCHOR_END: cancelled


async def ask() -> None:
    await asyncio.sleep(0.03)
    raise ConnectionError("the server is down")


asyncio.run(cancel())
