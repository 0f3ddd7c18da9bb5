"""A retry that is cancelled during an attempt or a delay makes no further attempt."""

# also compared with: cancel-after=145ms
# also compared with: cancel-after=10ms

import asyncio
import itertools
import os

CANCEL_AFTER = float(os.environ.get("KNOB_CANCEL_AFTER", 0.25))


# ANCHOR: cancelled
async def cancel_job() -> None:
    job = asyncio.create_task(retry_forever())
    await asyncio.sleep(CANCEL_AFTER)
    print("the caller cancels")
    job.cancel()
    await asyncio.wait([job])
    await asyncio.sleep(0.4)
    print(f"no further attempt, cancelled: {str(job.cancelled()).lower()}")


async def retry_forever() -> None:
    for attempt in itertools.count(1):
        try:
            await call()
        except Exception as error:  # BaseException would also catch the cancellation
            print(f"job attempt {attempt}: {error}")
        await asyncio.sleep(0.1)
# ANCHOR_END: cancelled


async def call() -> None:
    await asyncio.sleep(0.03)
    raise ConnectionError("the server is down")


asyncio.run(cancel_job())
