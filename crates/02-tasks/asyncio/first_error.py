"""`FIRST_EXCEPTION` ends the wait; your code must cancel and await the pending tasks."""

# also compared with: broken-at=150ms

import asyncio
import os

BROKEN_AT = float(os.environ.get("KNOB_BROKEN_AT", 0.2))


# ANCHOR: first_error
async def upload_all() -> None:
    tasks = [
        asyncio.create_task(upload("small.txt", 0.1)),
        asyncio.create_task(upload("broken.txt", BROKEN_AT, works=False)),
        asyncio.create_task(upload("large.txt", 0.3)),
    ]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        if error := task.exception():
            print(f"{error}, {len(pending)} pending")
    for task in pending:
        task.cancel()
    ended = await asyncio.gather(*pending, return_exceptions=True)
    cancelled = [end for end in ended if isinstance(end, asyncio.CancelledError)]
    print(f"{len(cancelled)} cancelled")
# ANCHOR_END: first_error


async def upload(file: str, takes: float, *, works: bool = True) -> None:
    await asyncio.sleep(takes)
    if not works:
        raise ConnectionError(f"{file} was refused")
    print(f"{file} is uploaded")


asyncio.run(upload_all())
