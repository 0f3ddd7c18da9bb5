"""Tasks that hold a connection and acquire a second one from the same pool can deadlock."""

# also compared with: connections=1
# also compared with: connections=2 patience=190ms
# also compared with: connections=4

import asyncio
import contextlib
import os

CONNECTIONS = int(os.environ.get("KNOB_CONNECTIONS", 3))
PATIENCE = float(os.environ.get("KNOB_PATIENCE", 0.4))


# ANCHOR: nested
async def acquiring(name: str, pool: asyncio.Semaphore) -> None:
    async with acquired(name, pool):
        print(f"{name} reads")
        await asyncio.sleep(0.1)
        async with acquired(name, pool):
            print(f"{name} writes")
            await asyncio.sleep(0.1)


async def passing(name: str, pool: asyncio.Semaphore) -> None:
    async with acquired(name, pool) as connection:
        print(f"{name} reads")
        await asyncio.sleep(0.1)
        await write(name, connection)


async def write(name: str, connection: object) -> None:
    print(f"{name} writes")
    await asyncio.sleep(0.1)
# ANCHOR_END: nested


@contextlib.asynccontextmanager
async def acquired(name: str, pool: asyncio.Semaphore):
    try:
        await asyncio.wait_for(pool.acquire(), PATIENCE)
    except TimeoutError:
        print(f"{name} timed out without a connection")
        raise
    try:
        yield object()
    finally:
        pool.release()


async def three_reports(name: str, report) -> None:
    pool = asyncio.Semaphore(CONNECTIONS)
    reports = []
    for n in range(3):
        reports.append(asyncio.create_task(report(f"{name}-{n}", pool)))
        await asyncio.sleep(0.01)
    await asyncio.gather(*reports, return_exceptions=True)


async def main() -> None:
    await three_reports("acquiring", acquiring)
    await three_reports("passing", passing)


asyncio.run(main())
