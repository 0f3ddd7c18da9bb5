"""An exception in a task is lost unless the program checks the result of the task."""

# also compared with: uploads=6

import asyncio
import os

UPLOADS = int(os.environ.get("KNOB_UPLOADS", 4))


# ANCHOR: unseen
async def wrong() -> None:
    # `wait` raises no exception, and this function ignores the tasks that it returns.
    await asyncio.wait([asyncio.create_task(upload(n)) for n in range(1, UPLOADS + 1)])


async def right() -> int:
    failed = 0
    for task in asyncio.as_completed(
        [asyncio.create_task(upload(n)) for n in range(1, UPLOADS + 1)]
    ):
        try:
            await task
        except OSError as error:
            print(error)
            failed += 1
    return failed


async def upload(n: int) -> None:
    await asyncio.sleep(0.05 + 0.01 * n)
    if n % 2 == 0:
        raise OSError(f"upload {n}: the disk is full")
# ANCHOR_END: unseen


async def main() -> None:
    await wrong()
    print("waited for: all uploads have ended, and no failure was reported")
    failed = await right()
    print(f"results checked: {failed} of {UPLOADS} uploads have failed")


asyncio.run(main())
