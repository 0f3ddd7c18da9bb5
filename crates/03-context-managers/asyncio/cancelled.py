"""A cancellation is an exception: `finally` runs, and may await."""

# also compared with: cancel-after=10ms

import asyncio
import contextlib
import os

CANCEL_AFTER = float(os.environ.get("KNOB_CANCEL_AFTER", 0.04))
sessions = 0


# ANCHOR: cancelled
class Session:
    def __init__(self, job: str) -> None:
        global sessions
        sessions += 1
        self.job = job

    async def work(self) -> None:
        print(f"{self.job} works")
        await asyncio.sleep(0.2)
        print(f"{self.job} has worked")

    async def aclose(self) -> None:
        global sessions
        await asyncio.sleep(0.02)
        sessions -= 1
        print("release has closed the session")


async def release_after() -> None:
    session = Session("plain job")
    try:
        await session.work()
    finally:
        await session.aclose()


async def release_with() -> None:
    async with contextlib.aclosing(Session("scoped job")) as session:
        await session.work()


async def main() -> None:
    plain = asyncio.create_task(release_after())
    scoped = asyncio.create_task(release_with())
    await asyncio.sleep(CANCEL_AFTER)
    plain.cancel()
    scoped.cancel()
    await asyncio.sleep(0.1)
    print(f"sessions still open: {sessions}")
# ANCHOR_END: cancelled


asyncio.run(main())
