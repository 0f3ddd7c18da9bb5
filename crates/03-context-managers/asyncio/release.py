"""`async with` releases on every exit, even after an error."""

# also compared with: using=30ms

import asyncio
import os

USING = float(os.environ.get("KNOB_USING", 0.1))


# ANCHOR: release
class Printer:
    def __init__(self, job: str) -> None:
        self.job = job

    async def __aenter__(self) -> "Printer":
        await asyncio.sleep(0.01)
        print(f"{self.job} has the printer")
        return self

    async def print(self, using: float, paper: str | None) -> None:
        await asyncio.sleep(using)
        if paper is None:
            raise ValueError("there is no paper")
        print(f"{self.job} has printed on {paper}")

    async def __aexit__(self, *error) -> None:
        await asyncio.sleep(0.01)
        print(f"{self.job} has released the printer")


async def job(name: str, using: float, paper: str | None) -> None:
    async with Printer(name) as printer:
        await printer.print(using, paper)


async def main() -> None:
    successful = asyncio.create_task(job("successful job", USING, "good paper"))
    failing = asyncio.create_task(job("failing job", USING / 2, None))
    await successful
    try:
        await failing
    except ValueError as error:
        print(f"the caller gets the error: {error}")
# ANCHOR_END: release


asyncio.run(main())
