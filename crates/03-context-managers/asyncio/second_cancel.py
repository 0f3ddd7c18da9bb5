"""A second cancellation is raised inside `__aexit__`, and stops the release."""

# also compared with: releasing=100ms

import asyncio
import os

RELEASING = float(os.environ.get("KNOB_RELEASING", 0.04))


# ANCHOR: second_cancel
class Table:
    def __init__(self, job: str) -> None:
        self.job = job

    async def __aenter__(self) -> "Table":
        return self

    async def __aexit__(self, *error) -> None:
        print(f"{self.job}/release clears the table")
        await asyncio.sleep(RELEASING)
        print(f"{self.job}/release has cleared the table")


async def job(name: str, work: float) -> None:
    async with Table(name):
        await asyncio.sleep(work)


async def main() -> None:
    twice = asyncio.create_task(job("twice", 0.1))
    late = asyncio.create_task(job("late", 0.045))
    await asyncio.sleep(0.04)
    print("first cancellation")
    twice.cancel()
    await asyncio.sleep(0.015)
    print("second cancellation")
    twice.cancel()
    late.cancel()
    await asyncio.wait([twice, late])
    print("everything is released")
# ANCHOR_END: second_cancel


asyncio.run(main())
