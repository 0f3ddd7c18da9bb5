"""A semaphore with zero permits hangs, so a limit has to be checked where it is read."""

# also compared with: limit=1
# also compared with: limit=2

import asyncio
import os

LIMIT = int(os.environ.get("KNOB_LIMIT", 0))


# ANCHOR: zero
async def all_jobs(limit: int) -> None:
    permits = asyncio.Semaphore(limit)

    async def job() -> None:
        async with permits:
            await asyncio.sleep(0.02)

    await asyncio.gather(*(job() for _ in range(4)))


async def checked(limit: int) -> None:
    if limit < 1:
        raise ValueError("a limit is one or more")
    await all_jobs(limit)
# ANCHOR_END: zero


async def report(name: str, work) -> None:
    try:
        async with asyncio.timeout(0.1):
            await work
        print(f"{name} done")
    except TimeoutError:
        print(f"{name} would wait forever")
    except ValueError as error:
        print(f"refused: {error}")


async def main() -> None:
    await report("semaphore", all_jobs(LIMIT))
    await report("non_zero", checked(LIMIT))


asyncio.run(main())
