"""A second cancellation is raised inside `__aexit__`, and stops the release."""

# also compared with: releasing=100ms

import asyncio
import os

RELEASING = float(os.environ.get("KNOB_RELEASING", 0.04))


# ANCHOR: second_cancel
class Desk:
    def __init__(self, job: str) -> None:
        self.job = job

    async def __aenter__(self) -> "Desk":
        return self

    async def __aexit__(self, *error) -> None:
        print(f"{self.job}/release clears the desk")
        await asyncio.sleep(RELEASING)
        print(f"{self.job}/release has cleared the desk")


async def job(name: str, work: float) -> None:
    async with Desk(name):
        await asyncio.sleep(work)


async def main() -> None:
    ada = asyncio.create_task(job("ada", 0.1))
    bob = asyncio.create_task(job("bob", 0.045))
    await asyncio.sleep(0.04)
    print("first cancellation")
    ada.cancel()
    await asyncio.sleep(0.015)
    print("second cancellation")
    ada.cancel()
    bob.cancel()
    await asyncio.wait([ada, bob])
    print("everything is released")
# ANCHOR_END: second_cancel


asyncio.run(main())
